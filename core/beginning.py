"""How a leg begins, and what is owed to it when it has.

What is owed is done before its messages are acknowledged, each step once however often it is run:
so nothing of it is lost with a worker.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple

from core.acknowledging import Acknowledging
from core.linking import LinkCodes
from core.model.event import Inbound
from core.model.ids import LegId
from core.model.message import Audience, Message, SenderLevel
from core.rules.incoming import customer_of, first_status, identity_of
from core.rules.numbers import number
from core.rules.routing import Bound
from core.store.legs import new_leg
from core.store.store import Store
from core.store.tasks import GatherTask
from core.store.threads import NewLeg


class Owed(NamedTuple):
    """`gather`: the leg is to be joined with others. `look`: what it began with, if others may have
    begun meanwhile that could not see it yet. `answer`: the same, if it is to be answered
    automatically. `proofs`: messages by which somebody proves who they are on another line.
    """

    gather: bool = False
    look: Inbound | None = None
    answer: Message | None = None
    proofs: tuple[Message, ...] = ()

    def __bool__(self) -> bool:
        return self.gather or self.look is not None or self.answer is not None or bool(self.proofs)


class Beginnings:
    """`acknowledging` None: nothing is answered automatically. `linking` None: a code is a text
    like any other.
    """

    def __init__(
        self,
        store: Store,
        new_id: Callable[[], str],
        acknowledging: Acknowledging | None,
        linking: LinkCodes | None,
    ) -> None:
        self._store, self._new_id = store, new_id
        self._acknowledging, self._linking = acknowledging, linking

    async def begin(
        self, event: Inbound, first: Message, bound: Bound | None
    ) -> tuple[LegId, NewLeg, Owed]:
        """Decide who writes and what the new leg is called; nothing of the thread changes yet."""
        store, thread = self._store, event.thread
        leg = store.keys.leg_id(self._new_id(), thread)
        identity, customer = identity_of(event), customer_of(event)
        private = event.audience is Audience.PRIVATE
        known, count, others = await asyncio.gather(
            store.people.identify(identity, thread, customer, leg, private=private),
            store.legs.next_number(),
            self._others(event, leg),
        )
        reference = number(count)
        await store.legs.claim_number(reference, leg)
        related = known.linked or known.legs_before > 0 or others > 0 or event.claims != ""
        gather = private and related
        head = new_leg(
            thread=thread,
            author=identity,
            author_name=customer.name or customer.handle or customer.remote,
            audience=event.audience,
            number=reference,
            title=event.title,
            previous=bound.leg if bound else None,
            ungathered=gather,
            status=first_status(event),
            exchange=event.exchange if private else "",
            claims=event.claims if private else "",
            doubted=first.sender.level is SenderLevel.FAILED,
        )
        return leg, head, self._owed(event, first, gather=gather)

    async def undo(self, event: Inbound, leg: LegId, head: NewLeg | None) -> None:
        """Forget a leg that did not come to be, if one was to begin: it is never archived, which is
        how others are forgotten.
        """
        freezer = self._store.freezer
        if head is None or await freezer.present([leg]):
            return
        await asyncio.gather(
            freezer.forget_number(head.number, leg), freezer.leave(leg, identity_of(event), None)
        )

    async def owed(self, event: Inbound, bound: Bound, said: tuple[Message, ...]) -> Owed:
        """What a worker may not have lived to do, who had filed some of these and not said so."""
        began = await self._store.legs.message(bound.leg, 1)
        first = next((one for one in said if began and one.id == began.id), None)
        if first is None:
            return Owed(bound.ungathered)
        return self._owed(event, first, gather=bound.ungathered)

    def proofs(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """Those by which somebody proves who they are on another line."""
        return self._linking.concern(messages) if self._linking else ()

    async def settle(self, leg: LegId, owed: Owed) -> None:
        """Do what is owed."""
        if self._linking:
            for proof in owed.proofs:
                await self._linking.take(leg, proof)
        if owed.answer and self._acknowledging:
            await self._acknowledging.answer(leg, owed.answer)
        if owed.gather or (owed.look and await self._has_company(owed.look)):
            await self._store.tasks.enqueue(f"gather {leg}", GatherTask(leg=leg), {})

    def _owed(self, event: Inbound, first: Message, *, gather: bool) -> Owed:
        looks = event.audience is Audience.PRIVATE and not gather
        return Owed(gather, event if looks else None, self._to_answer(event, first))

    async def _has_company(self, event: Inbound) -> bool:
        """Whether there is another leg of the same person, or of the same exchange."""
        store, thread = self._store, event.thread
        theirs, others = await asyncio.gather(
            store.people.legs_of(identity_of(event)),
            store.exchanges.legs(thread.account, event.exchange),
        )
        return max(len(theirs), len(others)) > 1

    async def _others(self, event: Inbound, leg: LegId) -> int:
        """How many other legs there are in its exchange."""
        if not event.exchange or event.audience is not Audience.PRIVATE:
            return 0
        return await self._store.exchanges.enter(event.thread.account, event.exchange, leg)

    def _to_answer(self, event: Inbound, first: Message) -> Message | None:
        answering = self._acknowledging
        return first if answering and answering.answers(event.thread.account, first) else None
