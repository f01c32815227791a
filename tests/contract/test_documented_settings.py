"""The tables of settings in a channel's page name every key, with its default, and no other."""

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from adapters.discord.settings import CommunitySettings, DiscordSettings
from adapters.email.settings import (
    EmailSettings,
    ImapSettings,
    Limits,
    OAuthSettings,
    SmtpSettings,
    TrustSettings,
)
from adapters.email.signing import DkimSettings
from adapters.telegram.settings import TelegramSettings

PAGES: Final = Path(__file__).parents[2] / "docs" / "channels"
TABLES: Final[dict[tuple[str, str], type[msgspec.Struct]]] = {
    ("telegram", "[[channel]]"): TelegramSettings,
    ("discord", "[[channel]]"): DiscordSettings,
    ("discord", "[channel.community]"): CommunitySettings,
    ("email", "[[channel]]"): EmailSettings,
    ("email", "[channel.imap]"): ImapSettings,
    ("email", "[channel.smtp]"): SmtpSettings,
    ("email", "[channel.oauth]"): OAuthSettings,
    ("email", "[channel.trust]"): TrustSettings,
    ("email", "[channel.dkim]"): DkimSettings,
    ("email", "[channel.limits]"): Limits,
}
KEY: Final = re.compile(r"`([a-z_]+)`(?: = (`[^`]*`|[^,;|(]+))?")
SIZES: Final = {"MiB": 1024 * 1024, "KiB": 1024, "MB": 1_000_000}


@pytest.mark.parametrize(("page", "table"), TABLES)
def test_the_page_names_every_key_with_its_default(page: str, table: str) -> None:
    """What is not on the page nobody sets; what is only there makes the gateway refuse to start."""
    fields = msgspec.structs.fields(TABLES[page, table])

    said = dict(KEY.findall(_row(page, table)))

    assert said.keys() == {field.name for field in fields}
    for field in fields:
        value = msgspec.NODEFAULT if field.default is None else field.default
        if isinstance(value, msgspec.Struct) or value is msgspec.NODEFAULT:
            assert said[field.name] == "", field.name
        else:
            assert _value(said[field.name]) == value, field.name


def _row(page: str, table: str) -> str:
    start = f"| `{table}` | "
    lines = (PAGES / f"{page}.md").read_text().splitlines()
    (row,) = [line for line in lines if line.startswith(start)]
    return row.removeprefix(start)


def _value(text: str) -> Any:
    """As TOML would have it, or a size with its unit. What follows in words is left out."""
    word = re.match(r"`[^`]*`|\S+(?: (?:[KM]i|M)B)?", text.strip())
    assert word, text
    number, _, unit = word[0].partition(" ")
    if unit in SIZES:
        return int(number) * SIZES[unit]
    value = msgspec.json.decode(word[0].strip("`"))
    return tuple(value) if isinstance(value, list) else value
