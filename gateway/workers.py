"""Who does the work that waits in lanes.

Work that this process has begun is handed over to it at once. Everything else is found in the
ready sets: when another process says so (a publish a batch), when the next lane becomes due, and,
as the safety net, every `poll_seconds`.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from math import inf
from typing import Any, Final

import structlog
from msgspec.structs import replace
from structlog.contextvars import bind_contextvars

from core.burying import Burials
from core.deliver import Deliverer
from core.dispatch import Dispatcher
from core.errors import Stale, StoreError, StoreFull, StoreUnavailable
from core.fetch import Fetcher
from core.joins import Joins
from core.pressure import Pressure
from core.store.keys import WAKE, tags
from core.store.lanes import DEPTH, TASKS, Lease
from core.store.store import Store
from core.store.wire import REPLY_SECONDS
from gateway.tracing import traced

LANES_MAX: Final = 256
"""Lanes of a kind that one process works on at a time; what comes beyond waits in its lane. Each
kind has room of its own: a platform that hangs keeps nobody from being heard.
"""

LANES_MIN: Final = 64
"""Under pressure, of what came in: what agents write goes first, and has all its room."""

HANDED_MAX: Final = 4096
"""Inbound lanes that wait in this process for their turn."""

TAKEN_MAX: Final = 64
"""Lanes taken from one ready set at a time."""

QUIET: Final = 4

RELAY_SECONDS: Final = 0.02
"""Events wait so long for company on their way to the live stream."""

RELAY_ANYWAY_SECONDS: Final = 5.0
"""The safety net of the relay: what nobody told of is brought along so often."""

RETRY_SECONDS: Final = 1.0

SPANS: Final = {"in": "dispatch", "out": "send", "fetch": "fetch", "task": "link"}
"""What work on a lane is called in traces."""

Work = Callable[[Lease], Coroutine[Any, Any, None]]

log = structlog.get_logger()


class HandOver:
    """Lanes that this process holds and has not begun to work on."""

    def __init__(self) -> None:
        self.inbound: asyncio.Queue[Lease] = asyncio.Queue()
        self.outbound: asyncio.Queue[Lease] = asyncio.Queue()

    def __call__(self, lease: Lease) -> None:
        """Too many inbound lanes are left to their leases: another worker, or this one later.

        An outbound lane is not: its message is marked as being sent.
        """
        if lease.kind == "out":
            self.outbound.put_nowait(lease)
        elif self.inbound.qsize() < HANDED_MAX:
            self.inbound.put_nowait(lease)


class Workers:
    """`run` until cancelled, then `drain`. `sending` tells which accounts may send now."""

    def __init__(
        self,
        store: Store,
        hand_over: HandOver,
        dispatcher: Dispatcher,
        deliverer: Deliverer,
        fetcher: Fetcher,
        joins: Joins,
        burials: Burials,
        accounts: tuple[str, ...],
        sending: Callable[[str], bool],
        poll_seconds: float,
        fetches_max: int,
        pressure: Pressure | None = None,
        *,
        carries: bool = True,
    ) -> None:
        """`carries`: what came in on `accounts` is carried here, and tasks are; else only what
        goes out is seen to. `pressure` None: there is none.
        """
        self._store, self._hand_over, self._joins = store, hand_over, joins
        self._burials = burials
        self._dispatcher, self._deliverer, self._fetcher = dispatcher, deliverer, fetcher
        self._accounts, self._sending, self._carries = accounts, sending, carries
        self._poll_seconds, self._fetches_max = poll_seconds, fetches_max
        self._pressure = pressure
        self._partition_of = {tag: n for n, tag in enumerate(tags(store.keys.partitions))}
        self._woken: set[int] = set()
        self._quiet = True
        """Nothing was heard of since all of it was looked at."""
        self._wake = asyncio.Event()
        self._eventful: set[int] = set(self._partition_of.values())
        self._relay = asyncio.Event()
        self._busy: dict[str, set[asyncio.Task[None]]] = {kind: set() for kind in DEPTH}

    async def run(self) -> None:
        """Take work until cancelled; what was begun goes on, see `drain`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._begin_inbound(), name="handed over in")
            tasks.create_task(self._begin_outbound(), name="handed over out")
            tasks.create_task(self._again(self._poll), name="lanes")
            tasks.create_task(self._again(self._listen), name="wake")
            if self._carries:
                tasks.create_task(self._again(self._relay_events), name="relay")

    async def drain(self, seconds: float) -> None:
        """Let the work in hand end; what has not after so long is broken off."""
        self._deliverer.stop()
        for download in self._busy["fetch"]:  # whoever takes the lane next begins it anew
            download.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while busy := self._all_begun():
                    await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
        if late := set().union(*self._busy.values()):
            for task in late:
                task.cancel()
            log.warning("work in hand was broken off", lanes=len(late))
            await asyncio.wait(late)

    def _all_begun(self) -> set[asyncio.Task[None]]:
        """Begin what was handed over, by the work in hand as well; -> all that is worked on."""
        for queue in (self._hand_over.inbound, self._hand_over.outbound):
            while not queue.empty():
                self._begin(queue.get_nowait(), self._work)
        return set().union(*self._busy.values())

    async def _begin_inbound(self) -> None:
        while True:
            while not self._room("in"):
                await asyncio.wait(self._busy["in"], return_when=asyncio.FIRST_COMPLETED)
            lease = await self._hand_over.inbound.get()
            self._begin(lease, self._work)

    async def _begin_outbound(self) -> None:
        """At once, or not here: nobody may believe for long that a message is being sent."""
        while True:
            lease = await self._hand_over.outbound.get()
            if self._room("out"):
                self._begin(lease, self._work)
            else:
                self._begin(lease, self._deliverer.give_back)

    def _room(self, kind: str) -> int:
        """How many more lanes of this kind may be begun."""
        most = self._fetches_max if kind == "fetch" else LANES_MAX
        if kind == "in" and self._pressure:
            most = max(LANES_MIN, self._pressure.room(LANES_MAX))
        return max(0, most - len(self._busy[kind]))

    def _begin(self, lease: Lease, work: Work) -> None:
        task = asyncio.create_task(self.guarded(lease, work), name=f"{lease.kind} lane")
        self._busy[lease.kind].add(task)
        task.add_done_callback(partial(self._ended, lease.kind))

    def _ended(self, kind: str, task: asyncio.Task[None]) -> None:
        if kind == "fetch" and not self._room(kind):  # nobody has looked at what waits
            self._woken.update(self._partition_of.values())
            self._wake.set()
        self._busy[kind].discard(task)

    async def _work(self, lease: Lease) -> None:
        """Work on one lane."""
        bind_contextvars(channel=lease.account)  # the task is this lane's alone
        singly = self._burials.is_failing(lease)
        with traced(SPANS[lease.kind], inbox=lease.account):
            if lease.kind == "in":
                await self._dispatcher.dispatch(lease, singly=singly)
            elif lease.kind == "out":
                await self._deliverer.deliver(lease)
            elif lease.kind == "fetch":
                first = replace(lease, entries=lease.entries[:1])
                await self._fetcher.work(first if singly else lease)
            else:
                await self._joins.work(lease)

    async def guarded(self, lease: Lease, work: Work | None = None) -> None:
        """Work on one lane. Whatever happens, its entries wait there: for the lease to end, or, if
        it is one of them that fails, for as long as `Burials` says.
        """
        try:
            try:
                await (work or self._work)(lease)
            except (Stale, StoreUnavailable, StoreFull):
                raise
            except Exception as error:  # noqa: BLE001 - a bug must cost one entry, not the process
                await self._burials.failed(lease, error)
        except Stale:
            log.info("lane lost to another worker", kind=lease.kind)
        except StoreError as error:
            log.warning("lane left to its lease", kind=lease.kind, reason=str(error))

    # --- finding work

    async def _poll(self) -> None:
        """Take what is due: everywhere at first and every `poll_seconds`, else where woken.

        While nothing happens the pauses grow, to `QUIET` times as long: looking everywhere is all
        that an idle gateway does.
        """
        loop = asyncio.get_running_loop()
        everywhere, next_everywhere, pause = True, 0.0, self._poll_seconds
        while True:
            partitions = self._partition_of.values() if everywhere else tuple(self._woken)
            self._woken.clear()
            self._wake.clear()
            wait = await self._take(tuple(partitions))
            if everywhere:
                longest = QUIET * self._poll_seconds
                grows = self._quiet and wait > pause
                pause = min(2 * pause, longest) if grows else self._poll_seconds
                self._quiet = True
                next_everywhere = loop.time() + min(pause, wait)
            patience = max(0.0, min(wait, next_everywhere - loop.time()))
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._wake.wait()
            everywhere = loop.time() >= next_everywhere or not self._woken

    async def _take(self, partitions: tuple[int, ...]) -> float:
        """Begin work on what is due there; -> seconds until the next lane becomes due, inf if none
        is known.
        """
        sets = self._sets()
        answers = await asyncio.gather(
            *(self._store.lanes.due(partition, sets, TAKEN_MAX) for partition in partitions)
        )
        in_any_order = random.sample(answers, len(answers))  # else the last may never have room
        found = [lane for lanes, _ in in_any_order for lane in lanes]
        taken = [
            lane
            for kind in self._busy
            for lane in [one for one in found if one[1] == kind][: self._room(kind)]
        ]
        leases = await asyncio.gather(*(self._store.lanes.take(*lane) for lane in taken))
        for lease in leases:
            if lease:
                self._begin(lease, self._work)
        if found:
            return 0.0 if len(taken) == len(found) else RETRY_SECONDS
        return min((wait for _, wait in answers if wait is not None), default=inf)

    def _sets(self) -> tuple[tuple[str, str], ...]:
        carried = (*((one, "in") for one in self._accounts), (TASKS, "task"))
        running = [account for account in self._accounts if self._sending(account)]
        outbound = [(account, "out") for account in running]
        fetch = [(account, "fetch") for account in running] if self._room("fetch") else []
        return (*(carried if self._carries else ()), *outbound, *fetch)

    async def _listen(self) -> None:
        """Hear where work was left or something happened."""
        pubsub = self._store.redis.pubsub(ignore_subscribe_messages=True)
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                await pubsub.subscribe(WAKE)
            self._look_everywhere()  # for what was said before anybody listened
            while True:
                heard = await pubsub.get_message(timeout=None)
                if heard:
                    left, _, happened = heard["data"].decode().partition("|")
                    self._hear(self._partitions(left), self._partitions(happened))
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]

    def _hear(self, left: set[int], happened: set[int]) -> None:
        self._quiet = False
        if left:
            self._woken |= left
            self._wake.set()
        if happened:
            self._eventful |= happened
            self._relay.set()

    def _partitions(self, told: str) -> set[int]:
        return {self._partition_of[tag] for tag in told.split() if tag in self._partition_of}

    async def _relay_events(self) -> None:
        """Bring what happened into the live stream."""
        while True:
            partitions = tuple(self._eventful)
            self._eventful.clear()
            self._relay.clear()
            try:
                if partitions and await self._store.live.relay(partitions):
                    self._eventful.update(partitions)  # there may be more than one read takes
                    self._relay.set()
            except BaseException:
                self._eventful.update(partitions)
                raise
            await asyncio.sleep(max(RELAY_SECONDS, self._store.live.gather_seconds))
            with suppress(TimeoutError):
                async with asyncio.timeout(RELAY_ANYWAY_SECONDS):
                    await self._relay.wait()
            if not self._relay.is_set():
                self._eventful.update(self._partition_of.values())

    def _look_everywhere(self) -> None:
        self._woken.update(self._partition_of.values())
        self._eventful.update(self._partition_of.values())
        self._wake.set()
        self._relay.set()

    async def _again(self, loop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a loop again after the store was away."""
        while True:
            try:
                await loop()
            except Exception as error:  # noqa: BLE001 - the loops outlive every fault of the store
                log.warning("waiting for the store", loop=loop.__name__, reason=repr(error)[:200])
                self._eventful.update(self._partition_of.values())
                await asyncio.sleep(RETRY_SECONDS)
