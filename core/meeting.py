"""What a new leg has to do with others of its exchange: the step of a task on who is who.

It is joined as by an agent's merge, so that an agent undoes it exactly, and it stays a leg of its
own: with its own person, its own audience, and answers that go to them alone.
"""

from collections.abc import Collection, Iterable
from typing import Final

from core.continuing import Told
from core.errors import Refused
from core.model.content import System
from core.model.conversation import Entry, Leg
from core.model.ids import IdentityId, LegId, MessageId
from core.model.message import Audience, Direction, Message, Sender, SenderKind
from core.rules.exchanges import answers_one, apart, claimed, has_ended, invitations, joined
from core.store.store import Store
from core.view import Views

GATHERED_MAX: Final = 48
"""Legs of conversations that a new one joins by itself. Each costs as much as there are already: of
whoever writes thousands of mails, or lets thousands answer one, the others stand alone.
"""

LEGS_LOOKED_AT_MAX: Final = 16
MESSAGES_LOOKED_AT_MAX: Final = 200
"""Of each leg, the latest."""

WRITER: Final = Sender(kind=SenderKind.SYSTEM, id="system:exchange")


class Meeting:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def host(self, leg: Leg, person: Collection[IdentityId]) -> LegId | None:
        """The leg that this one is to be merged with, if any. Agents are told of it, or of what
        stands in the way; `person` are the identities of the leg's contact.
        """
        others = await self._others(leg, person)
        for other in others:
            if other.id in leg.merged:  # by a worker that was lost before it had done both sides
                return other.id
        found = None if leg.doubted else await self._inviting(leg, others, person)
        if found and not await self.is_full((found,)):
            await self._tell(leg, joined(found))
            return found.id
        if others:
            await self._tell(leg, apart(leg, found or others[0], full=found is not None))
        return None

    async def apart(self, leg: Leg, theirs: Collection[Leg]) -> None:
        """Tell of what else its contact has, with which the leg is not joined."""
        if theirs:
            await self._tell(leg, apart(leg, max(theirs, key=lambda one: one.id), full=True))

    async def is_full(self, legs: Iterable[Leg]) -> bool:
        """Whether their conversations have so many legs that a new one stays alone."""
        roots = await self._store.legs.heads(sorted({LegId(one.conversation) for one in legs}))
        return sum(max(1, len(one.members)) for one in roots if one) >= GATHERED_MAX

    async def claim(self, leg: Leg, person: Collection[IdentityId]) -> None:
        """Tell of the conversation whose number the leg began with: of one that others read, that
        it goes on here; of another, if the person is not there.
        """
        if await Told(self._store).claimed(leg, leg.claims, person, leg.created_at):
            return
        try:
            named = await Views(self._store).conversation(leg.claims)
        except Refused:
            return  # no number, or nobody's
        if not any(one.author in person for one in named.legs):
            await self._tell(leg, claimed(named.number), "claims")

    async def _others(self, leg: Leg, person: Collection[IdentityId]) -> list[Leg]:
        """Other people's legs of the exchange, those that go on first, then the oldest first."""
        if not leg.exchange:
            return []
        known = await self._store.exchanges.legs(leg.thread.account, leg.exchange)
        heads = await self._store.legs.heads([one for one in known if one != leg.id])
        others = [one for one in heads if one and one.author not in person and _is_private(one)]
        return sorted(others, key=lambda one: (has_ended(one), one.id))[:LEGS_LOOKED_AT_MAX]

    async def _inviting(
        self, leg: Leg, others: Iterable[Leg], person: Collection[IdentityId]
    ) -> Leg | None:
        for other in others:
            if not has_ended(other) and await self._belong_together(leg, other, person):
                return other
        return None

    async def _belong_together(self, leg: Leg, other: Leg, person: Collection[IdentityId]) -> bool:
        """The leg's person was invited there; or an answer to their own invitation came first."""
        there = await self._latest(other)
        if invitations(other, there, person):
            return True
        invited = invitations(leg, await self._latest(leg), (other.author,))
        return not other.doubted and answers_one(there, invited)

    async def _latest(self, leg: Leg) -> list[Entry]:
        return await self._store.legs.entries(leg.id, leg.length + 1, MESSAGES_LOOKED_AT_MAX)

    async def _tell(self, leg: Leg, part: System, about: str = "exchange") -> None:
        """Once for a leg."""
        message = Message(
            id=MessageId(f"{leg.id}.{about}"),
            direction=Direction.ACTIVITY,
            sender=WRITER,
            at=leg.created_at,
            parts=(part,),
        )
        await self._store.legs.note(leg.id, message, "activity")


def _is_private(leg: Leg) -> bool:
    return leg.audience is Audience.PRIVATE
