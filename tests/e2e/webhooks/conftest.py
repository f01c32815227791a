"""A desk whose webhooks are sent, and a receiver that is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis import Redis

from tests.e2e.http.rig import Served, served
from tests.e2e.webhooks.made import Sending
from tests.rigs.receiver import Receiver, receiving
from tests.rigs.redis_server import RedisServer


@pytest.fixture
async def quiet_desk(redis_server: RedisServer, tmp_path: Path) -> AsyncIterator[Served]:
    """One that sends nothing yet."""
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    async with served(redis_server.url, tmp_path) as running:
        yield running


@pytest.fixture
async def sending(quiet_desk: Served) -> AsyncIterator[Sending]:
    async with asyncio.TaskGroup() as tasks:
        begun = Sending(quiet_desk.rig.webhooks, tasks)
        begun.start()
        yield begun
        await begun.stop()


@pytest.fixture
def desk(quiet_desk: Served, sending: Sending) -> Served:
    return quiet_desk


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found
