"""What is read while its leg leaves for the archive, or comes back, reads as it was."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from typing_extensions import override

from core.model.conversation import Leg, Status
from core.model.ids import LegId, MessageId
from core.store.legs import Legs
from core.store.reading import Command, Reader
from core.store.threads import Threads
from tests.rigs.assembly import Assembly
from tests.rigs.freezing import Winter, had
from tests.rigs.platform import MemoryAdapter

COMMANDS_MAX = 4
"""Of one round trip of these reads."""


class Interrupted(Reader):
    """The server reads commands that come together in portions: between the `nth` of the first
    round trip and the next one another process acts.
    """

    def __init__(self, read: Reader, nth: int, act: Callable[[], Awaitable[object]]) -> None:
        self._calm, self._nth, self._act, self._acted = read, nth, act, False

    @override
    async def many(self, commands: Sequence[Command]) -> list[Any]:
        if self._acted:
            return await self._calm.many(commands)
        self._acted = True
        first = await self._calm.many(commands[: self._nth])
        await self._act()
        return first + await self._calm.many(commands[self._nth :])


async def _done(winter: Winter) -> LegId:
    line = Assembly(winter.store, {"bot": MemoryAdapter()})
    return (await had(line, status=Status.RESOLVED)).legs[0].id


Look = Callable[[Legs, Threads], Awaitable[object]]


def looks_at(leg: LegId) -> list[Look]:
    """Everything that is looked up of a leg."""
    return [
        lambda legs, _: legs.heads([leg]),
        lambda legs, _: legs.entries(leg, 99, 50),
        lambda legs, _: legs.message(leg, 2),
        lambda legs, _: legs.position_of(leg, "to ada"),
        lambda legs, _: legs.named([(leg, "asked")]),
        lambda _, threads: threads.find(leg, "asked"),
        lambda _, threads: threads.written(leg, MessageId("to ada")),
    ]


async def seen(winter: Winter, read: Reader, look: Look) -> object:
    store = winter.store
    legs = Legs(read, store.commit, store.keys, store.cold)
    threads = Threads(read, store.commit, store.keys, store.lanes, store.cold, fetch=True)
    match await look(legs, threads):
        case [Leg() as head]:
            return replace(head, archived=False)
        case found:
            return found


@pytest.mark.parametrize("nth", range(1, COMMANDS_MAX))
async def test_it_leaves_between_two_commands(winter: Winter, nth: int) -> None:
    """An edit of a message that is not found is a second message."""
    leg, store = await _done(winter), winter.store
    for look in looks_at(leg):
        as_it_is = await seen(winter, store.read, look)

        torn = await seen(winter, Interrupted(store.read, nth, winter.takes_everything), look)

        assert torn == as_it_is
        assert (await store.legs.head(leg)).archived
        assert await store.cold.thaw(leg)


@pytest.mark.parametrize("nth", range(1, COMMANDS_MAX))
async def test_it_comes_back_between_two_commands(winter: Winter, nth: int) -> None:
    """The same the other way round."""
    leg, store = await _done(winter), winter.store
    for look in looks_at(leg):
        await winter.takes_everything()
        as_it_is = await seen(winter, store.read, look)

        torn = await seen(winter, Interrupted(store.read, nth, lambda: store.cold.thaw(leg)), look)

        assert torn == as_it_is
        assert not (await store.legs.head(leg)).archived
