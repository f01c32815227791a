"""A real server for the store's tests, emptied for each of them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from core.store.store import Store
from tests.rigs.assembly import Assembly, fresh_store
from tests.rigs.platform import ChangingAdapter, MemoryAdapter
from tests.rigs.redis_server import RedisServer


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[Store]:
    async with fresh_store(server.url) as opened:
        yield opened


@pytest.fixture
def line(store: Store) -> Assembly:
    """One process with two inboxes, `bot` and `mail`."""
    return Assembly(store, {"bot": ChangingAdapter(), "mail": MemoryAdapter()})
