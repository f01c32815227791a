"""How far a question has come is to be seen where it was asked, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from typing_extensions import override

from core.errors import PermanentDeliveryError, TemporaryDeliveryError
from core.model.conversation import Status
from core.model.ids import MessageId, ThreadRef
from core.model.message import Audience
from core.showing import States
from core.store.keys import LIVE
from core.store.live import Happened, Live
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread
from tests.rigs.platform import CommunityAdapter, MemoryAdapter
from tests.rigs.waiting import eventually

SQUARE = thread("square")
PARTITIONS = tuple(range(16))


@pytest.fixture
def line(store: Store, town: CommunityAdapter) -> Assembly:
    return Assembly(store, {"bot": town, "mail": MemoryAdapter()})


@asynccontextmanager
async def shown(line: Assembly) -> AsyncIterator[None]:
    """A process shows states while this is open; leaving it is as sudden as a kill."""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(States(line.store, line.adapters).run(line.adapters))
        try:
            yield
        finally:
            running.cancel()


async def asks(line: Assembly, who: str, where: ThreadRef = SQUARE) -> None:
    said = says(where, who, "how?", remote=f"m {who}", audience=Audience.PUBLIC)
    await line.dispatcher.accept(said)
    await tell(line)


async def becomes(line: Assembly, who: str, status: Status) -> None:
    conversation = await line.conversation_of(SQUARE, f"telegram:bot:{who}")
    await line.triage.set_status(conversation, AGENT, status, MessageId(line.new_id()))
    await tell(line)


async def tell(line: Assembly) -> None:
    """What workers do all the time."""
    await line.settle()
    await line.store.live.relay(PARTITIONS)


def sees(town: CommunityAdapter, **states: Status) -> Callable[[], bool]:
    wanted = {f"m {who}": status for who, status in states.items()}
    return lambda: town.states == wanted


async def test_whoever_reads_along_sees_how_far_it_is(
    line: Assembly, town: CommunityAdapter
) -> None:
    """Who asked in public would ask again, and others would answer what is answered."""
    async with shown(line):
        await asks(line, "ada")
        await eventually(sees(town, ada=Status.NEW))
        public = await line.conversation_of(SQUARE, "telegram:bot:ada")
        await line.reply(public, "like this", audience=Audience.PUBLIC)
        await tell(line)
        await eventually(sees(town, ada=Status.WAITING_CUSTOMER))
        await becomes(line, "ada", Status.CLOSED)
        await eventually(sees(town, ada=Status.CLOSED))

    assert town.shown_states[0].number == public.number
    assert town.shown_states[0].thread == SQUARE


async def test_nothing_is_shown_in_private(line: Assembly, town: CommunityAdapter) -> None:
    async with shown(line):
        await line.dispatcher.accept(says(thread("dm ben"), "ben", "psst", remote="m ben"))
        await asks(line, "ada")
        await eventually(sees(town, ada=Status.NEW))


async def test_what_happened_while_nobody_showed_it_is_shown_after(
    line: Assembly, town: CommunityAdapter
) -> None:
    """A gateway that is restarted would leave the old state there for ever."""
    async with shown(line):
        await asks(line, "ada")
        await asks(line, "ben")
        await eventually(sees(town, ada=Status.NEW, ben=Status.NEW))
    await becomes(line, "ada", Status.RESOLVED)
    await becomes(line, "ben", Status.CLOSED)
    await asks(line, "cyd")

    async with shown(line):
        wanted = sees(town, ada=Status.RESOLVED, ben=Status.CLOSED, cyd=Status.NEW)
        await eventually(wanted)


@pytest.mark.parametrize("is_new", [True, False], ids=["first start", "later start"])
async def test_it_is_shown_even_if_the_events_are_gone(
    line: Assembly, town: CommunityAdapter, store: Store, *, is_new: bool
) -> None:
    """A long weekend without a gateway, and the stream has forgotten its beginning."""
    if not is_new:
        await asks(line, "ada")
    async with shown(line):
        if is_new:
            await asks(line, "ada")
        await asks(line, "ben")
        await eventually(sees(town, ada=Status.NEW, ben=Status.NEW))
    await asks(line, "cyd")
    await becomes(line, "ada", Status.RESOLVED)
    await becomes(line, "ben", Status.CLOSED)
    await store.redis.xtrim(LIVE, maxlen=1, approximate=False)

    async with shown(line):
        await eventually(sees(town, ada=Status.RESOLVED, ben=Status.CLOSED, cyd=Status.NEW))


class LateLive(Live):
    """Hears of events when it is let, as a process does that has too much to do."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.read, store.commit, store.keys)
        self.may_read = asyncio.Event()
        self.waits = asyncio.Event()

    @override
    async def read(self, after: str, wait_seconds: float, limit: int = 500) -> list[Happened]:
        self.waits.set()
        await self.may_read.wait()
        return await super().read(after, wait_seconds, limit)


async def test_it_is_shown_even_if_the_events_went_while_they_were_waited_for(
    line: Assembly, town: CommunityAdapter, store: Store
) -> None:
    """After a rush of messages what was closed meanwhile would look unanswered for good."""
    await asks(line, "ada")
    await asks(line, "ben")
    async with shown(line):
        await eventually(sees(town, ada=Status.NEW, ben=Status.NEW))
    live = LateLive(store)
    async with shown(Assembly(replace(store, live=live), line.adapters)):
        await live.waits.wait()
        await becomes(line, "ada", Status.CLOSED)
        await becomes(line, "ben", Status.RESOLVED)
        await store.redis.xtrim(LIVE, maxlen=1, approximate=False)
        live.may_read.set()

        await eventually(sees(town, ada=Status.CLOSED, ben=Status.RESOLVED))


async def test_a_process_lost_between_noticing_and_showing_costs_only_time(
    line: Assembly, town: CommunityAdapter
) -> None:
    town.state_failures = [TemporaryDeliveryError("away", retry_after_seconds=3600)]
    async with shown(line):
        await asks(line, "ada")
        await eventually(lambda: not town.state_failures)

    async with shown(line):
        await eventually(sees(town, ada=Status.NEW))


async def test_a_state_that_cannot_be_shown_holds_up_no_other_and_is_tried_again(
    line: Assembly, town: CommunityAdapter
) -> None:
    town.state_failures = [TemporaryDeliveryError("away")]
    async with shown(line):
        await asks(line, "ada")
        await eventually(lambda: not town.state_failures)
        await asks(line, "ben")
        await eventually(sees(town, ben=Status.NEW))
        await eventually(sees(town, ada=Status.NEW, ben=Status.NEW))


async def test_what_will_never_be_shown_is_given_up_until_it_changes(
    line: Assembly, town: CommunityAdapter
) -> None:
    """A message that was deleted would be asked about for ever."""
    town.state_failures = [PermanentDeliveryError("the message is gone")]
    async with shown(line):
        await asks(line, "ada")
        await eventually(lambda: not town.state_failures)
        await asks(line, "ben")
        await eventually(sees(town, ben=Status.NEW))
        await becomes(line, "ada", Status.RESOLVED)
        await eventually(sees(town, ada=Status.RESOLVED, ben=Status.NEW))


async def test_of_many_changes_the_last_one_is_what_is_seen(
    line: Assembly, town: CommunityAdapter
) -> None:
    """Calls that overtake one another would leave the wrong state."""
    async with shown(line):
        for n in range(20):
            await asks(line, f"p{n}")
        for status in (Status.WAITING_INTERNAL, Status.RESOLVED, Status.OPEN, Status.SNOOZED):
            for n in range(20):
                await becomes(line, f"p{n}", status)
        await eventually(sees(town, **{f"p{n}": Status.SNOOZED for n in range(20)}))


async def test_two_processes_show_each_state_once(line: Assembly, town: CommunityAdapter) -> None:
    async with shown(line), shown(line):
        await asks(line, "ada")
        await eventually(sees(town, ada=Status.NEW))

    assert len(town.shown_states) == 1


async def test_what_is_closed_is_forgotten(
    line: Assembly, town: CommunityAdapter, store: Store
) -> None:
    """Every question ever asked in public would be looked at on each start."""
    async with shown(line):
        await asks(line, "ada")
        await eventually(sees(town, ada=Status.NEW))
        await becomes(line, "ada", Status.CLOSED)
        await eventually(sees(town, ada=Status.CLOSED))

        async def is_forgotten() -> bool:
            return not await store.redis.exists(store.keys.shown("bot"))

        await eventually(is_forgotten)
