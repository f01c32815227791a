"""How long a round trip takes when messages come by a schedule, whoever is still waiting."""

import asyncio
import random
import time
from itertools import accumulate
from statistics import median
from typing import Final

import msgspec
import uvloop

from bench.engine.line import Line, line
from bench.measuring import Effort, percentile, redis_seconds
from bench.report.findings import Axis, Bound, Finding, Plot, Table
from bench.report.findings import Line as Curve
from tests.rigs.redis_server import RedisServer

RATES: Final = (1000, 3000)
THREADS: Final = 4096
SEED: Final = 11
TICK_SECONDS: Final = 0.001
"""uvloop would spin for less; what comes later for it waits, and that counts, too."""
SAYS: Final = """Customers write by a schedule (a Poisson process, seeded), agents answer at once;
a round trip ends when its receipt is stored, by way of the workers. Each latency is counted from
the moment at which the message *should* have come, so that a stall is paid by all that came
meanwhile (no coordinated omission). Medians of the runs; a rate that is not reached is told."""
SHARES: Final = (0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
HEAD: Final = ("scheduled /s", "done /s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms")
COSTS: Final = ("Python µs", "Redis µs")


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Latencies in ms, sorted; costs a round trip in µs."""

    done: float
    latencies: list[float]
    python_us: float
    redis_us: float

    def slower_than(self, share: float) -> float:
        return self.latencies[min(int(share * len(self.latencies)), len(self.latencies) - 1)]


def measure(effort: Effort) -> Finding:
    runs, seconds = effort.pick(5, 3), effort.pick(5.0, 1.0)
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return found(runner.run(_measured(server.url, runs, seconds)))


async def _measured(url: str, runs: int, seconds: float) -> dict[int, list[Turn]]:
    chance = random.Random(SEED)  # noqa: S311
    async with line(url, THREADS) as one:
        await open_loop(one, RATES[0], seconds / 4, chance)
        turns: dict[int, list[Turn]] = {rate: [] for rate in RATES}
        for _ in range(runs):
            for rate in RATES:
                turns[rate].append(await open_loop(one, rate, seconds, chance))
        return turns


async def open_loop(one: Line, rate: float, seconds: float, chance: random.Random) -> Turn:
    """A thread is not used twice at a time; who finds none waits, and that counts."""
    free, latencies = asyncio.Queue[int](), list[float]()
    for n in range(THREADS):
        free.put_nowait(n)
    gaps = (chance.expovariate(rate) for _ in range(int(rate * seconds)))
    redis, python = await redis_seconds(one.store.redis), time.process_time()
    began = time.perf_counter()

    async def arrive(scheduled: float) -> None:
        n = await free.get()
        await one.by_workers(n)
        latencies.append((time.perf_counter() - scheduled) * 1e3)
        free.put_nowait(n)

    async with asyncio.TaskGroup() as arriving:
        for scheduled in accumulate(gaps, initial=began):
            if (early := scheduled - time.perf_counter()) > 0:
                await asyncio.sleep(max(early, TICK_SECONDS))
            arriving.create_task(arrive(scheduled))
    elapsed, python = time.perf_counter() - began, time.process_time() - python
    redis, count = await redis_seconds(one.store.redis) - redis, len(latencies)
    return Turn(
        done=count / elapsed,
        latencies=sorted(latencies),
        python_us=python / count * 1e6,
        redis_us=redis / count * 1e6,
    )


def found(turns: dict[int, list[Turn]]) -> Finding:
    rows = tuple((float(rate), *_row(several)) for rate, several in turns.items())
    usual = turns[RATES[0]]
    return Finding(
        says=SAYS,
        tables=(Table(head=(*HEAD, *COSTS), rows=rows),),
        pictures=(_distribution(turns),),
        bounds=tuple(
            Bound(
                what=f"open loop {RATES[0]}/s, p{percent}",
                measured=median(percentile(turn.latencies, percent) for turn in usual),
                bound=bound,
                unit="ms",
                by_clock=True,
            )
            for percent, bound in ((50, 4.0), (99, 30.0))
        ),
    )


def _row(several: list[Turn]) -> tuple[float, ...]:
    shares = (
        median(one.slower_than(share) for one in several) for share in (0.5, 0.9, 0.99, 0.999)
    )
    done = median(one.done for one in several)
    costs = median(o.python_us for o in several), median(o.redis_us for o in several)
    return done, *shares, *costs


def _distribution(turns: dict[int, list[Turn]]) -> Plot:
    lines = tuple(
        Curve(
            name=f"{rate}/s",
            points=tuple(
                (1 / (1 - share), median(one.slower_than(share) for one in several))
                for share in SHARES
            ),
        )
        for rate, several in turns.items()
    )
    return Plot(
        name="latency",
        title="Latency of round trips that come by a schedule",
        x=Axis(label="one in so many round trips takes longer", log=True),
        y=Axis(label="ms", log=True),
        lines=lines,
    )
