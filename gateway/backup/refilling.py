"""A store moved into a server of somebody's own, key by key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from core.errors import ConfigurationError
from core.store.connection import connect
from core.store.keys import META
from core.store.wire import translate

KEYS_MAX: Final = 500
"""Moved in one round trip."""

STEP_SECONDS: Final = 120.0
UNFINISHED: Final = "restoring"
"""A field of META as long as not everything is there; its format is one that nobody reads."""


async def refill(source_url: str, target_url: str) -> None:
    """Move everything; done again after it was broken off, it begins anew.

    Raises ConfigurationError when the target is not empty, or too old for the data; StoreError.
    """
    async with _client(source_url) as source, _client(target_url) as target:
        await _claim(target)
        keys: list[str] = []
        async for key in source.scan_iter(count=KEYS_MAX):
            if key.decode() != META:
                keys.append(key.decode())
            if len(keys) == KEYS_MAX:
                await _move(source, target, keys)
                keys = []
        await _move(source, target, keys)
        await _move(source, target, [META])  # last: from now on a gateway may use it


async def _claim(target: Redis) -> None:
    if await target.hexists(META, UNFINISHED):
        await target.flushdb()  # it was empty before, too
    if count := await target.dbsize():
        raise ConfigurationError(
            f"the server of redis.url is not empty: it holds {count} keys. Name an empty one, or"
            " another database of it (redis://host:port/1)"
        )
    await target.hset(META, mapping={"format": 0, UNFINISHED: 1})


async def _move(source: Redis, target: Redis, keys: list[str]) -> None:
    async with asyncio.timeout(STEP_SECONDS):
        reading = source.pipeline(transaction=False)
        for key in keys:
            reading.dump(key)
            reading.pexpiretime(key)
        found = await reading.execute()
        writing = target.pipeline(transaction=False)
        for key, dump, until_ms in zip(keys, found[::2], found[1::2], strict=True):
            if dump is not None:  # it has not ended meanwhile
                writing.restore(key, max(0, until_ms), dump, replace=True, absttl=True)
        await writing.execute()


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Redis]:
    redis = connect(url)
    try:
        yield redis
    except ResponseError as error:
        if "DUMP payload" in str(error):
            raise ConfigurationError(
                "the server of redis.url is older than the one that the backup was read with:"
                " bring it up to date, or name an older one in TRUNKLINE_REDIS_BIN"
            ) from error
        raise translate(error) from error
    except (RedisError, OSError) as error:
        raise translate(error) from error
    finally:
        await redis.aclose()
