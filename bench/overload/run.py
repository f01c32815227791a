"""The run: what the machine takes, then ten times as much, then calm; and what came of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from bench.measuring import load
from bench.overload.agents import Agents
from bench.overload.crowd import Crowd, by_schedule
from bench.overload.watching import Seen, Watching, mb_a_minute
from gateway.redis_server import Owner, ServerDirectory
from sandbox.server import Sandbox
from tests.crash.books import read_books, stored
from tests.rigs.api import api
from tests.rigs.gateway import Gateway
from tests.rigs.ports import free_port
from tests.rigs.waiting import eventually

TIMES: Final = 10
OF_WHAT_FITS: Final = 0.125
"""Of the rate that the gateway can take when nothing else is asked of it: what it is used to."""

BEFORE, BURST, AFTER = "before", "burst", "after"
DRAINED_SECONDS: Final = 1800.0
CALM_SECONDS: Final = 120.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`rate` is what the gateway is used to, in messages a second; None: an eighth of what it takes
    of the `trial`, which there is not else. Replies are a second, throughout; looks are ten times
    as many in the burst, which begins with all `newcomers` at once: a conversation's first message
    costs most.
    `turn_seconds_max` None: the default.
    """

    before_seconds: float = 60.0
    burst_seconds: float = 600.0
    rate: float | None = None
    trial: int = 10_000
    people: int = 500
    newcomers: int = 0
    webhooks: int = 4
    pollers: int = 2
    replies: float = 5.0
    looks: float = 0.5
    turn_seconds_max: float | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Rates are messages a second, latencies in seconds, by phase: `taken` by an agent's clock,
    `arrived` with the customer, `answered` by the gateway's own, on an average. `replies_refused`
    counts answers other than 201 to agents who wrote.
    """

    rate: float
    said: int
    lost: int
    doubled: int
    disordered: int
    taken_in_burst: float
    backlog_max: int
    drained_seconds: float
    calm_seconds: float
    taken: dict[str, list[float]]
    arrived: dict[str, list[float]]
    answered: dict[str, float]
    replies_refused: int
    looks: dict[str, int]
    without_a_time: int
    live: dict[str, int]
    shed: dict[str, float]
    missed: float
    seen: list[Seen]
    mb_a_minute: float
    load: float


async def run(directory: Path, plan: Plan) -> Outcome:
    async with Sandbox() as sandbox:
        crowd = Crowd(sandbox, plan.people + plan.newcomers, plan.webhooks, plan.pollers)
        port = free_port()
        settings = crowd.channels(directory) + f'[metrics]\nbind = "127.0.0.1:{port}"\n'
        settings += "[limits]\ninbound_per_minute_max = 0\n"
        if plan.turn_seconds_max:
            settings += f"turn_seconds_max = {plan.turn_seconds_max}\n"
        async with (
            Gateway(directory, settings, lease_seconds=15.0) as gateway,
            _watched(gateway, f"http://127.0.0.1:{port}/metrics") as watching,
            api(gateway.url, gateway.token) as agent,
            asyncio.TaskGroup() as tasks,
        ):
            watching.backlog = lambda: crowd.backlog
            agents = Agents(agent, tasks)
            await _all_say(crowd, plan.people)
            rate = plan.rate or OF_WHAT_FITS * await _trial(crowd, plan.trial)
            agents.numbers = [one.number for one in await agent.conversations()]
            listening = tasks.create_task(agents.listen())
            said = crowd.said
            times: dict[str, tuple[int, int]] = {}
            replying: dict[str, tuple[float, float]] = {}
            for phase, factor, seconds in (
                (BEFORE, 1, plan.before_seconds),
                (BURST, TIMES, plan.burst_seconds),
            ):
                agents.phase = watching.phase = phase
                times[phase] = crowd.said, crowd.backlog
                replying[phase] = watching.replying
                for _ in range(plan.newcomers if phase == BURST else 0):
                    crowd.says()
                await asyncio.gather(
                    by_schedule(crowd.says, rate * factor, seconds),
                    by_schedule(agents.replies_to_somebody, plan.replies, seconds),
                    by_schedule(agents.looks_around, plan.looks * factor, seconds),
                )
            taken = crowd.said - times[BURST][0] - (crowd.backlog - times[BURST][1])
            replying[AFTER] = watching.replying
            drained, calm = await _recovery(crowd, agents, watching, plan)
            listening.cancel()
            # as long as the backlog was, replies may be on their way still
            await eventually(lambda: all(one.taken_seconds for one in agents.replies))
            await eventually(lambda: _all_arrived(agents, sandbox), timeout_seconds=120)
            lost, doubled, disordered = await _judged(gateway, crowd)
            return Outcome(
                rate=rate,
                said=crowd.said - said,
                lost=lost,
                doubled=doubled,
                disordered=disordered,
                taken_in_burst=taken / plan.burst_seconds,
                backlog_max=max(one.backlog for one in watching.seen),
                drained_seconds=drained,
                calm_seconds=calm,
                taken=_by_phase(agents),
                arrived=agents.arrived_seconds(sandbox),
                answered={
                    phase: _mean(replying[phase], replying[later])
                    for phase, later in ((BEFORE, BURST), (BURST, AFTER))
                },
                replies_refused=sum(one.refused for one in agents.replies),
                looks=dict(agents.looks),
                without_a_time=agents.without_a_time,
                live=dict(agents.told),
                shed={
                    kind: watching.told.get(f'trunkline_shed_total kind="{kind}"', 0.0)
                    for kind in ("call", "request")
                },
                missed=watching.told.get("trunkline_events_missed_total", 0.0),
                seen=watching.seen,
                mb_a_minute=mb_a_minute(watching.of(BURST)),
                load=load(),
            )


@asynccontextmanager
async def _watched(gateway: Gateway, metrics_url: str) -> AsyncIterator[Watching]:
    watching = Watching(gateway.pid, _owner(gateway).pid or 0, metrics_url)
    task = asyncio.create_task(watching.run())
    try:
        yield watching
    finally:
        task.cancel()
        await asyncio.wait({task})


def _owner(gateway: Gateway) -> Owner:
    """How to reach its server."""
    found = ServerDirectory(gateway.data_dir).owner()
    if found is None:
        raise RuntimeError("the gateway has no server of its own")
    return found


async def _trial(crowd: Crowd, count: int) -> float:
    """-> messages a second that are taken while there are always more. The first from everybody
    begin conversations, which costs more, and are over before.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    most = await _all_say(crowd, count, left=count // 5)
    rate = (count - most) / (clock() - began)
    await _all_say(crowd, 0)
    return rate


async def _all_say(crowd: Crowd, count: int, left: int = 0) -> int:
    """-> how many are left to be taken: so many, or a few less. The last ones say nothing of the
    rate, as some may have been told to come again.
    """
    for _ in range(count):
        crowd.says()
    await eventually(lambda: crowd.backlog <= left, timeout_seconds=DRAINED_SECONDS)
    return crowd.backlog


async def _recovery(
    crowd: Crowd, agents: Agents, watching: Watching, plan: Plan
) -> tuple[float, float]:
    """The usual goes on meanwhile. -> seconds until nothing waits on the platform any more, and
    until the gateway holds nothing back.
    """
    agents.phase = watching.phase = AFTER
    clock = asyncio.get_running_loop().time
    began = clock()
    usual = asyncio.create_task(
        by_schedule(agents.replies_to_somebody, plan.replies, DRAINED_SECONDS)
    )
    try:
        await eventually(lambda: not crowd.backlog, timeout_seconds=DRAINED_SECONDS)
        drained = clock() - began
        await eventually(lambda: watching.seen[-1].share == 1.0, timeout_seconds=CALM_SECONDS)
    finally:
        usual.cancel()
        await asyncio.wait({usual})
    return drained, clock() - began


def _mean(before: tuple[float, float], after: tuple[float, float]) -> float:
    """Of what came between, by sums and counts."""
    return (after[0] - before[0]) / max(1.0, after[1] - before[1])


def _all_arrived(agents: Agents, sandbox: Sandbox) -> bool:
    return len(sandbox.world.journal.accepted) >= len(agents.replies)


def _by_phase(agents: Agents) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for one in agents.replies:
        found.setdefault(one.phase, []).append(one.taken_seconds)
    return found


async def _judged(gateway: Gateway, crowd: Crowd) -> tuple[int, int, int]:
    """What the store has, beside what was said. What is acknowledged may have to be filed yet."""
    async with stored(_owner(gateway).url, gateway.data_dir) as store:
        keys = [
            store.keys.ready(partition, f"tg{number}", "in")
            for number in range(len(crowd.bots))
            for partition in range(store.keys.partitions)
        ]

        async def all_is_filed() -> bool:
            return not sum(await store.read.many([("ZCARD", key) for key in keys]))

        await eventually(all_is_filed, timeout_seconds=120)
        return crowd.judged(await read_books(store))
