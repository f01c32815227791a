"""Whether a message costs more where there are many: a million against 10 000."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from statistics import median
from typing import Final

import msgspec
import uvloop

from bench.engine.line import Line, line
from bench.engine.loops import Spent, all_of
from bench.engine.throughput import works
from bench.measuring import Effort
from bench.report.findings import Axis, Bound, Finding, Plot, Table
from bench.report.findings import Line as Curve
from bench.report.plain import plain
from tests.rigs.redis_server import RedisServer

CALLERS: Final = 256
TURN: Final = 768
"""Messages: few, so that the small store stays small."""
RATIO_MAX: Final = 1.15
SEED: Final = 5
KINDS: Final = ("visible", "round trip")
SAYS: Final = f"""Two servers: on one a message was written in each of 10 000 threads, the other was
filled with a million in 20 000 threads. They are measured in turns of {TURN} messages, in one
process, in threads by chance; a ratio is the median of those of the pairs. The plot is of the
filling, and holds what else the machine did meanwhile."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """Threads of a message each in the small store, and in the other, which grows by `steps`."""

    small: int = 10_000
    threads: int = 20_000
    steps: tuple[int, ...] = (50_000, 100_000, 200_000, 300_000, 500_000, 700_000, 1_000_000)


QUICK: Final = Size(small=2000, threads=4000, steps=(10_000, 20_000))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """On the way to so many messages; `bytes_each`: of the server's data, all kinds of keys."""

    messages: int
    spent: Spent
    bytes_each: float


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    """Of the same work, in pairs."""

    small: list[Spent]
    grown: list[Spent]

    def ratio(self, cost: Callable[[Spent], float]) -> float:
        pairs = zip(self.grown, self.small, strict=True)
        return median(cost(grown) / cost(small) for grown, small in pairs)


def measure(effort: Effort) -> Finding:
    size = effort.pick(Size(), QUICK)
    with (
        RedisServer() as small,
        RedisServer() as large,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(_measured(small.url, large.url, size, effort.pairs))


async def _measured(small: str, large: str, size: Size, pairs: int) -> Finding:
    async with line(small, size.small) as little, line(large, size.threads) as grown:
        filled = await _fill(grown, size)
        await little.look_at(size.small)
        await grown.look_at(size.threads)
        stores = ((little, size.small), (grown, size.threads))
        turns = {kind: await _in_turns(kind, stores, pairs) for kind in KINDS}
    return found(size, filled, turns)


async def _fill(one: Line, size: Size) -> list[Step]:
    threads, written, found = cycle(range(size.threads)), size.threads, []
    for messages in size.steps:
        share = islice(threads, messages - written)
        spent = await all_of(one.store, one.accept, CALLERS, share)
        used = await one.store.redis.info("memory")
        each = used["used_memory_dataset"] / messages
        found.append(Step(messages=messages, spent=spent, bytes_each=each))
        written = messages
    return found


async def _in_turns(kind: str, stores: Sequence[tuple[Line, int]], pairs: int) -> Turns:
    chance, turns = random.Random(SEED), Turns(small=[], grown=[])  # noqa: S311
    for pair in range(pairs + 1):
        for which in (0, 1) if pair % 2 else (1, 0):
            one, threads = stores[which]
            chosen = _by_chance(chance, threads)
            spent = await all_of(one.store, works(one)[kind], CALLERS, chosen)
            if pair:  # the first warms up
                (turns.grown if which else turns.small).append(spent)
    return turns


def _by_chance(chance: random.Random, threads: int) -> Iterator[int]:
    """Each at most once: a thread's messages would wait for each other."""
    return iter(chance.sample(range(threads), TURN))


def found(size: Size, filled: list[Step], turns: dict[str, Turns]) -> Finding:
    costs = {"Python": lambda one: one.python_us, "Redis": lambda one: one.redis_us}
    rows, bounds = [], []
    for kind, both in turns.items():
        for name, cost in costs.items():
            small, grown = (median(map(cost, some)) for some in (both.small, both.grown))
            ratio = both.ratio(cost)
            rows.append((kind, f"{name} µs", small, grown, ratio))
            what = f"{kind} at {plain(filled[-1].messages)} against {plain(size.small)}, {name}"
            bounds.append(Bound(what=what, measured=ratio, bound=RATIO_MAX, unit="×"))
    head = ("what", "cost", "small", "grown", "ratio")
    return Finding(
        says=SAYS,
        tables=(Table(head=head, rows=tuple(rows)), _on_the_way(filled)),
        pictures=(_plot(filled),),
        bounds=tuple(bounds),
    )


def _on_the_way(filled: list[Step]) -> Table:
    return Table(
        title="On the way",
        head=("messages", "Python µs", "Redis µs", "B a message"),
        rows=tuple((s.messages, s.spent.python_us, s.spent.redis_us, s.bytes_each) for s in filled),
    )


def _plot(filled: list[Step]) -> Plot:
    python = tuple((float(step.messages), step.spent.python_us) for step in filled)
    redis = tuple((float(step.messages), step.spent.redis_us) for step in filled)
    return Plot(
        name="growth",
        title="Processor time of a message, visible in the log, as the store grows",
        x=Axis(label="messages in the store"),
        y=Axis(label="µs"),
        lines=(Curve(name="Python", points=python), Curve(name="Redis", points=redis)),
    )
