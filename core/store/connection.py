"""Connections to the one Redis-compatible server, and what it must be like."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import msgspec
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError

from core.errors import ConfigurationError, StoreUnavailable
from core.store.keys import META
from core.store.wire import REPLY_SECONDS, translate

VERSION_MIN: Final = (7, 0)
FORMAT_VERSION: Final = 1
CONNECTIONS_MAX: Final = 32
"""Of one process; whoever needs one more waits for it. Writes share one, reads another; the rest
are for those who wait on the server until something happens.
"""

CONNECT_SECONDS: Final = 5.0
"""To reach the server, and to wait for a connection of the pool."""


def connect(url: str) -> Redis:
    """A client for the URL; nothing is sent yet. The URL may hold a password: never print it.

    It has no time limit for replies: the client's own can swallow a cancellation on Python 3.11
    (python/cpython#86296). Whoever waits for a reply says how long.
    """
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS_MAX,
            timeout=CONNECT_SECONDS,
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=CONNECT_SECONDS,
            retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), 3),
        )
    except ValueError as error:
        raise ConfigurationError(
            "redis.url cannot be read: use redis://host:port/0, rediss:// or unix:///path"
        ) from error
    return Redis.from_pool(pool)


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """What the server says of itself. `config` is empty where it may not be asked for it.
    `memory_bytes_max` is 0 where it sets itself no limit.
    """

    version: str
    config: dict[str, str]
    used_memory_bytes: int = 0
    memory_bytes_max: int = 0


async def inspect(redis: Redis, durability: str, partitions: int) -> list[str]:
    """Check the server and the installation's format; -> warnings for the operator.

    Raises ConfigurationError for what cannot work, StoreUnavailable while it cannot be reached.
    """
    with _translated():
        async with asyncio.timeout(REPLY_SECONDS):
            await _claim_format(redis, partitions)
    return _complaints(await look(redis), durability)


async def look(redis: Redis) -> Server:
    """Raises ConfigurationError for a refused password, StoreUnavailable."""
    with _translated():
        async with asyncio.timeout(REPLY_SECONDS):
            told = await redis.info("server") | await redis.info("memory")
            return Server(
                version=str(told.get("valkey_version") or told["redis_version"]),
                config=await _settings_of(redis),
                used_memory_bytes=int(told["used_memory"]),
                memory_bytes_max=int(told["maxmemory"]),
            )


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How the data in a store is laid out, as its first start wrote it down."""

    format: int
    partitions: int


async def layout(redis: Redis) -> Layout | None:
    """None for a store that nobody has used. Raises ConfigurationError, StoreUnavailable."""
    with _translated():
        async with asyncio.timeout(REPLY_SECONDS):
            stored = await redis.hmget(META, "format", "partitions")
    if stored[0] is None or stored[1] is None:
        return None
    return Layout(format=int(stored[0]), partitions=int(stored[1]))


async def restored_at(redis: Redis) -> datetime | None:
    """When this store was restored last; None for one that never was."""
    with _translated():
        async with asyncio.timeout(REPLY_SECONDS):
            stored = await redis.hget(META, "restored_at")
    return datetime.fromtimestamp(int(stored) / 1000, UTC) if stored else None


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except AuthenticationError as error:
        raise ConfigurationError("Redis refuses the password in redis.url: correct it") from error
    except (RedisConnectionError, OSError) as error:
        name = type(error).__name__
        raise StoreUnavailable(f"Redis cannot be reached ({name}): does it run?") from error
    except RedisError as error:
        raise translate(error) from error


async def _settings_of(redis: Redis) -> dict[str, str]:
    """What the server says of its persistence; {} where CONFIG is not allowed."""
    try:
        found = await redis.config_get("maxmemory-policy", "appendonly", "appendfsync")
    except RedisError:
        return {}
    return {_text(name): _text(value) for name, value in found.items()}


def _complaints(server: Server, durability: str) -> list[str]:
    version, config = server.version, server.config
    if tuple(int(part) for part in version.split(".")[:2]) < VERSION_MIN:
        raise ConfigurationError(f"Redis {version} is too old: 7.0 or newer is needed")
    complaints = []
    if config.get("maxmemory-policy", "noeviction") != "noeviction":
        raise ConfigurationError(
            f"Redis evicts data (maxmemory-policy {config['maxmemory-policy']}): messages would be"
            " lost; set maxmemory-policy noeviction"
        )
    if config.get("appendonly") == "no":
        complaints.append(
            "Redis keeps no append-only file: a crash of Redis loses what it accepted; "
            "set appendonly yes"
        )
    if durability == "disk" and config.get("appendfsync", "always") != "always":
        raise ConfigurationError(
            "redis.durability is disk, but Redis has appendfsync "
            f"{config['appendfsync']}: set appendfsync always or durability process"
        )
    return complaints


async def _claim_format(redis: Redis, partitions: int) -> None:
    """The first gateway writes down the format; every later one must agree with it.

    A later one writes nothing: a full server would refuse even that, and could not be drained.
    """
    if not await redis.hexists(META, "partitions"):
        await redis.hsetnx(META, "format", str(FORMAT_VERSION))
        await redis.hsetnx(META, "partitions", str(partitions))
    stored = await redis.hmget(META, "format", "partitions")
    found = [int(value or 0) for value in stored]
    if found[0] != FORMAT_VERSION:
        raise ConfigurationError(
            f"the data in Redis has format {found[0]}, this version of Trunkline reads"
            f" {FORMAT_VERSION}: run the version that wrote it"
        )
    if found[1] != partitions:
        raise ConfigurationError(
            f"redis.partitions is {partitions}, but the data was laid out for {found[1]}:"
            f" set redis.partitions = {found[1]}"
        )


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
