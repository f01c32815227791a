"""Leases that last as long as the work under them, kept by one timer of the process.

Nearly all work ends long before its lease does. So it is done by whoever waits for it, without a
task, and the keeper looks at what is under way only when the first of it becomes due.
"""

import asyncio
import math
import time
from functools import partial
from types import TracebackType
from typing import Final, Self

from core.errors import StoreError, StoreUnavailable
from core.store.lanes import Lanes, Lease

PATIENCE_SECONDS_MIN: Final = 0.05
"""Between two renewals, however short a lease is."""

ANSWER_SECONDS: Final = 1.0
"""So long a renewal may take at least, though it was asked for late."""

RETRY_SECONDS: Final = 0.2
"""A renewal that failed is tried again so soon, if the lease lasts until that could be answered."""


class Keeper:
    """One a process."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self._loop = asyncio.get_running_loop()
        self._kept: set[Kept] = set()
        self._next = math.inf

    def keeping(self, lease: Lease, seconds: float = math.inf) -> "Kept":
        """What is awaited in this context is broken off after so many seconds (TimeoutError), and
        when the lease is lost, or could not be renewed by its end (Stale, StoreError).
        """
        return Kept(self, lease, seconds)

    def add(self, kept: "Kept") -> None:
        self._kept.add(kept)
        self.expect(kept)

    def remove(self, kept: "Kept") -> None:
        self._kept.discard(kept)

    def has(self, kept: "Kept") -> bool:
        return kept in self._kept

    def expect(self, kept: "Kept") -> None:
        """Look again when this becomes due, if not before."""
        if kept.due < self._next:
            self._next = kept.due
            self._loop.call_later(max(0.0, kept.due - time.monotonic()), self._look, kept.due)

    def _look(self, at: float) -> None:
        if at != self._next:  # something became due before that
            return
        self._next, now = math.inf, time.monotonic()
        for kept in tuple(self._kept):
            if kept.due <= now:
                kept.see_to(now)
            self.expect(kept)


class Kept:
    """A lease, and the task that works under it."""

    __slots__ = ("_cancelling", "_end", "_failure", "_keeper", "_lease", "_renewal", "_task", "due")

    def __init__(self, keeper: Keeper, lease: Lease, seconds: float) -> None:
        now = time.monotonic()
        self._keeper, self._lease, self._end = keeper, lease, now + seconds
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._failure: TimeoutError | StoreError | None = None
        self._renewal: asyncio.Future[bytes] | None = None
        self.due = self._when_due(now)

    def __enter__(self) -> Self:
        if task := asyncio.current_task():
            self._task, self._cancelling = task, task.cancelling()
            self._keeper.add(self)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._keeper.remove(self)
        if self._failure and self._task:
            only_us = self._task.uncancel() <= self._cancelling
            if only_us and isinstance(error, asyncio.CancelledError):
                raise self._failure from error

    async def lease(self) -> Lease:
        """As it is when the work is over. One that was lost meanwhile is refused by whatever is
        done under it next.
        """
        if self._renewal:
            await asyncio.wait((self._renewal,))
        return self._lease

    def see_to(self, now: float) -> None:
        """It is due: the time is over, or the lease is to be renewed, or it has ended before that
        could be done.
        """
        if now >= self._end:
            self._break_off(TimeoutError())
        elif self._renewal:
            self._break_off(StoreUnavailable("the lease could not be renewed in time"))
        else:
            self.due = min(self._end, max(self._lease_end(), now + ANSWER_SECONDS))
            until = self._keeper.lanes.deadline()
            self._renewal = self._keeper.lanes.renewal(self._lease)
            self._renewal.add_done_callback(partial(self._renewed, until))

    def _renewed(self, until: float, renewal: asyncio.Future[bytes]) -> None:
        self._renewal = None
        error, now = renewal.exception(), time.monotonic()
        again = now + RETRY_SECONDS
        if error is None:
            self._lease = self._keeper.lanes.renewed(self._lease, renewal.result(), until)
            self.due = self._when_due(now)
        elif isinstance(error, StoreUnavailable) and again + ANSWER_SECONDS < self._lease_end():
            self.due = min(self._end, again)
        elif isinstance(error, StoreError):
            return self._break_off(error)
        self._keeper.expect(self)
        return None

    def _break_off(self, failure: TimeoutError | StoreError) -> None:
        self.due = math.inf
        if self._task and not self._failure and self._keeper.has(self):
            self._failure = failure
            self._task.cancel()

    def _lease_end(self) -> float:
        return self._keeper.lanes.end(self._lease)

    def _when_due(self, now: float) -> float:
        return min(self._end, now + max(PATIENCE_SECONDS_MIN, (self._lease.until - now) / 2))
