"""Group commit: operations issued while a round trip is under way leave together.

One round trip at a time, with one script call for all of them (on a cluster: one a partition), so
operations of a partition run in the order in which they were issued (ordinary ones among
themselves, relief ones too). Every operation may be run twice by the client's own retry of a broken
connection; each is written so that this has one effect.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from struct import Struct
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from core.errors import Stale, StoreError, StoreUnavailable
from core.store.background import running
from core.store.scripts import RELIEF, Caps, source
from core.store.wire import REPLY_SECONDS, Wire, packed, translate

OPERATIONS_MAX: Final = 256
"""In one script call: a server must not be kept from its other callers for longer."""

STALE: Final = -1
_encode = msgspec.msgpack.Encoder().encode
_HEAD: Final = Struct(">BI")


def binary(data: bytes) -> msgspec.Raw:
    """`data` as a msgpack *str* of raw bytes: Redis' cmsgpack refuses the bin type."""
    return msgspec.Raw(_HEAD.pack(0xDB, len(data)) + data)


NOTHING: Final = binary(b"")


class _Batch:
    """Operations of one script call, with the keys that they touch."""

    __slots__ = ("futures", "keys", "operations", "relief")

    def __init__(self, *, relief: bool) -> None:
        self.relief = relief
        self.keys: list[str] = []
        """Each operation's in a row; one that two of them touch is named twice: that costs less
        than looking whether it was."""
        self.operations: list[bytes] = []
        """Each encoded by itself, so that one that cannot be takes no other with it."""
        self.futures: list[asyncio.Future[Any]] = []

    def call(self, sha: str) -> bytes:
        """The script call. Its argument is a msgpack array (of the 16 bit kind) of operations."""
        operations = self.operations
        encoded = b"".join((b"\xdc", len(operations).to_bytes(2, "big"), *operations))
        return packed(("EVALSHA", sha, len(self.keys), *self.keys, encoded))


class GroupCommit:
    """`call` an operation of lua/; open with `group_commit`."""

    def __init__(self, redis: Redis, caps: Caps, replicas: int = 0, *, apart: bool = False) -> None:
        """`apart`: no call is for more than one partition, as a cluster demands it."""
        self._redis, self._wire = redis, Wire(redis, replicas)
        self._loop = asyncio.get_running_loop()
        self._sources = {relief: source(caps, relief=relief) for relief in (False, True)}
        self._shas = {
            relief: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
            for relief, text in self._sources.items()
        }
        self._apart = apart
        self._open: dict[tuple[int, bool], _Batch] = {}
        self._waiting: list[_Batch] = []
        self._under_way: list[_Batch] = []
        self._ended = False
        self._wake = asyncio.Event()
        self._stopping = False
        self.round_trips = 0
        self.operations = 0
        self.observers: list[Callable[[int, float], None]] = []
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
        place = (partition if self._apart else 0, name in RELIEF)
        batch = self._open.get(place)
        if batch is None or len(batch.operations) >= OPERATIONS_MAX:
            batch = self._open[place] = _Batch(relief=place[1])
            self._waiting.append(batch)
            self._wake.set()
        try:
            operation = _encode((name, len(batch.keys), len(keys), *arguments))
        except (ValueError, TypeError, OverflowError) as error:
            future.set_exception(translate(error))
            return future
        batch.operations.append(operation)
        batch.keys += keys
        batch.futures.append(future)
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
            while self._waiting or not self._stopping:
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
        self._under_way, self._waiting, self._open = self._waiting, [], {}

    async def _commit(self) -> None:
        taken = self._under_way
        operations = sum(len(batch.operations) for batch in taken)
        self.round_trips += 1
        self.operations += operations
        began = self._loop.time()
        try:
            answers = await self._evaluate(taken)
        except Exception as error:  # noqa: BLE001 - the callers decide; the loop goes on
            _fail(taken, translate(error))
            return
        for batch, answer in zip(taken, answers, strict=True):
            _settle(batch, answer)
        for observe in self.observers:
            observe(operations, self._loop.time() - began)

    def stop(self) -> None:
        """Commit what was issued, then end. A round trip is never broken off half-way."""
        self._stopping = True
        self._wake.set()

    async def close(self) -> None:
        """Once it has ended."""
        await self._wire.close()

    async def _evaluate(self, batches: list[_Batch]) -> list[Any]:
        calls = [batch.call(self._shas[batch.relief]) for batch in batches]
        answers = await self._wire.send(calls)
        missing = [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if missing:  # the server was restarted: nothing of these calls has run
            await self.load()
            again = await self._wire.send([calls[i] for i in missing])
            for i, answer in zip(missing, again, strict=True):
                answers[i] = answer
        return answers


@asynccontextmanager
async def group_commit(
    redis: Redis, caps: Caps, kind: type[GroupCommit] = GroupCommit, replicas: int = 0
) -> AsyncIterator[GroupCommit]:
    """A GroupCommit that runs as long as the context is open.

    `replicas`: an operation counts only when so many replicas have what it wrote.
    """
    commit = kind(redis, caps, replicas, apart=await _is_cluster(redis))
    await commit.load()
    try:
        async with running(commit):
            yield commit
    finally:
        await commit.close()


async def _is_cluster(redis: Redis) -> bool:
    try:
        async with asyncio.timeout(REPLY_SECONDS):
            return bool((await redis.info("cluster"))["cluster_enabled"])
    except (RedisError, OSError) as error:
        raise translate(error) from error


def _settle(batch: _Batch, answer: Any) -> None:
    if isinstance(answer, Exception):
        return _fail((batch,), translate(answer))
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


def _fail(batches: Sequence[_Batch], error: StoreError) -> None:
    for batch in batches:
        for future in batch.futures:
            if not future.done():
                future.set_exception(error)
