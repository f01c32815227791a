"""Group commit: many operations a round trip, each failing alone, whatever the server does."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from core.errors import NotFound, StoreError, StoreFull, StoreUnavailable
from core.model.content import Text
from core.model.event import MessageEdited
from core.model.ids import LegId, MessageId
from core.model.message import DeliveryState
from core.store.commit import OPERATIONS_MAX, GroupCommit
from core.store.outbox import ticket
from core.store.reading import Reader
from core.store.restored import disown
from core.store.store import Store, StoreSettings, open_store
from tests.rigs.assembly import AGENT, Assembly, fresh_store
from tests.rigs.events import event, says, thread
from tests.rigs.platform import ChangingAdapter, MemoryAdapter
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import PATIENCE_SECONDS, eventually

ADA = thread("ada")


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server of this test alone, to be broken."""
    with RedisServer() as running:
        yield running


@pytest.fixture
async def own_store(own_server: RedisServer) -> AsyncIterator[Store]:
    async with fresh_store(own_server.url) as opened:
        yield opened


def _count(commit: GroupCommit, value: str) -> "asyncio.Future[int]":
    """An operation that is easy to look at: a checkpoint is set."""
    return commit.call(0, "checkpoint", ("{001c}checkpoint:test",), "value", value)


async def test_what_is_issued_together_leaves_together(store: Store) -> None:
    trips = store.commit.round_trips

    await asyncio.gather(*(_count(store.commit, str(n)) for n in range(OPERATIONS_MAX + 1)))

    assert store.commit.round_trips == trips + 1
    assert await store.redis.hget("{001c}checkpoint:test", "value") == b"%d" % OPERATIONS_MAX


async def test_one_operation_that_fails_fails_alone(store: Store) -> None:
    """Law 9: a poisoned item must not take its batch with it."""
    await store.redis.set("{001c}wrong", "not a hash")

    wrong = store.commit.call(0, "checkpoint", ("{001c}wrong",), "value", "1")
    unknown = store.commit.call(0, "no such operation", ("{001c}x",))
    right = _count(store.commit, "2")
    outcomes = await asyncio.gather(wrong, unknown, right, return_exceptions=True)

    assert isinstance(outcomes[0], StoreError)
    assert isinstance(outcomes[1], StoreError)
    assert not isinstance(outcomes[2], BaseException)
    assert await store.redis.hget("{001c}checkpoint:test", "value") == b"2"


async def test_a_server_that_forgot_the_scripts_is_told_again(store: Store) -> None:
    await store.redis.script_flush()

    await _count(store.commit, "3")

    assert await store.redis.hget("{001c}checkpoint:test", "value") == b"3"


async def test_a_connection_that_breaks_is_opened_again(store: Store, line: Assembly) -> None:
    """The client runs operations twice then: each has one effect."""
    for n in range(5):
        await line.dispatcher.accept(says(ADA, "ada", f"message {n}"))
        delivery = asyncio.ensure_future(line.dispatcher.accept(says(ADA, "ada", f"cut {n}")))
        await store.redis.client_kill_filter(_type="normal", skipme=True)
        await delivery
        await line.settle()

    texts = await line.texts(await line.leg_of(ADA))
    assert sorted(texts) == sorted(f"{word} {n}" for word in ("message", "cut") for n in range(5))


async def test_a_server_that_is_away_acknowledges_nothing_and_comes_back(
    own_server: RedisServer, own_store: Store
) -> None:
    own_server.kill()

    with pytest.raises(StoreUnavailable):
        await _count(own_store.commit, "lost")

    own_server.start()
    await _count(own_store.commit, "kept")
    assert await own_store.redis.hget("{001c}checkpoint:test", "value") == b"kept"


async def test_what_was_acknowledged_survives_the_death_of_the_server(
    own_server: RedisServer, own_store: Store
) -> None:
    """Law 1, durability `process`."""
    line = Assembly(own_store, {"bot": MemoryAdapter()})
    for n in range(20):
        await line.dispatcher.accept(says(ADA, "ada", str(n)))

    own_server.kill()
    own_server.start()

    await line.settle()
    assert await line.texts(await line.leg_of(ADA)) == [str(n) for n in range(20)]


async def test_a_full_server_takes_nothing_new_but_finishes_what_it_has(own_store: Store) -> None:
    """Else it could never drain. It recovers by itself once memory is free."""
    adapter = MemoryAdapter()
    line = Assembly(own_store, {"bot": adapter})
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "welcome")
    await line.dispatcher.accept(says(thread("ben"), "ben", "queued before"))
    await own_store.redis.config_set("maxmemory", "1")

    with pytest.raises(StoreFull):
        await line.dispatcher.accept(says(ADA, "ada", "too much"))
    await line.deliverer.deliver(line.handed.popleft())
    assert adapter.texts() == ["welcome"]
    (entry,) = [one for one in await line.log(await line.leg_of(ADA)) if one.delivery]
    assert entry.delivery is not None
    assert entry.delivery.state is DeliveryState.SENT

    await own_store.redis.config_set("maxmemory", "0")
    await line.dispatcher.accept(says(ADA, "ada", "again"))
    await line.settle()
    assert await line.texts(await line.leg_of(ADA)) == ["hello", "welcome", "again"]


async def test_a_full_server_lets_lanes_be_taken_and_given_back(own_store: Store) -> None:
    line = Assembly(own_store, {"bot": MemoryAdapter()})
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "welcome")
    lease = line.handed.popleft()
    one = ticket(lease.entries[0])
    await own_store.redis.config_set("maxmemory", "1")

    await own_store.outbox.postpone(await own_store.lanes.renew(lease), one, 0, 0, "busy")
    taken = await own_store.lanes.take("bot", "out", str(ADA))
    assert taken is not None
    await own_store.outbox.begin(taken, one)
    await own_store.outbox.sent(taken, one, DeliveryState.SENT, remotes=("p1",), pieces=1)

    assert await own_store.outbox.report(one.leg, one.position, DeliveryState.READ)


async def test_a_full_server_can_be_rid_of_what_waits_in_vain(own_store: Store) -> None:
    """An operator removes dead letters to make room; a backup is restored on a smaller machine."""
    line = Assembly(own_store, {"bot": MemoryAdapter()}, hand_over=False)
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "welcome")
    await line.dispatcher.accept(says(ADA, "ada", "hm"))
    lease = await own_store.lanes.take("bot", "in", str(ADA))
    assert lease
    await own_store.letters.failed(lease, "a mistake", 1, 10)
    (letter,) = await own_store.letters.latest("bot", 10)
    await own_store.redis.config_set("maxmemory", "1")

    await own_store.letters.discard(letter.id)
    count = await disown(own_store, "restored")

    assert (count, await own_store.letters.latest("bot", 10)) == (1, [])
    assert [
        one.delivery.state for one in await line.log(await line.leg_of(ADA)) if one.delivery
    ] == [DeliveryState.UNKNOWN]


async def test_a_gateway_can_start_on_a_full_server(own_server: RedisServer) -> None:
    """What it holds can only be drained by one that has started."""
    settings = StoreSettings(url=own_server.url)
    async with open_store(settings) as store:
        await store.redis.config_set("maxmemory", "1")

    async with open_store(settings) as store:
        assert await store.redis.ping()


async def test_errors_leave_an_open_store_as_they_are(server: RedisServer) -> None:
    """A command line that catches NotFound must not be given a group of errors."""
    with pytest.raises(NotFound):
        async with fresh_store(server.url) as store:
            await store.legs.head(LegId("0" * 26 + "-00"))


async def test_whoever_asks_a_closed_store_is_told_so(server: RedisServer) -> None:
    """Waiting for ever would keep a process from ending."""
    async with fresh_store(server.url) as store:
        late = asyncio.ensure_future(_late(store.commit))
    store.commit.stop()

    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(_count(store.commit, "too late"), PATIENCE_SECONDS)
    await eventually(late.done)


async def _late(commit: GroupCommit) -> None:
    await _count(commit, "just in time")


async def test_an_operation_that_cannot_be_written_fails_alone(store: Store) -> None:
    """Half a surrogate pair, in what a platform said of a failure, is no text to send on."""
    wrong = asyncio.ensure_future(_said(store, "\ud800"))
    right = _count(store.commit, "4")
    outcomes = await asyncio.gather(wrong, right, return_exceptions=True)

    assert isinstance(outcomes[0], StoreError)
    assert not isinstance(outcomes[1], BaseException)


async def test_a_question_that_cannot_be_asked_fails_alone(store: Store) -> None:
    wrong = store.read.one("HGET", "{001c}x", "\ud800")
    right = store.read.one("HGET", "{001c}x", "y")
    outcomes = await asyncio.gather(wrong, right, return_exceptions=True)

    assert isinstance(outcomes[0], StoreError)
    assert outcomes[1] is None


async def _said(store: Store, text: str) -> None:
    await store.commit.call(0, "checkpoint", ("{001c}checkpoint:test",), "value", text)


async def test_whoever_waits_for_a_reader_that_ends_is_told(
    own_server: RedisServer, own_store: Store
) -> None:
    read = Reader(own_store.redis)
    running = asyncio.ensure_future(read.run())
    own_server.signal(signal.SIGSTOP)
    try:
        waiting = asyncio.ensure_future(read.one("PING"))
        await asyncio.sleep(0)  # it has asked
        running.cancel()

        async with asyncio.timeout(PATIENCE_SECONDS):
            with pytest.raises(StoreUnavailable):
                await waiting
            with pytest.raises(StoreUnavailable):
                await read.one("PING")
    finally:
        own_server.signal(signal.SIGCONT)


async def test_a_full_server_carries_out_the_changes_that_it_took(own_store: Store) -> None:
    """Else a platform would be asked again and again for what the log cannot say, and an edit
    would hold up its thread.
    """
    adapter = ChangingAdapter()
    line = Assembly(own_store, {"bot": adapter})
    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1"))
    await line.settle()
    conversation = await line.conversation_of(ADA)
    await line.reply(conversation, "welcom", reply_id="welcome")
    await line.settle()
    edited = MessageEdited(remote="m1", parts=(Text(text="hello"),))
    await line.dispatcher.accept(event(ADA, "ada", edited))
    change, message = MessageId("change"), MessageId("welcome")
    await line.agents.edit(conversation, AGENT, change, message, Text(text="welcome"))
    await own_store.redis.config_set("maxmemory", "1")

    await line.settle()

    assert (await line.texts(await line.leg_of(ADA)))[:2] == ["hello", "welcome"]
    assert len(adapter.calls) == 1
