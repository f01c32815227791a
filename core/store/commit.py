"""Group commit: operations issued while a round trip is under way leave together.

One script call a partition and round trip, one round trip at a time, so operations of a partition
run in the order in which they were issued (ordinary ones among themselves, relief ones too). Every
operation may be run twice by the client's own retry of a broken connection; each is written so
that this has one effect.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import (
    BusyLoadingError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)

from core.errors import Stale, StoreError, StoreFull, StoreUnavailable
from core.store.background import running
from core.store.keys import REPLICATED_MARK
from core.store.scripts import RELIEF, Caps, source

OPERATIONS_MAX: Final = 256
"""In one script call: a server must not be kept from its other callers for longer."""

STALE: Final = -1
REPLY_SECONDS: Final = 10.0
"""How long the server may take to answer. After that nobody knows what it has done."""
REPLICATION_MS: Final = 2000
"""How long replicas may take to say that they have something."""
_encode = msgspec.msgpack.Encoder().encode


def binary(data: bytes) -> msgspec.Raw:
    """`data` as a msgpack *str* of raw bytes: Redis' cmsgpack refuses the bin type."""
    return msgspec.Raw(b"\xdb" + len(data).to_bytes(4, "big") + data)


class _Batch:
    """Operations of one partition, with the keys that they touch."""

    __slots__ = ("futures", "keys", "operations")

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self.operations: list[bytes] = []
        self.futures: list[asyncio.Future[Any]] = []

    def add(
        self,
        name: str,
        keys: Sequence[str],
        arguments: tuple[Any, ...],
        future: asyncio.Future[Any],
    ) -> None:
        """Encoded by itself, so that one that cannot be takes no other with it."""
        known = self.keys
        indexes = [known.setdefault(key, len(known) + 1) for key in keys]
        self.operations.append(_encode((name, indexes, *arguments)))
        self.futures.append(future)

    def encoded(self) -> bytes:
        """A msgpack array (of the 16 bit kind) of the operations."""
        return b"\xdc" + len(self.operations).to_bytes(2, "big") + b"".join(self.operations)


class GroupCommit:
    """`call` an operation of lua/; open with `group_commit`."""

    def __init__(self, redis: Redis, caps: Caps, replicas: int = 0) -> None:
        self._redis, self._replicas = redis, replicas
        self._loop = asyncio.get_running_loop()
        self._sources = {relief: source(caps, relief=relief) for relief in (False, True)}
        self._shas = {
            relief: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
            for relief, text in self._sources.items()
        }
        self._open: dict[tuple[int, bool], list[_Batch]] = {}
        self._under_way: list[tuple[tuple[int, bool], _Batch]] = []
        self._ended = False
        self._wake = asyncio.Event()
        self._stopping = False
        self.round_trips = 0
        self.operations = 0
        self.observe: Callable[[int, float], None] | None = None
        """Told of each round trip: how many operations shared it, and how many seconds it took."""

    def call(
        self, partition: int, name: str, keys: Sequence[str], *arguments: Any
    ) -> "asyncio.Future[Any]":
        """The reply of one operation.

        Raises Stale when the lane is somebody else's, StoreFull, StoreUnavailable or StoreError
        when nothing (or, if the connection broke, perhaps nothing) was done.
        """
        future = self._loop.create_future()
        if self._ended:
            future.set_exception(_closed())
            return future
        batches = self._open.setdefault((partition, name in RELIEF), [])
        if not batches or len(batches[-1].operations) >= OPERATIONS_MAX:
            batches.append(_Batch())
        try:
            batches[-1].add(name, keys, arguments, future)
        except (ValueError, TypeError, OverflowError) as error:
            future.set_exception(translate(error))
        self._wake.set()
        return future

    async def load(self) -> None:
        """Put both scripts on the server."""
        async with asyncio.timeout(REPLY_SECONDS):
            for text in self._sources.values():
                await self._redis.script_load(text)

    async def run(self) -> None:
        """Commit until `stop`. A failing round trip fails its callers and nobody else.

        Whoever calls later, or is still waiting when this is cancelled, gets StoreUnavailable.
        """
        try:
            while self._open or not self._stopping:
                await self._wake.wait()
                self._wake.clear()
                self._take()
                if self._under_way:
                    await self._commit()
        finally:
            self._ended = True
            _fail(self._under_way, _closed())
            self._take()
            _fail(self._under_way, _closed())

    def _take(self) -> None:
        self._under_way = [(at, batch) for at, batches in self._open.items() for batch in batches]
        self._open = {}

    async def _commit(self) -> None:
        taken = self._under_way
        operations = sum(len(batch.operations) for _, batch in taken)
        self.round_trips += 1
        self.operations += operations
        began = self._loop.time()
        try:
            answers = await self._evaluate([(relief, batch) for (_, relief), batch in taken])
        except Exception as error:  # noqa: BLE001 - the callers decide; the loop goes on
            _fail(taken, translate(error))
            return
        for (_, batch), answer in zip(taken, answers, strict=True):
            _settle(batch, answer)
        if self.observe:
            self.observe(operations, self._loop.time() - began)

    def stop(self) -> None:
        """Commit what was issued, then end. A round trip is never broken off half-way."""
        self._stopping = True
        self._wake.set()

    async def _evaluate(self, calls: list[tuple[bool, _Batch]]) -> list[Any]:
        arguments = [
            ("EVALSHA", self._shas[relief], len(batch.keys), *batch.keys, batch.encoded())
            for relief, batch in calls
        ]
        answers = await self._send(arguments)
        missing = [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if missing:  # the server was restarted: nothing of these calls has run
            await self.load()
            again = await self._send([arguments[i] for i in missing])
            for i, answer in zip(missing, again, strict=True):
                answers[i] = answer
        return answers

    async def _send(self, calls: list[tuple[Any, ...]]) -> list[Any]:
        async with asyncio.timeout(REPLY_SECONDS):
            return await self._pipeline(calls)

    async def _pipeline(self, calls: list[tuple[Any, ...]]) -> list[Any]:
        pipeline = self._redis.pipeline(transaction=False)
        for arguments in calls:
            pipeline.execute_command(*arguments)
        if not self._replicas:
            return await pipeline.execute(raise_on_error=False)
        # WAIT speaks of what its own connection wrote; the mark comes after everything before it,
        # so that a repeated call that had nothing left to write is waited for as well.
        pipeline.execute_command("SET", REPLICATED_MARK, "1")
        pipeline.execute_command("WAIT", self._replicas, REPLICATION_MS)
        *answers, _, reached = await pipeline.execute(raise_on_error=False)
        if isinstance(reached, Exception):
            raise reached
        if reached < self._replicas:
            raise StoreUnavailable(
                f"only {reached} of {self._replicas} replicas have it: nothing is acknowledged"
            )
        return answers


@asynccontextmanager
async def group_commit(
    redis: Redis, caps: Caps, kind: type[GroupCommit] = GroupCommit, replicas: int = 0
) -> AsyncIterator[GroupCommit]:
    """A GroupCommit that runs as long as the context is open.

    `replicas`: an operation counts only when so many replicas have what it wrote.
    """
    commit = kind(redis, caps, replicas)
    await commit.load()
    async with running(commit):
        yield commit


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


def _settle(batch: _Batch, answer: Any) -> None:
    if isinstance(answer, Exception):
        return _fail([(None, batch)], translate(answer))
    for future, value in zip(batch.futures, answer, strict=True):
        if future.done():
            continue
        if value == STALE:
            future.set_exception(Stale("another worker holds this lane"))
        elif isinstance(value, Exception):
            future.set_exception(translate(value))
        else:
            future.set_result(value)
    return None


def _closed() -> StoreUnavailable:
    return StoreUnavailable("the store is closed")


def _fail(batches: Sequence[tuple[Any, _Batch]], error: StoreError) -> None:
    for _, batch in batches:
        for future in batch.futures:
            if not future.done():
                future.set_exception(error)
