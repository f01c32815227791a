"""Whoever keeps something up to date by what happens misses nothing, or is told so."""

from contextlib import aclosing

from core.following import BEGINNING, Missed, follow
from core.store.keys import LIVE
from core.store.live import Happened
from core.store.store import Store
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread

CHAT = thread("5")


async def told(store: Store, line: Assembly, count: int) -> None:
    """So many messages, and what happened with them in the one order."""
    for n in range(count):
        await line.dispatcher.accept(says(CHAT, "mei", f"message {n}"))
    await line.settle()
    await store.live.relay(tuple(range(store.keys.partitions)))


async def test_events_come_in_order_and_once(store: Store, line: Assembly) -> None:
    """A search would have a message twice, or not at all."""
    await told(store, line, 5)
    found: list[Happened] = []

    async with aclosing(follow(store, BEGINNING, "a test")) as following:
        async for batch in following:
            assert not isinstance(batch, Missed)
            found += batch
            if found[-1].id == await store.live.last_id():
                break

    assert [one.position for one in found if one.kind == "in"] == [1, 2, 3, 4, 5]


async def test_what_was_trimmed_meanwhile_is_told(store: Store, line: Assembly) -> None:
    """A projector that was away too long would go on as if nothing had happened."""
    await told(store, line, 5)
    seen = (await store.live.read(BEGINNING, 0.01))[0].id
    await store.redis.xtrim(LIVE, maxlen=2, approximate=False)

    async with aclosing(follow(store, seen, "a test")) as following:
        first = await anext(following)

    assert first == Missed(await store.live.last_id())
