"""Reading from the server: plain commands, alone or many in one round trip."""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.store.commit import REPLY_SECONDS, translate

Command = tuple[Any, ...]


class Reader:
    """Replies come as the client parses them: bytes, ints, lists, dicts for HGETALL."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def one(self, *command: Any, seconds: float = REPLY_SECONDS) -> Any:
        """Raises StoreUnavailable (also when the reply takes longer), StoreError."""
        try:
            async with asyncio.timeout(seconds):
                return await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]
        except (RedisError, OSError) as error:
            raise translate(error) from error

    async def many(self, commands: Sequence[Command]) -> list[Any]:
        """The replies in order. Raises StoreUnavailable, StoreError."""
        if not commands:
            return []
        pipeline = self._redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                return await pipeline.execute()
        except (RedisError, OSError) as error:
            raise translate(error) from error


def text_of(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
