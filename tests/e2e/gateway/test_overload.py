"""Ten times as much as the gateway is used to, in its short form; the long one is a benchmark."""

from pathlib import Path

import pytest

from bench.overload.run import BURST, Plan, run

PLAN = Plan(
    before_seconds=1.0,
    burst_seconds=3.0,
    rate=12.0,
    people=60,
    newcomers=480,
    webhooks=10,
    looks=1.0,
    turn_seconds_max=0.005,
)
"""More begin to write at once than are let wait; and little is too much."""

MEMORY_MB_MAX = 100.0


@pytest.mark.timeout(180)
async def test_a_burst_costs_no_message_and_no_reply(tmp_path: Path) -> None:
    """Customers who wrote in it, agents who answered in it, and whoever runs the machine: it has to
    come back by itself, and did if this returns.
    """
    found = await run(tmp_path, PLAN)

    assert (found.lost, found.doubled, found.disordered) == (0, 0, 0)
    assert found.said > 60
    assert min(one.share for one in found.seen if one.phase == BURST) < 1.0, "less was taken in"
    assert found.replies_refused == 0
    assert len(found.arrived[BURST]) > 0
    assert found.without_a_time == 0
    memory = [one.gateway_mb for one in found.seen]
    assert max(memory) - memory[0] < MEMORY_MB_MAX
