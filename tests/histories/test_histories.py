"""A few histories in which everything goes wrong; `make chaos` lives through hundreds."""

from pathlib import Path
from typing import Final

import pytest

from tests.histories.checker import check
from tests.histories.history import live
from tests.histories.plan import plan_of
from tests.histories.room import Room

SEEDS: Final = (3, 5, 54)
"""A kill and a stop, Redis read-only, platforms away, storms on two of them; Redis full before a
stop, after which a Discord session went on that had to end.
"""


@pytest.mark.timeout(300)
async def test_no_law_is_broken_whatever_goes_wrong(tmp_path: Path) -> None:
    """Customers whose message was lost, doubled, or sent to somebody else."""
    async with Room() as room:
        for seed in SEEDS:
            plan = plan_of(seed)
            directory = tmp_path / str(seed)
            directory.mkdir()

            lived = await live(plan, directory, room)

            broken = [one.shown() for one in check(lived.logs)]
            assert not broken, f"python -m tests.histories --seeds {seed}\n" + "\n".join(broken)
