"""Law 10: whatever is stored ends some day, or is on the list of what lasts."""

import re
from pathlib import Path
from typing import Final

from core.model.conversation import Status
from core.model.ids import MessageId, identity_id
from core.store.keys import CAPPED, LASTING, LIVE
from core.store.scripts import EVENTS_TOGETHER, Caps
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly, fresh_store
from tests.rigs.events import says, thread
from tests.rigs.freezing import winter_in
from tests.rigs.platform import ChangingAdapter, MemoryAdapter
from tests.rigs.redis_server import RedisServer
from tests.rigs.round import play_round

DAY_SECONDS: Final = 86_400
ROW: Final = re.compile(r"^\| (.+?) \| .+? \| .+ \| (.+?) \|$", re.MULTILINE)
STORE_PAGE: Final = Path(__file__).parents[2] / "docs/store.md"
KEPT_FOR_EVER: Final = {
    *("meta", "cursors", "counter", "tasks", "checkpoint", "blocked", "gaps", "events", "audit"),
    "identity",  # of people who are linked with somebody
    "shown",  # what follows the live feed forgets a leg that is closed, and nobody does here
}
"""What an installation that has nothing to do keeps in Redis."""

STREAM_MAX: Final = 100
NODE: Final = 100
"""The server shortens a stream by so many entries at a time (stream-node-max-entries)."""


async def test_a_key_expires_or_is_listed_as_lasting(store: Store, line: Assembly) -> None:
    """A forgotten key is memory that nobody ever gets back."""
    await play_round(line)

    kinds = {_kind(key) async for key in store.redis.scan_iter() if await _has_no_end(store, key)}

    assert kinds - {"inbox"} <= LASTING | CAPPED
    assert await _capped(store)


async def test_queues_and_views_are_gone_once_there_is_no_work(
    store: Store, line: Assembly
) -> None:
    await play_round(line)
    await _close_all(line)

    left = {_kind(key) async for key in store.redis.scan_iter()}

    assert left & {"inbox", "lane", "ready"} == set()


async def test_of_what_is_done_and_archived_nothing_is_left_but_what_has_to_be(
    server: RedisServer,
) -> None:
    """Redis is memory: what it holds must follow from what goes on, not from all that ever was."""
    async with winter_in(server.url) as winter:
        line = Assembly(winter.store, {"bot": ChangingAdapter(), "mail": MemoryAdapter()})
        await play_round(line)
        await _close_all(line)
        await line.settle()
        await winter.comes()

        keys = [key async for key in winter.store.redis.scan_iter()]
        left = {_kind(key) for key in keys if await _has_no_end(winter.store, key)}

        assert left <= KEPT_FOR_EVER
        assert winter.archived > 5


async def test_streams_end_at_their_settings_whatever_is_written(server: RedisServer) -> None:
    """Four times as much as they may hold: by events, by tasks on who is who, by blocks."""
    caps = Caps(events_max=STREAM_MAX, live_max=STREAM_MAX, audit_max=STREAM_MAX)
    async with fresh_store(server.url, partitions=1, caps=caps) as store:
        line = Assembly(store, {"bot": ChangingAdapter(), "mail": MemoryAdapter()})
        ada, ben = (identity_id("telegram", "bot", one) for one in ("ada", "ben"))
        for who in ("ada", "ben"):
            await line.dispatcher.accept(says(thread(who), who, "hello"))
        await line.settle()
        for n in range(4 * STREAM_MAX):
            await line.dispatcher.accept(says(thread("ada"), "ada", f"{n}"))
            await line.blocking.block(ben, "agent:robin", "insults")
            await line.blocking.unblock(ben, "agent:robin")
            await line.joins.link(f"link {n}", ada, ben, "agent:robin", "said so")
            if n % 50 == 0:
                await store.live.relay((0,))

        streams = [key async for key in store.redis.scan_iter(_type="stream")]
        lengths = {key.decode(): await store.redis.xlen(key) for key in streams}

    assert {_kind(key) for key in streams} == CAPPED
    assert LIVE in lengths
    assert len(lengths) == 4, "a partition's events, all events, who is who, blocks"
    ends = dict.fromkeys(lengths, STREAM_MAX)
    ends[store.keys.events(0)] //= EVENTS_TOGETHER  # an entry holds so many
    assert all(end <= lengths[name] <= end + NODE for name, end in ends.items()), lengths


async def test_the_page_about_the_store_tells_of_each_key_how_long_it_lives(
    store: Store, line: Assembly
) -> None:
    """An operator plans memory by that table."""
    await play_round(line)
    told = {
        kind: life
        for keys, life in ROW.findall(STORE_PAGE.read_text())
        for kind in re.findall(r"\{[^}]+\}(\w+)", keys)
    }

    keys = [key async for key in store.redis.scan_iter()]
    lasting = {_kind(key) for key in keys if await _has_no_end(store, key)}

    assert {_kind(key) for key in keys} <= told.keys()
    ends = re.compile(r"\d|a day|an hour|a minute|its term|until it is whole|until all are")
    assert [kind for kind in lasting if ends.match(told[kind])] == []


async def test_claims_of_a_generation_have_expired_before_it_is_used_again(
    store: Store, line: Assembly
) -> None:
    """Three generations take turns of 8 days: a claim made in a reused key must not vanish early.

    A key is first written at the end of its turn at the latest, two turns before its next one.
    """
    await play_round(line)

    ends = [await store.redis.ttl(key) async for key in store.redis.scan_iter("*seen:*")]

    assert ends
    assert all(8 * DAY_SECONDS < seconds <= 16 * DAY_SECONDS for seconds in ends)


async def _close_all(line: Assembly) -> None:
    for view in ("open", "pending"):
        for place in await line.store.legs.listed(view, None, 100):
            conversation = await line.views.conversation(place.leg)
            activity = MessageId(line.new_id())
            await line.triage.set_status(conversation, AGENT, Status.CLOSED, activity)


async def _has_no_end(store: Store, key: bytes) -> bool:
    return bool(await store.redis.ttl(key) == -1)  # -2: it has ended meanwhile


async def _capped(store: Store) -> bool:
    """Streams are what is capped."""
    keys = [key async for key in store.redis.scan_iter() if _kind(key) in CAPPED]
    return all([await store.redis.type(key) == b"stream" for key in keys])


def _kind(key: bytes) -> str:
    found = re.match(r"\{[^}]+\}([a-z]+)", key.decode())
    assert found, key
    return found[1]
