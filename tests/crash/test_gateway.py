"""The whole gateway killed and stopped under load: every message once, every reply once or unknown.

The short form does it a few times, CHAOS=1 many.
"""

import asyncio
import os
import random
import signal
from pathlib import Path
from typing import Final

import pytest

from sandbox.server import Sandbox
from tests.crash.crowd import Crowd
from tests.rigs.api import api
from tests.rigs.gateway import Gateway, channels

CHAOS: Final = bool(os.environ.get("CHAOS"))
ROUNDS: Final = 40 if CHAOS else 5
LEASE_SECONDS: Final = 2.5
STOP_EVERY: Final = 4
"""Of so many rounds one stops the process for longer than its leases last."""


@pytest.mark.timeout(900 if CHAOS else 180)
async def test_a_gateway_lost_under_load_costs_nothing(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    rng = random.Random(seed)
    print(f"seed {seed}")
    async with Sandbox() as sandbox:
        settings = channels(sandbox, tmp_path)
        async with (
            Gateway(tmp_path, settings, lease_seconds=LEASE_SECONDS) as gateway,
            api(gateway.url, gateway.token) as agent,
        ):
            crowd = Crowd(sandbox, agent, rng)
            async with crowd.busy():
                for number in range(ROUNDS):
                    await asyncio.sleep(rng.uniform(0.2, 1.5))
                    await (_stopped if number % STOP_EVERY == 2 else _killed)(gateway)
            print(crowd.told)
            await crowd.check()


async def _killed(gateway: Gateway) -> None:
    await gateway.kill()
    gateway.start()
    await gateway.ready()


async def _stopped(gateway: Gateway) -> None:
    gateway.signal(signal.SIGSTOP)
    await asyncio.sleep(LEASE_SECONDS + 0.5)
    gateway.signal(signal.SIGCONT)
    await gateway.ready()
