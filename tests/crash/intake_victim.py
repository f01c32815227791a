"""Receives for an inbox, and ends or stops itself at one step of that.

    python -m tests.crash.intake_victim URL DIRECTORY CHANNEL WHERE OPERATION NTH WHEN KILL|STOP

WHERE is what the room of this CHANNEL is told of the platform, as JSON. An operation is one of the
store's, or `blob`: the bytes of a mail are put away. WHEN is `before` it or `after` it.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from typing_extensions import override

from core.store.commit import group_commit
from core.store.connection import connect
from core.store.store import assemble
from gateway.blobs import DirectoryBlobs
from tests.crash import discordroom, mailroom
from tests.crash.scenario import settings
from tests.crash.victim import FatalCommit
from tests.rigs.assembly import Assembly

ROOMS: Final[dict[str, Callable[..., AbstractAsyncContextManager[Assembly]]]] = {
    "email": mailroom.reading,
    "discord": discordroom.reading,
}


class FatalBlobs(DirectoryBlobs):
    """Sends a signal to its own process before or after the nth mail is put away."""

    nth, before, number = 0, True, signal.SIGKILL

    @override
    async def put_all(self, files: Sequence[bytes]) -> None:
        """One after another, so that a process can be lost between two of a batch."""
        for data in files:
            self.nth -= 1
            fatal = self.nth == 0
            if fatal and self.before:
                os.kill(os.getpid(), self.number)
            await super().put_all([data])
            if fatal and not self.before:
                os.kill(os.getpid(), self.number)


async def main(
    url: str,
    directory: str,
    channel: str,
    where: str,
    operation: str,
    nth: str,
    when: str,
    sort: str,
) -> None:
    redis = connect(url)
    async with (
        group_commit(redis, settings(url).caps, FatalCommit) as commit,
        assemble(redis, commit, settings(url)) as store,
    ):
        assert isinstance(commit, FatalCommit)
        blobs = FatalBlobs(Path(directory) / "blobs")
        number = signal.SIGKILL if sort == "KILL" else signal.SIGSTOP
        commit.operation = operation
        commit.nth = int(nth)
        commit.before = blobs.before = when == "before"
        commit.number = blobs.number = number
        blobs.nth = int(nth) if operation == "blob" else 0
        async with ROOMS[channel](store, blobs, Path(directory), *json.loads(where)):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
