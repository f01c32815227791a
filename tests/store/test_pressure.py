"""What a process does with more than it can carry."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.model.event import Inbound, Typing
from core.pressure import ACCEPTING_MAX, GATHER_SECONDS, Gate, NoTurn, Pressure
from core.rules.pressure import SHARE_MIN, Bearing, Level
from core.store.store import Store
from tests.rigs.assembly import Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.waiting import eventually

PARTED = 5
WHILE_SECONDS = 60.0


@asynccontextmanager
async def looking(pressure: Pressure) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(pressure.run())
        yield
        run.cancel()


class _Slow:
    """Takes an event for as long as it is told to."""

    def __init__(self) -> None:
        self.begun: list[Inbound] = []
        self.go_on = asyncio.Event()

    async def __call__(self, one: Inbound) -> None:
        self.begun.append(one)
        await self.go_on.wait()


async def test_no_more_events_are_taken_at_a_time_than_there_is_room_for(store: Store) -> None:
    """Memory: an inbox that brings thousands at once waits with them."""
    slow = _Slow()
    deliver = Pressure(store, (), 1.0).held_back(slow)
    events = [says(thread(f"t{n}"), "ada", "hello") for n in range(ACCEPTING_MAX + PARTED)]

    all_taken = asyncio.gather(*map(deliver, events))
    await eventually(lambda: len(slow.begun) >= ACCEPTING_MAX)
    begun = len(slow.begun)
    slow.go_on.set()
    await all_taken

    assert begun == ACCEPTING_MAX
    assert slow.begun == events, "in the order in which they came"


async def test_whoever_gives_up_waiting_takes_no_room_with_them() -> None:
    """Everybody else, after platforms have hung up on calls that waited."""
    gate = Gate(lambda: 1)
    inside = asyncio.Event()

    async def one() -> None:
        async with gate.entered("bot", WHILE_SECONDS, at_most=4):
            await inside.wait()

    tasks = [asyncio.create_task(one()) for _ in range(4)]
    await eventually(lambda: gate.waiting == 3)
    for task in tasks[1:3]:
        task.cancel()
    await asyncio.gather(*tasks[1:3], return_exceptions=True)
    tasks += [asyncio.create_task(one()) for _ in range(2)]  # there is room to wait again
    await eventually(lambda: gate.waiting == 3)
    tasks[0].cancel()  # its place is given to the one that has waited longest
    await eventually(lambda: len(gate) == 1 and gate.waiting == 2)
    inside.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(one) for one in results[:3]] == 3 * [asyncio.CancelledError]
    assert results[3:] == [None, None, None]
    assert (len(gate), gate.waiting) == (0, 0)


async def test_what_comes_in_one_inbox_waits_for_no_flood_in_another(store: Store) -> None:
    """Whoever writes a mail while somebody floods a bot."""
    slow = _Slow()
    deliver = Pressure(store, (), 1.0).held_back(slow)
    flood = [says(thread(f"t{n}"), "ada", "hello") for n in range(2 * ACCEPTING_MAX)]
    mail = says(thread("t", account="mail"), "ben", "hello")

    all_taken = asyncio.gather(*map(deliver, [*flood, mail]))
    await eventually(lambda: len(slow.begun) >= ACCEPTING_MAX)
    slow.go_on.set()
    await all_taken

    assert slow.begun.index(mail) <= ACCEPTING_MAX + 1
    assert [one for one in slow.begun if one is not mail] == flood, "each in its order"


async def test_an_inbox_that_fills_all_room_to_wait_makes_room_for_others() -> None:
    """A mail server, which comes again only after minutes, while platforms flood bots."""
    gate, inside = Gate(lambda: 1), asyncio.Event()
    order: list[str] = []

    async def call(account: str) -> None:
        async with gate.entered(account, WHILE_SECONDS, at_most=4):
            order.append(account)
            await inside.wait()

    flood = [asyncio.create_task(call("bot")) for _ in range(5)]
    await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
    mail = asyncio.create_task(call("mail"))
    await eventually(lambda: sum(task.done() for task in flood) == 2)
    inside.set()
    await mail
    results = await asyncio.gather(*flood, return_exceptions=True)

    assert [type(one) for one in results] == 3 * [type(None)] + 2 * [NoTurn], "who came last"
    assert order == ["bot", "bot", "mail", "bot"]


async def test_a_loop_that_is_held_up_takes_in_less_and_recovers(store: Store) -> None:
    """Agents meanwhile, and customers afterwards: nobody has to do anything."""
    pressure = Pressure(store, (), 0.02)
    burden = True

    async def burdened() -> None:
        """A process that has so much to do that nobody's turn comes soon."""
        while burden:
            until = time.thread_time() + 0.1
            while time.thread_time() < until:
                pass
            await asyncio.sleep(0)

    async with looking(pressure):
        work = asyncio.create_task(burdened())
        await eventually(lambda: pressure.is_overloaded)
        room, gathers = pressure.room(256), store.live.gather_seconds
        typing_is_spared = pressure.spares("typing")
        burden = False
        await work
        await eventually(lambda: pressure.bearing == Bearing())

    assert room < 256 / 2
    assert gathers == GATHER_SECONDS[Level.OVERLOADED]
    assert typing_is_spared
    assert pressure.shed["typing"] == 1
    assert not pressure.spares("typing")
    assert store.live.gather_seconds == 0.0


async def test_typing_is_dropped_before_anybody_has_worked_for_it(store: Store) -> None:
    """Whoever wrote something has the process' time instead."""
    slow = _Slow()
    pressure = Pressure(store, (), 1.0)
    pressure.bearing = Bearing(share=SHARE_MIN, level=Level.OVERLOADED)

    await pressure.held_back(slow)(event(thread("t"), "ada", Typing()))

    assert not slow.begun


async def test_threads_that_wait_to_be_filed_count(store: Store) -> None:
    """Whoever's thread is behind thousands that were accepted faster than they are filed."""
    line = Assembly(store, {"bot": MemoryAdapter()}, hand_over=False)
    pressure = Pressure(store, ("bot",), 10.0, waiting_max=PARTED)
    deliver = pressure.held_back(line.dispatcher.accept)

    async with looking(pressure):
        for n in range(2 * PARTED):
            await deliver(says(thread(f"t{n}"), f"p{n}", "hello"))
        await eventually(lambda: not pressure.is_calm)
        await line.settle()
        await eventually(lambda: pressure.is_calm)
