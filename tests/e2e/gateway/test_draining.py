"""SIGTERM: what was begun is finished and recorded, and the next start goes on from there."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from core.model.conversation import Entry
from core.model.message import DeliveryState
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway
from tests.rigs.waiting import eventually


async def test_sends_under_way_are_finished_and_the_rest_is_sent_by_the_next_start(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """Nobody gets a message twice because of a restart."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    for customer in (mei, jonas):
        customer.says("Hello")
    await eventually(lambda: has_open(agent, 2))
    numbers: list[str] = [one.number for one in await agent.conversations()]
    slow = Fault("telegram", "sendMessage", Kind.SLOW_AFTER, seconds=1.0, count=0)
    sandbox.world.faults.add(slow)

    replies = [
        await agent.reply(number, f"{text} for {number}")
        for number in numbers
        for text in ("First", "Second", "Third")
    ]
    await eventually(lambda: slow.fired == 2)
    began = time.monotonic()
    code = await gateway.stop()
    seconds = time.monotonic() - began
    sandbox.world.faults.clear()
    unheard = jonas.says("While it was away")
    gateway.start()
    await gateway.ready()
    ends = [await agent.settled(reply, timeout_seconds=20) for reply in replies]

    assert (code, seconds < 8) == (0, True)
    assert [state_of(one) for one in ends] == [DeliveryState.SENT] * 6
    texts = sorted(mei.read_on_phone + jonas.read_on_phone)
    assert texts == sorted(f"{t} for {n}" for n in numbers for t in ("First", "Second", "Third"))
    for customer in (mei, jonas):
        order = [text.partition(" ")[0] for text in customer.read_on_phone]
        assert order == ["First", "Second", "Third"]
    await eventually(lambda: has_heard(agent, numbers, unheard.text))


async def test_a_gateway_is_gone_within_ten_seconds_whatever_holds_it_up(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """A platform that hangs, an upload that never ends, a listener that never reads: whoever runs
    the machine would kill it instead, and lose what was in hand.
    """
    mei = Customer(sandbox, "mei")
    mei.says("Hello")
    await eventually(lambda: has_open(agent, 1))
    (conversation,) = await agent.conversations()
    hangs = Fault("telegram", "sendMessage", Kind.SLOW_AFTER, seconds=60.0)
    sandbox.world.faults.add(hangs)
    reply = await agent.reply(conversation.number, "It hangs")
    behind = await agent.reply(conversation.number, "It waits")
    await eventually(lambda: hangs.fired == 1)

    async with agent.live(), _endless_upload(agent):
        began = time.monotonic()
        code = await gateway.stop()
        seconds = time.monotonic() - began
    sandbox.world.faults.clear()
    gateway.start()
    await gateway.ready()
    ends = [await agent.settled(one, timeout_seconds=20) for one in (reply, behind)]

    assert code == 0
    assert seconds <= 10
    assert [state_of(one) for one in ends] == [DeliveryState.UNKNOWN, DeliveryState.SENT]
    assert mei.read_on_phone == ["It hangs", "It waits"]


@asynccontextmanager
async def _endless_upload(agent: Api) -> AsyncIterator[None]:
    begun = asyncio.Event()

    async def bytes_for_ever() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        begun.set()
        await asyncio.Event().wait()

    async def upload() -> None:
        headers = {"X-Filename": "long.bin", "Content-Type": "application/octet-stream"}
        with suppress(aiohttp.ClientError):
            async with agent.http.post(
                "/api/v1/attachments", data=bytes_for_ever(), headers=headers
            ):
                pass

    task = asyncio.create_task(upload())
    try:
        await begun.wait()
        yield
    finally:
        task.cancel()


async def test_an_idle_gateway_ends_at_once_though_somebody_listens(
    gateway: Gateway, agent: Api
) -> None:
    """Open live streams and long polls hold nothing up."""
    async with agent.live() as events:
        began = time.monotonic()
        code = await gateway.stop()
        seconds = time.monotonic() - began
        async with asyncio.timeout(5):
            left = [event async for event in events]

    assert (code, left) == (0, [])
    assert seconds < 4
    assert not (gateway.data_dir / "owner.json").exists(), "the embedded server has ended too"


def state_of(entry: Entry) -> DeliveryState:
    assert entry.delivery is not None
    return entry.delivery.state


async def has_open(agent: Api, count: int) -> bool:
    return len(await agent.conversations()) == count


async def has_heard(agent: Api, numbers: list[str], text: str) -> bool:
    heard = [await agent.heard(number) for number in numbers]
    return sum(texts.count(text) for texts in heard) == 1
