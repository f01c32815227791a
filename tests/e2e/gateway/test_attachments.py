"""Customers' files come into the gateway's own store, by themselves and whatever the line does."""

import base64
from collections.abc import Callable

import aiohttp
import pytest

from core.model.content import Attachment, AttachmentState, Media
from core.model.conversation import Entry
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway
from tests.rigs.waiting import eventually

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
FILE = bytes(range(256)) * 2000


class Found:
    """The files of a customer's only conversation."""

    def __init__(self, agent: Api) -> None:
        self.agent, self.number = agent, ""
        self.files: list[tuple[Entry, Attachment]] = []

    async def all(self, count: int, enough: Callable[[Attachment], bool]) -> list[Attachment]:
        """As soon as there are so many, each of which is far enough."""

        async def are_there() -> bool:
            for one in await self.agent.conversations():
                self.number = str(one.number)
                self.files = [
                    (entry, part.attachment)
                    for entry in await self.agent.entries(self.number)
                    for part in entry.message.parts
                    if isinstance(part, Media)
                ]
            return len(self.files) == count and all(enough(file) for _, file in self.files)

        await eventually(are_there)
        return [file for _, file in self.files]

    async def bytes_of(self, at: int) -> bytes:
        return await self.agent.download(self.number, *self.files[at])


@pytest.fixture
def found(agent: Api) -> Found:
    return Found(agent)


def is_stored(file: Attachment) -> bool:
    return file.state is AttachmentState.STORED


def is_settled(file: Attachment) -> bool:
    return file.state not in (AttachmentState.REMOTE, AttachmentState.FETCHING)


async def test_a_picture_and_a_file_are_stored_before_anybody_asks(
    gateway: Gateway, found: Found, sandbox: Sandbox
) -> None:
    """And they stay when Telegram has forgotten them, and the gateway has been started again."""
    mei = Customer(sandbox, "mei")
    sandbox.phone.send_file("mei", PIXEL, "a.png", "image/png", as_photo=True)
    mei.sends_file("receipt.bin", FILE)

    picture, receipt = await found.all(2, is_stored)
    sandbox.world.telegram.files.clear()
    await gateway.kill()
    gateway.start()
    await gateway.ready()

    assert (picture.media_type, receipt.media_type) == ("image/png", "application/octet-stream")
    assert (receipt.name, receipt.size_bytes) == ("receipt.bin", len(FILE))
    assert await found.bytes_of(1) == FILE
    assert sandbox.world.journal.calls["telegram.download"] == 2


async def test_a_file_beyond_the_limit_is_refused_with_the_reason(
    found: Found, sandbox: Sandbox
) -> None:
    """The agent learns why it is not there, and so does a program that asks for it."""
    mei = Customer(sandbox, "mei")
    mei.sends_file("film.bin", bytes(25 * 1000 * 1000))
    mei.sends_file("good.bin", FILE)

    film, good = await found.all(2, is_settled)

    assert film.state is AttachmentState.FAILED
    assert "larger than the 20000000 bytes" in film.reason
    assert is_stored(good)
    with pytest.raises(aiohttp.ClientResponseError, match="422"):
        await found.bytes_of(0)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("telegram", "download", Kind.CUT, count=2),
        Fault("telegram", "download", Kind.DROP_BEFORE, count=2),
        Fault("telegram", "download", Kind.SERVER_ERROR, status=404),
        Fault("telegram", "download", Kind.SERVER_ERROR, html=True, count=2),
        Fault("telegram", "download", Kind.RATE_LIMIT, retry_after=1),
        Fault("telegram", "download", Kind.TRICKLE, seconds=4.0),
        Fault("telegram", "getFile", Kind.GARBLED),
        Fault("telegram", "getFile", Kind.SERVER_ERROR, status=500, count=2),
    ],
    ids=lambda fault: f"{fault.method}-{fault.kind}-{fault.status}",
)
async def test_no_fault_of_the_line_costs_more_than_time(
    found: Found, sandbox: Sandbox, fault: Fault
) -> None:
    """TRICKLE takes longer than the lease: it is renewed, so nobody begins it once more."""
    sandbox.world.faults.add(fault)

    Customer(sandbox, "mei").sends_file("receipt.bin", FILE)

    (stored,) = await found.all(1, is_stored)
    assert stored.size_bytes == len(FILE)
    assert await found.bytes_of(0) == FILE
    assert fault.fired == fault.count
    if fault.kind is Kind.TRICKLE:
        assert sandbox.world.journal.calls["telegram.download"] == 1


async def test_a_file_that_telegram_has_forgotten_says_so(found: Found, sandbox: Sandbox) -> None:
    sandbox.world.faults.add(Fault("telegram", "download", Kind.SERVER_ERROR, status=404, count=2))

    Customer(sandbox, "mei").sends_file("receipt.bin", FILE)

    (expired,) = await found.all(1, is_settled)
    assert expired.state is AttachmentState.EXPIRED
    with pytest.raises(aiohttp.ClientResponseError, match="404"):
        await found.bytes_of(0)


async def test_a_gateway_that_is_killed_during_a_download_begins_it_anew(
    gateway: Gateway, found: Found, sandbox: Sandbox
) -> None:
    slow = Fault("telegram", "download", Kind.TRICKLE, seconds=60.0)
    sandbox.world.faults.add(slow)
    Customer(sandbox, "mei").sends_file("receipt.bin", FILE)
    await eventually(lambda: slow.fired == 1)

    await gateway.kill()
    gateway.start()
    await gateway.ready()

    await found.all(1, is_stored)
    assert await found.bytes_of(0) == FILE


async def test_a_slow_download_holds_up_no_message(
    agent: Api, found: Found, sandbox: Sandbox
) -> None:
    """Neither in the same chat nor in another, in neither direction."""
    slow = Fault("telegram", "download", Kind.TRICKLE, seconds=60.0, count=0)
    sandbox.world.faults.add(slow)
    mei = Customer(sandbox, "mei")
    mei.sends_file("receipt.bin", FILE)
    await eventually(lambda: slow.fired == 1)

    mei.says("Did you get it?")
    await found.all(1, lambda file: not is_settled(file))
    sent = await agent.settled(await agent.reply(found.number, "It is coming"))

    assert sent.delivery is not None
    assert mei.read_on_phone == ["It is coming"]
    assert "Did you get it?" in await agent.heard(found.number)
