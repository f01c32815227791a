"""What agents do to a conversation: reply, change what was said, note, seal."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import msgspec

from core.errors import Conflict, InvalidRequest
from core.model.capabilities import NO_COPIES
from core.model.content import Part, Text
from core.model.conversation import Conversation, Entry, Leg
from core.model.ids import LegId, MessageId
from core.model.message import (
    Audience,
    Change,
    ChangeKind,
    Delivery,
    DeliveryState,
    Direction,
    Message,
    Quote,
    Recipient,
    Sender,
)
from core.ports import Adapter
from core.rules.changes import check, reworded
from core.rules.quoting import quotation
from core.store.lanes import Lease
from core.store.store import Store
from core.view import Views, leg_of

# Before Python 3.12 an enum's member is found by a function in Python, which every reply pays for.
_OUT, _QUEUED, _SENDING = Direction.OUT, DeliveryState.QUEUED, DeliveryState.SENDING

HandOver = Callable[[Lease], None]
NO_ADAPTERS: Final[Mapping[str, Adapter]] = MappingProxyType({})


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent wants sent.

    `id` is made by the caller: the same id again has no second effect. `leg` or `answers` (the id
    of a message) says where it goes; without either, to the leg on which the customer wrote last.
    `quote` is the part of the answered message that is meant, word for word; empty: all of it.
    `audience` is who it is meant for; a wider leg refuses it. `recipients` get a copy, where the
    channel copies. `silent`: let it arrive without a sound.
    """

    id: MessageId
    parts: tuple[Part, ...]
    leg: LegId | None = None
    answers: MessageId | None = None
    quote: str = ""
    audience: Audience = Audience.PRIVATE
    subject: str = ""
    recipients: tuple[Recipient, ...] = ()
    silent: bool = False


class Agents:
    """The agents' use cases. `hand_over` None: replies wait for a worker to take them; so do those
    to an account of which `here` says that another process runs it.

    `adapters` are those that run, by account: what their channels cannot do is refused at once,
    and of the others when it is sent.
    """

    def __init__(
        self,
        store: Store,
        views: Views,
        now: Callable[[], datetime],
        hand_over: HandOver | None,
        adapters: Mapping[str, Adapter] = NO_ADAPTERS,
        here: Callable[[str], bool] = lambda _account: True,
    ) -> None:
        self._store, self._views, self._now, self._hand_over = store, views, now, hand_over
        self._adapters, self._here = adapters, here

    async def reply(self, conversation: Conversation, sender: Sender, draft: Draft) -> Entry:
        """Queue a reply on the leg it belongs to.

        Raises InvalidRequest, NotFound, Conflict (closed), AudienceMismatch.
        """
        if not draft.parts:
            raise InvalidRequest("a reply needs at least one part, e.g. a text")
        leg, quote = await self._target(conversation, draft)
        adapter = self._adapters.get(leg.thread.account)
        if draft.recipients and adapter and not adapter.capabilities.copies:
            raise InvalidRequest(NO_COPIES)
        message = Message(
            id=draft.id,
            direction=_OUT,
            sender=sender,
            at=self._now(),
            parts=draft.parts,
            audience=draft.audience,
            answers=quote,
            subject=draft.subject,
            recipients=draft.recipients,
            silent=draft.silent,
        )
        return await self._queue(leg, message, draft.audience)

    async def _queue(self, leg: Leg, message: Message, meant: Audience | None) -> Entry:
        """Behind what waits in the leg's thread already; once for its id."""
        hand_over = self._hand_over if self._here(leg.thread.account) else None
        replied = await self._store.outbox.reply(
            leg, message, meant, hand_over=hand_over is not None
        )
        if not replied.queued_at:
            known = await self._views.entry(leg.id, replied.position)
            said = message.parts, message.recipients, message.change
            return once(known, message.direction, *said)
        state, attempts = _QUEUED, 0
        if replied.lease and hand_over:
            state, attempts = _SENDING, 1
            hand_over(replied.lease)
        delivery = Delivery(state=state, attempts=attempts, at=replied.queued_at)
        return Entry(leg=leg.id, position=replied.position, message=message, delivery=delivery)

    async def _target(self, conversation: Conversation, draft: Draft) -> tuple[Leg, Quote | None]:
        """The leg, and what is quoted: a reply answers a message, on its channel (law 6)."""
        if draft.answers:
            entry = await self._views.find(conversation, draft.answers)
            leg = leg_of(conversation, entry.leg)
            if draft.leg and draft.leg != leg.id:
                raise InvalidRequest(
                    f"message {draft.answers} is on leg {leg.id}: answer it there, or name only"
                    " the leg"
                )
            remotes = await self._store.legs.remotes(entry)
            return leg, _quote(entry.message, remotes[0][0] if remotes else "", draft.quote)
        if draft.quote:
            raise InvalidRequest("`quote` is a part of what is answered: say which with `answers`")
        if draft.leg:
            return leg_of(conversation, draft.leg), None
        return await self._views.last_heard(conversation), None

    async def edit(
        self,
        conversation: Conversation,
        sender: Sender,
        change_id: MessageId,
        message: MessageId,
        text: Text,
    ) -> Entry:
        """Have one of our messages say this instead; files and buttons stay. -> the change, queued.

        The same `change_id` again has no second effect. Raises InvalidRequest, NotFound, Conflict.
        """
        target = await self._views.find(conversation, message)
        parts = reworded(target.message.parts, text)
        change = _change(target, ChangeKind.EDIT)
        return await self._ask(conversation, sender, change_id, target, change, parts)

    async def delete(
        self, conversation: Conversation, sender: Sender, change_id: MessageId, message: MessageId
    ) -> Entry:
        """Take a message back; where a channel can, also a customer's. As `edit`."""
        target = await self._views.find(conversation, message)
        change = _change(target, ChangeKind.DELETE)
        return await self._ask(conversation, sender, change_id, target, change)

    async def react(
        self,
        conversation: Conversation,
        sender: Sender,
        change_id: MessageId,
        message: MessageId,
        emoji: str,
    ) -> Entry:
        """Make this our only reaction to a message, "" for none. As `edit`."""
        target = await self._views.find(conversation, message)
        change = _change(target, ChangeKind.REACT, emoji)
        return await self._ask(conversation, sender, change_id, target, change)

    async def retry(
        self, conversation: Conversation, message: MessageId, asked: MessageId
    ) -> Entry:
        """Have a message sent again that failed, or of which nobody knows whether it arrived: then
        it may arrive twice. Once for the id `asked`. -> the entry, queued. Raises NotFound,
        Conflict.
        """
        target = await self._views.find(conversation, message)
        leg, change = leg_of(conversation, target.leg), target.message.change is not None
        await self._store.outbox.retry(leg, target.position, asked, change=change)
        return await self._views.find(conversation, message)

    async def _ask(
        self,
        conversation: Conversation,
        sender: Sender,
        change_id: MessageId,
        target: Entry,
        change: Change,
        parts: tuple[Part, ...] = (),
    ) -> Entry:
        """Queue a change of a message on the message's own leg."""
        known = await self._views.written(conversation, change_id)
        if known:
            return once(known, Direction.ACTIVITY, parts, change=change)
        check(target, change.kind)
        message = Message(
            id=change_id,
            direction=Direction.ACTIVITY,
            sender=sender,
            at=self._now(),
            parts=parts,
            audience=target.message.audience,
            change=change,
        )
        return await self._queue(leg_of(conversation, target.leg), message, None)

    async def note(
        self,
        conversation: Conversation,
        sender: Sender,
        note_id: MessageId,
        parts: tuple[Part, ...],
    ) -> Entry:
        """Write what only agents see, on the conversation's first leg."""
        if not parts:
            raise InvalidRequest("a note needs at least one part, e.g. a text")
        leg = conversation.legs[0].id
        message = Message(
            id=note_id, direction=Direction.NOTE, sender=sender, at=self._now(), parts=parts
        )
        written = await self._views.entry(leg, await self._store.legs.note(leg, message))
        return once(written, Direction.NOTE, parts)

    async def seal(self, conversation: Conversation, leg: LegId) -> None:
        """What the customer writes there from now on begins a new conversation."""
        await self._store.threads.seal(leg_of(conversation, leg).id)


def once(
    written: Entry,
    direction: Direction,
    parts: tuple[Part, ...],
    recipients: tuple[Recipient, ...] = (),
    change: Change | None = None,
) -> Entry:
    """What stands under an id, if that is what is to be written, whatever it was edited to since.

    Raises Conflict.
    """
    known = written.message
    said = known.history[0].parts if known.history else known.parts
    if (known.direction, said, known.recipients, known.change) != (
        direction,
        parts,
        recipients,
        change,
    ):
        raise Conflict(
            "this Idempotency-Key was used for another message", code="idempotency_conflict"
        )
    return written


def _quote(answered: Message, remote: str, words: str) -> Quote:
    if not words:
        return Quote(remote=remote, message=answered.id)
    part = quotation(answered.parts, words)
    return Quote(remote=remote, message=answered.id, text=part.text, spans=part.spans)


def _change(target: Entry, kind: ChangeKind, emoji: str = "") -> Change:
    return Change(kind=kind, message=target.message.id, position=target.position, emoji=emoji)
