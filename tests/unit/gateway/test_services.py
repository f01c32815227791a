"""What runs beside one another in a process."""

import asyncio
from pathlib import Path

from gateway.roles import Role, roles_of
from gateway.services import Service, running


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
