"""The live stream over HTTP: from now on, from where one was, and after a gap."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
from redis.asyncio import Redis

from core.pressure import GATHER_SECONDS
from core.rules.pressure import Level
from core.store.keys import LIVE
from core.store.live import READ_MAX
from gateway.live_feed import BACKLOG_MAX, Event, Here, Reset, Told
from tests.e2e.http.rig import Served, served
from tests.rigs.events import says, thread
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

MEI = thread("mei")


class Sent(msgspec.Struct, frozen=True):
    """One event as it came over the wire."""

    id: str
    event: str
    data: Event | None


class Stream:
    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def next(self) -> Sent:
        """The next event, or the next sign of life."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                break
            name, _, value = line.partition(": ")
            fields[name] = value
        data = fields.get("data")
        told = msgspec.json.decode(data, type=Event) if data and data != "{}" else None
        return Sent(fields["id"], fields.get("event", ""), told)

    async def rest(self) -> list[str]:
        return [line async for line in self._lines if line]


@asynccontextmanager
async def streaming(desk: Served, after: str = "", header: str = "") -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": header} if header else {}
    params = {"after": after} if after else {}
    async with desk.http.stream("GET", "/api/v1/live", params=params, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


async def _told_to_all(desk: Served) -> str:
    """Once the feed has told everything that happened; -> the id of the last of it."""
    last = await desk.rig.store.live.last_id()
    await eventually(lambda: desk.feed.position == last)
    return last


async def test_what_happens_is_told_with_ids_and_no_content(desk: Served) -> None:
    async with streaming(desk) as stream:
        here = await stream.next()
        conversation = await desk.rig.hears(says(MEI, "mei", "my secret"))
        told = [await stream.next() for _ in range(2)]

    assert here.data is None
    assert [one.data.kind for one in told if one.data] == ["begun", "in"]
    last = told[-1]
    assert last.data is not None
    assert (last.data.id, last.data.position) == (last.id, 1)
    assert last.data.conversation == conversation.id
    assert last.data.leg == conversation.legs[0].id


async def test_a_listener_goes_on_where_it_was(desk: Served) -> None:
    """A page that lost its connection must not miss what happened meanwhile."""
    await desk.rig.hears(says(MEI, "mei", "one"))
    await _told_to_all(desk)
    async with streaming(desk, after="0-0") as stream:
        seen = await stream.next()
    await desk.rig.hears(says(MEI, "mei", "two"))
    await _told_to_all(desk)

    async with streaming(desk, header=seen.id) as stream:
        missed = [await stream.next() for _ in range(2)]

    assert [(one.data.kind, one.data.position) for one in missed if one.data] == [
        ("in", 1),
        ("in", 2),
    ]


async def test_a_gap_that_was_trimmed_is_told_as_a_reset(
    desk: Served, redis_server: RedisServer
) -> None:
    await desk.rig.hears(says(MEI, "mei", "one"))
    await _told_to_all(desk)
    async with streaming(desk, after="0-0") as stream:
        seen = await stream.next()
    async with Redis.from_url(redis_server.url) as redis:
        await desk.rig.hears(says(MEI, "mei", "two"))
        await redis.xtrim(LIVE, maxlen=1, approximate=False)
    last = await _told_to_all(desk)

    async with streaming(desk, after=seen.id) as stream:
        reset = await stream.next()
        await stream.next()
        await desk.rig.hears(says(MEI, "mei", "three"))
        after_it = await stream.next()

    assert (reset.event, reset.id) == ("reset", last)
    assert after_it.data is not None
    assert after_it.data.position == 3


async def test_what_is_no_event_id_is_refused(desk: Served) -> None:
    for after in ("x", "1", "1-x", "$", "9" * 30 + "-0"):
        answer = await desk.http.get("/api/v1/live", params={"after": after})

        assert answer.status_code == 422


async def test_listeners_leave_no_trace(desk: Served) -> None:
    async with streaming(desk) as stream:
        await stream.next()
        assert desk.feed.listeners == 1

    await eventually(lambda: desk.feed.listeners == 0)


async def test_a_graceful_end_ends_the_streams(desk: Served) -> None:
    """Else the gateway would wait for them, and a restart would take its whole grace."""
    async with streaming(desk) as stream:
        await stream.next()
        desk.feed.close()

        assert await stream.rest() == []
    assert (await desk.http.get("/api/v1/live")).status_code == 429


async def test_somebody_who_does_not_read_is_told_to_begin_anew(desk: Served) -> None:
    """They cost nobody else anything: neither memory without end nor time."""
    feed = desk.feed
    slow, quick = one_by_one(feed.listen("", 60)), one_by_one(feed.listen("", 60))
    assert isinstance(await anext(slow), Here)
    assert isinstance(await anext(quick), Here)

    for n in range(BACKLOG_MAX // 50 + 1):
        events = [says(thread(f"t{n}.{m}"), "mei", "Hello") for m in range(25)]
        await asyncio.gather(*(desk.rig.hears(one) for one in events))
        await _seen(quick, 50)

    told = [one async for one in slow]
    assert [type(one) for one in told] == [Reset]
    assert feed.listeners == 1


async def test_under_pressure_a_rush_is_told_as_one_reset(desk: Served) -> None:
    """Agents' replies wait for the same process: telling a thousand pages of each of a thousand
    messages would take all of its time, and keeping them for each all of its memory.
    """
    desk.rig.store.live.gather_seconds = GATHER_SECONDS[Level.OVERLOADED]
    rush = [says(MEI, "mei", str(n)) for n in range(2 * READ_MAX)]
    async with streaming(desk) as stream:
        await stream.next()

        await asyncio.gather(*map(desk.rig.desk.deliver, rush))
        await desk.rig.settle()
        told = 0
        while (one := await stream.next()).event != "reset":
            told += 1
        after_it = asyncio.create_task(stream.next())
        await desk.rig.hears(says(MEI, "mei", "And now?"))
        last = (await after_it).data

    assert told < READ_MAX
    assert one.id < after_it.result().id
    assert last is not None
    assert last.position == len(rush) + 1


async def one_by_one(told: AsyncIterator[tuple[Told, ...]]) -> AsyncIterator[Told]:
    async for tidings in told:
        for one in tidings:
            yield one


async def _seen(listener: AsyncIterator[Told], count: int) -> None:
    for _ in range(count):
        assert isinstance(await anext(listener), Event)


async def test_a_listener_hears_that_nothing_happens(desk: Served) -> None:
    """A connection without a sign of life is cut off by what lies between."""
    beats = one_by_one(desk.feed.listen("", 0.01))

    assert [type(await anext(beats)) for _ in range(3)] == [Here] * 3


async def test_a_listener_who_hears_a_lot_has_signs_of_life_too(desk: Served) -> None:
    """With each it is looked whether its token is still good: it would go on for twice as long."""
    feed, beats = desk.feed, one_by_one(desk.feed.listen("", 0.05))
    assert isinstance(await anext(beats), Here)

    async def talk() -> None:
        for n in range(100):
            await desk.rig.hears(says(MEI, "mei", f"and {n}"))

    talking = asyncio.create_task(talk())
    try:
        told = [await anext(beats) for _ in range(60)]
    finally:
        talking.cancel()

    assert Here in {type(one) for one in told}
    assert Event in {type(one) for one in told}
    assert feed.listeners == 1


async def test_who_has_heard_of_what_never_was_begins_anew(desk: Served) -> None:
    """After a restore a page would go on showing what the store knows nothing of."""
    await desk.rig.hears(says(MEI, "mei", "one"))
    last = await _told_to_all(desk)

    async with streaming(desk, after="9999999999999-0") as stream:
        reset = await stream.next()

    assert (reset.event, reset.id) == ("reset", last)


async def test_the_feed_outlives_its_store(tmp_path: Path) -> None:
    """A restart of Redis must not leave every page without news until the gateway restarts."""
    with RedisServer() as server:
        async with served(server.url, tmp_path) as desk:
            await desk.rig.hears(says(MEI, "mei", "one"))
            await _told_to_all(desk)
            listener = one_by_one(desk.feed.listen("", 30))
            await anext(listener)
            server.kill()
            server.start()

            await desk.rig.hears(says(MEI, "mei", "two"))

            assert isinstance(await anext(listener), Event | Reset)
