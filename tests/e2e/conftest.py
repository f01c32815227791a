"""One Redis for all tests that need no more than one; each empties it."""

from collections.abc import Iterator

import pytest

from tests.rigs.redis_server import RedisServer


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server
