"""What bounds a round trip: Python by function, Redis by command, and how often either is woken."""

import asyncio
import resource
from collections import Counter, defaultdict
from typing import Final

import msgspec
import psutil
import uvloop
from redis.asyncio import Redis

from bench.engine.line import line
from bench.engine.loops import Spent, closed_loop
from bench.measuring import Effort
from bench.report.findings import Finding, Flame, Table
from bench.sampling import Stack, by_module, sampling, tree
from tests.rigs.redis_server import RedisServer

CALLERS: Final = 64
RATE_MAX: Final = 8_000
"""Round trips a second, more than are ever made."""
MODULES: Final = 16
SCRIPTS: Final = frozenset({"evalsha", "eval", "info"})
OURS: Final = ("core.", "gateway.", "adapters.", "redis.", "msgspec.", "asyncio.", "uvloop")
SAYS: Final = f"""{CALLERS} callers, each of which waits for its round trip. Python's stacks are
looked at by a timer of its processor time; what is written in C (msgspec, hiredis, uvloop) counts
for the function that called it. What Redis' scripts call is told by its own count and its own
clock, which runs on while another process has the processor."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Commands are `name: (calls, µs)`, woken is how often a process had waited; a round trip."""

    spent: Spent
    stacks: Counter[Stack]
    commands: dict[str, tuple[float, float]]
    python_woken: float
    redis_woken: float


def measure(effort: Effort) -> Finding:
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return found(runner.run(_measured(server.url, effort.pick(6.0, 1.0))))


async def _measured(url: str, seconds: float) -> Profile:
    async with line(url, CALLERS) as one:
        redis, work = one.store.redis, one.round_trip
        await closed_loop(one.store, work, CALLERS, seconds / 4)
        server = psutil.Process(int((await redis.info("server"))["process_id"]))
        one.foresee(CALLERS, RATE_MAX * seconds)
        before, woken, served = await _commands(redis), _woken(), _served(server)
        spent = await closed_loop(one.store, work, CALLERS, seconds)
        woken, served = _woken() - woken, _served(server) - served
        after = await _commands(redis)
        one.foresee(CALLERS, RATE_MAX * 3 * seconds)
        with sampling() as stacks:
            await closed_loop(one.store, work, CALLERS, 3 * seconds)
    count = spent.rate * seconds
    return Profile(
        spent=spent,
        stacks=stacks,
        commands={
            name: ((calls - before[name][0]) / count, (us - before[name][1]) / count)
            for name, (calls, us) in after.items()
            if calls - before[name][0] > count / 100
        },
        python_woken=woken / count,
        redis_woken=served / count,
    )


async def _commands(redis: Redis) -> dict[str, tuple[int, int]]:
    """Calls and µs of each command, since the server began."""
    found = defaultdict[str, tuple[int, int]](lambda: (0, 0))
    for name, one in (await redis.info("commandstats")).items():
        found[name.removeprefix("cmdstat_")] = one["calls"], one["usec"]
    return found


def _woken() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def _served(server: psutil.Process) -> int:
    return int(server.num_ctx_switches().voluntary)


def found(one: Profile) -> Finding:
    total, own = one.stacks.total(), by_module(one.stacks)
    python = tuple(
        (name, samples / total * 100, samples / total * one.spent.python_us)
        for name, samples in own.most_common(MODULES)
    )
    commands = sorted(one.commands.items(), key=lambda item: -item[1][1])
    shown = [item for item in commands if item[0] not in SCRIPTS]
    return Finding(
        says=SAYS,
        tables=(
            Table(head=("of a round trip", "measured"), rows=_whole(one, shown)),
            Table(
                title="Python, by module: of its own functions, and of C that these call",
                head=("module", "%", "µs"),
                rows=python,
            ),
            Table(
                title="Redis, by command",
                head=("command", "calls", "µs by the clock"),
                rows=tuple((name, *cost) for name, cost in commands),
            ),
        ),
        pictures=(
            Flame(
                name="flame",
                title="A round trip in Python, from the loop downwards",
                root=tree(one.stacks, "round trip", _is_shown),
            ),
        ),
    )


def _whole(
    one: Profile, called: list[tuple[str, tuple[float, float]]]
) -> tuple[tuple[str, float], ...]:
    return (
        ("Python, µs", one.spent.python_us),
        ("Redis, µs", one.spent.redis_us),
        ("operations of the store", one.spent.operations),
        ("flights to the server", one.spent.flights),
        ("calls of Redis' commands by scripts", sum(calls for _, (calls, _) in called)),
        ("... µs by the clock in these commands", sum(us for _, (_, us) in called)),
        ("Python had waited and was woken", one.python_woken),
        ("Redis had waited and was woken", one.redis_woken),
    )


def _is_shown(name: str) -> bool:
    return name.startswith(OURS) and not name.startswith(("asyncio.runners", "asyncio.base_events"))
