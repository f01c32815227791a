"""The table of capabilities in a channel's page says what its adapter says, and nothing else."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.capabilities import capabilities as discord_capabilities
from adapters.discord.incoming.rights import INVITED
from adapters.discord.objects.permissions import Permission
from adapters.discord.settings import DiscordSettings
from adapters.email.adapter import EmailAdapter
from adapters.email.capabilities import capabilities as mail_capabilities
from adapters.email.settings import Limits
from adapters.telegram.adapter import TelegramAdapter
from adapters.telegram.capabilities import capabilities as telegram_capabilities
from adapters.telegram.settings import TelegramSettings
from core.model.capabilities import Capabilities, Level, TextUnit
from core.model.content import MediaKind
from core.model.secret import Secret
from core.ports import (
    Adapter,
    DeletesMessages,
    EditsMessages,
    FetchesAttachments,
    OpensThreads,
    Reacts,
    ShowsTyping,
)
from tests.contract.cells import Cell
from tests.contract.discord_harness import DiscordHarness
from tests.contract.email_harness import EmailHarness
from tests.contract.telegram_harness import TelegramHarness

PAGES = Path(__file__).parents[2] / "docs" / "channels"
HEAD = ["| | from customers | to customers |", "|---|---|---|"]
UNITS = {TextUnit.UTF16: "UTF-16 units", TextUnit.CODE_POINT: "characters", TextUnit.BYTE: "bytes"}
MEGABYTE, MEBIBYTE = 1000 * 1000, 1024 * 1024
BUSINESS = "in business chats"
"""What Telegram has there and nowhere else."""

TELEGRAM = TelegramSettings(token=Secret("4711:ABC-def"))
DISCORD = DiscordSettings(token=Secret("bm90.YQ.dG9rZW4"))
CAN = {
    DiscordAdapter: discord_capabilities(DISCORD),
    TelegramAdapter: telegram_capabilities(TELEGRAM),
    EmailAdapter: mail_capabilities(Limits()),
}


def test_telegrams_page_has_the_table_that_its_adapter_says() -> None:
    """Whoever plans with the page would be promised what there is not."""
    can = CAN[TelegramAdapter]
    heard = {cell: _yes(cell in TelegramHarness.people_can) for cell in Cell}
    heard |= {
        Cell.DELETE: BUSINESS,
        Cell.FILES: f"up to {TELEGRAM.download_size_bytes_max // MEGABYTE} MB",
    }
    sent = _sent(can) | {
        Cell.READ: BUSINESS,
        Cell.FIRST: "to who has written before",
        Cell.FILES: f"up to {can.media_size_bytes_max // MEGABYTE} MB",
    }

    _assert_in(PAGES / "telegram.md", heard, sent)


def test_discords_page_has_the_table_that_its_adapter_says() -> None:
    can = CAN[DiscordAdapter]
    heard = {cell: _yes(cell in DiscordHarness.people_can) for cell in Cell}
    heard |= {
        Cell.ALBUM: "in one message",
        Cell.FILES: f"up to {DISCORD.download_size_bytes_max // MEGABYTE} MB",
    }
    sent = _sent(can) | {
        Cell.QUOTE: "written out",
        Cell.FILES: f"up to {can.media_size_bytes_max // MEBIBYTE} MiB",
        Cell.ALBUM: f"up to {can.album} in one message",
        Cell.VOICE: "as an audio file",
    }

    _assert_in(PAGES / "discord.md", heard, sent)


def test_the_page_of_e_mail_has_the_table_that_its_adapter_says() -> None:
    """Likewise; receipts are only as good as whoever sends them."""
    can = CAN[EmailAdapter]
    heard = {cell: _yes(cell in EmailHarness.people_can) for cell in Cell}
    heard |= {
        Cell.FILES: f"in mails up to {Limits().message_size_bytes_max // MEBIBYTE} MiB",
        Cell.QUOTE: "marked in the text",
        Cell.BUTTONS: "by number or label",
        Cell.ALBUM: "in one message",
        Cell.VOICE: "as a file",
        Cell.CARD: "as a file",
        Cell.GROUP: "each apart",
        Cell.READ: "where the mail system sends one",
        Cell.DELIVERED: "bounces, delays, reports of success",
    }
    size = f"up to {can.media_size_bytes_max // MEBIBYTE} MiB in all"
    sent = _sent(can) | {Cell.FILES: size, Cell.GROUP: "each apart, others as copies"}
    sent |= {Cell.FIRST: "to any address"}

    _assert_in(PAGES / "email.md", heard, sent)


def test_by_discords_page_a_bot_is_added_with_every_right_that_doctor_asks_for() -> None:
    """And with none by which it could do more harm than answering."""
    found = re.search(r"permissions=([0-9]+)`", (PAGES / "discord.md").read_text())

    assert found
    assert int(found[1]) == INVITED
    assert not INVITED & (Permission.ADMINISTRATOR | Permission.MANAGE_MESSAGES)


@pytest.mark.parametrize(("adapter", "can"), CAN.items())
def test_an_adapter_can_do_what_its_capabilities_say(
    adapter: type[Adapter], can: Capabilities
) -> None:
    """Core looks at the one and then calls the other."""
    assert issubclass(adapter, FetchesAttachments)
    assert issubclass(adapter, EditsMessages) is can.edits
    assert issubclass(adapter, DeletesMessages) is can.deletes
    assert issubclass(adapter, Reacts) is can.reactions
    assert issubclass(adapter, ShowsTyping) is can.typing
    assert issubclass(adapter, OpensThreads) is not issubclass(adapter, TelegramAdapter)


def _assert_in(page: Path, heard: Mapping[Cell, str], sent: Mapping[Cell, str]) -> None:
    table = [*HEAD, *(f"| {cell} | {heard[cell]} | {sent[cell]} |" for cell in Cell)]

    assert "\n".join(table) in page.read_text(), "it should say:\n" + "\n".join(table)


def _sent(can: Capabilities) -> dict[Cell, str]:
    unit = UNITS[can.text_unit]
    return {
        Cell.TEXT: f"up to {can.text_limit} {unit}" if can.text_limit else "of any length",
        Cell.FORMAT: ", ".join(sorted(can.styles)),
        Cell.EDIT: _yes(can.edits),
        Cell.DELETE: _yes(can.deletes),
        Cell.REACTION: _yes(can.reactions),
        Cell.REPLY: _yes(can.replies),
        Cell.QUOTE: _yes(can.quotes),
        Cell.THREAD: "yes",
        Cell.COPY: _yes(can.copies),
        Cell.TYPING: _yes(can.typing),
        Cell.READ: "no",
        Cell.DELIVERED: "no",
        Cell.BUTTONS: f"up to {can.buttons}" if can.buttons else "as a numbered list",
        Cell.FILES: _yes(MediaKind.FILE in can.media),
        Cell.ALBUM: f"up to {can.album}" if can.album else "in one message",
        Cell.VOICE: _yes(MediaKind.VOICE in can.media),
        Cell.PLACE: _native(can, "location"),
        Cell.CARD: _native(can, "contact_card"),
        Cell.GROUP: "yes",
        Cell.FIRST: "yes",
    }


def _native(can: Capabilities, part: str) -> str:
    return "yes" if can.parts.get(part) is Level.NATIVE else "in words"


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
