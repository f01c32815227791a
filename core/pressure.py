"""Overload: what a process takes in when more comes than it can carry, and who goes first.

What was taken in is carried, and what agents write is taken in; everything else gives way, what is
worth least first. Platforms keep what is not taken in, so nothing is lost by it. How much is taken
in is decided by `core.rules.pressure`; here it is measured, and held to.
"""

import asyncio
import random
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from core.errors import StoreError
from core.model.event import Inbound, Typing
from core.ports import Deliver
from core.rules.pressure import Bearing, Level, Signs, again_seconds, bearing, strain
from core.store.store import Store

ACCEPTING_MAX: Final = 256
"""Events that are made durable at a time; those of adapters that come beyond wait for their turn,
and the adapters with them.
"""

WAITING_MAX: Final = 4096
"""Threads that wait to be filed, of this process' inboxes: with more of them less is taken in."""

LOOK_SECONDS: Final = 0.2
LOOK_AT_LANES_SECONDS: Final = 1.0

GATHER_SECONDS: Final = {Level.CALM: 0.0, Level.BUSY: 0.25, Level.OVERLOADED: 1.0}
"""What follows from events waits so long for more of them."""

log = structlog.get_logger()


class NoTurn(Exception):
    """Too many wait already, or it took too long."""


class Gate:
    """Lets in so many at a time as `room` says: the inboxes by turns, of each in the order in which
    they came. However much one of them brings, the others wait for one of it at most.
    """

    def __init__(self, room: Callable[[], int]) -> None:
        self._room = room
        self._inside = 0
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    def __len__(self) -> int:
        """How many are inside."""
        return self._inside

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def entered(self, account: str, seconds: float, at_most: int) -> AsyncIterator[None]:
        """Inside, after so long at most, if not so many are inside or wait; where they do, one of
        the inbox that has most of those is turned away. Raises NoTurn.
        """
        if self._inside + self.waiting >= at_most:
            self._turn_one_away_for(account)
        try:
            async with asyncio.timeout(seconds):
                await self.enter(account)
        except TimeoutError:
            raise NoTurn from None
        try:
            yield
        finally:
            self.leave()

    async def enter(self, account: str) -> None:
        """Returns when it is their turn; they have to `leave` then."""
        if not self._waiting and self._inside < self._room():
            self._inside += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(account, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(account, turn)
            elif not turn.exception():
                self.leave()
            raise

    def leave(self) -> None:
        self._inside -= 1
        self.let_in()

    def let_in(self) -> None:
        """As many as there is room for."""
        while self._waiting and self._inside < self._room():
            account, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[account] = turns  # behind the others
            if not turn.done():
                self._inside += 1
                turn.set_result(None)

    def _turn_one_away_for(self, account: str) -> None:
        """Whoever came last of those who have most waiting. Raises NoTurn if that is `account`."""
        most = max(self._waiting, key=lambda one: len(self._waiting[one]), default=account)
        turns = self._waiting.get(most, deque())
        if len(turns) <= len(self._waiting.get(account, deque())) + 1:
            raise NoTurn
        last = turns[-1]
        self._forget(most, last)
        if not last.done():
            last.set_exception(NoTurn())

    def _forget(self, account: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(account, deque())
        with suppress(ValueError):  # it was passed by already
            turns.remove(turn)
        if not turns:
            self._waiting.pop(account, None)


class Pressure:
    """Of one process. Calm until `run` looks. `shed` counts what was given up or turned away."""

    def __init__(
        self,
        store: Store,
        accounts: tuple[str, ...],
        turn_seconds_max: float,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        """`accounts` are the inboxes of which `waiting_max` threads may wait to be filed."""
        self._store, self._accounts = store, accounts
        self._turn_seconds_max, self._waiting_max = turn_seconds_max, waiting_max
        self.bearing = Bearing()
        self.shed: Counter[str] = Counter()
        self._gates: list[Gate] = []
        self._accepting = self.gate(ACCEPTING_MAX)
        self._late_seconds, self._waiting = 0.0, 0.0
        self._accepted = 0

    @property
    def is_calm(self) -> bool:
        return self.bearing.level is Level.CALM

    @property
    def is_overloaded(self) -> bool:
        return self.bearing.level is Level.OVERLOADED

    def room(self, usual: int) -> int:
        """How much of their usual room those have who are not first."""
        return max(1, int(usual * self.bearing.share))

    def gate(self, usual: int) -> Gate:
        """For those who wait their turn for so much room."""
        made = Gate(lambda: self.room(usual))
        self._gates.append(made)
        return made

    def again_seconds(self) -> int:
        """For Retry-After."""
        return again_seconds(self.bearing.share, random.random())  # noqa: S311 - no secret

    def spares(self, what: str) -> bool:
        """Whether something that is not worth its work is not done now."""
        if self.is_calm:
            return False
        self.shed[what] += 1
        return True

    def held_back(self, deliver: Deliver) -> Deliver:
        """The same, for no more events at a time than there is room for."""
        gate = self._accepting

        async def delivered(event: Inbound) -> None:
            if isinstance(event.body, Typing) and self.spares("typing"):
                return
            await gate.enter(event.thread.account)
            try:
                self._accepted += 1
                await deliver(event)
            finally:
                gate.leave()

        return delivered

    # --- looking

    async def run(self) -> None:
        """Look until cancelled; then everything is as if it were calm."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._look(), name="pressure")
                tasks.create_task(self._look_at_lanes(), name="waiting threads")
        finally:
            self._take(Bearing())

    async def _look(self) -> None:
        """What others on the machine take of the processor is no work of ours: with less at a time
        we should only be slower.
        """
        clock = asyncio.get_running_loop().time
        while True:
            began, used = clock(), time.thread_time()
            await asyncio.sleep(LOOK_SECONDS)
            passed, used = clock() - began, time.thread_time() - used
            late = max(0.0, passed - LOOK_SECONDS) * min(1.0, used / passed)
            self._late_seconds = (self._late_seconds + late) / 2
            signs = Signs(
                late_seconds=self._late_seconds,
                waiting=self._waiting,
            )
            self._take(bearing(self.bearing, strain(signs, self._turn_seconds_max)), signs)

    def _take(self, now: Bearing, signs: Signs | None = None) -> None:
        before, self.bearing = self.bearing, now
        for gate in self._gates:
            gate.let_in()
        if before.level is now.level:
            return
        self._store.live.gather_seconds = GATHER_SECONDS[now.level]
        if signs:
            log.warning(
                "less is taken in" if now.share < before.share else "more is taken in again",
                pressure=str(now.level),
                share=round(now.share, 2),
                loop_late_seconds=round(signs.late_seconds, 3),
                threads_waiting=round(signs.waiting * self._waiting_max),
            )

    async def _look_at_lanes(self) -> None:
        """Only while something comes in, or waits."""
        keys = [
            self._store.keys.ready(partition, account, "in")
            for account in self._accounts
            for partition in range(self._store.keys.partitions)
        ]
        looked = 0
        while True:
            await asyncio.sleep(LOOK_AT_LANES_SECONDS)
            if self._accepted == looked and not self._waiting:
                continue
            looked = self._accepted
            with suppress(StoreError):  # whoever accepts is told so
                sizes = await self._store.read.many([("ZCARD", key) for key in keys])
                self._waiting = sum(sizes) / self._waiting_max
