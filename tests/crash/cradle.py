"""A process that has imported the worker already, of which victims are born by fork.

Starting Python and importing everything took most of the time of a step. Over standard input it is
asked, a JSON line each: the arguments of `tests.crash.victim` for a birth, the process id of a
victim to wait for. It answers with a number: a process id, or a status as `waitpid` gives it.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn, Self

from tests.crash import victim

ROOT: Final = Path(__file__).parents[2]
LIFE_SECONDS: Final = 120
"""Whoever is not lost by then never will be."""


class Victim:
    """A worker of which nothing is left when it is `ended`."""

    def __init__(self, cradle: "Cradle", pid: int) -> None:
        self._cradle, self._pid, self._is_over = cradle, pid, False

    async def lost(self, sort: str) -> None:
        """Once it has reached its step: a victim that never does would prove nothing."""
        status = await asyncio.to_thread(self._changed)
        signalled = os.WIFSTOPPED(status) and os.WSTOPSIG(status)
        signalled = signalled or (os.WIFSIGNALED(status) and os.WTERMSIG(status))
        wanted = signal.SIGSTOP if sort == "STOP" else signal.SIGKILL
        assert signalled == wanted, "the victim never came to this step"

    async def goes_on(self) -> None:
        """From where it was stopped to its end."""
        os.kill(self._pid, signal.SIGCONT)
        await asyncio.to_thread(self._changed)
        assert self._is_over

    def end(self) -> None:
        while not self._is_over:
            os.kill(self._pid, signal.SIGKILL)
            self._changed()

    def _changed(self) -> int:
        """Wait until it has stopped or ended; -> its status."""
        status = self._cradle.ask(self._pid)
        self._is_over = not os.WIFSTOPPED(status)
        return status


class Cradle:
    """Open with `with`."""

    def __enter__(self) -> Self:
        command = (sys.executable, "-m", "tests.crash.cradle")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def born(self, *arguments: str) -> Victim:
        return Victim(self, self.ask(arguments))

    def ask(self, what: Sequence[str] | int) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        if isinstance(asked, int):
            _, answer = os.waitpid(asked, os.WUNTRACED)
        else:
            answer = os.fork() or _be(asked)
        print(answer, flush=True)


def _be(arguments: Sequence[str]) -> NoReturn:
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    signal.alarm(LIFE_SECONDS)
    asyncio.run(victim.main(*arguments))
    sys.exit()


if __name__ == "__main__":
    main()
