"""Work in lanes: in order within one, side by side between them."""

import asyncio
import random
from functools import partial

import pytest

from adapters.discord.line.lanes import Lanes, Turns
from tests.rigs.waiting import PATIENCE_SECONDS, eventually


@pytest.mark.parametrize("seed", range(5))
async def test_each_lane_keeps_its_order_whatever_takes_how_long(seed: int) -> None:
    """A customer's second sentence would stand before the first."""
    chance, done = random.Random(seed), list[tuple[str, int]]()

    async def work(key: str, number: int, pauses: int) -> None:
        for _ in range(pauses):
            await asyncio.sleep(0)
        done.append((key, number))

    async with asyncio.TaskGroup() as tasks:
        lanes = Lanes(tasks)
        for number in range(400):
            key = chance.choice("abcdefgh")
            lanes.put(key, partial(work, key, number, chance.choice((0, 0, 1, 7))))
            if chance.random() < 0.1:
                await asyncio.sleep(0)

    assert len(done) == 400
    for key in "abcdefgh":
        numbers = [number for one, number in done if one == key]
        assert numbers == sorted(numbers)
    assert all(lanes.idle(key) for key in "abcdefgh")


async def test_a_lane_that_waits_holds_up_no_other() -> None:
    """One busy channel would keep all others silent."""
    gate, done = asyncio.Event(), list[str]()

    async def wait() -> None:
        await gate.wait()

    async def note(key: str) -> None:
        done.append(key)

    async with asyncio.TaskGroup() as tasks:
        lanes = Lanes(tasks)
        for number in range(50):
            lanes.put(f"slow {number}", wait)
        for key in "abc":
            lanes.put(key, partial(note, key))
        await eventually(lambda: done == ["a", "b", "c"])
        gate.set()


async def test_where_nothing_waits_work_costs_hardly_any_task() -> None:
    """A quick store would be slowed down by what is there for a slow one."""
    workers = list[asyncio.Task[None] | None]()

    async def note() -> None:
        workers.append(asyncio.current_task())

    async with asyncio.TaskGroup() as tasks:
        lanes = Lanes(tasks)
        for number in range(1000):
            lanes.put(str(number), note)

    assert len(workers) == 1000
    assert len(set(workers)) == 1


async def test_turns_are_given_to_so_many_and_the_hurried_first() -> None:
    """Somebody who writes now would wait until a thousand silent channels are read."""
    turns, begun, gate = Turns(2), list[str](), asyncio.Event()

    async def take(key: str) -> None:
        async with turns.of(key):
            begun.append(key)
            await gate.wait()

    async with asyncio.TaskGroup() as tasks:
        for key in "abcde":
            tasks.create_task(take(key))
        await eventually(lambda: begun == ["a", "b"])
        turns.hurry("e")
        turns.hurry("nobody")
        gate.set()

    assert begun == ["a", "b", "e", "c", "d"]


async def test_who_gives_up_waiting_takes_no_turn_with_them() -> None:
    """After a few shutdowns nobody would get a turn any more."""
    turns, gate = Turns(1), asyncio.Event()

    async def take(key: str) -> None:
        async with turns.of(key):
            await gate.wait()

    tasks = [asyncio.create_task(take(key)) for key in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[0].cancel()
    await asyncio.wait(tasks[:2])
    gate.set()

    await asyncio.wait_for(tasks[2], PATIENCE_SECONDS)
