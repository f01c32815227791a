"""Errands between processes, while the store goes away."""

import asyncio

import pytest

from core.errors import StoreUnavailable
from core.store.store import StoreSettings, open_store
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually


async def test_whoever_does_errands_hears_that_the_store_is_away() -> None:
    """Operators, who would read of a service that failed and not of a store that is away."""

    async def act(_account: str, errand: bytes) -> bytes:
        return errand

    with RedisServer() as server:
        async with open_store(StoreSettings(url=server.url)) as store:
            serving = asyncio.create_task(store.errands.serve(("tg",), act))

            async def is_served() -> bool:
                return await store.errands.ask("tg", b"hello", 5.0) == b"hello"

            await eventually(is_served)

            server.kill()

            with pytest.raises(BaseExceptionGroup) as raised:
                await serving
            assert raised.group_contains(StoreUnavailable)
