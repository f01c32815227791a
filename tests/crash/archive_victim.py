"""A worker that archives everything after each step of the scenario, and is lost meanwhile.

    python -m tests.crash.archive_victim URL LOG DIRECTORY STEP NTH before|after KILL|STOP

STEP is an operation of the store, or `put`, `settle`, `rest`: what is written into the archive.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from core.errors import Refused, Stale
from core.model.ids import IdentityId, LegId
from core.store.commit import group_commit
from core.store.connection import connect
from core.store.shelf import Fields, Frozen
from core.store.store import assemble
from gateway.archive import ArchiveFile
from gateway.archive.file import NAME, STEPS
from gateway.sqlite import database
from tests.crash.archive_scenario import settings, tries
from tests.crash.scenario import ACKNOWLEDGE, SCRIPT, LoggingAdapter
from tests.crash.victim import FatalCommit, carry_out
from tests.rigs.freezing import ColdAssembly, Winter

Known = tuple[IdentityId, Fields]


class FatalArchive(ArchiveFile):
    """Sends a signal to its own process before or after the nth time that it writes."""

    step, nth, before, number = "", 0, True, signal.SIGKILL

    @override
    async def put(
        self, legs: Sequence[Frozen], people: Sequence[tuple[IdentityId, Fields]]
    ) -> None:
        fatal = bool(legs) and self._is_fatal("put")
        if fatal and self.before:
            os.kill(os.getpid(), self.number)
        await super().put(legs, people)
        if fatal and not self.before:
            os.kill(os.getpid(), self.number)

    @override
    async def settle(self, legs: Sequence[LegId]) -> None:
        fatal = bool(legs) and self._is_fatal("settle")
        if fatal and self.before:
            os.kill(os.getpid(), self.number)
        await super().settle(legs)
        if fatal and not self.before:
            os.kill(os.getpid(), self.number)

    def _is_fatal(self, step: str) -> bool:
        self.nth -= step == self.step
        return step == self.step and self.nth == 0


async def main(
    url: str, log: str, directory: str, step: str, nth: str, when: str, sort: str
) -> None:
    redis, number = connect(url), signal.SIGKILL if sort == "KILL" else signal.SIGSTOP
    options = settings(url, sort)
    async with (
        database(Path(directory) / NAME, STEPS) as file,
        group_commit(redis, options.caps, FatalCommit) as commit,
        assemble(redis, commit, options, shelf=(archive := FatalArchive(file))) as store,
    ):
        await archive.take_over()
        assert isinstance(commit, FatalCommit)
        commit.operation, archive.step = step, step
        commit.nth = archive.nth = int(nth)
        commit.before = archive.before = when == "before"
        commit.number = archive.number = number
        adapter = LoggingAdapter(log)
        adapters = {"bot": adapter, "mail": adapter}
        winter = Winter(store, archive)
        winter.tries = tries(sort)
        desk = ColdAssembly(winter, adapters, acknowledge=ACKNOWLEDGE)
        for one in SCRIPT:
            try:
                await carry_out(desk, one)
                await desk.settle()
            except (Stale, Refused) as error:  # as a worker does: the lane is somebody else's
                print(f"# {error}", flush=True)
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
