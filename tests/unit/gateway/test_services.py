"""What runs beside one another in a process."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from core.errors import StoreError, StoreFull, StoreUnavailable
from gateway.roles import Role, roles_of
from gateway.services import Service, running
from tests.rigs.waiting import eventually


async def test_who_fails_while_it_is_ended_is_not_begun_again(tmp_path: Path) -> None:
    """A gateway that was told to end would go on for ever."""
    begun: list[str] = []
    runs = asyncio.Event()

    async def fails_at_the_end() -> None:
        begun.append("once more")
        runs.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    async with asyncio.timeout(10):
        service = Service("any", Role.ANY, fails_at_the_end)
        async with running([service], roles_of((), ()), tmp_path):
            await runs.wait()

    assert len(begun) == 1


@pytest.mark.parametrize("why", [StoreUnavailable("it is away"), StoreFull("no room")])
async def test_who_finds_no_store_waits_for_it(tmp_path: Path, why: StoreError) -> None:
    """An operator who restarts Redis would be told of a mistake in the search, with a traceback."""

    async def needs_the_store() -> None:
        raise why

    with capture_logs() as logs:
        service = Service("search", Role.ANY, needs_the_store)
        async with running([service], roles_of((), ()), tmp_path):
            await eventually(lambda: bool(logs))

    (told,) = logs
    assert told == {
        "event": "waiting for the store",
        "log_level": "warning",
        "service": "search",
        "reason": str(why),
    }
