"""Seconds as this process lives them: a machine that stalls takes them from everybody."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

TICK_SECONDS: Final = 0.01
TICK_SECONDS_MAX: Final = 3 * TICK_SECONDS
"""A tick that took longer was no tick of ours: somebody else had the processor, or nobody."""


class Stopwatch:
    """For promises in seconds that a test takes at their word. What this process waits for counts,
    and so does what it computes; that it had to wait for a processor does not.
    """

    def __init__(self) -> None:
        self.seconds, self._began = 0.0, time.time()

    def now(self) -> float:
        """For a sandbox whose patience is put to the test; unix seconds."""
        return self._began + self.seconds

    async def tick(self) -> None:
        while True:
            began, computed = time.monotonic(), time.process_time()
            await asyncio.sleep(TICK_SECONDS)
            waited = min(time.monotonic() - began, TICK_SECONDS_MAX)
            self.seconds += max(waited, time.process_time() - computed)


@asynccontextmanager
async def stopwatch() -> AsyncIterator[Stopwatch]:
    """It runs as long as the context is open."""
    watch = Stopwatch()
    async with asyncio.TaskGroup() as tasks:
        ticking = tasks.create_task(watch.tick())
        try:
            yield watch
        finally:
            ticking.cancel()
