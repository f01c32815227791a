"""Whatever order things happen in and whoever dies meanwhile: each message once, in its order.

Three processes share one store. Events are delivered to any of them, each sometimes twice; lanes
are worked on at once, later, too late, by several, or broken off somewhere on the way; agents
close, seal, merge and link in between.
"""

import asyncio
from collections import defaultdict
from contextlib import suppress
from typing import Final, NamedTuple

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import NotFound, Refused, Stale
from core.model.conversation import Status
from core.model.ids import IdentityId, LegId, MessageId, ThreadRef, identity_id
from core.model.message import Audience, Direction
from core.store.lanes import Lease
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly, fresh_store, make_due, text_in
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer


class Writer(NamedTuple):
    who: str
    where: ThreadRef
    audience: Audience

    @property
    def author(self) -> str:
        return "" if self.audience is Audience.PRIVATE else identity_id("telegram", "bot", self.who)


WRITERS: Final = (
    Writer("ada", thread("ada"), Audience.PRIVATE),
    Writer("ada", thread("group"), Audience.GROUP),
    Writer("ben", thread("group"), Audience.GROUP),
    Writer("ada", thread("ada's mail", "email", "mail"), Audience.PRIVATE),
)


class Step(NamedTuple):
    """`process` does it to the writer or lease `which`, or also `other`; `trips` is after how many
    round trips to the store a worker is killed.
    """

    verb: str
    process: int
    which: int
    other: int
    trips: int


VERBS: Final = (
    *("deliver", "deliver", "deliver", "again", "work", "poll", "expire", "late"),
    *("killed", "killed", "close", "close", "seal", "merge", "link", "unlink"),
)
steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(VERBS),
        st.integers(0, 2),
        st.integers(0, len(WRITERS) - 1),
        st.integers(0, len(WRITERS) - 1),
        st.integers(0, 7),
    ),
    min_size=12,
    max_size=60,
)


CLOSED_AFTER_FILING: Final = [
    Step("deliver", 0, 0, 0, 0), Step("work", 0, 0, 0, 0), Step("close", 0, 0, 0, 0),
    Step("deliver", 0, 0, 0, 0), Step("killed", 0, 0, 0, 3), Step("close", 0, 0, 0, 0),
    Step("expire", 0, 0, 0, 0), Step("poll", 0, 0, 0, 0),
]  # fmt: skip
"""The worker filed the message, did not live to acknowledge it, and the new leg was closed."""


@example(steps=CLOSED_AFTER_FILING)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=steps)
def test_every_message_is_in_one_place_and_in_order(server: RedisServer, steps: list[Step]) -> None:
    """Laws 1 to 3, in all the orders that a machine under load comes up with."""
    asyncio.run(_play(server.url, steps))


async def _play(url: str, steps: list[Step]) -> None:
    async with fresh_store(url, partitions=2) as store:
        schedule = _Schedule(store)
        for step in steps:
            await schedule.do(step)
        await schedule.recover()
        await schedule.check()


class _Schedule:
    def __init__(self, store: Store) -> None:
        adapters = {"bot": MemoryAdapter(), "mail": MemoryAdapter()}
        self._store = store
        # The third process hands nothing over: what it accepts waits for a poll.
        self._processes = [Assembly(store, adapters, hand_over=n < 2) for n in range(3)]
        self._accepted: dict[Writer, list[str]] = defaultdict(list)
        self._events: list[tuple[Writer, str]] = []
        self._old: list[Lease] = []

    async def do(self, step: Step) -> None:
        line, writer = self._processes[step.process], WRITERS[step.which]
        match step.verb:
            case "deliver":
                await self._deliver(line, writer, f"{writer.who} {len(self._events)}", new=True)
            case "again" if self._events:
                before, text = self._events[step.trips % len(self._events)]
                await self._deliver(line, before, text, new=False)
            case "work" if line.handed:
                await self._work(line, line.handed.popleft())
            case "poll":
                for lease in await line.take_due():
                    await self._work(line, lease)
            case "killed":
                await self._kill(line, step.trips)
            case "expire":
                await make_due(self._store)
            case "late" if self._old:
                await self._work(line, self._old[step.trips % len(self._old)])
            case _:
                with suppress(Refused):
                    await self._interfere(line, step)

    async def _deliver(self, line: Assembly, writer: Writer, text: str, *, new: bool) -> None:
        event = says(writer.where, writer.who, text, dedup=text, audience=writer.audience)
        await line.dispatcher.accept(event)
        if new:
            self._accepted[writer].append(text)
            self._events.append((writer, text))

    async def _work(self, line: Assembly, lease: Lease) -> None:
        self._old.append(lease)
        with suppress(Stale):
            await line.work(lease)

    async def _kill(self, line: Assembly, trips: int) -> None:
        """Begin to work, and stop somewhere on the way; the lease stays where it was."""
        leases = [line.handed.popleft()] if line.handed else await line.take_due()
        work = [asyncio.create_task(self._work(line, lease)) for lease in leases]
        last = self._store.commit.round_trips + trips
        while (  # noqa: ASYNC110 - whoever waits longer kills too late
            self._store.commit.round_trips < last and not all(task.done() for task in work)
        ):
            await asyncio.sleep(0)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    async def _interfere(self, line: Assembly, step: Step) -> None:
        legs = [await self._leg(WRITERS[n]) for n in (step.which, step.other)]
        by, task = "agent:robin", line.new_id()
        match step.verb:
            case "close":
                conversation = await line.views.conversation(legs[0])
                activity = MessageId(task)
                await line.triage.set_status(conversation, AGENT, Status.CLOSED, activity)
            case "seal":
                await self._store.threads.seal(legs[0])
            case "merge":
                await line.joins.merge(task, legs[0], legs[1], by)
            case "link":
                a, b = _identities(step)
                await line.joins.link(task, a, b, by, "said so")
            case _:
                a, b = _identities(step)
                await line.joins.unlink(task, a, b, by, "was wrong")

    async def _leg(self, writer: Writer) -> LegId:
        bound = await self._store.threads.bound(writer.where, writer.author)
        if bound is None:
            raise NotFound(f"{writer.where} has no leg yet")
        return bound.leg

    # --- afterwards

    async def recover(self) -> None:
        """Everybody died; a new process takes over once the leases have ended."""
        await make_due(self._store)
        await self._processes[2].settle()

    async def check(self) -> None:
        found, line = dict[Writer, list[str]](), self._processes[0]
        for writer in WRITERS:
            found[writer] = []
            with suppress(NotFound):
                leg: LegId | None = await self._leg(writer)
                while leg:
                    said = [one for one in await line.log(leg) if _said(one.message.direction)]
                    found[writer] = [*map(text_in, said), *found[writer]]
                    leg = (await self._store.legs.head(leg)).previous
        assert found == {writer: self._accepted[writer] for writer in WRITERS}
        everywhere = [key async for key in self._store.redis.scan_iter("*log:*")]
        assert await self._count(everywhere) == sum(map(len, found.values()))

    async def _count(self, logs: list[bytes]) -> int:
        """Of customers' messages in all logs, reachable or not."""
        line, count = self._processes[0], 0
        for key in logs:
            count += sum(_said(one.message.direction) for one in await line.log(_leg_in(key)))
        return count


def _identities(step: Step) -> list[IdentityId]:
    writers = [WRITERS[n] for n in (step.which, step.other)]
    return [identity_id(one.where.channel, one.where.account, one.who) for one in writers]


def _said(direction: Direction) -> bool:
    return direction is Direction.IN


def _leg_in(key: bytes) -> LegId:
    return LegId(key.decode().rpartition(":")[2])
