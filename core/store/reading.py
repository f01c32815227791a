"""Reading from the server: commands that are waiting leave together, in one round trip.

A read sees what was written before it was asked for: it leaves after the write was acknowledged.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.errors import StoreError, StoreUnavailable
from core.store.wire import REPLY_SECONDS, Wire, packed, translate

Command = tuple[Any, ...]


class _Asked(NamedTuple):
    """Commands whose replies somebody waits for: their names, and as they are sent."""

    names: tuple[str, ...]
    commands: tuple[bytes, ...]
    future: "asyncio.Future[list[Any]]"


class Reader:
    """Replies come as the client parses them: bytes, ints, lists, dicts for HGETALL.

    `run` must be running. Every method raises StoreUnavailable (also when the reply takes longer
    than it may), StoreError.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis, self._wire = redis, Wire(redis)
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Asked] = []
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
        try:
            ready = tuple(map(packed, commands))
        except (UnicodeEncodeError, TypeError) as error:
            raise translate(error) from error
        future: asyncio.Future[list[Any]] = self._loop.create_future()
        self._waiting.append(_Asked(tuple(one[0] for one in commands), ready, future))
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
        taken: list[_Asked] = []
        try:
            while self._waiting or not self._stopping:
                await self._wake.wait()
                self._wake.clear()
                taken, self._waiting = self._waiting, []
                if taken:
                    await self._answer(taken)
        finally:
            self._stopping = True
            for asked in (*taken, *self._waiting):
                _settle(asked.future, StoreUnavailable("the store is closed"))

    async def _answer(self, taken: list[_Asked]) -> None:
        try:
            replies = iter(
                await self._wire.send([one for asked in taken for one in asked.commands])
            )
        except Exception as error:  # noqa: BLE001 - the callers decide; the loop goes on
            for asked in taken:
                _settle(asked.future, translate(error))
            return
        for names, _, future in taken:
            own = list(islice(replies, len(names)))
            failed = next((one for one in own if isinstance(one, Exception)), None)
            _settle(future, translate(failed) if failed else list(map(self._parsed, names, own)))

    def _parsed(self, name: str, reply: Any) -> Any:
        """As the client hands out a reply to this command."""
        parse = self._redis.response_callbacks.get(name)
        return parse(reply) if parse else reply

    def stop(self) -> None:
        """Answer what was asked, then end."""
        self._stopping = True
        self._wake.set()

    async def close(self) -> None:
        """Once it has ended."""
        await self._wire.close()


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
