"""Conversations are read while legs join and part: what is told was true at some moment."""

import asyncio

from core.model.ids import LegId
from core.store.store import Store
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter

ROUNDS = 60


async def test_a_leg_is_in_the_conversation_that_is_told_of_it(store: Store) -> None:
    """An agent who answers on a leg must not be told that it does not exist."""
    desk = Assembly(store, {"bot": MemoryAdapter()})
    names = ("ada", "ben", "cyd")
    for name in names:
        await desk.dispatcher.accept(says(thread(name), name, "hello"))
    await desk.settle()
    legs = [await desk.leg_of(thread(name)) for name in names]

    async with asyncio.TaskGroup() as tasks:
        looking = [tasks.create_task(_look(desk, leg)) for leg in legs]
        await _join_and_part(desk, legs)
        for task in looking:
            task.cancel()


async def _look(desk: Assembly, leg: LegId) -> None:
    while True:
        conversation = await desk.views.conversation(leg)
        assert leg in [one.id for one in conversation.legs]


async def _join_and_part(desk: Assembly, legs: list[LegId]) -> None:
    for number in range(ROUNDS):
        a, b = legs[number % 3], legs[(number + 1) % 3]
        await desk.joins.merge(f"merge {number}", a, b, "test")
        await desk.settle()
        await desk.joins.unmerge(f"unmerge {number}", a, b, "test")
        await desk.settle()
