"""Reading from the server: commands that are waiting leave together, in one round trip.

A read sees what was written before it was asked for: it leaves after the write was acknowledged.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.errors import StoreError, StoreUnavailable
from core.store.wire import REPLY_SECONDS, translate

Command = tuple[Any, ...]
_Waiting = tuple[tuple[Command, ...], asyncio.Future[list[Any]]]


class Reader:
    """Replies come as the client parses them: bytes, ints, lists, dicts for HGETALL.

    `run` must be running. Every method raises StoreUnavailable (also when the reply takes longer
    than it may), StoreError.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._stopping = False

    async def one(self, *command: Any) -> Any:
        return (await self.many((command,)))[0]

    async def many(self, commands: Sequence[Command]) -> list[Any]:
        """The replies in order."""
        if not commands:
            return []
        if self._stopping:
            raise StoreUnavailable("the store is closed")
        asked = tuple(_encoded(command) for command in commands)
        future: asyncio.Future[list[Any]] = self._loop.create_future()
        self._waiting.append((asked, future))
        self._wake.set()
        return await future

    async def blocking(self, *command: Any, seconds: float) -> Any:
        """The reply to a command that waits on the server, on a connection of its own."""
        try:
            async with asyncio.timeout(seconds + REPLY_SECONDS):
                return await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]
        except (RedisError, OSError) as error:
            raise translate(error) from error

    async def run(self) -> None:
        """Read until `stop`. Whoever asks later, or still waits when this is cancelled, gets
        StoreUnavailable.
        """
        taken: list[_Waiting] = []
        try:
            while self._waiting or not self._stopping:
                await self._wake.wait()
                self._wake.clear()
                taken, self._waiting = self._waiting, []
                if taken:
                    await self._answer(taken)
        finally:
            self._stopping = True
            for _, future in (*taken, *self._waiting):
                _settle(future, StoreUnavailable("the store is closed"))

    async def _answer(self, taken: list[_Waiting]) -> None:
        try:
            replies = await self._read([one for commands, _ in taken for one in commands])
        except Exception as error:  # noqa: BLE001 - the callers decide; the loop goes on
            for _, future in taken:
                _settle(future, translate(error))
            return
        answers = iter(replies)
        for commands, future in taken:
            own = list(islice(answers, len(commands)))
            failed = next((one for one in own if isinstance(one, Exception)), None)
            _settle(future, translate(failed) if failed else own)

    def stop(self) -> None:
        """Answer what was asked, then end."""
        self._stopping = True
        self._wake.set()

    async def _read(self, commands: list[Command]) -> list[Any]:
        pipeline = self._redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        async with asyncio.timeout(REPLY_SECONDS):
            return await pipeline.execute(raise_on_error=False)


def _encoded(command: Command) -> Command:
    """With bytes for text: what cannot be asked for is told here, to nobody but the caller."""
    name, *arguments = command
    try:
        return (name, *(one.encode() if isinstance(one, str) else one for one in arguments))
    except UnicodeEncodeError as error:
        raise translate(error) from error


def _settle(future: asyncio.Future[list[Any]], outcome: list[Any] | StoreError) -> None:
    if future.done():
        return
    if isinstance(outcome, StoreError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def is_missing(answer: Any) -> bool:
    """Whether a script says that there is no such leg."""
    return bool(answer == [b"missing"])


def text_of(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
