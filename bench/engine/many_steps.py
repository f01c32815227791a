"""The same intake as most would write it: awaited commands, one after another, by redis-py.

It claims the event, notes who wrote, finds the leg, counts, appends, indexes, lists and tells. It
is also wrong: if it dies between two commands, an event is claimed and stored nowhere.
"""

import asyncio
import time
from typing import Any, Final

import msgspec
import uvloop
from redis.asyncio import Redis

from bench.engine.line import line
from bench.engine.loops import Spent, closed_loop
from bench.engine.traffic import Customers
from bench.measuring import Effort, compared
from bench.report.findings import Bars, Bound, Finding, Table
from core.rules.incoming import as_message
from tests.rigs.redis_server import RedisServer

CALLERS: Final = 64
CLAIM_SECONDS: Final = 8 * 86_400
EVENTS_MAX: Final = 100_000
RATIO_MIN: Final = 4.0
SAYS: Final = f"""{CALLERS} callers take in the same messages on the same server in turns: by one
operation in a round trip that all share, and by nine awaited commands of redis-py each, which do
the same to keys of their own, but without being one step. The ratio is of the processor time of
Python and Redis together, the median of the pairs."""


class ManySteps:
    """`accept` stores a message and what finds it again; nothing of it is one step."""

    def __init__(self, redis: Redis) -> None:
        self._redis, self._customers = redis, Customers()

    async def accept(self, n: int) -> None:
        event, redis = self._customers.says(n), self._redis
        message = as_message(event)
        if not await redis.set(f"seen:{event.thread}:{event.dedup}", 1, nx=True, ex=CLAIM_SECONDS):
            return
        await redis.hset(f"identity:{event.actor.remote}", "name", event.actor.name)
        leg = str(await redis.hget(f"thread:{event.thread}", "leg") or "")
        if not leg:
            leg = f"leg {event.thread}"
            await redis.hset(f"thread:{event.thread}", "leg", leg)
        position = await redis.rpush(f"log:{leg}", msgspec.msgpack.encode(message))
        await redis.hset(f"refs:{leg}", f"r:{event.dedup}", position)
        now = int(time.time() * 1000)
        await redis.hset(f"head:{leg}", mapping={"length": position, "touched": now})
        await redis.zadd("inbox:open", {leg: now})
        told: dict[Any, Any] = {"kind": "message", "leg": leg, "position": position}
        await redis.xadd("events", told, maxlen=EVENTS_MAX, approximate=True)
        await redis.publish("wake", leg)


def measure(effort: Effort) -> Finding:
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return found(runner.run(_measured(server.url, effort.pairs, effort.pick(0.5, 0.2))))


async def _measured(url: str, pairs: int, seconds: float) -> list[tuple[Spent, Spent]]:
    """-> turns, first those by many steps."""
    redis = Redis.from_url(url, decode_responses=True)
    many, turns = ManySteps(redis), []
    async with line(url, CALLERS) as one:
        for pair in range(pairs + 1):
            works = [many.accept, one.accept]
            spent = [
                await closed_loop(one.store, work, CALLERS, seconds)
                for work in (works if pair % 2 else works[::-1])
            ]
            turns.append((spent[0], spent[1]) if pair % 2 else (spent[1], spent[0]))
    await redis.aclose()
    return turns[1:]  # the first warms up


def found(turns: list[tuple[Spent, Spent]]) -> Finding:
    python = compared([(many.python_us, one.python_us) for many, one in turns])
    redis = compared([(many.redis_us, one.redis_us) for many, one in turns])
    whole = compared([(_whole(many), _whole(one)) for many, one in turns])
    rates = compared([(many.rate, one.rate) for many, one in turns])
    rows = (
        ("many steps", rates.first, python.first, redis.first),
        ("one step", rates.second, python.second, redis.second),
        ("ratio", rates.ratio, python.ratio, redis.ratio),
    )
    return Finding(
        says=SAYS,
        tables=(Table(head=("what", "/s", "Python µs", "Redis µs"), rows=rows),),
        pictures=(
            Bars(
                name="many-steps",
                title="Processor time to take in a message",
                unit="µs",
                parts=("Python", "Redis"),
                bars=tuple((name, (mine, theirs)) for name, _, mine, theirs in rows[:2]),
            ),
        ),
        bounds=(
            Bound(
                what="many steps against one, Python and Redis",
                measured=whole.ratio,
                bound=RATIO_MIN,
                unit="×",
                at_most=False,
            ),
        ),
    )


def _whole(one: Spent) -> float:
    return one.python_us + one.redis_us
