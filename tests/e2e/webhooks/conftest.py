"""A desk whose webhooks are sent, and a receiver that is told."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.e2e.http.rig import Served, served
from tests.rigs.receiver import Receiver, receiving
from tests.rigs.redis_server import RedisServer


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
async def desk(redis_server: RedisServer, tmp_path: Path) -> AsyncIterator[Served]:
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    async with served(redis_server.url, tmp_path) as running, asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(running.rig.webhooks.run())
        yield running
        sending.cancel()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found
