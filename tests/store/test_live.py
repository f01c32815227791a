"""The one order of everything that happens, for whoever watches."""

import asyncio
from collections import Counter
from typing import Any

from core.store.keys import LIVE
from core.store.store import Store, StoreSettings, open_store
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.redis_server import RedisServer
from tests.rigs.round import play_round


async def test_two_relays_at_a_time_relay_each_event_once(
    server: RedisServer, store: Store, line: Assembly
) -> None:
    """Law 2: every gateway process relays, none of them leads."""
    everywhere = tuple(range(store.keys.partitions))
    async with open_store(StoreSettings(url=server.url)) as other:

        async def relay(one: Store) -> None:
            for _ in range(40):
                await one.live.relay(everywhere)

        await asyncio.gather(play_round(line), relay(store), relay(other))
        await asyncio.gather(store.live.relay(everywhere), other.live.relay(everywhere))

    relayed = await store.live.read("0-0", 0.01, limit=10_000)
    happened = list[Any]()
    for partition in everywhere:
        found: Any = await store.redis.xrange(store.keys.events(partition))
        happened += [tuple(e.split()) for _, call in found for e in call[b"e"].splitlines()]
    assert Counter(
        (one.kind.encode(), one.leg.encode(), b"%d" % one.position) for one in relayed
    ) == Counter(happened)


async def test_the_events_of_a_leg_stay_in_order(store: Store, line: Assembly) -> None:
    for n in range(30):
        await line.dispatcher.accept(says(thread("ada"), "ada", str(n)))
        await store.live.relay((store.keys.of("telegram:bot:ada"),))
    await line.settle()
    await store.live.relay(tuple(range(store.keys.partitions)))

    positions = [one.position for one in await store.live.read("0-0", 0.01) if one.kind == "in"]

    assert positions == list(range(1, 31))


async def test_an_event_holds_no_content(store: Store, line: Assembly) -> None:
    await line.dispatcher.accept(says(thread("ada"), "ada", "a secret"))
    await line.settle()
    await store.live.relay(tuple(range(store.keys.partitions)))

    assert b"a secret" not in repr(await store.redis.xrange(LIVE)).encode()


async def test_a_reader_that_was_away_too_long_is_told(store: Store, line: Assembly) -> None:
    """It has to look at everything again: what it missed is gone."""
    await play_round(line)
    await store.live.relay(tuple(range(store.keys.partitions)))
    first, second = (await store.live.read("0-0", 0.01))[:2]
    assert await store.live.holds(first.id)

    await store.redis.xtrim(LIVE, maxlen=1, approximate=False)

    assert not await store.live.holds(second.id)
    assert await store.live.holds(await store.live.last_id())
