"""Leases are kept while work under them goes on, and the work is ended where they cannot be."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typing_extensions import override

from core.deliver import Deliverer, Limits
from core.errors import Stale, StoreUnavailable
from core.model.ids import ThreadRef
from core.model.message import DeliveryState
from core.model.outbound import Outbound, Receipt
from core.store.lanes import Lease
from core.store.store import Store, StoreSettings, open_store
from tests.rigs.assembly import Assembly, fresh_store
from tests.rigs.events import says, thread
from tests.rigs.line import Line
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer
from tests.rigs.stopwatch import stopwatch
from tests.rigs.waiting import eventually

ADA = thread("ada")
LEASE_SECONDS = 0.6
LOST_SECONDS = 3.0
"""Of a lease that is not renewed in time. The store is given up much later."""
AWAY_SECONDS = 6.0
"""Of a lease of which a renewal fails. The client tries for more than a second."""


class _Slow(MemoryAdapter):
    """A platform that answers when it is told to, and notes when a call was broken off."""

    def __init__(self) -> None:
        super().__init__()
        self.answers, self.asked = asyncio.Event(), asyncio.Event()
        self.broken_off = 0

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        self.asked.set()
        try:
            await self.answers.wait()
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        return await super().send(outbound)


@pytest.fixture
async def brief(server: RedisServer) -> AsyncIterator[Store]:
    """A store whose leases end soon."""
    async with fresh_store(server.url, lease_seconds=LEASE_SECONDS) as opened:
        yield opened


async def _replied(line: Assembly) -> Lease:
    """An outbound lane that was handed over."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "hello Ada")
    return line.handed.popleft()


async def _state(line: Assembly) -> DeliveryState:
    delivery = (await line.log(await line.leg_of(ADA)))[-1].delivery
    assert delivery is not None
    return delivery.state


async def _lose(store: Store, where: ThreadRef) -> None:
    """Somebody else holds the lane, with a greater token, as after a lease that has ended."""
    ready = store.lanes.ready(str(where), where.account, "out")
    await store.redis.zincrby(ready, 60_000, str(where))


async def _outlasted(store: Store, lease: Lease, terms: int) -> None:
    """The lease has been renewed until so many of its terms later."""
    end = float(lease.token) + terms * store.lanes.lease_ms
    await eventually(lambda: float(store.lanes.newest(lease).token) > end)


async def test_a_call_that_takes_longer_than_a_lease_is_made_once(brief: Store) -> None:
    """A customer who is sent a large file gets it once, however many workers there are."""
    platform = _Slow()
    line = Assembly(brief, {"bot": platform})
    lease = await _replied(line)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(line.deliverer.deliver(lease))
        await _outlasted(brief, lease, 3)
        taken = await line.take_due()
        platform.answers.set()

    assert taken == []
    assert platform.texts() == ["hello Ada"]
    assert platform.broken_off == 0
    assert await _state(line) is DeliveryState.SENT
    assert await brief.redis.exists(brief.keys.lane("out", str(ADA))) == 0


async def test_a_call_that_takes_too_long_is_broken_off_and_nobody_knows(store: Store) -> None:
    """Law 4: a platform that hangs may have the message; it holds up the next one no longer."""
    platform = _Slow()
    line = Assembly(store, {"bot": platform})
    deliverer = Deliverer(store, {"bot": platform}, Limits(send_seconds=0.05), line._pause)
    lease = await _replied(line)

    await deliverer.deliver(lease)

    assert platform.broken_off == 1
    assert await _state(line) is DeliveryState.UNKNOWN


async def test_a_call_is_broken_off_when_the_lane_is_lost(brief: Store) -> None:
    """Whoever holds the lane now must not find a second sender at it."""
    platform = _Slow()
    line = Assembly(brief, {"bot": platform})
    lease = await _replied(line)
    sending = asyncio.ensure_future(line.deliverer.deliver(lease))
    await platform.asked.wait()

    await _lose(brief, ADA)

    with pytest.raises(Stale):
        await sending
    assert platform.broken_off == 1
    assert await _state(line) is DeliveryState.SENDING, "the new holder decides"


async def test_what_the_platform_took_is_recorded_also_by_who_has_lost_the_lane(
    brief: Store,
) -> None:
    """The truth, whoever brings it: else an agent is told that nobody knows."""
    platform = _Slow()
    line = Assembly(brief, {"bot": platform})
    lease = await _replied(line)
    sending = asyncio.ensure_future(line.deliverer.deliver(lease))
    await platform.asked.wait()
    await _lose(brief, ADA)

    platform.answers.set()

    with pytest.raises(Stale):
        await sending
    assert await _state(line) is DeliveryState.SENT


async def test_a_call_is_broken_off_when_nobody_can_say_whether_the_lane_is_lost(
    server: RedisServer, tmp_path: Path
) -> None:
    """Who cannot reach the store must have stopped by the time at which others take the lane: a
    mail that both send arrives twice.
    """
    platform = _Slow()
    async with (
        fresh_store(server.url, lease_seconds=LOST_SECONDS) as others,
        Line(tmp_path / "line", server.socket) as way,
        open_store(StoreSettings(url=way.url, lease_seconds=LOST_SECONDS)) as store,
    ):
        line = Assembly(store, {"bot": platform})
        sending = asyncio.ensure_future(line.deliverer.deliver(await _replied(line)))
        await platform.asked.wait()
        way.open.clear()

        async def is_taken() -> bool:
            return await others.lanes.take("bot", "out", str(ADA)) is not None

        await eventually(is_taken)

        async with stopwatch() as watch:
            await eventually(lambda: platform.broken_off == 1)
        assert watch.seconds < 2
        with pytest.raises(StoreUnavailable):
            await sending
        way.open.set()


async def test_a_call_goes_on_while_the_store_is_away_for_less_than_a_lease() -> None:
    """A server that is started anew is no reason to tell an agent that nobody knows."""
    platform = _Slow()
    with RedisServer() as server:
        async with fresh_store(server.url, lease_seconds=AWAY_SECONDS) as store:
            line = Assembly(store, {"bot": platform})
            lease = await _replied(line)
            sending = asyncio.ensure_future(line.deliverer.deliver(lease))
            await platform.asked.wait()
            trips = store.commit.round_trips

            server.kill()
            await eventually(lambda: store.commit.round_trips > trips + 1 or sending.done())
            server.start()
            await eventually(lambda: store.lanes.newest(lease) != lease or sending.done())
            platform.answers.set()
            await sending

            assert platform.broken_off == 0
            assert await _state(line) is DeliveryState.SENT


async def test_many_slow_calls_are_kept_at_once(brief: Store) -> None:
    """One of them that is lost, or ends, is no reason to let go of another."""
    platform, threads = _Slow(), [thread(f"t{n}") for n in range(20)]
    line = Assembly(brief, {"bot": platform})
    for where in threads:
        await line.dispatcher.accept(says(where, where.thread, "hello"))
    await line.settle()
    for where in threads:
        await line.reply(await line.conversation_of(where), "hello")
    leases = [*line.handed]
    line.handed.clear()
    sending = [asyncio.ensure_future(line.deliverer.deliver(one)) for one in leases]
    await platform.asked.wait()
    await _lose(brief, threads[0])

    await eventually(lambda: platform.broken_off == 1)
    sending[1].cancel()
    await eventually(lambda: platform.broken_off == 2)
    for lease in leases[2:]:
        await _outlasted(brief, lease, 2)
    taken = await line.take_due()
    platform.answers.set()
    outcomes = await asyncio.gather(*sending, return_exceptions=True)

    assert [type(one) for one in outcomes[:2]] == [Stale, asyncio.CancelledError]
    assert {one.key for one in taken} <= {str(threads[1])}
    assert outcomes[2:] == [None] * 18
    assert len(platform.sent) == 18


async def test_who_is_told_to_end_ends_also_while_a_lease_is_kept(brief: Store) -> None:
    """A process that is to stop must not take its own ending for a platform's silence."""
    platform = _Slow()
    line = Assembly(brief, {"bot": platform})
    lease = await _replied(line)
    sending = asyncio.ensure_future(line.deliverer.deliver(lease))
    await platform.asked.wait()

    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await _state(line) is DeliveryState.SENDING


async def test_a_task_that_was_broken_off_once_can_be_ended_all_the_same(brief: Store) -> None:
    """What is broken off leaves no trace in its task: its time limits hold, and so does its end."""
    platform = _Slow()
    line = Assembly(brief, {"bot": platform})
    lease = await _replied(line)

    async def work() -> int:
        with pytest.raises(TimeoutError), brief.keeper.keeping(lease, 0.01):
            await asyncio.Event().wait()
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    assert await asyncio.ensure_future(work()) == 0
