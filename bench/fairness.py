"""What threads pay for others' trouble: `python -m bench.fairness`.

One account is at its limit with a queue behind it, one thread fails again and again, one hangs.
Meanwhile other threads of the same inbox are answered.
"""

import asyncio
from itertools import pairwise
from statistics import median
from typing import Final

import msgspec
import uvloop

from bench.measuring import Effort, load, percentile
from bench.report.findings import Bound, Finding, Table
from tests.rigs.redis_server import RedisServer
from tests.rigs.trouble import LIMITED, OTHERS, Office, office

PAIRS: Final = 11
ROUNDS: Final = 20
SAYS: Final = f"""One process with its workers. {len(OTHERS)} threads of an inbox are answered at
once, {ROUNDS} times: first while all is calm, then while one thread of the same inbox fails again
and again, one hangs in its call, and another inbox is at its account's limit with {len(LIMITED)}
threads waiting. The delay is from the agent's reply to the call of the platform; the noise is the
median difference between one calm median and the next."""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Of the others' replies: delays in ms, operations on their lanes and platform calls, each."""

    delays: tuple[float, ...]
    operations: float
    calls: float


async def cost(desk: Office, rounds: int) -> Cost:
    operations, calls = desk.operations_of_others(), desk.calls_for_others()
    delays = [delay * 1e3 for _ in range(rounds) for delay in await desk.round()]
    return Cost(
        delays=tuple(delays),
        operations=(desk.operations_of_others() - operations) / len(delays),
        calls=(desk.calls_for_others() - calls) / len(delays),
    )


async def pair(url: str, rounds: int) -> tuple[Cost, Cost]:
    """Calm, then troubled, on a desk that has just begun."""
    async with office(url) as desk:
        await cost(desk, rounds)  # warms up
        calm = await cost(desk, rounds)
        await desk.get_into_trouble()
        return calm, await cost(desk, rounds)


def measure(effort: Effort) -> Finding:
    pairs, rounds = effort.pick(PAIRS, 3), effort.pick(ROUNDS, 5)
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return found([runner.run(pair(server.url, rounds)) for _ in range(pairs)])


def found(turns: list[tuple[Cost, Cost]]) -> Finding:
    calm, troubled = [one for one, _ in turns], [one for _, one in turns]
    medians = [median(one.delays) for one in calm]
    later = median(median(b.delays) - a for a, b in zip(medians, troubled, strict=True))
    noise = median(abs(a - b) for a, b in pairwise(medians))
    what = "an account at its limit, a thread failing: others'"
    return Finding(
        says=SAYS,
        tables=(
            Table(
                head=("", "p50 ms", "p99 ms", "operations", "calls"),
                rows=(_row("calm", calm), _row("in trouble", troubled)),
            ),
        ),
        bounds=(
            Bound(what=f"{what} extra calls", measured=_most(turns, "calls"), bound=0.0),
            Bound(what=f"{what} extra operations", measured=_most(turns, "operations"), bound=0.0),
            Bound(
                what=f"{what} median delay, against the noise",
                measured=later,
                bound=noise,
                unit="ms",
                by_clock=True,
            ),
        ),
    )


def _most(turns: list[tuple[Cost, Cost]], name: str) -> float:
    """The largest surplus of any turn: what holds, holds in each."""
    return max(float(getattr(b, name) - getattr(a, name)) for a, b in turns)


def _row(name: str, costs: list[Cost]) -> tuple[str | float, ...]:
    delays = [delay for one in costs for delay in one.delays]
    operations, calls = median(c.operations for c in costs), median(c.calls for c in costs)
    return name, median(delays), percentile(delays, 99), operations, calls


def main() -> None:
    finding = measure(Effort())
    for row in finding.tables[0].rows:
        print(row)
    for bound in finding.bounds:
        print(f"{bound.what}: {bound.measured:.3f} {bound.unit} (at most {bound.bound:.3f})")
    print(f"load {load():.1f}")


if __name__ == "__main__":
    main()
