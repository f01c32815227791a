"""A worker is lost at each step of proving a line: it costs time, and is done once all the same."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from hypothesis import settings
from typing_extensions import override

from core.errors import StoreError, StoreUnavailable
from core.model.content import System
from core.model.event import Inbound
from core.model.ids import IdentityId, ThreadRef
from core.model.message import Direction
from core.store.commit import GroupCommit, group_commit
from core.store.connection import connect
from core.store.store import StoreSettings, assemble
from tests.rigs.assembly import Assembly, make_due
from tests.rigs.events import actor, says, thread
from tests.rigs.platform import CommunityAdapter, MemoryAdapter
from tests.rigs.redis_server import RedisServer

DM, POST = thread("dm ada"), thread("ada's mail", "email", "mail")
ADA, MAIL = IdentityId("telegram:bot:ada"), IdentityId("email:mail:ada@x.example")
STEPS_MAX: Final = 150
STRIDE: Final = 5 if settings().max_examples < 1000 else 1
"""Each step with the profile `fuzz`."""


class EndingCommit(GroupCommit):
    """Takes so many operations more, then none: as the store sees a worker that is lost."""

    left = 1_000_000

    @override
    def call(
        self, partition: int, name: str, keys: Sequence[str], *arguments: Any
    ) -> "asyncio.Future[Any]":
        self.left -= name != "due"  # looking for work changes nothing
        if self.left < 0:
            lost = asyncio.get_running_loop().create_future()
            lost.set_exception(StoreUnavailable("the worker is lost"))
            return lost
        return super().call(partition, name, keys, *arguments)


class Workers:
    """One worker after another, over one store."""

    def __init__(self, line: Assembly, commit: EndingCommit) -> None:
        self.line, self._commit = line, commit
        self.lost = False

    async def take(self, event: Inbound) -> None:
        """An event, until a worker has lived to do all that follows from it."""
        while True:
            try:
                await self.line.dispatcher.accept(event)
                await self.settle()
                return
            except StoreError:
                assert not self.lost, "the second worker is lost as well"
                self.lost, self._commit.left = True, 1_000_000
                self.line = Assembly(self.line.store, self.line.adapters)
                await make_due(self.line.store)

    async def settle(self) -> None:
        """Everything that waits, each lane beside the others, as a worker does."""
        while leases := [*self.line.handed, *await self.line.take_due()]:
            self.line.handed.clear()
            ends = await asyncio.gather(*map(self.line.work, leases), return_exceptions=True)
            for failure in filter(None, ends):
                raise failure


@asynccontextmanager
async def workers(url: str) -> AsyncIterator[tuple[Workers, EndingCommit]]:
    redis, options = connect(url), StoreSettings(url=url)
    await redis.flushall()
    try:
        async with (
            group_commit(redis, options.caps, EndingCommit) as commit,
            assemble(redis, commit, options) as store,
        ):
            assert isinstance(commit, EndingCommit)
            adapters = {"bot": CommunityAdapter(), "mail": MemoryAdapter()}
            yield Workers(Assembly(store, adapters), commit), commit
    finally:
        await redis.aclose()


@pytest.mark.parametrize("has_written", [True, False], ids=["in private", "thread opened"])
async def test_lost_at_any_step_it_is_asked_once_and_linked_once(
    server: RedisServer, *, has_written: bool
) -> None:
    """A customer would be asked twice, or confirm and never be linked."""
    for lived in range(0, STEPS_MAX, STRIDE):
        if not await _proven(server.url, lived, has_written=has_written):
            break
    assert 20 < lived < STEPS_MAX - STRIDE


async def _proven(url: str, lived: int, *, has_written: bool) -> bool:
    """Ada proves her mailbox, a worker being lost after so many operations; -> whether it was."""
    async with workers(url) as (place, commit):
        if has_written:
            await place.take(says(DM, "ada", "hello"))
        code = await place.line.desk_of("telegram", "bot").link_code(actor("ada"))
        commit.left = lived

        await place.take(says(POST, "ada@x.example", code))
        await place.take(says(POST, "ada@x.example", "1"))
        await place.take(says(DM, "ada", "1"))

        commit.left = 1_000_000
        await make_due(place.line.store)
        await place.settle()
        people = place.line.store.people
        assert MAIL in await people.linked_with(ADA), lived
        assert len(await people.links_of(ADA)) == 1, lived
        assert await _said(place.line, DM) == (2, 2), lived
        assert await _said(place.line, POST) == (3, 2), lived
        return place.lost


async def _said(line: Assembly, where: ThreadRef) -> tuple[int, int]:
    """How many messages were written there by ourselves, and how many lines on linking."""
    log = [entry.message for entry in await line.log(await line.leg_of(where))]
    lines = [part for one in log for part in one.parts if isinstance(part, System)]
    ours = sum(one.direction is Direction.OUT for one in log)
    return ours, sum(one.code == "link" for one in lines)
