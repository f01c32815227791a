"""What a message costs: accepted, visible in the log, answered; Python and Redis apart."""

import asyncio
from statistics import median
from typing import Final

import uvloop

from bench.engine.line import Line, line
from bench.engine.loops import Spent, Work, closed_loop
from bench.measuring import Effort
from bench.report.findings import Bars, Bound, Finding, Table
from tests.rigs.redis_server import RedisServer

CALLERS: Final = (64, 256)
TURNS: Final = 9
RATE_MAX: Final = 30_000
"""Messages a second, more than are ever accepted."""
SAYS: Final = f"""Messages of 100 characters, one process, uvloop, one private server on a unix
socket with an append-only file synced every second. Callers work in a closed loop. Each row is the
median of {TURNS} turns, and the rows take turns, so that what else the machine does happens to all.

- *Accepted*: durable in its thread's lane; nobody carries it on.
- *Visible*: in its conversation's log when `accept` returns (the home path, the usual one).
- *Round trip*: the customer's message accepted and filed, an agent's reply, the call of a platform
  that does nothing, and its receipt stored and indexed.
- *By workers*: the same, sent by the workers to whom it is handed over.

What customers write is made before each turn, for a platform makes it. In all rows the workers run
beside, and relay what happened to live feeds."""
HEAD: Final = (
    *("what", "callers", "/s", "Python µs", "Redis µs", "operations", "flights"),
    *("p50 ms", "p99 ms"),
)
Key = tuple[str, int]


def measure(effort: Effort) -> Finding:
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        turns = effort.pick(TURNS, 3), effort.pick(0.4, 0.15)
        return found(runner.run(_measured(server.url, *turns)))


async def _measured(url: str, turns: int, seconds: float) -> dict[Key, Spent]:
    spent: dict[Key, list[Spent]] = {}
    async with line(url, max(CALLERS)) as one:
        for turn in range(turns + 1):
            for name, work in works(one).items():
                for callers in CALLERS:
                    one.foresee(callers, RATE_MAX * seconds)
                    found = await closed_loop(one.store, work, callers, seconds)
                    if turn:  # the first warms up
                        spent.setdefault((name, callers), []).append(found)
    return {key: _median(several) for key, several in spent.items()}


def works(one: Line) -> dict[str, Work]:
    return {
        "accepted": one.queue,
        "visible": one.accept,
        "round trip": one.round_trip,
        "by workers": one.by_workers,
    }


def _median(several: list[Spent]) -> Spent:
    """Of each figure by itself."""
    fields = Spent.__struct_fields__
    return Spent(**{name: median(getattr(one, name) for one in several) for name in fields})


def found(spent: dict[Key, Spent]) -> Finding:
    table = Table(head=HEAD, rows=tuple(_row(*key, one) for key, one in spent.items()))
    bars = tuple(
        (f"{name}, {callers} callers", (one.python_us, one.redis_us))
        for (name, callers), one in spent.items()
    )
    return Finding(
        says=SAYS,
        tables=(table,),
        pictures=(
            Bars(
                name="engine",
                title="Processor time of a message",
                unit="µs",
                parts=("Python", "Redis"),
                bars=bars,
            ),
        ),
        bounds=_bounds(spent),
    )


def _row(name: str, callers: int, one: Spent) -> tuple[str | float, ...]:
    figures = one.rate, one.python_us, one.redis_us, one.operations, one.flights
    return name, float(callers), *figures, one.p50_ms, one.p99_ms


def _bounds(spent: dict[Key, Spent]) -> tuple[Bound, ...]:
    """By the better number of callers."""
    rates = {name: max(s.rate for (n, _), s in spent.items() if n == name) for name, _ in spent}
    pythons = {name: min(s.python_us for (n, _), s in spent.items() if n == name) for name in rates}
    redis = {name: min(s.redis_us for (n, _), s in spent.items() if n == name) for name in rates}
    return (
        _rate("accepted durably", rates["accepted"], 15_000),
        _cost("accepted durably, Python", pythons["accepted"], 40),
        _rate("visible in the conversation's log", rates["visible"], 8_000),
        _rate("full round trip", rates["round trip"], 5_000),
        _cost("full round trip, Python", pythons["round trip"], 75),
        _cost("full round trip, Redis", redis["round trip"], 130),
    )


def _rate(what: str, measured: float, bound: float) -> Bound:
    return Bound(what=what, measured=measured, bound=bound, unit="/s", at_most=False, by_clock=True)


def _cost(what: str, measured: float, bound: float) -> Bound:
    return Bound(what=what, measured=measured, bound=bound, unit="µs")
