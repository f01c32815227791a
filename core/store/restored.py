"""Getting ready what was restored from a copy: true once, and nobody knows what happened since.

Nothing else uses the server meanwhile, so these steps need not be safe against others.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from redis.asyncio import Redis

from core.model.ids import ThreadRef
from core.store.keys import META
from core.store.lanes import entries_of
from core.store.outbox import one_line, ticket
from core.store.store import Store

NUMBERS_SKIPPED: Final = 100_000
"""Numbers that conversations may have been given since the copy was made: none is given again, for
its customer may still name it."""

ENTRIES_MAX: Final = 200
"""Of a lane, looked at in one step."""


async def disown(store: Store, reason: str) -> int:
    """Let nothing leave that was on its way out: it becomes `unknown`. -> how many messages.

    `reason` is for agents.
    """
    return sum([await _disown_lane(store, key, reason) async for key in _lanes(store.redis)])


async def mark(store: Store, copied_at: datetime, restored_at: datetime) -> None:
    """Note when, for whoever must not do again what was done in between."""
    await store.redis.incrby(store.keys.counter, NUMBERS_SKIPPED)
    moments = {"copied_at": copied_at, "restored_at": restored_at}
    for name, moment in moments.items():
        await store.redis.hset(META, name, str(int(moment.timestamp() * 1000)))


async def _lanes(redis: Redis) -> AsyncIterator[str]:
    async for key in redis.scan_iter(match="{*}lane:out:*", count=1000):
        yield key.decode().partition("lane:out:")[2]


async def _disown_lane(store: Store, thread: str, reason: str) -> int:
    keys, partition, count = store.keys, store.keys.of(thread), 0
    lane = keys.lane("out", thread)
    ready = keys.ready(partition, ThreadRef.parse(thread).account, "out")
    while found := entries_of(await store.read.one("LRANGE", lane, 0, ENTRIES_MAX - 1)):
        legs = tuple(dict.fromkeys(ticket(entry).leg for entry in found))
        touched = (lane, ready, keys.events(partition), *(keys.sends(leg) for leg in legs))
        count += await store.commit.call(
            partition, "disown", touched, thread, legs, found[-1].seq, one_line(reason)
        )
    return count
