"""What a gateway prints and logs may have no room left: it answers all the same."""

from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.rigs.gateway import Gateway, channels

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="not run: this system has no /dev/full")
async def test_a_gateway_starts_though_nothing_it_prints_finds_room(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """It would end as it says that it runs, at each start, until somebody makes room."""
    gateway = Gateway(tmp_path, channels(sandbox, tmp_path))
    gateway.log = FULL

    async with gateway:
        code = await gateway.stop()

    assert code == 0
