"""Histories lived through by processes of their own: one that does not end ends nobody else.

A worker lives through its seeds in their order and tells of each. One that says nothing for too
long is asked where it hangs, and ended with all that it has started, as is one that has gone; then
the seed at which it was is told of as lost, and another worker goes on with the next.
"""

import faulthandler
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from tests.histories.stacks import awaited

ASK_SECONDS: Final = 2.0
"""So long a worker may take to say where it hangs."""
BEGIN_SECONDS: Final = 180.0
"""Until it has imported everything, on a machine that is busy."""
STACKS: Final = "stacks"
HERE: Final = "here"

Told = TypeVar("Told")
Work = Callable[[Sequence[int], Path, Callable[[Any], None]], None]
"""Lives through these seeds below a directory, and tells of each: something that can be pickled, as
it can be itself.
"""
Lost = Callable[[int, Path, str], Told]
"""What is told of a seed at which a worker was lost, with its directory, and why: all processes of
its group are gone by then.
"""


def each(seeds: Sequence[int], work: Work, seconds: float, lost: Lost[Told]) -> Iterator[Told]:
    """What is told of the seeds, in their order; `seconds` are for one of them."""
    left = list(seeds)
    while left:
        with _Worker(work, left) as worker:
            while left:
                told, why = worker.hear(seconds)
                seed = left.pop(0)
                yield lost(seed, worker.below, why) if why else told
                if why:
                    break


class _Worker:
    def __init__(self, work: Work, seeds: Sequence[int]) -> None:
        context = get_context("spawn")
        self._home = TemporaryDirectory(prefix="histories-")
        self.below = Path(self._home.name)
        self._line, theirs = context.Pipe(duplex=False)
        words = (work, tuple(seeds), self.below, theirs)
        self._process = context.Process(target=_serve, args=words, daemon=True)
        self._process.start()
        theirs.close()

    def hear(self, seconds: float) -> tuple[Any, str]:
        """-> what it tells, or why it does not."""
        if not self._line.poll(seconds):
            where = self._where()
            self._end()
            return None, f"it did not end within {seconds:.0f} s:\n{where}"
        try:
            return self._line.recv(), ""
        except EOFError:
            self._end()
            return None, f"its process ended by itself with {self._process.exitcode}"

    def _where(self) -> str:
        assert self._process.pid
        os.kill(self._process.pid, signal.SIGUSR1)
        time.sleep(ASK_SECONDS)
        return (self.below / STACKS).read_text()

    def _end(self) -> None:
        """With all that it has started."""
        assert self._process.pid
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()

    def __enter__(self) -> Self:
        if not self._line.poll(BEGIN_SECONDS):
            self._end()
            raise TimeoutError(f"no worker has begun within {BEGIN_SECONDS:.0f} s")
        assert self._line.recv() == HERE
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None and self._process.exitcode is None:
            self._process.join(ASK_SECONDS)  # it puts away what it has
        self._end()
        self._line.close()
        self._home.cleanup()


def _serve(work: Work, seeds: Sequence[int], below: Path, line: Connection) -> None:
    os.setsid()
    with (below / STACKS).open("w") as file:

        def tell_tasks(*_: object) -> None:
            print(*awaited(), sep="\n", file=file, flush=True)

        signal.signal(signal.SIGUSR1, tell_tasks)
        faulthandler.register(signal.SIGUSR1, file=file, chain=True)
        line.send(HERE)
        with suppress(BrokenPipeError):  # whoever asked has gone
            work(seeds, below, line.send)
