"""The run: what the machine takes, then ten times as much, then calm; and what came of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from bench.measuring import load
from bench.overload.agents import Agents, Answered
from bench.overload.crowd import Crowd, by_schedule
from bench.overload.watching import Seen, Watching, mb_a_minute
from gateway.redis_server import Owner, ServerDirectory
from sandbox.server import Sandbox
from tests.crash.books import stored
from tests.rigs.api import Api, api
from tests.rigs.gateway import Gateway
from tests.rigs.ports import free_port, listens
from tests.rigs.waiting import eventually

TIMES: Final = 10
OF_WHAT_FITS: Final = 0.125
"""Of the rate that the gateway can take when nothing else is asked of it: what it is used to."""

BEFORE, BURST, AFTER, OVER = "before", "burst", "after", "over"
DRAINED_SECONDS: Final = 900.0
CALM_SECONDS: Final = 120.0
LATE_SECONDS: Final = 120.0


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
    trial: int = 5000
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
    counts answers other than 201 to agents who wrote. `unsaid` is what the schedule had and nobody
    said, since the platform kept as much as it may. `shown` counts what customers saw of `typed`,
    `cores` are how many each process used in the burst, `burst_replies` say of each when it began,
    in seconds since the burst did, and in how many it was taken.
    """

    rate: float
    said: int
    unsaid: int
    lost: int
    doubled: int
    disordered: int
    taken_in_burst: float
    backlog_max: int
    drained_seconds: float
    calm_seconds: float
    taken: dict[str, list[float]]
    arrived: dict[str, list[float]]
    burst_replies: list[tuple[float, float]]
    cores: dict[str, float]
    answered: dict[str, float]
    replies_refused: int
    typed: dict[str, int]
    shown: dict[str, int]
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
        async with (
            Gateway(
                directory,
                _settings(crowd, directory, port, plan),
                lease_seconds=15.0,
                is_executed=True,
            ) as one,
            _watched(one, port, crowd) as watching,
            api(one.url, one.token) as agent,
            asyncio.TaskGroup() as tasks,
        ):
            day = Day(sandbox, one, crowd, watching, Agents(agent, tasks), plan)
            await day.begins(agent)
            listening = tasks.create_task(day.agents.listen())
            await day.passes(BEFORE, 1, plan.before_seconds)
            await day.passes(BURST, TIMES, plan.burst_seconds)
            await day.recovers()
            listening.cancel()
            return await day.outcome()


def _settings(crowd: Crowd, directory: Path, port: int, plan: Plan) -> str:
    settings = crowd.channels(directory) + f'[metrics]\nbind = "127.0.0.1:{port}"\n'
    settings += "[limits]\ninbound_per_minute_max = 0\n"
    if plan.turn_seconds_max:
        settings += f"turn_seconds_max = {plan.turn_seconds_max}\n"
    return settings


class Day:
    """Of a gateway: what it is used to, ten times as much, and what comes after."""

    def __init__(
        self,
        sandbox: Sandbox,
        gateway: Gateway,
        crowd: Crowd,
        watching: Watching,
        agents: Agents,
        plan: Plan,
    ) -> None:
        self._sandbox, self._gateway, self._plan = sandbox, gateway, plan
        self._crowd, self._watching, self.agents = crowd, watching, agents
        self._rate = plan.rate or 0.0
        self._said = 0
        """Before the day."""
        self._taken = 0.0
        """In the last phase, messages a second."""
        self._cores: dict[str, float] = {}
        """In the last phase."""
        self._replying: dict[str, tuple[float, float]] = {}
        self._shown: Counter[str] = Counter()
        """Signs of typing, by phase."""
        self._drained = self._calm = 0.0

    async def begins(self, agent: Api) -> None:
        """Everybody writes; then it is known what the gateway is used to."""
        await _all_say(self._crowd, self._plan.people)
        if not self._plan.rate:
            self._rate = OF_WHAT_FITS * await _trial(self._crowd, self._plan.trial)
        self.agents.numbers = [one.number for one in await agent.conversations()]
        self._said = self._crowd.said

    async def passes(self, phase: str, times: int, seconds: float) -> None:
        """A time in which customers write, and agents look, so many times as often as usual."""
        crowd, agents, plan = self._crowd, self.agents, self._plan
        self._turns_to(phase)
        said, backlog, used = crowd.said, crowd.backlog, self._watching.seconds_used()
        for _ in range(plan.newcomers if phase == BURST else 0):
            crowd.says()
        await asyncio.gather(
            by_schedule(crowd.says, self._rate * times, seconds),
            by_schedule(agents.replies_to_somebody, plan.replies, seconds),
            by_schedule(agents.looks_around, plan.looks * times, seconds),
        )
        self._taken = (crowd.said - said - (crowd.backlog - backlog)) / seconds
        self._cores = {
            name: (now - used[name]) / seconds
            for name, now in self._watching.seconds_used().items()
        }

    async def recovers(self) -> None:
        """Agents go on as usual, until nothing waits on the platform any more and the gateway holds
        nothing back.
        """
        self._turns_to(AFTER)
        clock = asyncio.get_running_loop().time
        began = clock()
        usual = asyncio.create_task(
            by_schedule(self.agents.replies_to_somebody, self._plan.replies, DRAINED_SECONDS)
        )
        try:
            await eventually(lambda: not self._crowd.backlog, timeout_seconds=DRAINED_SECONDS)
            self._drained = clock() - began
            await eventually(
                lambda: self._watching.seen[-1].share == 1.0, timeout_seconds=CALM_SECONDS
            )
        finally:
            usual.cancel()
            await asyncio.wait({usual})
        self._calm = clock() - began

    async def outcome(self) -> Outcome:
        self._turns_to(OVER)
        agents, watching, sent = self.agents, self._watching, self._sandbox.world.journal.accepted
        # as long as the backlog was, replies may be on their way still
        await eventually(
            lambda: all(one.taken_seconds for one in agents.replies), timeout_seconds=LATE_SECONDS
        )
        await eventually(lambda: len(sent) >= len(agents.replies), timeout_seconds=LATE_SECONDS)
        lost, doubled, disordered = await _judged(self._gateway, self._crowd)
        return Outcome(
            rate=self._rate,
            said=self._crowd.said - self._said,
            unsaid=self._crowd.unsaid,
            lost=lost,
            doubled=doubled,
            disordered=disordered,
            taken_in_burst=self._taken,
            backlog_max=max(one.backlog for one in watching.seen),
            drained_seconds=self._drained,
            calm_seconds=self._calm,
            taken=_by_phase(agents),
            arrived=agents.arrived_seconds(self._sandbox),
            answered={
                phase: _mean(self._replying[phase], self._replying[later])
                for phase, later in pairwise((BEFORE, BURST, AFTER, OVER))
            },
            burst_replies=_after_the_first([one for one in agents.replies if one.phase == BURST]),
            cores=self._cores,
            replies_refused=sum(one.refused for one in agents.replies),
            typed=dict(agents.typed),
            shown=dict(self._shown),
            looks=dict(agents.looks),
            without_a_time=agents.without_a_time,
            live=dict(agents.told),
            shed={kind: watching.shed(kind) for kind in ("call", "request", "typing")},
            missed=watching.told.get("trunkline_events_missed_total", 0.0),
            seen=watching.seen,
            mb_a_minute=mb_a_minute(watching.of(BURST)),
            load=load(),
        )

    def _turns_to(self, phase: str) -> None:
        self._shown[self.agents.phase] += self._typing_seen() - self._shown.total()
        self.agents.phase = self._watching.phase = phase
        self._replying[phase] = self._watching.replying

    def _typing_seen(self) -> int:
        return self._sandbox.world.journal.calls["telegram.sendChatAction"]


@asynccontextmanager
async def _watched(gateway: Gateway, port: int, crowd: Crowd) -> AsyncIterator[Watching]:
    """If watching fails, so does the run: nothing would be known of it."""
    await eventually(lambda: listens(port))
    url = f"http://127.0.0.1:{port}/metrics"
    watching = Watching(gateway.pid, _owner(gateway).pid or 0, url, lambda: crowd.backlog)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(watching.run())
        yield watching
        task.cancel()


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


def _mean(before: tuple[float, float], after: tuple[float, float]) -> float:
    """Of what came between, by sums and counts."""
    return (after[0] - before[0]) / max(1.0, after[1] - before[1])


def _after_the_first(replies: list[Answered]) -> list[tuple[float, float]]:
    return [((one.began - replies[0].began).total_seconds(), one.taken_seconds) for one in replies]


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
        return await crowd.judged(store)
