"""From an event to its place in a conversation.

`accept` is what adapters call: when it returns, the event is durable. `dispatch` carries what
waits in a thread's lane to its legs; it runs at once in this process (hand-over) or, if that was
lost, in whichever worker takes the lane. Every step may be run again.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from core.acknowledging import Acknowledging
from core.beginning import Beginnings, Owed
from core.continuing import Told
from core.door import Door
from core.errors import Conflict
from core.linking import LinkCodes
from core.model.content import Part
from core.model.conversation import Status
from core.model.event import (
    ActionInvoked,
    DeliveryReported,
    Inbound,
    MessageDeleted,
    MessageEdited,
    Opened,
    Reacted,
    Read,
    Settled,
    Typing,
)
from core.model.ids import IdentityId, LegId, ThreadRef
from core.model.message import DeliveryState, Message
from core.model.triage import Triage
from core.places import Place, Places
from core.recent import Recent
from core.reporting import Reporting
from core.rules.choices import choosing
from core.rules.codes import said
from core.rules.incoming import (
    amended,
    as_activity,
    as_choice,
    as_message,
    continued,
    identity_of,
    is_aside,
    is_old,
)
from core.rules.routing import Bound, author_key, goes_on
from core.rules.runs import Messages, author_of, is_usual, leading, says_something
from core.store.lanes import Lease
from core.store.store import Store
from core.store.threads import Filed, Queued, read_event, remotes_of

REMEMBERED: Final = 50_000
"""Threads whose leg is remembered for the home path."""

STEP_SECONDS: Final = 2.0
"""What a step of dispatch may take at most; a lease that ends sooner is renewed first."""


class HandsOver(Protocol):
    def __call__(self, lease: Lease) -> None:
        """Go on with this lane soon, in this process. Losing it only costs the lease's time."""


class Dispatcher:
    """One a process. `hand_over` None: every event takes the durable way through its lane. `door`
    None: everybody is let in.
    """

    def __init__(
        self,
        store: Store,
        new_id: Callable[[], str],
        hand_over: HandsOver | None,
        acknowledging: Acknowledging | None = None,
        linking: LinkCodes | None = None,
        door: Door | None = None,
    ) -> None:
        self._store, self._hand_over, self._door = store, hand_over, door
        self._beginnings = Beginnings(store, new_id, acknowledging, linking)
        self._places = Places(store)
        self._reporting = Reporting(store, self._places)
        self.taken: Counter[str] = Counter()
        """Events that were let in and are durable, by account, since the process began."""
        self.known: Counter[str] = Counter()
        """Those that had been accepted before."""
        self._guesses = Recent[tuple[str, str], LegId](REMEMBERED)

    async def accept(self, event: Inbound) -> None:
        """The adapters' `Deliver`. Raises StoreError when the event is not durable."""
        if isinstance(event.body, Typing):
            return
        person = identity_of(event)
        door = self._door
        if door and not door.admits(event, person):
            return
        kept = False
        try:
            kept = await self.take(door.trimmed(event) if door else event, person)
            (self.taken if kept else self.known)[event.thread.account] += 1
        finally:
            if door and not kept:
                door.give_back(event, person)

    async def take(self, event: Inbound, person: IdentityId) -> bool:
        """Make an event durable, whoever did it; -> whether it was new. `person` is the event's
        `identity_of`, which its callers know already. Raises StoreError.
        """
        author = author_key(event.audience, person)
        guess = self._guesses.get((str(event.thread), author)) if self._hand_over else None
        message = as_message(event) if guess and is_usual(event) else None
        if message and said(message):
            message = None  # a code: what follows from it is owed before it is acknowledged
        answer = await self._store.threads.accept(
            event, author, message, guess, hand_over=self._hand_over is not None
        )
        match answer:
            case Queued(lease):
                if lease and self._hand_over:
                    self._hand_over(lease)
                return True
            case Filed(position):
                return position > 0

    async def carry(self, event: Inbound) -> None:
        """Accept an event of our own and carry it to its leg at once, as far as nothing waits
        before it. Raises Stale, StoreError.
        """
        answer = await self._store.threads.accept(
            event, author_of(event), None, None, hand_over=True
        )
        if isinstance(answer, Queued):
            await self.dispatch(answer.lease)

    async def catch_up(self, thread: ThreadRef) -> None:
        """Carry what waits in this thread, if nobody is at it. Raises Stale, StoreError."""
        await self.dispatch(await self._store.lanes.take(thread.account, "in", str(thread)))

    async def dispatch(self, lease: Lease | None, *, singly: bool = False) -> None:
        """Carry everything that waits in this lane to its leg, `singly` one event at a time. Raises
        Stale, StoreError.
        """
        while lease:
            lease = await self._store.lanes.current(lease, STEP_SECONDS)
            entries = lease.entries[:1] if singly else lease.entries
            events = [(entry.seq, read_event(entry)) for entry in entries]
            first = events[0][1]
            if says_something(first):
                lease = await self._file(lease, events)
            else:
                lease = await self._apply(lease, *events[0])

    # --- messages

    async def _file(self, lease: Lease, events: list[tuple[int, Inbound]]) -> Lease | None:
        """File the leading run of one author's messages."""
        author = author_of(events[0][1])
        run, newest = leading(events)
        bound = await self._store.threads.bound(newest.thread, author)
        owed, begin, aside = Owed(), None, is_aside(newest)
        if bound:
            owed = await self._owed(bound, events[0][0], run, newest)
        if bound and bound.filed >= run[-1][0]:
            owed = self._proving(owed, await self._as_filed(bound.leg, run))
            return await self._acknowledge(lease, run[-1][0], bound.leg, owed)
        if bound and (aside or goes_on(bound)):
            leg = bound.leg
            run = run if aside else await self._choosing(bound, run)
            owed = self._proving(owed, run)
            aside = aside or len(owed.proofs) == len(run)  # no agent has to look at it
        else:
            if bound:
                await self._beginnings.settle(bound.leg, owed)
                run = [one for one in run if one[0] > bound.filed]
                if await self._is_known(bound.leg, run[0][1]):
                    return await self._continue(lease, newest, bound.leg, *run[0])
            leg, begin, owed = await self._beginnings.begin(newest, run[0][1], bound)
            owed = self._proving(owed, run)
        done = await self._store.threads.file(
            lease,
            author,
            leg,
            bound.leg if bound else None,
            begin,
            run,
            newest.context,
            acknowledge=not owed,
            title=newest.title,
            aside=aside,
        )
        if done.again:  # closed, sealed or bound anew meanwhile: decide again
            await self._beginnings.undo(newest, leg, begin)
            return done.rest
        self._guesses.note((lease.key, author), leg)
        if done.known is not None:
            owed = self._proving(owed, [one for one in run if one[0] <= done.known])
        if done.known is not None and done.known < run[0][0]:
            await self._beginnings.settle(leg, owed)
            return await self._continue(lease, newest, leg, *run[0])
        if owed or done.known is not None:
            upto = run[-1][0] if done.known is None else done.known
            return await self._acknowledge(lease, upto, leg, owed)
        return done.rest

    async def _acknowledge(self, lease: Lease, upto: int, leg: LegId, owed: Owed) -> Lease | None:
        """Events are filed; what is owed to their leg is on record before they are done."""
        with self._store.keeper.keeping(lease) as kept:
            await self._beginnings.settle(leg, owed)  # a platform may be asked
        return await self._store.lanes.done(await kept.lease(), upto)

    async def _owed(self, bound: Bound, seq: int, run: Messages, newest: Inbound) -> Owed:
        """What is owed to the leg still, by a worker that was lost after it had filed there what
        begins at `seq`.
        """
        if seq > bound.filed:
            return Owed(bound.ungathered)
        return await self._beginnings.owed(newest, bound, tuple(message for _, message in run))

    def _proving(self, owed: Owed, run: Messages) -> Owed:
        return owed._replace(proofs=self._beginnings.proofs(message for _, message in run))

    async def _as_filed(self, leg: LegId, run: Messages) -> Messages:
        """With what was found out about them when they were filed."""
        filed: Messages = []
        for seq, message in run:
            filed.append((seq, await self._there(leg, message) or message))
        return filed

    async def _there(self, leg: LegId, message: Message) -> Message | None:
        """What the leg has by the platform's id of this message."""
        remotes = remotes_of(message)
        found = await self._store.threads.find(leg, remotes[0]) if remotes else None
        return await self._store.legs.message(*found) if found else None

    async def _choosing(self, bound: Bound, run: Messages) -> Messages:
        """With what customers chose by its number or its name, of what the newest reply offers."""
        store, place = self._store, (bound.leg, bound.offer)
        found = await store.legs.entries(bound.leg, bound.offer + 1, 1) if bound.offer else []
        if not found:
            return run
        chosen: Messages = []
        for seq, message in run:
            remote = message.answers.remote if message.answers else ""
            about = not remote or await store.threads.find(bound.leg, remote) == place
            chosen.append((seq, choosing(message, found[0]) if about else message))
        return chosen

    async def _is_known(self, leg: LegId, message: Message) -> bool:
        """Whether a leg that has ended has all of it: an edit came first, or it comes once more."""
        before = await self._there(leg, message)
        if before is None or not set(message.refs) <= set(before.refs):
            return False
        return continued(before, message) is not None

    async def _continue(
        self,
        lease: Lease,
        event: Inbound,
        leg: LegId,
        seq: int,
        message: Message,
    ) -> Lease | None:
        """Take in a message whose id is known: it belongs to the one that is there already."""
        author = author_of(event)
        while found := await self._store.threads.find(leg, remotes_of(message)[0]):
            before = await self._store.legs.message(*found)
            after = continued(before, message) if before else None
            if before is None or after is None:
                break
            if after is before or await self._store.threads.amend(
                lease, *found, before, after, shared=bool(author)
            ):
                return await self._store.lanes.done(lease, seq)
        run = await self._store.threads.file(
            lease,
            author,
            leg,
            leg,
            None,
            [(seq, message)],
            event.context,
            acknowledge=True,
            title=event.title,
            aside=is_aside(event),
            anew=True,
        )
        return run.rest

    # --- everything else that happens to messages

    async def _apply(self, lease: Lease, seq: int, event: Inbound) -> Lease | None:
        """Carry one event that is no new message; it is acknowledged whatever it leads to."""
        bound = await self._store.threads.bound(event.thread, author_of(event))
        match event.body:
            case ActionInvoked(on=on):
                return await self._choice(lease, seq, event, bound, on)
            case MessageEdited(remote=remote):
                filed = bound is not None and bound.filed >= seq  # its original was not known
                known = not filed and await self._amend(lease, event, bound, remote)
                if not known and not is_old(event):
                    return await self._file(lease, [(seq, event)])
            case MessageDeleted(remote=remote) | Reacted(remote=remote):
                if not await self._amend(lease, event, bound, remote):
                    await self._places.show(event, bound.leg if bound else None)
            case Read(remote=remote):
                told = DeliveryReported(remote=remote, state=DeliveryState.READ)
                await self._reporting.take(event, bound, told)
            case DeliveryReported() as told:
                await self._reporting.take(event, bound, told)
            case Opened():
                return await self._open(lease, seq, event, bound)
            case Settled(question=question):
                await self._settle(event, bound, question)
            case _:
                await self._places.show(event, bound.leg if bound else None)
        return await self._store.lanes.done(lease, seq)

    async def _open(
        self, lease: Lease, seq: int, event: Inbound, bound: Bound | None
    ) -> Lease | None:
        """Begin a leg from our side, unless somebody who was faster has."""
        if bound and goes_on(bound) and bound.filed < seq:
            return await self._store.lanes.done(lease, seq)
        return await self._file(lease, [(seq, event)])

    async def _choice(
        self, lease: Lease, seq: int, event: Inbound, bound: Bound | None, on: str
    ) -> Lease | None:
        """File what a pressed button says; it may have brought the customer here from elsewhere."""
        if event.claims and bound and goes_on(bound):
            head = await self._store.legs.head(bound.leg)
            person = await self._store.people.linked_with(head.author)
            await Told(self._store).claimed(head, event.claims, person, event.occurred_at)
        offered = await self._offered(event, bound, on)
        return await self._file(lease, [(seq, as_choice(event, offered))])

    async def _settle(self, event: Inbound, bound: Bound | None, question: str) -> None:
        """Somebody else has answered: done, unless the customer writes again. Done twice, nothing
        more; what is closed stays so, and so does what the customer has asked since.
        """
        found = await self._places.find(event, bound, question)
        if found is None:
            return await self._places.show(event, bound.leg if bound else None)
        try:
            resolved = Triage(status=Status.RESOLVED)
            settled = await self._store.triage.change(found[0], resolved, as_activity(event))
        except Conflict:
            settled = False
        if not settled:
            await self._places.show(event, found[0])
        return None

    async def _amend(self, lease: Lease, event: Inbound, bound: Bound | None, remote: str) -> bool:
        """Change a message; False if it is not known."""
        while found := await self._places.find(event, bound, remote):
            before = await self._store.legs.message(*found)
            left = await self._left(found, event)
            after = before if left or not before else amended(before, event)
            if before is None or after is None:
                return True
            if await self._store.threads.amend(lease, *found, before, after, left):
                return True
        return False

    async def _left(self, place: Place, event: Inbound) -> tuple[tuple[str, ...], ...]:
        """The pieces of a message of ours that are there once this one is deleted: by a moderator,
        or by us, for it was one too many. () for any other event and for the last one.
        """
        if not isinstance(event.body, MessageDeleted):
            return ()
        leg, position = place
        legs = self._store.legs
        found = await legs.entries(leg, position + 1, 1)
        pieces = await legs.remotes(found[0]) if found and found[0].delivery else ()
        deleted = event.body.remote
        left = (tuple(one for one in ids if one != deleted) for ids in pieces)
        return tuple(filter(None, left))

    async def _offered(self, event: Inbound, bound: Bound | None, on: str) -> tuple[Part, ...]:
        """What the message said whose button was pressed."""
        found = await self._places.find(event, bound, on) if on else None
        message = await self._store.legs.message(*found) if found else None
        return message.parts if message else ()
