"""Attachments come into the blob store beside the lanes of messages, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest
from typing_extensions import override

from core.errors import (
    AuthenticationError,
    InvalidRequest,
    NotFound,
    Stale,
    TemporaryDeliveryError,
)
from core.fetch import Bounds, Fetcher
from core.model.content import Attachment, AttachmentState, Text
from core.model.event import Inbound, MessageCreated, MessageEdited
from core.model.message import Message
from core.rules.attachments import ATTEMPTS_MAX, WAITS_SECONDS, attachments_of
from core.store.lanes import Lease
from core.store.store import Store
from tests.rigs.assembly import Assembly, fresh_store, make_due
from tests.rigs.events import event, file, says, thread
from tests.rigs.platform import MemoryAdapter, MemoryBlobs
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

ADA = thread("ada")
PNG = b"\x89PNG\r\n\x1a\n and so on"
BUSY = TemporaryDeliveryError("the file server is busy")


def sends(*remotes: str, message: str = "m1") -> Inbound:
    parts = tuple(file(remote) for remote in remotes)
    return event(ADA, "ada", MessageCreated(remote=message, parts=parts))


@pytest.fixture
def bot(line: Assembly) -> MemoryAdapter:
    adapter = line.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)
    return adapter


async def message(line: Assembly, position: int = 1) -> Message:
    found = await line.store.legs.message(await line.leg_of(ADA), position)
    assert found is not None
    return found


async def files(line: Assembly, position: int = 1) -> list[Attachment]:
    return list(attachments_of((await message(line, position)).parts))


async def states(line: Assembly, position: int = 1) -> list[str]:
    return [one.state for one in await files(line, position)]


async def fetch_lane(line: Assembly) -> Lease | None:
    """What a worker takes that has nothing else to do."""
    while line.handed:
        await line.work(line.handed.popleft())
    return await line.store.lanes.take("bot", "fetch", str(ADA))


async def idle(store: Store) -> bool:
    return not await store.redis.exists(store.keys.lane("fetch", str(ADA)))


@pytest.mark.parametrize("way", ["new thread", "home path", "no hand-over"])
async def test_a_file_is_stored_without_anybody_asking(store: Store, way: str) -> None:
    """Law: a platform forgets its files, we do not."""
    bot = MemoryAdapter()
    bot.files["f1"] = [PNG]
    line = Assembly(store, {"bot": bot}, hand_over=way != "no hand-over")
    if way == "home path":
        await line.dispatcher.accept(says(ADA, "ada", "hello"))
        await line.settle()

    await line.dispatcher.accept(sends("f1"))
    await line.settle()

    (stored,) = await files(line, 2 if way == "home path" else 1)
    assert stored.state is AttachmentState.STORED
    assert (stored.sha256, stored.size_bytes) == (sha256(PNG).hexdigest(), len(PNG))
    assert stored.media_type == "image/png", "what the bytes say, not what the sender does"
    assert line.blobs.files[stored.sha256] == PNG
    assert await idle(store)


async def test_a_message_without_files_costs_nothing(store: Store, line: Assembly) -> None:
    for text in ("hello", "at once"):
        await line.dispatcher.accept(says(ADA, "ada", text))
        await line.settle()

    assert await store.read.one("HGET", store.keys.thread(str(ADA)), "fetch") is None


async def test_what_one_file_comes_to_is_nothing_to_the_others(
    line: Assembly, bot: MemoryAdapter
) -> None:
    refused = InvalidRequest("it is larger than the 20 bytes that are fetched")
    bot.files = {"large": [refused], "gone": [NotFound("no longer there")], "good": [PNG]}

    await line.dispatcher.accept(sends("large", "gone", "good"))
    await line.settle()

    assert await states(line) == ["failed", "expired", "stored"]
    reasons = [one.reason for one in await files(line)]
    assert reasons == ["it is larger than the 20 bytes that are fetched", "no longer there", ""]


async def test_a_file_that_cannot_be_had_now_holds_up_none_behind_it(
    store: Store, line: Assembly, bot: MemoryAdapter
) -> None:
    bot.files = {"slow": [BUSY, PNG], "other": [PNG], "later": [PNG]}
    await line.dispatcher.accept(sends("slow", "other"))
    await line.dispatcher.accept(sends("later", message="m2"))
    await line.settle()
    assert [await states(line), await states(line, 2)] == [["fetching", "stored"], ["stored"]]

    await make_due(store)
    await line.settle()

    assert await states(line) == ["stored", "stored"]
    assert bot.fetched == ["slow", "other", "later", "slow"]
    assert await idle(store)


async def test_a_file_that_is_long_in_coming_makes_no_other_wait_as_long(
    store: Store, line: Assembly, bot: MemoryAdapter
) -> None:
    """A customer's lost picture would keep the next one back for a minute a try."""
    bot.files = {"lost": [BUSY], "other": [BUSY, PNG]}
    await line.dispatcher.accept(sends("lost"))
    for _ in range(6):
        await line.settle()
        await make_due(store)

    await line.dispatcher.accept(sends("other", message="m2"))
    await line.settle()

    _, wait_seconds = await store.lanes.due(store.keys.of(str(ADA)), (("bot", "fetch"),), 10)
    assert wait_seconds is not None
    assert wait_seconds <= WAITS_SECONDS[0]


async def test_attempts_are_counted_where_they_survive_and_have_an_end(
    store: Store, bot: MemoryAdapter
) -> None:
    """Neither a restart nor another process begins to count anew."""
    bot.files["f1"] = [BUSY]
    line = Assembly(store, {"bot": bot}, hand_over=False)
    await line.dispatcher.accept(sends("f1"))
    for _ in range(ATTEMPTS_MAX + 2):
        line = Assembly(store, {"bot": bot}, hand_over=False)
        await make_due(store)
        await line.settle()

    (failed,) = await files(line)
    assert len(bot.fetched) == ATTEMPTS_MAX
    assert (failed.state, failed.attempts) == (AttachmentState.FAILED, ATTEMPTS_MAX)
    assert failed.reason == "the file server is busy"
    assert await idle(store)


async def test_a_pause_that_the_platform_asks_for_is_kept_for_the_whole_thread(
    store: Store, line: Assembly, bot: MemoryAdapter
) -> None:
    bot.files["f1"] = [TemporaryDeliveryError("slow down", retry_after_seconds=700.0)]

    await line.dispatcher.accept(sends("f1", "f2"))
    await line.settle()

    _, wait_seconds = await store.lanes.due(store.keys.of(str(ADA)), (("bot", "fetch"),), 10)
    assert bot.fetched == ["f1"]
    assert wait_seconds is not None
    assert 650 < wait_seconds <= 700


async def test_refused_credentials_pause_the_inbox_and_cost_no_attempt(
    store: Store, line: Assembly, bot: MemoryAdapter
) -> None:
    bot.files["f1"] = [AuthenticationError("renew the token"), PNG]
    await line.dispatcher.accept(sends("f1", "f2"))
    await line.settle()
    assert (line.paused, bot.fetched, await states(line)) == (["bot"], ["f1"], ["remote", "remote"])

    await make_due(store)
    await line.settle()

    assert await states(line) == ["stored", "expired"]


async def test_an_adapters_own_mistake_is_bounded_too(line: Assembly, bot: MemoryAdapter) -> None:
    bot.files["f1"] = [ValueError("oops")]

    await line.dispatcher.accept(sends("f1"))
    await line.settle()

    (one,) = await files(line)
    assert (one.state, one.attempts) == (AttachmentState.FETCHING, 1)
    assert "ValueError" in one.reason
    assert "oops" not in one.reason, "nobody has looked at what an exception says"


async def test_a_file_that_is_known_to_be_too_large_is_not_asked_for(
    line: Assembly, bot: MemoryAdapter
) -> None:
    large = event(ADA, "ada", MessageCreated(remote="m1", parts=(file("f1", size_bytes=10**9),)))

    await line.dispatcher.accept(large)
    await line.settle()

    assert bot.fetched == []
    (failed,) = await files(line)
    assert failed.state is AttachmentState.FAILED
    assert "limits.attachment_size_bytes_max" in failed.reason


async def test_an_edit_that_brings_another_file_has_it_fetched_and_keeps_the_old(
    line: Assembly, bot: MemoryAdapter
) -> None:
    bot.files = {"old": [PNG], "new": [PNG + b"2"]}
    await line.dispatcher.accept(sends("old"))
    await line.settle()
    edit = MessageEdited(remote="m1", parts=(file("old"), file("new")))

    await line.dispatcher.accept(event(ADA, "ada", edit))
    await line.settle()

    assert await states(line) == ["stored", "stored"]
    assert bot.fetched == ["old", "new"]


async def test_a_change_during_the_download_loses_neither(
    line: Assembly, bot: MemoryAdapter
) -> None:
    """The customer corrects a caption while their picture is on its way."""
    bot.files["f1"] = [PNG]
    await line.dispatcher.accept(sends("f1"))
    lease = await fetch_lane(line)

    class Meddling(MemoryBlobs):
        @override
        async def put(
            self, chunks: AsyncIterator[bytes], *, size_bytes_max: int
        ) -> tuple[str, int]:
            kept = await super().put(chunks, size_bytes_max=size_bytes_max)
            edit = MessageEdited(remote="m1", parts=(file("f1"), Text(text="I meant this")))
            await line.dispatcher.accept(event(ADA, "ada", edit))
            while line.handed:
                await line.work(line.handed.popleft())
            return kept

    await _fetcher(line, Meddling()).work(lease)

    assert await states(line) == ["stored"]
    assert len((await message(line)).parts) == 2


async def test_a_worker_lost_between_the_bytes_and_the_word_costs_a_download(
    store: Store, line: Assembly, bot: MemoryAdapter
) -> None:
    bot.files["f1"] = [PNG]
    await line.dispatcher.accept(sends("f1"))
    lease = await fetch_lane(line)

    class Lost(MemoryBlobs):
        @override
        async def put(
            self, chunks: AsyncIterator[bytes], *, size_bytes_max: int
        ) -> tuple[str, int]:
            await super().put(chunks, size_bytes_max=size_bytes_max)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await _fetcher(line, Lost()).work(lease)
    assert await states(line) == ["remote"]
    await make_due(store)
    await line.settle()

    assert await states(line) == ["stored"]
    assert bot.fetched == ["f1", "f1"]
    assert await idle(store)


async def test_a_worker_that_slept_may_say_what_it_has_and_not_what_it_lacks(
    store: Store, line: Assembly, bot: MemoryAdapter
) -> None:
    """Two hold the same file in their hands: the one that has it is right."""
    bot.files["f1"] = [NotFound("no longer there"), PNG]
    await line.dispatcher.accept(sends("f1"))
    late = await fetch_lane(line)
    await make_due(store)
    holder = await store.lanes.take("bot", "fetch", str(ADA))

    with pytest.raises(Stale):
        await line.fetcher.work(late)
    assert await states(line) == ["remote"]
    with pytest.raises(Stale):
        await line.fetcher.work(late)
    assert await states(line) == ["stored"]

    await line.fetcher.work(holder)
    assert bot.fetched == ["f1", "f1"]
    assert await idle(store)


async def test_whoever_asks_has_it_fetched_at_once_and_only_once(
    line: Assembly, bot: MemoryAdapter
) -> None:
    bot.files["f1"] = [PNG]
    await line.dispatcher.accept(sends("f1"))
    lease = await fetch_lane(line)
    (wanted,), leg = await files(line), await line.leg_of(ADA)

    asked = [line.fetcher.have("bot", leg, 1, wanted) for _ in range(5)]
    found = await asyncio.gather(*asked, line.fetcher.work(lease))

    assert {one.sha256 for one in found if one} == {sha256(PNG).hexdigest()}
    assert bot.fetched == ["f1"]
    assert await states(line) == ["stored"]


async def test_a_lease_lasts_as_long_as_the_download(server: RedisServer) -> None:
    """Else a slow file would be fetched by one worker after another."""
    async with fresh_store(server.url, lease_seconds=0.3) as store:
        slow = _Slow()
        line = Assembly(store, {"bot": slow}, hand_over=False)
        await line.dispatcher.accept(sends("f1"))
        working = asyncio.create_task(line.settle())
        began = asyncio.get_running_loop().time()
        await eventually(lambda: asyncio.get_running_loop().time() - began > 0.9)

        assert await line.take_due() == []
        slow.done.set()
        await working

        assert await states(line) == ["stored"]


async def test_with_fetching_off_nothing_is_queued(server: RedisServer) -> None:
    async with fresh_store(server.url, fetch=False) as store:
        line = Assembly(store, {"bot": MemoryAdapter()})
        for remote in ("m1", "m2"):
            await line.dispatcher.accept(sends("f1", message=remote))
            await line.settle()

        assert await states(line) == ["remote"]
        assert await idle(store)


class _Slow(MemoryAdapter):
    def __init__(self) -> None:
        super().__init__()
        self.done = asyncio.Event()

    @override
    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        await self.done.wait()
        yield PNG


def _fetcher(line: Assembly, blobs: MemoryBlobs) -> Fetcher:
    """A process whose disk is another one."""

    def pause(account: str, error: AuthenticationError) -> None:
        raise error

    return Fetcher(line.store, line.adapters, blobs, Bounds(), pause)
