"""A full round trip of ours beside queues on Redis whose handlers do nothing."""

import asyncio
import subprocess
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Final

import msgspec
import uvloop

from bench.beside.environment import answer, version
from bench.engine.line import line
from bench.engine.loops import closed_loop
from bench.engine.traffic import CHARACTERS, SENTENCES
from bench.measuring import Effort
from bench.report.findings import Bars, Bound, Finding, Table
from tests.rigs.redis_server import RedisServer

CALLERS: Final = 64
"""Ours."""
TURNS: Final = 9
SAYS: Final = f"""Each on a private server of its own with the same settings, on a unix socket, with
an append-only file synced every second; one process with uvloop sends and works; callers in a
closed loop, a message of {CHARACTERS} characters; all work in turns, and each figure is the median
of {TURNS}. All deliver at least once and acknowledge after the handler. Ours is the full round trip
of the engine: a message accepted, its duplicates refused, filed in order where agents see it, a
reply, its delivery to a platform that does nothing, and the receipt stored. The queues keep no
order, no log and no state of a message, and leave duplicates to their user.

*There and back* is the like of it: a message is handled and acknowledged, its handler answers
through a second queue, whose handler does nothing and is acknowledged. *One way* is half of it.
Each library is set up as it documents for speed (see bench/peers): FastStream with its binary
format and no validation, taskiq with orjson and no validation, arq without results and with a short
poll. Told and not judged is FastStream in three other ways. *As its first page has it* it is what
a user gets who changes nothing. *In lists* it hands a handler all that waits, acknowledged as a
whole: where one fails, all of it comes again. *In pipelines* its sender has collected 32 messages
of its own accord, too: the ways of a user who does by hand, for a batch and its failures, what
else each message has done for it."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """`judged`: it handles and acknowledges each message by itself, as we do."""

    package: str
    script: str
    hops: int = 2
    callers: int = 32
    words: tuple[str, ...] = ()
    says: str = ""
    judged: bool = True


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """Of a message; times in microseconds of processor time."""

    rate: float
    python_us: float
    redis_us: float

    @property
    def both_us(self) -> float:
        return self.python_us + self.redis_us


WAYS: Final = tuple(
    Way(
        package=package,
        script=script,
        hops=hops,
        callers=callers,
        words=words,
        says=says,
        judged=hops == 2 and not says,
    )
    for package, script, callers, words, says in (
        ("faststream", "queue_faststream", 32, ("each",), ""),
        ("faststream", "queue_faststream", 32, ("plain",), "as its first page has it"),
        ("faststream", "queue_faststream", 32, ("lists",), "in lists"),
        ("faststream", "queue_faststream", 128, ("pipelines",), "in pipelines"),
        ("taskiq-redis", "queue_taskiq", 32, (), ""),
        ("arq", "queue_arq", 16, (), ""),
    )
    for hops in (2, 1)
)
"""Numbers of callers are those at which each does best: each takes a connection to the server."""
OURS: Final = "Trunkline, full round trip"
TIMES_MIN: Final = 8.0
TRIES: Final = 3


def measure(effort: Effort) -> Finding:
    seconds = effort.pick(1.0, 0.3)
    turns: dict[str, Callable[[], Spent]] = {OURS: partial(ours, seconds)}
    turns.update({_name(way): partial(theirs, way, seconds) for way in WAYS})
    spent: dict[str, list[Spent]] = {name: [] for name in turns}
    for turn in range(effort.pick(TURNS, 1)):
        names = list(turns) if turn % 2 else list(reversed(turns))
        for name in names:
            spent[name].append(turns[name]())
    return found(spent)


def _name(way: Way) -> str:
    direction = "there and back" if way.hops == 2 else "one way"
    return ", ".join(filter(None, [version(way.package), direction, way.says]))


def ours(seconds: float) -> Spent:
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_ours(server.url, seconds))


async def _ours(url: str, seconds: float) -> Spent:
    async with line(url, CALLERS) as one:
        await closed_loop(one.store, one.round_trip, CALLERS, seconds / 3)
        spent = await closed_loop(one.store, one.round_trip, CALLERS, seconds)
    return Spent(rate=spent.rate, python_us=spent.python_us, redis_us=spent.redis_us)


def theirs(way: Way, seconds: float) -> Spent:
    taken = _turn(way, seconds)
    messages = taken["messages"]
    return Spent(
        rate=messages / taken["wall_seconds"],
        python_us=taken["python_seconds"] / messages * 1e6,
        redis_us=taken["redis_seconds"] / messages * 1e6,
    )


def _turn(way: Way, seconds: float, tries: int = TRIES) -> dict[str, float]:
    """Where one hangs, as arq's worker does now and then, it is begun anew."""
    numbers = str(way.callers), str(seconds), str(way.hops)
    with RedisServer() as server:
        try:
            taken: dict[str, float] = answer(
                way.script, server.url, *numbers, SENTENCES[0], *way.words
            )
        except subprocess.TimeoutExpired:
            if tries == 1:
                raise
            return _turn(way, seconds, tries - 1)
    return taken


def found(spent: dict[str, list[Spent]]) -> Finding:
    head = ("what", "/s", "Python µs", "Redis µs", "rate: ours to it", "time: it to ours")
    rows = []
    for name, several in spent.items():
        python = median(one.python_us for one in several)
        redis = median(one.redis_us for one in several)
        rate, time = factors(spent[OURS], several)
        rows.append((name, median(one.rate for one in several), python, redis, rate, time))
    bars = tuple((name, (python, redis)) for name, _, python, redis, _, _ in rows)
    return Finding(
        says=SAYS,
        tables=(Table(head=head, rows=tuple(rows)),),
        pictures=(
            Bars(
                name="queues",
                title="Processor time of a message through a queue",
                unit="µs",
                parts=("Python", "Redis"),
                bars=bars,
            ),
        ),
        bounds=_bounds(spent),
    )


def factors(mine: list[Spent], its: list[Spent]) -> tuple[float, float]:
    """How many times its rate ours is, and how many times our processor time, both of Python and
    Redis, its own: medians of the turns' ratios.
    """
    turns = list(zip(mine, its, strict=True))
    return (
        median(one.rate / other.rate for one, other in turns),
        median(other.both_us / one.both_us for one, other in turns),
    )


def _bounds(spent: dict[str, list[Spent]]) -> tuple[Bound, ...]:
    """Against the best of those that do the like of ours."""
    judged = [spent[_name(way)] for way in WAYS if way.judged]
    rates, times = zip(*(factors(spent[OURS], several) for several in judged), strict=True)
    what = "there and back by the best queue"
    return (
        Bound(
            what=f"round trip, rate, to {what}",
            measured=min(rates),
            bound=TIMES_MIN,
            unit="times",
            at_most=False,
        ),
        Bound(
            what=f"{what}, processor time, to a round trip",
            measured=min(times),
            bound=TIMES_MIN,
            unit="times",
            at_most=False,
        ),
    )
