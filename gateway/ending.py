"""When a process is to end: at the first signal in its own time, at another one at once. And when
others are heard.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

ENDS: Final = frozenset({signal.SIGINT, signal.SIGTERM})

log = structlog.get_logger()


class Ending:
    """One a process."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._hurried = False

    @property
    def is_told(self) -> bool:
        return self._told.is_set()

    async def told(self) -> None:
        """Until it is to end."""
        await self._told.wait()

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """What this context does is broken off if it is told again, and cleans up. Nothing durable
        is lost by that: as after a crash, the next start goes on from what is written down.
        """
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("signals are heeded by a task")

        def hear() -> None:
            if self.is_told:
                log.warning("told to end once more: what is in hand is broken off")
                self._hurried = True
                task.cancel()
            self._told.set()

        with at_signals(ENDS, hear):
            try:
                yield
            except asyncio.CancelledError:
                if not self._hurried:
                    raise
                task.uncancel()


@contextmanager
def at_signals(numbers: frozenset[signal.Signals], act: Callable[[], None]) -> Iterator[None]:
    """Do this when the process is sent one of these, or was while they were held back."""
    loop = asyncio.get_running_loop()
    for number in numbers:
        loop.add_signal_handler(number, act)
    before = signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number in numbers:
            loop.remove_signal_handler(number)
