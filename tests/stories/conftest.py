"""A support desk with two lines and a real store behind it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.rigs.assembly import fresh_store
from tests.rigs.desk import SupportDesk
from tests.rigs.redis_server import RedisServer


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
async def desk(server: RedisServer) -> AsyncIterator[SupportDesk]:
    async with fresh_store(server.url) as store:
        yield SupportDesk(store)
