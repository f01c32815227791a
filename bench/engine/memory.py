"""How many bytes of Redis a message of a hundred characters takes, and in which kinds of key.

Keys are asked one by one (MEMORY USAGE, all of a key looked at), so that what a server needs for
itself is left out.
"""

import asyncio
import re
from collections import Counter
from typing import Final

import uvloop
from redis.asyncio import Redis

from bench.engine.line import line
from bench.engine.loops import all_of
from bench.measuring import Effort
from bench.report.findings import Bars, Bound, Cell, Finding, Table
from core.store.keys import CAPPED, LIVE
from tests.rigs.redis_server import RedisServer

CALLERS: Final = 256
THREADS: Final = 512
EACH: Final = 50
BYTES_MAX: Final = 320
SAYS: Final = f"""{THREADS} customers, one thread each, of {EACH} messages of 100 characters: first
all that customers write, then round trips, half of them agents' answers with their receipts. Every
key is asked for its size; what a thread, a leg and a person cost once is shared by their messages.
Streams of events, and the live feed, are as long as they may be and no longer, however many
messages there are: they are told apart and not counted."""
STORED: Final = "... log: the messages themselves"
"""Bytes that are part of those of another row."""
LASTS: Final = "counted"
ENDS: Final = "capped"


def measure(effort: Effort) -> Finding:
    each = effort.pick(EACH, 10)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        incoming = runner.run(_sizes(each, "visible"))
        both = runner.run(_sizes(each, "round trip"))
    return found({"customers only": incoming, "round trips": both}, THREADS * each)


async def _sizes(each: int, kind: str) -> Counter[str]:
    """-> bytes of each kind of key, for the same number of messages."""
    with RedisServer() as server:
        async with line(server.url, THREADS) as one:
            work, rounds = (one.accept, each - 1)
            if kind == "round trip":
                work, rounds = one.by_workers, each // 2
            for _ in range(rounds):
                await all_of(one.store, work, CALLERS, iter(range(THREADS)))
            return await _by_kind(one.store.redis)


async def _by_kind(redis: Redis) -> Counter[str]:
    sizes = Counter[str]()
    async for key in redis.scan_iter(count=1000):
        size = await redis.memory_usage(key, samples=0)
        kind = kind_of(key.decode())
        sizes[kind] += size or 0
        if kind == "log":
            sizes[STORED] += sum(map(len, await redis.lrange(key, 0, -1)))
    return sizes


def kind_of(key: str) -> str:
    """The first word after the tag."""
    return re.sub(r"^\{.*?\}", "", key).partition(":")[0]


def is_capped(kind: str) -> bool:
    return kind in CAPPED or LIVE.endswith(kind)


def found(sizes: dict[str, Counter[str]], messages: int) -> Finding:
    kinds = sorted(
        set().union(*sizes.values()), key=lambda kind: -max(s[kind] for s in sizes.values())
    )
    counted = [kind for kind in kinds if not is_capped(kind) and kind != STORED]
    totals = {name: sum(one[k] for k in counted) / messages for name, one in sizes.items()}
    rows: list[tuple[Cell, ...]] = [
        (kind, _told(kind), *(one[kind] / messages for one in sizes.values())) for kind in kinds
    ]
    rows.append(("**all that is counted**", "", *totals.values()))
    return Finding(
        says=SAYS,
        tables=(Table(head=("key", "", *(f"B, {name}" for name in sizes)), rows=tuple(rows)),),
        pictures=(_bars(sizes, counted[:5], messages),),
        bounds=tuple(
            Bound(what=f"memory of a message, {name}", measured=total, bound=BYTES_MAX, unit="B")
            for name, total in totals.items()
        ),
    )


def _told(kind: str) -> str:
    if kind == STORED:
        return "part"
    return ENDS if is_capped(kind) else LASTS


def _bars(sizes: dict[str, Counter[str]], largest: list[str], messages: int) -> Bars:
    return Bars(
        name="memory",
        title="Bytes of a message, by kind of key (the five largest)",
        unit="B",
        parts=tuple(largest),
        bars=tuple(
            (name, tuple(one[kind] / messages for kind in largest)) for name, one in sizes.items()
        ),
    )
