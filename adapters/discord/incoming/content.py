"""What a message says, as parts. Pure."""

from collections.abc import Callable
from typing import Final

import msgspec

from adapters.discord.incoming import attachments, cards
from adapters.discord.incoming.attachments import Origin
from adapters.discord.incoming.authors import Author
from adapters.discord.incoming.layout import parts_of
from adapters.discord.incoming.layout import untold as untold_of_layout
from adapters.discord.markdown.reading import read
from adapters.discord.markdown.syntax import Names
from adapters.discord.objects.embed import Embed
from adapters.discord.objects.message import Message, Snapshotted
from adapters.discord.objects.people import Mentioned
from adapters.discord.objects.poll import Poll, PollMedia
from core.model.content import Part, PollOption, Text, Unsupported
from core.model.content import Poll as PollPart

SAID: Final = frozenset({0, 19, 20, 23})
"""The types of messages that somebody says: plain ones, answers, what commands answer."""
VOICE: Final = 1 << 13
_TOLD: Final = VOICE | 1 << 2 | 1 << 5 | 1 << 14 | 1 << 15
"""The flags that say nothing more: a voice message, links without their pages, a thread that was
begun from it, a forwarded message, one laid out in components.
"""


class Content(msgspec.Struct, frozen=True):
    """The parts, at least one, and the dotted names of what is not in them."""

    parts: tuple[Part, ...]
    lost: tuple[str, ...] = ()


def read_text(text: str, names: Names) -> tuple[Part, ...]:
    """Empty if it says nothing."""
    if not text:
        return ()
    plain, spans = read(text, names)
    return (Text(text=plain, spans=spans),)


def read_content(
    message: Message,
    author: Author,
    lost: tuple[str, ...],
    names: Callable[[tuple[Mentioned, ...]], Names],
    new_id: Callable[[], str],
) -> Content:
    """`lost` is what was not read of it, `names` what those are called who are mentioned. A
    forwarded message says what it passes on.
    """
    origin = Origin(message.channel_id, message.id, new_id)
    embeds, lost_cards = cards.embeds_of(message) if author.composes else ((), ())
    parts, untold = _said(message, embeds, origin, names(message.mentions))
    for snapshot in message.message_snapshots:
        there = names(snapshot.message.mentions)
        passed_on, left = _said(snapshot.message, snapshot.message.embeds, origin, there)
        parts += passed_on
        untold += tuple(f"message_snapshots.message.{name}" for name in left)
    if message.poll:
        parts += (poll(message.poll),)
        untold += ("poll.expiry",) if message.poll.expiry else ()
    if message.type not in SAID:
        parts += (_of_new_kind(message.type),)
    if not parts:
        parts, withheld = _nothing(message, author)
        untold += withheld
    return Content(parts, lost + lost_cards + tuple(dict.fromkeys(untold)))


def _said(
    message: Message | Snapshotted, embeds: tuple[Embed, ...], origin: Origin, names: Names
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    voice = bool(message.flags & VOICE)
    written = [one for one in embeds if cards.is_written(one)]
    parts: list[Part] = [*read_text(message.content, names)]
    untold: list[str] = []
    for file in message.attachments:
        parts.append(attachments.media(file, origin, voice=voice))
        untold += [f"attachments.{name}" for name in attachments.untold(file)]
    parts += [attachments.sticker(one, origin.new_id) for one in message.sticker_items]
    for embed in written:
        parts.append(cards.card(embed, origin, names))
        untold += [f"embeds.{name}" for name in cards.untold(embed)]
    if message.components:
        parts += parts_of(message.components, origin, names)
        untold += untold_of_layout(message.components, "components.")
    if message.flags & ~_TOLD:
        untold.append("flags")
    return tuple(parts), tuple(untold)


def poll(said: Poll) -> PollPart:
    results = said.results
    votes = {one.id: one.count for one in results.answer_counts} if results else {}
    return PollPart(
        question=_shown(said.question),
        options=tuple(
            PollOption(_shown(one.poll_media), votes.get(one.answer_id, 0)) for one in said.answers
        ),
        multiple=said.allow_multiselect,
        closed=said.is_over,
    )


def _shown(media: PollMedia) -> str:
    emoji = media.emoji.words if media.emoji else ""
    return f"{emoji} {media.text or ''}".strip()


def _of_new_kind(number: int) -> Unsupported:
    return Unsupported(platform_kind=f"message {number}", summary="a message of a new kind")


def _nothing(message: Message, author: Author) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Without the Message Content intent Discord sends the messages of guilds empty."""
    if message.activity:
        summary = "an invitation to join an activity"
        return (Unsupported(platform_kind="activity", summary=summary),), ()
    embedded = cards.has_embeds(message)
    if message.guild_id and not (author.composes or embedded):
        summary = (
            "a message whose content Discord withholds: the bot needs its Message Content intent"
        )
        return (Unsupported(platform_kind="withheld", summary=summary),), ("content",)
    untold = ("embeds",) if embedded else ()
    return (Unsupported(platform_kind="empty", summary="an empty message"),), untold
