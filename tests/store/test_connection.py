"""What a server and its data must be like before anything is done with them."""

import asyncio

import pytest

from core.errors import ConfigurationError, StoreUnavailable
from core.store.connection import CONNECTIONS_MAX, connect, inspect
from core.store.keys import META, SLOTS, slot, tags
from core.store.store import Store, StoreSettings, open_store
from tests.rigs.redis_server import RedisServer


async def test_data_of_another_format_is_refused(server: RedisServer, store: Store) -> None:
    """Guessing would destroy what the newer version wrote."""
    await store.redis.hset(META, "format", "2")

    with pytest.raises(ConfigurationError, match=r"format 2.*reads 1"):
        await inspect(store.redis, "process", 16)


async def test_another_number_of_partitions_is_refused(server: RedisServer, store: Store) -> None:
    """Every thread would be looked for in the wrong place."""
    await inspect(store.redis, "process", 16)

    with pytest.raises(ConfigurationError, match=r"set redis\.partitions = 16"):
        async with open_store(StoreSettings(url=server.url, partitions=8)):
            pass


async def test_a_server_that_evicts_is_refused(store: Store) -> None:
    await store.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(ConfigurationError, match="noeviction"):
            await inspect(store.redis, "process", 16)
    finally:
        await store.redis.config_set("maxmemory-policy", "noeviction")


async def test_durability_disk_needs_a_server_that_syncs_always(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="appendfsync always"):
        await inspect(store.redis, "disk", 16)


async def test_a_server_without_an_append_only_file_is_complained_about(store: Store) -> None:
    await store.redis.config_set("appendonly", "no")
    try:
        (complaint,) = await inspect(store.redis, "process", 16)
    finally:
        await store.redis.config_set("appendonly", "yes")

    assert "appendonly yes" in complaint


async def test_many_readers_at_once_wait_for_a_connection(store: Store) -> None:
    """A busy moment is no failure of the server; and connections have an end (law 10)."""
    answers = await asyncio.gather(*(store.read.one("PING") for _ in range(500)))

    assert all(answers)
    assert len(await store.redis.client_list()) <= CONNECTIONS_MAX


async def test_a_server_that_is_not_there_is_waited_for() -> None:
    redis = connect("unix:///nowhere/redis.sock")

    with pytest.raises(StoreUnavailable):
        await inspect(redis, "process", 16)

    await redis.aclose()


def test_an_address_that_cannot_be_read_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ConfigurationError, match=r"redis\.url"):
        connect("here, please")


@pytest.mark.parametrize("partitions", [1, 2, 16, 64])
def test_tags_spread_evenly_over_the_slots(partitions: int) -> None:
    """Each partition has its own stretch of slots, so a cluster's nodes share the work."""
    stretches = [slot(tag) * partitions // SLOTS for tag in tags(partitions)]

    assert stretches == list(range(partitions))


def test_the_slot_of_a_tag_is_that_of_redis_cluster() -> None:
    """The check value that the cluster specification gives for its CRC16."""
    assert slot("123456789") == 0x31C3
