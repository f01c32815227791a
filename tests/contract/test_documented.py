"""The table of capabilities in a channel's page says what its adapter says, and nothing else."""

from pathlib import Path

from adapters.telegram.adapter import TelegramAdapter
from adapters.telegram.capabilities import capabilities
from adapters.telegram.settings import TelegramSettings
from core.model.content import MediaKind
from core.model.secret import Secret
from core.ports import (
    Capabilities,
    DeletesMessages,
    EditsMessages,
    FetchesAttachments,
    Level,
    Reacts,
    ShowsTyping,
    TextUnit,
)
from tests.contract.cells import Cell
from tests.contract.telegram_harness import TelegramHarness

PAGE = Path(__file__).parents[2] / "docs" / "channels" / "telegram.md"
HEAD = ["| | from customers | to customers |", "|---|---|---|"]
UNITS = {TextUnit.UTF16: "UTF-16 units", TextUnit.CODE_POINT: "characters", TextUnit.BYTE: "bytes"}
MEGABYTE = 1000 * 1000
BUSINESS = "in business chats"
"""What Telegram has there and nowhere else."""


def test_telegrams_page_has_the_table_that_its_adapter_says() -> None:
    """Whoever plans with the page would be promised what there is not."""
    settings = TelegramSettings(token=Secret("4711:ABC-def"))
    heard = {cell: _yes(cell in TelegramHarness.people_can) for cell in Cell}
    heard |= {
        Cell.DELETE: BUSINESS,
        Cell.FILES: f"up to {settings.download_size_bytes_max // MEGABYTE} MB",
    }
    sent = _sent(capabilities(settings)) | {Cell.READ: BUSINESS}

    table = [*HEAD, *(f"| {cell} | {heard[cell]} | {sent[cell]} |" for cell in Cell)]

    assert "\n".join(table) in PAGE.read_text(), "it should say:\n" + "\n".join(table)


def test_telegrams_adapter_can_do_what_its_capabilities_say() -> None:
    """Core looks at the one and then calls the other."""
    can = capabilities(TelegramSettings(token=Secret("4711:ABC-def")))

    assert issubclass(TelegramAdapter, FetchesAttachments)
    assert issubclass(TelegramAdapter, EditsMessages) is can.edits
    assert issubclass(TelegramAdapter, DeletesMessages) is can.deletes
    assert issubclass(TelegramAdapter, Reacts) is can.reactions
    assert issubclass(TelegramAdapter, ShowsTyping) is can.typing


def _sent(can: Capabilities) -> dict[Cell, str]:
    return {
        Cell.TEXT: f"up to {can.text_limit} {UNITS[can.text_unit]}",
        Cell.FORMAT: ", ".join(sorted(can.styles)),
        Cell.EDIT: _yes(can.edits),
        Cell.DELETE: _yes(can.deletes),
        Cell.REACTION: _yes(can.reactions),
        Cell.REPLY: _yes(can.replies),
        Cell.QUOTE: _yes(can.quotes),
        Cell.THREAD: "yes",
        Cell.TYPING: _yes(can.typing),
        Cell.DELIVERED: "no",
        Cell.BUTTONS: f"up to {can.buttons}",
        Cell.FILES: f"up to {can.media_size_bytes_max // MEGABYTE} MB",
        Cell.ALBUM: f"up to {can.album}",
        Cell.VOICE: _yes(MediaKind.VOICE in can.media),
        Cell.PLACE: _yes(can.parts.get("location") is Level.NATIVE),
        Cell.CARD: _yes(can.parts.get("contact_card") is Level.NATIVE),
        Cell.GROUP: "yes",
    }


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
