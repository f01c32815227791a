"""kill -9 of the store under load: nothing acknowledged is lost, nothing is there by half or twice.

A killed server's answers may be lost on their way, so writers do as platforms and agents do: what
was not acknowledged comes again. A server that forces its file every second is killed when that
file holds all it has answered (see `when_written`); one that does so at each write at any time.
The short form kills a few times, CHAOS=1 many.
"""

import asyncio
import os
import random
from typing import Final

import pytest

from core.store.store import StoreSettings, open_store
from tests.crash.invariants import check_invariants
from tests.crash.writers import Writers
from tests.rigs.redis_server import RedisServer, when_written

CHAOS: Final = bool(os.environ.get("CHAOS"))
ROUNDS: Final = 40 if CHAOS else 3
LEASE_SECONDS: Final = 3.0


@pytest.mark.timeout(1800 if CHAOS else 180)
@pytest.mark.parametrize("fsync", ["everysec", "always"])
async def test_a_store_killed_under_load_loses_nothing_that_was_acknowledged(fsync: str) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    writers = Writers(random.Random(seed))
    with RedisServer("--appendfsync", fsync) as server:
        settings = StoreSettings(url=server.url, lease_seconds=LEASE_SECONDS)
        for _ in range(ROUNDS):
            async with writers.busy(settings):
                await asyncio.sleep(writers.rng.uniform(0.1, 0.6))
                await when_written(server.url)
                server.kill()
            server.start()
            async with open_store(settings) as store:
                await check_invariants(store.redis)
                await writers.check_acknowledged(store)
        print(writers.told)
        async with open_store(settings) as store:
            await writers.finish(store)
            await check_invariants(store.redis)
            await writers.check_everything(store)
