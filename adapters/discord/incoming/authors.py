"""Who wrote a message. Pure."""

from functools import lru_cache
from typing import Final

import msgspec

from adapters.discord.incoming.envelope import BOT, CUSTOMER, actor_of, unnamed
from adapters.discord.incoming.reading import Reads, Told
from adapters.discord.objects.message import Message
from adapters.discord.objects.people import Member, User
from core.model.event import Actor

AUTHORS_MAX: Final = 2048
"""So many people are known again by how Discord describes them, word for word."""

_read_user = Reads(User)
_read_member = Reads(Member)
_NOBODY: Final = Member()
_NO_MEMBER: Final = (b"", b"null")


class Author(msgspec.Struct, frozen=True, gc=False):
    """`composes`: may lay out embeds of its own. `lost` is what is lost of a description."""

    actor: Actor
    composes: bool
    lost: Told


def author_of(message: Message, bot: str) -> Author:
    """Whatever a webhook calls itself, it is a machine. Raises MalformedPayload."""
    author = _author(bytes(message.author), bytes(message.member), bot)
    if message.webhook_id is None:
        return author
    actor = author.actor
    if actor.kind is CUSTOMER:
        actor = msgspec.structs.replace(actor, kind=BOT)
    return Author(actor, True, author.lost)


@lru_cache(AUTHORS_MAX)
def _author(user: bytes, member: bytes, bot: str) -> Author:
    somebody, lost = _read_user(user)
    within, also = _read_member(member) if member not in _NO_MEMBER else (_NOBODY, ())
    names = [f"member.{name}" for name in also] + [f"author.{name}" for name in lost]
    told = (*names, *unnamed(somebody, within, "author"))
    return Author(actor_of(somebody, within, bot), somebody.bot, told)
