"""A process that has imported the gateway already, of which gateways are born by fork.

Starting Python and importing everything takes most of a start; a history has several starts, and
there are hundreds of histories. Each child is a process of its own with the real command line,
which can be killed and stopped like any other.

Over standard input it is asked, a JSON line each: {"words": [...], "log": "path"}; it answers with
the process id, and whenever a child has ended with [pid, code].
"""

import asyncio
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn, Self

from tests.histories.stacks import awaited
from tests.rigs.nursery import ADAPTERS, ROOT

IMPORTED: Final = ("gateway.commands.up", "gateway.app", *ADAPTERS)
ANSWER_SECONDS: Final = 180.0
"""The first one comes once everything is imported, which a busy machine takes its time for."""


class Nursery:
    """`born` starts a gateway; `codes` are the exit codes of those that have ended. `within` are
    words before a command that have it run elsewhere.
    """

    def __init__(self, environ: Mapping[str, str], within: Sequence[str] = ()) -> None:
        self._environ, self._within = environ, within
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self.codes: dict[int, int] = {}
        self.cpu_seconds = 0.0
        """Of those that have ended."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(*self._within, sys.executable, "-m", "tests.histories.nursery"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**self._environ, "PYTHONPATH": str(ROOT)},
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process
        assert self._reading
        self._process.kill()
        await self._process.wait()
        self._reading.cancel()

    async def born(self, words: Sequence[str], log: Path) -> int:
        """Start `trunkline` with these words; -> its process id."""
        assert self._process
        assert self._process.stdin
        async with self._turn, asyncio.timeout(ANSWER_SECONDS):
            order = json.dumps({"words": list(words), "log": str(log)})
            self._process.stdin.write(order.encode() + b"\n")
            return await self._born.get()

    async def _read(self) -> None:
        assert self._process
        assert self._process.stdout
        async for line in self._process.stdout:
            pid, *ended = json.loads(line)
            if ended:
                self.codes[pid], seconds = ended
                self.cpu_seconds += seconds
            else:
                self._born.put_nowait(pid)


def main() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        _say([_bear(**json.loads(line))])


def _bear(words: list[str], log: str) -> int:
    """-> the process id of a child; the child itself never comes back."""
    # SIGCHLD waits until its parent has said who was born.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    if pid := os.fork():
        return pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(old, new)
    return _be(words)


def _be(words: list[str]) -> NoReturn:
    """The command itself, which ends the process."""
    from gateway.cli import main as trunkline

    signal.signal(signal.SIGUSR1, _tell)
    sys.argv = ["trunkline", *words]
    trunkline()
    sys.exit()


def _tell(*_: object) -> None:
    """To the log: asked for when a gateway does not come to an end."""
    print(*awaited(), sep="\n", file=sys.stderr)


def _say(answer: object) -> None:
    os.write(1, json.dumps(answer).encode() + b"\n")
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _reap(*_: object) -> None:
    while True:
        try:
            pid, status, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        ended = [pid, os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]
        os.write(1, json.dumps(ended).encode() + b"\n")


if __name__ == "__main__":
    main()
