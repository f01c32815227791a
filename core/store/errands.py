"""Asking the process that runs an inbox to do something, and its answer. Nothing of it is stored:
an errand that nobody hears is not done, and whoever asks is told so.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.store.wire import REPLY_SECONDS, translate

ERRANDS_MAX: Final = 32
"""Done at a time by one process; who asks beyond that waits."""

Act = Callable[[str, bytes], Awaitable[bytes]]


class Errands:
    """Every method raises StoreError when the server does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def send(self, account: str, errand: bytes) -> bool:
        """Have it done without an answer; -> whether somebody has heard."""
        return bool(await self._publish(_channel(account), b"\n" + errand))

    async def ask(self, account: str, errand: bytes, seconds: float) -> bytes | None:
        """The answer; None when no process runs this inbox. Raises TimeoutError after so long."""
        answers = f"trunkline:answer:{secrets.token_hex(16)}"
        async with self._subscribed((answers,)) as heard:
            if not await self._publish(_channel(account), answers.encode() + b"\n" + errand):
                return None
            async with asyncio.timeout(seconds):
                return bytes((await _next(heard))[1])

    async def serve(self, accounts: Iterable[str], act: Act) -> None:
        """Do what is asked of these until cancelled. `act` raises nothing."""
        channels = {_channel(account): account for account in accounts}
        room = asyncio.Semaphore(ERRANDS_MAX)
        async with self._subscribed(channels) as heard, asyncio.TaskGroup() as tasks:
            while True:
                channel, message = await _next(heard)
                answers, _, errand = message.partition(b"\n")
                await room.acquire()
                task = tasks.create_task(self._do(act, channels[channel], errand, answers))
                task.add_done_callback(lambda _: room.release())

    async def _do(self, act: Act, account: str, errand: bytes, answers: bytes) -> None:
        answer = await act(account, errand)
        if answers:
            await self._publish(answers.decode(), answer)

    async def _publish(self, channel: str, message: bytes) -> int:
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                return int(await self._redis.publish(channel, message))
        except (RedisError, OSError) as error:
            raise translate(error) from error

    @asynccontextmanager
    async def _subscribed(self, channels: Iterable[str]) -> AsyncIterator[Any]:
        pubsub = self._redis.pubsub(ignore_subscribe_messages=False)
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                await pubsub.subscribe(*channels)
                for _ in tuple(channels):  # heard from now on
                    while await pubsub.get_message(timeout=REPLY_SECONDS) is None:
                        pass
            yield pubsub
        except (RedisError, OSError) as error:
            raise translate(error) from error
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]


def _channel(account: str) -> str:
    return f"trunkline:errands:{account}"


async def _next(heard: Any) -> tuple[str, bytes]:
    """The next message and where it was said. Raises StoreError, as a task group needs it."""
    while True:
        try:
            found = await heard.get_message(timeout=None)
        except (RedisError, OSError) as error:
            raise translate(error) from error
        if found and found["type"] == "message":
            return found["channel"].decode(), found["data"]
