"""The tables of settings in a channel's page name every key, with its default, and no other."""

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from adapters.email.settings import (
    EmailSettings,
    ImapSettings,
    Limits,
    OAuthSettings,
    SmtpSettings,
    TrustSettings,
)
from adapters.email.signing import DkimSettings

PAGE: Final = (Path(__file__).parents[2] / "docs" / "channels" / "email.md").read_text()
TABLES: Final[dict[str, type[msgspec.Struct]]] = {
    "[[channel]]": EmailSettings,
    "[channel.imap]": ImapSettings,
    "[channel.smtp]": SmtpSettings,
    "[channel.oauth]": OAuthSettings,
    "[channel.trust]": TrustSettings,
    "[channel.dkim]": DkimSettings,
    "[channel.limits]": Limits,
}
KEY: Final = re.compile(r"`([a-z_]+)`(?: = ([^,;|(]+))?")
SIZES: Final = {"MiB": 1024 * 1024, "KiB": 1024}


@pytest.mark.parametrize("table", TABLES)
def test_the_page_names_every_key_with_its_default(table: str) -> None:
    """What is not on the page nobody sets; what is only there makes the gateway refuse to start."""
    fields = msgspec.structs.fields(TABLES[table])

    said = dict(KEY.findall(_row(table)))

    assert said.keys() == {field.name for field in fields}
    for field in fields:
        value = msgspec.NODEFAULT if field.default is None else field.default
        if isinstance(value, msgspec.Struct) or value is msgspec.NODEFAULT:
            assert said[field.name] == "", field.name
        else:
            assert _value(said[field.name]) == value, field.name


def _row(table: str) -> str:
    start = f"| `{table}` | "
    (row,) = [line for line in PAGE.splitlines() if line.startswith(start)]
    return row.removeprefix(start)


def _value(text: str) -> Any:
    """As TOML would have it, or a size with its unit. What follows in words is left out."""
    word = re.match(r"`[^`]*`|\S+(?: [KM]iB)?", text.strip())
    assert word, text
    number, _, unit = word[0].partition(" ")
    if unit:
        return int(number) * SIZES[unit]
    literal = word[0].strip("`")
    return () if literal == "[]" else msgspec.json.decode(literal)
