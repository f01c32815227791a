"""A desk behind a web server, with nothing in its store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis import Redis

from tests.e2e.http.rig import Served, served
from tests.rigs.redis_server import RedisServer


@pytest.fixture
async def desk(redis_server: RedisServer, tmp_path: Path) -> AsyncIterator[Served]:
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    async with served(redis_server.url, tmp_path) as running:
        yield running
