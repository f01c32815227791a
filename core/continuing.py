"""What began where others read along goes on in private; each side says so to agents, to nobody
else.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final, NamedTuple

from core.errors import Conflict, Refused
from core.ids import derived_ulid
from core.model.content import System
from core.model.conversation import Conversation, Leg
from core.model.ids import IdentityId, LegId, MessageId
from core.model.message import Audience, Direction, Message, Sender, SenderKind
from core.private import PrivateThreads
from core.store.store import Store
from core.view import Views, leg_of

WRITER: Final = Sender(kind=SenderKind.SYSTEM, id="system:private")


class InPrivate(NamedTuple):
    """Where it goes on: `leg` is the author's private one, in `conversation`."""

    conversation: Conversation
    leg: Leg


class Continuing:
    def __init__(
        self,
        store: Store,
        views: Views,
        private: PrivateThreads,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._views, self._private = store, views, private
        self._told = Told(store)
        self._now = now

    async def in_private(
        self, conversation: Conversation, by: Sender, leg: LegId | None = None
    ) -> InPrivate:
        """Have a private thread with the author of a leg that others read: the one they have, or
        one that is opened. Done twice, nothing more.

        `leg` None: the one on which they wrote last. Raises NotFound, Conflict, InvalidRequest,
        DeliveryError.
        """
        wide = await self._wide(conversation, leg)
        why = f"opened to go on in private with {wide.number}"
        private = await self._private.leg_of(wide.author, why, idle=False)
        await self._told.both(wide, private, by, self._now())
        return InPrivate(await self._views.conversation(private.id), private)

    async def _wide(self, conversation: Conversation, leg: LegId | None) -> Leg:
        found = leg_of(conversation, leg) if leg else await self._last_heard(conversation)
        if found.audience is Audience.PRIVATE:
            raise Conflict(f"leg {found.id} is private already: answer it there")
        return found

    async def _last_heard(self, conversation: Conversation) -> Leg:
        heard = await self._views.last_heard(conversation)
        wide = [one for one in conversation.legs if one.audience is not Audience.PRIVATE]
        if heard in wide or not wide:
            return heard
        return max(wide, key=lambda one: (one.touched_at, one.id))


class Told:
    """Lines that name each side on the other one, once for each pair."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claimed(
        self, private: Leg, number: str, person: Collection[IdentityId], at: datetime
    ) -> bool:
        """The customer has come to their private leg from this number; -> whether it is a leg of
        theirs that others read.
        """
        try:
            wide = await Views(self._store).leg(number)
        except Refused:
            return False  # no number, or nobody's
        if wide.audience is Audience.PRIVATE or private.audience is not Audience.PRIVATE:
            return False  # another private one; or told where others read along
        if wide.author not in person:
            return False
        await self.both(wide, private, WRITER, at)
        return True

    async def both(self, wide: Leg, private: Leg, by: Sender, at: datetime) -> None:
        there = System(code="continued", text=f"goes on in private as {private.number}")
        here = System(code="continued", text=f"goes on from {wide.number}, where others read along")
        for leg, part in ((wide, there), (private, here)):
            message = Message(
                id=MessageId(derived_ulid("continued", wide.id, private.id, leg.id)),
                direction=Direction.ACTIVITY,
                sender=by,
                at=at,
                parts=(part,),
            )
            await self._store.legs.note(leg.id, message, "activity")
