"""Does what people ask for by a reaction: hand a message to support, accept an answer.

A reaction is no question, so nobody is answered: what it leads to is to be seen under the message.
One that leads to nothing, such as that of somebody who may not ask for it, is a reaction like any
other.
"""

import asyncio
import logging
from typing import Final

import msgspec

from adapters.discord.community import words
from adapters.discord.community.deciding import Reference
from adapters.discord.community.events import whose
from adapters.discord.community.reacting import Reaction, Wish, by_manager, read, wish_of
from adapters.discord.line.acts import hand_over
from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.desk import Desk
from adapters.discord.line.persisting import is_final
from adapters.discord.places import Place, link_to
from core.errors import AuthenticationError, MalformedPayload
from core.model.content import Media, Text
from core.model.event import Actor, ActorKind, Inbound, MessageCreated
from core.ports import Deliver
from core.recent import Recent

_log = logging.getLogger(__name__)

AT_ONCE_MAX: Final = 8
"""Each costs calls of Discord's API, and everybody can react."""
ASKERS_MAX: Final = 10_000


class Reactions:
    """Of one bot."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._slots = asyncio.Semaphore(AT_ONCE_MAX)
        self._askers = Recent[str, str](ASKERS_MAX)
        """Who asked what a message answers; empty: it answers nothing. A crowd may tick it."""

    async def take(self, data: bytes, deliver: Deliver) -> None:
        """A MESSAGE_REACTION_ADD's `d`. Returns when what it asks for is on record, or cannot be
        done. Raises what `deliver` raises but for StoreError, which is waited for.

        Run it beside the ordered events, not among them: it asks Discord for the message.
        """
        try:
            reaction = read(data)
        except MalformedPayload:
            return  # the reader of events says so
        wish = wish_of(reaction, self._desk.settings, self._desk.known.bot)
        if wish is None:
            return
        try:
            async with self._slots:
                if wish is Wish.HAND:
                    await self._hand(reaction, deliver)
                else:
                    await self._accept(reaction, deliver)
        except (Failure, AuthenticationError, MalformedPayload) as failure:
            account = self._desk.surroundings.account
            _log.warning("account=%s: a reaction could not be followed: %s", account, failure)

    async def _hand(self, reaction: Reaction, deliver: Deliver) -> None:
        """Its author's own is enough, and a manager's."""
        desk = self._desk
        manager = by_manager(reaction, desk.known, desk.settings.community)
        if not manager and reaction.message_author_id != reaction.user_id:
            return
        event = await self._said(reaction.place, reaction.message_id)
        own = event.actor.remote == reaction.user_id
        if not manager and not own:
            return
        by = event.actor if own else _actor(reaction, ActorKind.STAFF)
        told, key = words.handed_by_reaction(by.name), f"h{reaction.message_id}"
        await hand_over(desk, event, reaction.place, by, key, told, deliver)

    async def _accept(self, reaction: Reaction, deliver: Deliver) -> None:
        """Of who asked, or a manager; where the question is in a conversation."""
        desk, place = self._desk, reaction.place
        asker = self._askers.get(reaction.message_id)
        if asker is not None and not self._may_accept(reaction, asker):
            return
        raw, found = await self._looked_at(place, reaction.message_id)
        if found is None:
            return
        where, question = found
        if not self._may_accept(reaction, question.actor.remote):
            return
        answer, own = desk.read(raw, place.guild), question.actor.remote == reaction.user_id
        if await desk.about(where, _remote(question)) is None:
            return
        leg = msgspec.structs.replace(whose(question), thread=desk.scribe.thread(where))
        by = question.actor if own else _actor(reaction, ActorKind.STAFF)
        link = link_to(place, reaction.message_id)
        told = words.accepted(answer.actor.name, words.excerpt(_text(answer)), link)
        asked, said = _remote(question), reaction.message_id
        event = desk.scribe.settled(leg, f"s{said}", by, told, question=asked, answer=said)
        await desk.keep(event, deliver)

    def _may_accept(self, reaction: Reaction, asker: str) -> bool:
        desk = self._desk
        own = asker == reaction.user_id
        return bool(asker) and (own or by_manager(reaction, desk.known, desk.settings.community))

    async def _looked_at(
        self, place: Place, message: str
    ) -> tuple[bytes, tuple[Place, Inbound] | None]:
        """A message and what it answers; who asked that is remembered, also that nobody did."""
        try:
            raw = await self._raw(place, message)
            found = await self._question(raw, place)
        except (Failure, MalformedPayload) as failure:
            if isinstance(failure, MalformedPayload) or is_final(failure):
                self._askers.note(message, "")
            raise
        if found or self._desk.known.channel(place.channel):
            self._askers.note(message, found[1].actor.remote if found else "")
        return raw, found

    async def _question(self, answer: bytes, place: Place) -> tuple[Place, Inbound] | None:
        """What a message answers and where that is in a conversation: the message that it names,
        or the one that its thread began with.
        """
        desk = self._desk
        facts = desk.known.channel(place.channel)
        named = _named(answer)
        if named and named != place.channel:
            said = await self._said(place, named)
            return await self._where(place, named), said
        if not facts or not facts.is_thread or not facts.parent:
            return None
        parent = Place(facts.parent, place.guild)
        try:
            first = await self._said(parent, place.channel)  # the message it was opened on
        except Refusal:
            return place, await self._said(place, place.channel)  # a post in a forum
        return await self._where(parent, place.channel), first

    async def _where(self, place: Place, message: str) -> Place:
        """The conversation about a message is where it stands, or in the thread opened on it."""
        thread = Place(message, place.guild)
        return thread if await self._desk.about(thread, message) else place

    async def _said(self, place: Place, message: str) -> Inbound:
        return self._desk.read(await self._raw(place, message), place.guild)

    async def _raw(self, place: Place, message: str) -> bytes:
        return await self._desk.message(Reference(place=place, message=message))


def _actor(reaction: Reaction, kind: ActorKind) -> Actor:
    return Actor(kind=kind, remote=reaction.user_id, name=reaction.name, handle=reaction.handle)


def _remote(event: Inbound) -> str:
    return event.body.remote if isinstance(event.body, MessageCreated) else ""


def _text(event: Inbound) -> str:
    parts = event.body.parts if isinstance(event.body, MessageCreated) else ()
    for part in parts:
        if isinstance(part, Text):
            return part.text
        if isinstance(part, Media):
            return part.caption or part.attachment.name
    return ""


class _Named(msgspec.Struct, frozen=True):
    message_id: str | None = None


class _Answering(msgspec.Struct, frozen=True):
    type: int = 0
    message_reference: _Named | None = None


_REPLY: Final = 19


def _named(answer: bytes) -> str:
    """The message that this one answers; empty if it answers none."""
    read = msgspec.json.decode(answer, type=_Answering)
    named = read.message_reference
    return (named.message_id or "") if named and read.type == _REPLY else ""
