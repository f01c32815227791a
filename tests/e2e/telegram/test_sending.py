"""A send either arrives, has certainly not left, never will, or is honestly unknown."""

import asyncio
import traceback

import pytest
from msgspec.structs import replace

from adapters.telegram.adapter import TelegramAdapter, open_adapter
from core.errors import (
    AuthenticationError,
    DeliveryError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from core.model.content import Attachment, Media, MediaKind, Span, Style, Text
from core.model.ids import AttachmentId, MessageId
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.e2e.telegram.phone import MEI, received, stored
from tests.e2e.telegram.rig import Core, outbound, running, settings
from tests.rigs.waiting import eventually

HELLO = Text(text="👍 hello", spans=(Span(2, 5, Style.BOLD),))
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x03" + b"\x08\x02" * 20


@pytest.fixture(autouse=True)
def _mei_has_written(sandbox: Sandbox) -> None:
    """A bot may only answer."""
    sandbox.phone.say("mei", "hi")


async def test_a_text_arrives_with_its_formatting_as_an_answer(
    sandbox: Sandbox, adapter: TelegramAdapter
) -> None:
    receipt = await adapter.send(outbound(MEI, HELLO, answers=f"{MEI}:1"))

    (message,) = received(sandbox)
    assert receipt.remotes == (f"{MEI}:{message.id}",)
    assert message.text == "👍 hello"
    assert message.entities == [{"type": "bold", "offset": 3, "length": 5}]
    assert message.reply_to is not None


async def test_an_answer_to_a_deleted_message_arrives_all_the_same(
    sandbox: Sandbox, adapter: TelegramAdapter
) -> None:
    await adapter.send(outbound(MEI, HELLO, answers=f"{MEI}:99"))

    assert received(sandbox)[0].reply_to is None


async def test_a_quote_of_words_that_were_edited_meanwhile_costs_only_the_quote(
    sandbox: Sandbox, adapter: TelegramAdapter
) -> None:
    """Telegram refuses the whole message for it, and the customer waits for the answer."""
    asked = sandbox.phone.say("mei", "Is it blue or red?")
    blue = replace(outbound(MEI, HELLO, answers=f"{MEI}:{asked.id}"), quote=Text(text="blue"))
    quoted = await adapter.send(blue)
    sandbox.phone.edit("mei", None, asked.id, "Is it red?")

    without = await adapter.send(replace(blue, message=MessageId("again")))

    first, second = received(sandbox)
    assert first.quote is not None
    assert (first.quote["text"], quoted.notes) == ("blue", ())
    assert (second.quote, second.reply_to, second.text) == (None, asked, "👍 hello")
    (note,) = without.notes
    assert "not shown" in note


@pytest.mark.parametrize("kind", [MediaKind.FILE, MediaKind.IMAGE])
async def test_a_stored_file_is_streamed_to_the_customer(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter, kind: MediaKind
) -> None:
    content = PNG + bytes(300_000)
    sha256, size = core.blobs.keep(content)
    attachment = Attachment(
        id=AttachmentId("a1"), name="Skizze ü.png", sha256=sha256, size_bytes=size
    )

    await adapter.send(outbound(MEI, Media(media=kind, attachment=attachment, caption="hier")))

    (message,) = received(sandbox)
    sent = message.file
    assert sent is not None
    assert message.kind == ("document" if kind is MediaKind.FILE else "photo")
    assert sent.content == content
    assert message.text == "hier"
    if kind is MediaKind.FILE:
        assert sent.name == "Skizze ü.png"


async def test_a_file_that_is_gone_from_the_store_is_told(adapter: TelegramAdapter) -> None:
    attachment = Attachment(id=AttachmentId("a1"), sha256="00" * 32)

    with pytest.raises(PermanentDeliveryError, match="no longer stored") as caught:
        await adapter.send(outbound(MEI, Media(media=MediaKind.FILE, attachment=attachment)))

    assert caught.value.code == "file_missing"


@pytest.mark.parametrize(
    ("fault", "error", "code", "arrived"),
    [
        (Fault("telegram", "sendMessage", Kind.SERVER_ERROR), UnknownOutcome, "unknown", 0),
        (
            Fault("telegram", "sendMessage", Kind.SERVER_ERROR, html=True),
            UnknownOutcome,
            "unknown",
            0,
        ),
        (Fault("telegram", "sendMessage", Kind.DROP_BEFORE), UnknownOutcome, "unknown", 0),
        (Fault("telegram", "sendMessage", Kind.DROP_AFTER), UnknownOutcome, "unknown", 1),
        (
            Fault("telegram", "sendMessage", Kind.SLOW_AFTER, seconds=3),
            UnknownOutcome,
            "unknown",
            1,
        ),
        (Fault("telegram", "sendMessage", Kind.BLOCKED), PermanentDeliveryError, "blocked", 0),
        (
            Fault("telegram", "sendMessage", Kind.UNAUTHORISED),
            AuthenticationError,
            "authentication",
            0,
        ),
        (
            Fault("telegram", "sendMessage", Kind.RATE_LIMIT, retry_after=7),
            TemporaryDeliveryError,
            "rate_limited",
            0,
        ),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, Fault) else "",
)
async def test_every_fault_is_told_as_what_may_be_done_next(
    sandbox: Sandbox,
    core: Core,
    fault: Fault,
    error: type[DeliveryError],
    code: str,
    arrived: int,
) -> None:
    """And no message, not even its traceback, holds the token or the customer's words."""
    sandbox.world.faults.add(fault)
    options = settings(
        sandbox.http_url,
        sandbox.bot_token,
        request_timeout_seconds=0.5,
        connect_timeout_seconds=0.4,
    )

    async with open_adapter(options, core.surroundings()) as adapter:
        with pytest.raises(error) as caught:
            await adapter.send(outbound(MEI, HELLO))

    assert (type(caught.value), caught.value.code) == (error, code)
    assert len(received(sandbox)) == arrived
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert sandbox.bot_token.partition(":")[2] not in told
    if isinstance(caught.value, TemporaryDeliveryError):
        assert caught.value.retry_after_seconds == 7


async def test_without_a_connection_nothing_has_left(core: Core) -> None:
    async with open_adapter(settings("http://127.0.0.1:1", "1:x"), core.surroundings()) as adapter:
        with pytest.raises(TemporaryDeliveryError) as caught:
            await adapter.send(outbound(MEI, HELLO))

    assert caught.value.code == "unreachable"


async def test_what_telegram_refuses_is_told_with_its_remedy(adapter: TelegramAdapter) -> None:
    with pytest.raises(PermanentDeliveryError, match="never was in it") as caught:
        await adapter.send(outbound("12345", HELLO))

    assert caught.value.code == "chat_not_found"


# --- attachments


async def test_slow_uploads_leave_connections_for_calls(sandbox: Sandbox, core: Core) -> None:
    """A large file on a slow line would keep the inbox from receiving, and all others waiting."""
    sandbox.world.faults.add(Fault("telegram", "sendDocument", Kind.SLOW_AFTER, seconds=30))
    options = settings(sandbox.http_url, sandbox.bot_token, connections_max=1)

    async with open_adapter(options, core.surroundings()) as adapter:
        upload = asyncio.create_task(adapter.send(outbound(MEI, stored(core, MediaKind.FILE))))
        await eventually(lambda: len(received(sandbox)) == 1)
        await asyncio.wait_for(adapter.send(outbound(MEI, HELLO)), 15)
        upload.cancel()
        await asyncio.wait([upload])

    assert [message.text for message in received(sandbox)][1:] == ["👍 hello"]


async def test_sending_and_receiving_go_on_side_by_side(sandbox: Sandbox, core: Core) -> None:
    async with running(core, settings(sandbox.http_url, sandbox.bot_token)) as (adapter, _):
        async with asyncio.TaskGroup() as group:
            for _ in range(20):
                group.create_task(adapter.send(outbound(MEI, HELLO)))
        sandbox.phone.say("jonas", "meanwhile")
        await eventually(lambda: "meanwhile" in core.texts)

    assert len(received(sandbox)) == 20
