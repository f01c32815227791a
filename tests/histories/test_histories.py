"""A few histories in which everything goes wrong; `make chaos` lives through hundreds."""

from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.histories.checker import check
from tests.histories.history import live
from tests.histories.plan import Blow, Form, Kind, Plan, Server, plan_of
from tests.histories.room import Room

NO_ROOM: Final = msgspec.structs.replace(
    plan_of(54),
    form=Form.WHOLE,
    server=Server.EMBEDDED,
    fsync="everysec",
    blows=(
        Blow(at=1.1, kind=Kind.REDIS_FULL, seconds=0.91, target="all"),
        Blow(at=1.42, kind=Kind.STOP_LONG, seconds=2.77, target="all"),
    ),
)
"""Redis full before a stop, after which a Discord session went on that had to end."""
LIVED: Final[tuple[Plan, ...]] = (plan_of(3), plan_of(7), NO_ROOM)
"""Half-open connections and stops, some of Redis' file gone; Redis killed, pages and limits."""


@pytest.mark.timeout(300)
async def test_no_law_is_broken_whatever_goes_wrong(tmp_path: Path) -> None:
    """Customers whose message was lost, doubled, or sent to somebody else."""
    async with Room() as room:
        for plan in LIVED:
            directory = tmp_path / str(plan.seed)
            directory.mkdir()

            lived = await live(plan, directory, room)

            broken = [one.shown() for one in check(lived.logs)]
            assert not broken, "\n".join([plan.shown(), *broken])
