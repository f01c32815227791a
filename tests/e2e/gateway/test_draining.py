"""SIGTERM: what was begun is finished and recorded, and the next start goes on from there."""

import asyncio
import time

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
