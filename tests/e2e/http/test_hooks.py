"""The way in for platforms: whoever calls, however badly, gets an answer and takes nothing away."""

import asyncio
import json

import httpx
import pytest

from core.errors import StoreUnavailable
from core.model.capabilities import Capabilities
from core.model.outbound import Outbound, Receipt
from core.ports import Deliver, HookAnswer, HookCall
from gateway.http.hooks import CALLS_MAX
from tests.e2e.http.rig import Served
from tests.rigs.platform import MemoryAdapter
from tests.rigs.waiting import eventually


class Called:
    """An adapter that tells back what it was called with; `mishap` is raised instead."""

    def __init__(self) -> None:
        self.calls: list[HookCall] = []
        self.mishap: Exception | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(text_limit=1000)

    async def run(self, deliver: Deliver) -> None:
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> Receipt:
        raise AssertionError("nobody sends here")

    async def receive(self, call: HookCall, deliver: Deliver) -> HookAnswer:
        self.calls.append(call)
        await self.may_answer.wait()
        if self.mishap:
            raise self.mishap
        size = sum([len(chunk) async for chunk in call.body])
        told = {"method": call.method, "query": dict(call.query), "size": size}
        return HookAnswer(
            status=202, headers={"content-type": "application/json"}, body=json.dumps(told).encode()
        )


@pytest.fixture
def called(desk: Served) -> Called:
    adapter = Called()
    desk.rig.adapters["hooked"] = adapter
    return adapter


async def test_a_call_reaches_its_inbox_as_it_was_made(desk: Served, called: Called) -> None:
    answer = await desk.stranger.put(
        "/hooks/hooked", params={"hub": "Grüße"}, content=b"x" * 100_000, headers={"X-Sign": "abc"}
    )

    assert (answer.status_code, answer.json()) == (
        202,
        {"method": "PUT", "query": {"hub": "Grüße"}, "size": 100_000},
    )
    assert called.calls[0].headers["x-sign"] == "abc"


@pytest.mark.parametrize(
    "path", ["other", "hooked/more", "", "hooked%2Fmore", "%00", "../api/v1/x"]
)
async def test_where_there_is_no_inbox_there_is_nothing(
    desk: Served, called: Called, path: str
) -> None:
    answer = await desk.stranger.post(f"/hooks/{path}", content=b"{}")

    assert answer.status_code in (404, 405)
    assert not called.calls


async def test_an_inbox_that_takes_no_calls_has_no_address(desk: Served) -> None:
    desk.rig.adapters["plain"] = MemoryAdapter()

    assert (await desk.stranger.post("/hooks/plain")).status_code == 404


@pytest.mark.parametrize(
    ("mishap", "status"), [(StoreUnavailable("away"), 503), (KeyError("a mistake"), 500)]
)
async def test_whatever_an_adapter_raises_is_answered(
    desk: Served, called: Called, mishap: Exception, status: int
) -> None:
    called.mishap = mishap

    answer = await desk.stranger.post("/hooks/hooked", content=b"{}")

    assert (answer.status_code, answer.content) == (status, b"")


async def test_more_calls_than_can_be_in_hand_are_sent_away_for_now(
    desk: Served, called: Called
) -> None:
    """A flood of calls must not become a flood of memory."""
    called.may_answer.clear()
    limits = httpx.Limits(max_connections=CALLS_MAX + 10)
    async with (
        httpx.AsyncClient(base_url=desk.stranger.base_url, limits=limits, timeout=30) as flood,
        asyncio.TaskGroup() as tasks,
    ):
        held = [tasks.create_task(flood.post("/hooks/hooked")) for _ in range(CALLS_MAX)]
        await eventually(lambda: len(called.calls) == CALLS_MAX, timeout_seconds=30)

        refused = await desk.stranger.post("/hooks/hooked")
        called.may_answer.set()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert {task.result().status_code for task in held} == {202}
    assert (await desk.stranger.post("/hooks/hooked")).status_code == 202


async def test_a_body_that_does_not_come_is_not_waited_for(desk: Served, called: Called) -> None:
    """Ten half-sent bodies a second would otherwise fill the room for everybody else."""
    url = desk.stranger.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"POST /hooks/hooked HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()

    answer = await asyncio.wait_for(reader.readline(), 20)

    assert answer.startswith(b"HTTP/1.1 408")
    writer.close()


async def test_a_caller_who_hangs_up_leaves_nothing_behind(
    desk: Served, called: Called, caplog: pytest.LogCaptureFixture
) -> None:
    url = desk.stranger.base_url
    for _ in range(CALLS_MAX + 1):
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(b"POST /hooks/hooked HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        await writer.drain()
        writer.close()
    await eventually(lambda: len(called.calls) == CALLS_MAX + 1, timeout_seconds=30)

    assert (await desk.stranger.post("/hooks/hooked")).status_code == 202
    assert not caplog.records
