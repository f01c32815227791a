"""From an event to its place in a conversation.

`accept` is what adapters call: when it returns, the event is durable. `dispatch` carries what
waits in a thread's lane to its legs; it runs at once in this process (hand-over) or, if that was
lost, in whichever worker takes the lane. Every step may be run again.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from core.model.event import (
    ActionInvoked,
    DeliveryReported,
    Inbound,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Reacted,
    Read,
    Typing,
)
from core.model.ids import IdentityId, LegId, identity_id
from core.model.message import Audience, DeliveryState, Message
from core.rules.incoming import amended, as_activity, as_created, as_message
from core.rules.numbers import number
from core.rules.routing import Bound, author_key, goes_on
from core.store.lanes import Lease
from core.store.legs import new_leg
from core.store.store import Store
from core.store.tasks import GatherTask
from core.store.threads import Filed, NewLeg, Queued, read_event

log = structlog.get_logger()

REMEMBERED: Final = 50_000
"""Threads whose leg is remembered for the home path."""

STEP_SECONDS: Final = 2.0
"""What a step of dispatch may take at most; a lease that ends sooner is renewed first."""


class HandsOver(Protocol):
    def __call__(self, lease: Lease) -> None:
        """Go on with this lane soon, in this process. Losing it only costs the lease's time."""


class Dispatcher:
    """One a process. `hand_over` None: every event takes the durable way through its lane."""

    def __init__(
        self,
        store: Store,
        new_id: Callable[[], str],
        hand_over: HandsOver | None,
    ) -> None:
        self._store, self._new_id, self._hand_over = store, new_id, hand_over
        self._guesses: OrderedDict[tuple[str, str], LegId] = OrderedDict()

    async def accept(self, event: Inbound) -> None:
        """The adapters' `Deliver`. Raises StoreError when the event is not durable."""
        if isinstance(event.body, Typing):
            return
        author = _author(event)
        message = as_message(event) if _says_something(event) else None
        guess = self._guesses.get((str(event.thread), author)) if self._hand_over else None
        answer = await self._store.threads.accept(
            event, author, message, guess, hand_over=self._hand_over is not None
        )
        match answer:
            case Queued(lease) if lease and self._hand_over:
                self._hand_over(lease)
            case Queued() | Filed():
                return

    async def dispatch(self, lease: Lease | None) -> None:
        """Carry everything that waits in this lane to its leg. Raises Stale, StoreError."""
        while lease:
            lease = await self._store.lanes.current(lease, STEP_SECONDS)
            events = [(entry.seq, read_event(entry)) for entry in lease.entries]
            first = events[0][1]
            if _says_something(first):
                lease = await self._file(lease, events)
            else:
                lease = await self._apply(lease, events[0][0], first)

    # --- messages

    async def _file(self, lease: Lease, events: list[tuple[int, Inbound]]) -> Lease | None:
        """File the leading run of one author's messages."""
        author = _author(events[0][1])
        run: list[tuple[int, Message]] = []
        for seq, event in events:
            if not _says_something(event) or _author(event) != author:
                break
            run.append((seq, as_message(event)))
        newest = events[len(run) - 1][1]
        bound = await self._store.threads.bound(newest.thread, author)
        if bound and bound.filed >= run[-1][0]:  # by a worker that did not live to say so
            return await self._acknowledge(lease, run[-1][0], bound.leg, gather=bound.ungathered)
        if bound and goes_on(bound):
            leg, begin, gather = bound.leg, None, bound.ungathered
        else:
            if bound and bound.ungathered:  # left behind by a worker that was lost
                await self._gather(bound.leg)
            leg, begin, gather = await self._begin(newest, bound)
        expect = bound.leg if bound else None
        filed, rest = await self._store.threads.file(
            lease, author, leg, expect, begin, run, newest.context, acknowledge=not gather
        )
        if not filed:
            return rest  # closed, sealed or bound anew meanwhile: decide again
        self._remember(lease.key, author, leg)
        if begin and not gather and newest.audience is Audience.PRIVATE:
            await self._gather_late(leg, newest)
        if gather:
            return await self._acknowledge(lease, run[-1][0], leg, gather=True)
        return rest

    async def _acknowledge(
        self, lease: Lease, upto: int, leg: LegId, *, gather: bool
    ) -> Lease | None:
        """Events are filed; that their leg is to be joined is on record before they are done."""
        if gather:
            await self._gather(leg)
        return await self._store.lanes.done(lease, upto)

    async def _gather(self, leg: LegId) -> None:
        """Have a leg joined to the other open ones of its contact, once."""
        await self._store.tasks.enqueue(f"gather {leg}", GatherTask(leg=leg), {})

    async def _gather_late(self, leg: LegId, event: Inbound) -> None:
        """Another thread of the same person began meanwhile, and could not see this leg yet."""
        if len(await self._store.people.legs_of(_identity(event))) > 1:
            await self._gather(leg)

    async def _begin(self, event: Inbound, bound: Bound | None) -> tuple[LegId, NewLeg, bool]:
        """Decide who writes and what the new leg is called; nothing of the thread changes yet."""
        store, thread = self._store, event.thread
        leg = store.keys.leg_id(self._new_id(), thread)
        identity = _identity(event)
        private = event.audience is Audience.PRIVATE
        known = await store.people.identify(identity, thread, event.actor, leg if private else None)
        reference = number(await store.legs.next_number())
        await store.legs.claim_number(reference, leg)
        gather = private and (known.linked or known.legs_before > 0)
        head = new_leg(
            thread=thread,
            author=identity,
            author_name=event.actor.name or event.actor.handle or event.actor.remote,
            audience=event.audience,
            number=reference,
            title=event.title,
            previous=bound.leg if bound else None,
            ungathered=gather,
        )
        return leg, head, gather

    def _remember(self, ref: str, author: str, leg: LegId) -> None:
        self._guesses[ref, author] = leg
        self._guesses.move_to_end((ref, author))
        if len(self._guesses) > REMEMBERED:
            self._guesses.popitem(last=False)

    # --- everything else that happens to messages

    async def _apply(self, lease: Lease, seq: int, event: Inbound) -> Lease | None:
        """Carry one event that is no new message; it is acknowledged whatever it leads to."""
        bound = await self._store.threads.bound(event.thread, _author(event))
        match event.body:
            case MessageEdited() | ActionInvoked() if bound is None:
                created = as_created(event)
                return await self._file(lease, [(seq, created)])
            case MessageEdited() | MessageDeleted() | Reacted():
                await self._amend(lease, event, bound)
            case Read(remote=remote):
                await self._report(event, bound, remote, DeliveryState.READ, "")
            case DeliveryReported(remote=remote, state=state, reason=reason):
                await self._report(event, bound, remote, state, reason)
            case _:
                await self._show(event, bound)
        return await self._store.lanes.done(lease, seq)

    async def _show(self, event: Inbound, bound: Bound | None) -> None:
        """As a line that agents see; of somebody without a conversation, as one in the log."""
        if bound:
            await self._store.legs.note(bound.leg, as_activity(event), "activity")
        else:
            kind = event.body.__struct_config__.tag
            log.info("event without a conversation", account=event.thread.account, kind=kind)

    async def _report(
        self, event: Inbound, bound: Bound | None, remote: str, state: DeliveryState, reason: str
    ) -> None:
        found = await self._store.threads.find(bound.leg if bound else None, remote)
        if found:
            await self._store.outbox.report(found[0], state, (remote,), reason)
        else:  # only a failure is worth an agent's look if nobody knows what has failed
            await self._show(event, bound if state is DeliveryState.FAILED else None)

    async def _amend(self, lease: Lease, event: Inbound, bound: Bound | None) -> None:
        """Change a message that is known; show a change of one that is not as what it is."""
        remote = getattr(event.body, "remote", "")
        while found := await self._store.threads.find(bound.leg if bound else None, remote):
            leg, position = found
            before = await self._store.legs.message(leg, position)
            after = amended(before, event) if before else None
            if before is None or after is None:
                return
            if await self._store.threads.amend(lease, leg, position, before, after):
                return
        await self._show(event, bound)


def _author(event: Inbound) -> str:
    return author_key(event.audience, _identity(event))


def _identity(event: Inbound) -> IdentityId:
    return identity_id(event.thread.channel, event.thread.account, event.actor.remote)


def _says_something(event: Inbound) -> bool:
    return isinstance(event.body, MessageCreated)
