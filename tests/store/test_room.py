"""How many requests to the API are in hand, and who of them goes first."""

import asyncio
from typing import Any

import pytest
from litestar.handlers import BaseRouteHandler

from core.pressure import Pressure
from core.rules.pressure import (
    AGAIN_SECONDS,
    AGAIN_SECONDS_MAX,
    SHARE_MIN,
    Bearing,
    Level,
)
from core.store.store import Store
from gateway.http.conversations import read_messages as look
from gateway.http.problems import RequestRefused
from gateway.http.room import ALL_REQUESTS_MAX, REQUESTS_MAX, Room
from gateway.http.writing import reply
from tests.rigs.waiting import eventually

BELOW = "/api/v1"
OF_THE_LEAST = int(REQUESTS_MAX * SHARE_MIN)


class _Api:
    """Takes requests into its hand and keeps them there until it is told to answer."""

    def __init__(self, pressure: Pressure, tasks: asyncio.TaskGroup) -> None:
        self._room, self._tasks = Room(pressure), tasks
        self._counted = self._room.counting(self._serve, BELOW)
        self.in_hand, self.answered = 0, 0
        self.refused: list[RequestRefused] = []
        self.answers, self.ends = asyncio.Event(), asyncio.Event()

    async def ask(self, handler: BaseRouteHandler, times: int = 1) -> None:
        """Returns when each is in hand, or refused."""
        before = self.in_hand + len(self.refused)
        for _ in range(times):
            scope: Any = {"type": "http", "path": f"{BELOW}/conversations", "handler": handler}
            self._tasks.create_task(self._asked(scope))
        await eventually(lambda: self.in_hand + len(self.refused) == before + times)

    async def _asked(self, scope: Any) -> None:
        await self._counted(scope, _nothing, _nothing)

    async def _serve(self, scope: Any, _receive: Any, send: Any) -> None:
        try:
            self._room.require(scope["handler"])
        except RequestRefused as refusal:
            self.refused.append(refusal)
            return
        self.in_hand += 1
        await self.answers.wait()
        await send({"type": "http.response.start"})
        self.answered += 1
        await self.ends.wait()


async def _nothing(*_: Any) -> Any:
    pass


async def test_agents_who_write_have_room_when_those_who_look_have_none(store: Store) -> None:
    """A customer whose answer is written already; and memory, of which each request takes some."""
    async with asyncio.TaskGroup() as tasks:
        api = _Api(Pressure(store, (), 1.0), tasks)

        await api.ask(look, REQUESTS_MAX + 1)
        looks = api.in_hand
        await api.ask(reply, ALL_REQUESTS_MAX - REQUESTS_MAX + 1)
        api.answers.set()
        api.ends.set()

    assert (looks, api.in_hand) == (REQUESTS_MAX, ALL_REQUESTS_MAX)
    assert [_again_seconds(one) for one in api.refused] == 2 * [AGAIN_SECONDS]


@pytest.mark.parametrize("handler", [look, reply])
async def test_under_pressure_only_who_looks_is_asked_to_wait(
    store: Store, handler: BaseRouteHandler
) -> None:
    """Agents whose reply would be refused for those who look."""
    pressure = Pressure(store, (), 1.0)
    pressure.bearing = Bearing(share=SHARE_MIN, level=Level.OVERLOADED)
    async with asyncio.TaskGroup() as tasks:
        api = _Api(pressure, tasks)

        await api.ask(look, OF_THE_LEAST)
        await api.ask(handler)
        api.answers.set()
        api.ends.set()

    assert len(api.refused) == pressure.shed["request"] == (handler is look)
    assert all(AGAIN_SECONDS <= _again_seconds(one) <= AGAIN_SECONDS_MAX for one in api.refused)


async def test_whoever_reads_slowly_is_no_longer_in_hand(store: Store) -> None:
    """Pages that listen for hours would otherwise leave no room for anything else."""
    async with asyncio.TaskGroup() as tasks:
        api = _Api(Pressure(store, (), 1.0), tasks)
        await api.ask(look, REQUESTS_MAX)
        api.answers.set()
        await eventually(lambda: api.answered == REQUESTS_MAX)

        await api.ask(look, REQUESTS_MAX)
        api.ends.set()

    assert not api.refused


def _again_seconds(refusal: RequestRefused) -> int:
    return int((refusal.headers or {})["Retry-After"])
