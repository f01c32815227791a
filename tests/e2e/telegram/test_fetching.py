"""A customer's file arrives whole or not at all, and what went wrong says what to do next."""

import asyncio
from typing import Any

import pytest
from typing_extensions import override

from adapters.telegram.adapter import TelegramAdapter, open_adapter
from core.errors import AuthenticationError, InvalidRequest, NotFound, TemporaryDeliveryError
from core.model.content import Attachment, Media, Text
from core.model.event import MessageCreated
from core.ports import FetchesAttachments
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from sandbox.telegram.files import StoredFile
from tests.e2e.telegram.phone import MEI
from tests.e2e.telegram.rig import Core, outbound, receiving, settings
from tests.rigs.waiting import PATIENCE_SECONDS, eventually


@pytest.fixture
async def attachment(sandbox: Sandbox, core: Core, adapter: TelegramAdapter) -> Attachment:
    """A file of 100 000 bytes that Mei has sent."""
    sandbox.phone.send_file("mei", bytes(100_000), "log.txt")
    async with receiving(adapter, core):
        await eventually(lambda: len(core.delivered) == 1)
    body = core.delivered[0].body
    assert isinstance(body, MessageCreated)
    assert isinstance(body.parts[0], Media)
    return body.parts[0].attachment


async def fetched(adapter: FetchesAttachments, wanted: Attachment) -> bytes:
    return b"".join([chunk async for chunk in adapter.fetch(wanted)])


async def test_a_customers_file_is_fetched_when_it_is_wanted(
    adapter: TelegramAdapter, attachment: Attachment
) -> None:
    assert isinstance(adapter, FetchesAttachments)
    assert await fetched(adapter, attachment) == bytes(100_000)


async def test_a_file_beyond_the_limit_is_not_fetched(
    sandbox: Sandbox, core: Core, attachment: Attachment
) -> None:
    options = settings(sandbox.http_url, sandbox.bot_token, download_size_bytes_max=99_999)

    async with open_adapter(options, core.surroundings()) as adapter:
        with pytest.raises(InvalidRequest, match="larger than the 99999 bytes"):
            await fetched(adapter, attachment)


@pytest.mark.parametrize("when", ["before", "between"])
async def test_a_file_that_telegram_no_longer_has_is_not_found(
    sandbox: Sandbox, adapter: TelegramAdapter, attachment: Attachment, when: str
) -> None:
    if when == "before":
        sandbox.world.telegram.files.clear()
    else:
        stored = sandbox.world.telegram.files[attachment.remote]
        sandbox.world.telegram.files = _Vanishing({attachment.remote: stored})

    with pytest.raises(NotFound, match=f"no longer has attachment {attachment.id}"):
        await fetched(adapter, attachment)


class _Vanishing(dict[str, StoredFile]):
    """Files that can be looked up, but are gone when they are to be handed out."""

    @override
    def values(self) -> Any:
        return ()


async def test_a_download_that_breaks_may_be_tried_again(
    sandbox: Sandbox, adapter: TelegramAdapter, attachment: Attachment
) -> None:
    sandbox.world.faults.add(Fault("telegram", "download", Kind.SERVER_ERROR))

    with pytest.raises(TemporaryDeliveryError, match="cannot be fetched now"):
        await fetched(adapter, attachment)

    assert len(await fetched(adapter, attachment)) == 100_000


async def test_a_place_that_has_expired_is_asked_for_once_more(
    sandbox: Sandbox, adapter: TelegramAdapter, attachment: Attachment
) -> None:
    """Telegram's word on where a file is holds for an hour, and not always that long."""
    expired = Fault("telegram", "download", Kind.SERVER_ERROR, status=404)
    sandbox.world.faults.add(expired)

    assert await fetched(adapter, attachment) == bytes(100_000)
    assert expired.fired == 1
    assert sandbox.world.journal.calls["telegram.getFile"] == 2


async def test_a_revoked_token_is_no_fault_of_the_file(
    sandbox: Sandbox, adapter: TelegramAdapter, attachment: Attachment
) -> None:
    """The file can be had again once the token is renewed: it must not count as gone."""
    sandbox.world.faults.add(Fault("telegram", "getFile", Kind.SERVER_ERROR, status=404))
    sandbox.world.faults.add(Fault("telegram", "download", Kind.UNAUTHORISED))

    for _ in range(2):
        with pytest.raises(AuthenticationError):
            await fetched(adapter, attachment)


async def test_slow_downloads_leave_connections_for_calls(
    sandbox: Sandbox, core: Core, attachment: Attachment
) -> None:
    """A file server that trickles must not keep an agent's answer from leaving."""
    slow = Fault("telegram", "download", Kind.TRICKLE, seconds=60.0)
    sandbox.world.faults.add(slow)
    options = settings(sandbox.http_url, sandbox.bot_token, connections_max=1)

    async with open_adapter(options, core.surroundings()) as adapter:
        download = asyncio.create_task(fetched(adapter, attachment))
        await eventually(lambda: slow.fired == 1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            receipt = await adapter.send(outbound(MEI, Text(text="hello")))
        download.cancel()

    assert receipt.remotes
