"""SIGTERM: what was begun is finished and recorded, and the next start goes on from there."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import aiohttp

from core.model.content import Media
from core.model.conversation import Entry
from core.model.message import DeliveryState
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway
from tests.rigs.stopwatch import stopwatch
from tests.rigs.waiting import eventually

LARGE_BYTES: Final = 16 * 1024 * 1024
"""More than sockets hold."""


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
    async with stopwatch() as watch:
        code = await gateway.stop()
    sandbox.world.faults.clear()
    unheard = jonas.says("While it was away")
    gateway.start()
    await gateway.ready()
    ends = [await agent.settled(reply) for reply in replies]

    assert (code, watch.seconds < 8) == (0, True)
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
    mei.sends_file("large.bin", b"x" * LARGE_BYTES)
    await eventually(lambda: has_stored(agent))
    (conversation,) = await agent.conversations()
    hangs = Fault("telegram", "sendMessage", Kind.SLOW_AFTER, seconds=60.0)
    sandbox.world.faults.add(hangs)
    reply = await agent.reply(conversation.number, "It hangs")
    behind = await agent.reply(conversation.number, "It waits")
    await eventually(lambda: hangs.fired == 1)

    async with (
        agent.live(),
        _endless_upload(agent),
        _download_that_nobody_reads(gateway, agent),
        stopwatch() as watch,
    ):
        code = await gateway.stop()
    sandbox.world.faults.clear()
    gateway.start()
    await gateway.ready()
    ends = [await agent.settled(one) for one in (reply, behind)]

    assert code == 0
    assert watch.seconds <= 10
    assert [state_of(one) for one in ends] == [DeliveryState.UNKNOWN, DeliveryState.SENT]
    assert mei.read_on_phone == ["It hangs", "It waits"]


async def test_a_second_signal_breaks_off_what_is_in_hand(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """Whoever cannot wait, and must not lose anything by that."""
    mei = Customer(sandbox, "mei")
    mei.says("Hello")
    await eventually(lambda: has_open(agent, 1))
    (conversation,) = await agent.conversations()
    hangs = Fault("telegram", "sendMessage", Kind.SLOW_AFTER, seconds=60.0)
    sandbox.world.faults.add(hangs)
    replies = [await agent.reply(conversation.number, text) for text in ("It hangs", "It waits")]
    await eventually(lambda: hangs.fired == 1)

    gateway.signal(signal.SIGTERM)
    await eventually(lambda: "draining" in gateway.log.read_text())
    async with stopwatch() as watch:
        code = await gateway.stop()
    sandbox.world.faults.clear()
    gateway.start()
    await gateway.ready()
    ends = [await agent.settled(one) for one in replies]

    assert (code, watch.seconds < 4) == (0, True)
    assert "told to end once more" in gateway.log.read_text()
    assert [state_of(one) for one in ends] == [DeliveryState.UNKNOWN, DeliveryState.SENT]
    assert mei.read_on_phone == ["It hangs", "It waits"]


@asynccontextmanager
async def _download_that_nobody_reads(gateway: Gateway, agent: Api) -> AsyncIterator[None]:
    """The server has more to send than the network takes, for ever."""
    (conversation,) = await agent.all_conversations()
    entry = (await agent.entries(conversation.number))[0]
    media = entry.message.parts[0]
    assert isinstance(media, Media)
    place = f"{entry.leg}/{entry.position}/attachments/{media.attachment.id}"
    path = f"/api/v1/conversations/{conversation.number}/messages/{place}"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1024)
    head = f"GET {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {gateway.token}\r\n\r\n"
    writer.write(head.encode())
    assert b" 200 " in await reader.readline()
    try:
        yield
    finally:
        writer.transport.abort()


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
        async with stopwatch() as watch:
            code = await gateway.stop()
        async with asyncio.timeout(5):
            left = [event async for event in events]

    assert (code, left) == (0, [])
    assert watch.seconds < 4
    assert not (gateway.data_dir / "owner.json").exists(), "the embedded server has ended too"


def state_of(entry: Entry) -> DeliveryState:
    assert entry.delivery is not None
    return entry.delivery.state


async def has_open(agent: Api, count: int) -> bool:
    return len(await agent.conversations()) == count


async def has_heard(agent: Api, numbers: list[str], text: str) -> bool:
    heard = [await agent.heard(number) for number in numbers]
    return sum(texts.count(text) for texts in heard) == 1


async def has_stored(agent: Api) -> bool:
    """Whether the one file there is can be downloaded."""
    found = [one for each in await agent.conversations() for one in await agent.entries(each.id)]
    return "AttachmentState.STORED" in str(found)
