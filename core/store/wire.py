"""The way to the server: commands that were packed before, and errors as the caller knows them.

The client opens the connection, opens it again when it breaks, reads from it and tells errors
apart. It packs a command one argument after another, though, and that cost more than anything else
that was done to a message: a call of many operations has hundreds of them.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import (
    BusyLoadingError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)

from core.errors import StoreError, StoreFull, StoreUnavailable
from core.store.keys import REPLICATED_MARK

REPLY_SECONDS: Final = 10.0
"""How long the server may take to answer. After that nobody knows what it has done."""
REPLICATION_MS: Final = 2000
"""How long replicas may take to say that they have something."""

packed: Final = cast("Callable[[tuple[str | bytes | int, ...]], bytes]", pack_command)
"""A command, as the tuple of its arguments, in the form in which it is sent. Raises
UnicodeEncodeError.
"""


class Wire:
    """A connection of its own, used by one task at a time. What was sent over one that breaks is
    sent again over the next, as often as the client's settings say.
    """

    def __init__(self, redis: Redis, replicas: int = 0) -> None:
        """`replicas`: nothing is answered before so many have what was written."""
        self._pool, self._replicas = redis.connection_pool, replicas
        self._connection: AbstractConnection | None = None
        # WAIT speaks of what its own connection wrote; the mark comes after everything before it,
        # so that a repeated call that had nothing left to write is waited for as well.
        mark, wait = ("SET", REPLICATED_MARK, "1"), ("WAIT", replicas, REPLICATION_MS)
        self._confirm = (packed(mark), packed(wait)) if replicas else ()

    async def send(self, commands: Sequence[bytes]) -> list[Any]:
        """Their replies, in order; what the server refuses is among them, as the client's error.

        Raises StoreError when nobody knows what was done.
        """
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                replies = await self._send((*commands, *self._confirm))
                if any(isinstance(reply, ReadOnlyError) for reply in replies):
                    # The address may lead to another server by now; what is kept open does not.
                    await self._pool.disconnect()
        except Exception as error:
            raise translate(error) from error
        if self._confirm:
            *replies, _, reached = replies
            self._check(reached)
        return replies

    async def _send(self, commands: Sequence[bytes]) -> list[Any]:
        connection = self._connection
        if connection is None:
            connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
            self._connection = connection
        await connection.connect()  # one that is open stays as it is
        return await connection.retry.call_with_retry(
            lambda: _exchange(connection, commands), lambda _: connection.disconnect()
        )

    def _check(self, reached: Any) -> None:
        if isinstance(reached, Exception):
            raise translate(reached)
        if reached < self._replicas:
            raise StoreUnavailable(
                f"only {reached} of {self._replicas} replicas have it: nothing is acknowledged"
            )

    async def close(self) -> None:
        """Give the connection back to the client."""
        if self._connection:
            await self._pool.release(self._connection)
            self._connection = None


async def _exchange(connection: AbstractConnection, commands: Sequence[bytes]) -> list[Any]:
    """The client closes a connection of which something was left unread."""
    try:
        await connection.send_packed_command(b"".join(commands))
    except RuntimeError as closed:  # uvloop's word for one that somebody else is closing
        raise RedisConnectionError("the connection is being closed") from closed
    replies: list[Any] = []
    for _ in commands:
        try:
            replies.append(await connection.read_response())
        except ResponseError as refusal:
            replies.append(refusal)
    return replies


def translate(error: BaseException) -> StoreError:
    """A Redis client's error as ours: named after what the caller does next."""
    match error:
        case StoreError():
            return error
        case OutOfMemoryError():
            return StoreFull("Redis has reached its maxmemory: free memory or raise the limit")
        case BusyLoadingError():
            return StoreUnavailable("Redis is still loading its data")
        case RedisConnectionError() | RedisTimeoutError() | TryAgainError() | OSError():
            return StoreUnavailable(f"Redis cannot be reached ({type(error).__name__})")
        case ReadOnlyError():
            return StoreUnavailable("Redis is a replica now: waiting for the new primary")
        case RedisError() if "MISCONF" in str(error) or "OOM" in str(error):
            return StoreFull(f"Redis refuses writes: {error}")
        case _:
            return StoreError(f"the store failed: {type(error).__name__}: {error}")
