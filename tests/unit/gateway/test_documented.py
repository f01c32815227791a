"""The pages of settings and commands cannot lie: they are held against the code."""

import enum
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from core.model.acknowledgement import Acknowledgement
from core.model.flooding import FloodSettings
from core.model.taking import Takes
from gateway.cli import COMMANDS, Commands, main
from gateway.settings_file import SECTIONS

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "settings.md"
COMMON: dict[str, type[msgspec.Struct]] = {
    "acknowledge": Acknowledgement,
    "flood": FloodSettings,
    "takes": Takes,
}
"""What each inbox may have, whatever its channel."""
KEY = re.compile(r"`([a-z]+\.[a-z_]+)`")


def _rows() -> Iterator[tuple[list[str], str]]:
    """-> the keys of a row, and its defaults as they are written."""
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.split(" | ")]
        if line.startswith("| `") and (keys := KEY.findall(cells[0])):
            yield keys, cells[1]


def test_the_page_names_every_setting_and_no_other() -> None:
    """What is not on the page nobody sets; what is only there is refused."""
    said = [key for keys, _ in _rows() for key in keys]
    there = {
        f"{section}.{field.name}"
        for section, kind in SECTIONS.items()
        for field in msgspec.structs.fields(kind)
    }

    assert len(said) == len(set(said))
    assert set(said) == there


@pytest.mark.parametrize("table", COMMON)
def test_the_page_names_what_can_be_set_of_every_inbox(table: str) -> None:
    """One bot may be flooded while another is not."""
    rows = re.findall(rf"^\| `\[channel\.{table}\]` ([^|]*)\|", PAGE.read_text(), re.MULTILINE)
    said = [name for row in rows for name in re.findall(r"`([a-z_]+)`", row)]

    assert sorted(said) == sorted(field.name for field in msgspec.structs.fields(COMMON[table]))


def test_the_page_says_the_defaults_that_are() -> None:
    """An operator who reads 30 days plans for 30 days."""
    for keys, written in _rows():
        texts = written.split(", ") if len(keys) > 1 else [written]
        for key, text in zip(keys, texts, strict=True):
            assert _value(text) == _default(key), key


def _default(key: str) -> Any:
    section, _, name = key.partition(".")
    fields = msgspec.structs.fields(SECTIONS[section])
    value = next(field.default for field in fields if field.name == name)
    value = value.value if isinstance(value, enum.Enum) else value
    return list(value) if isinstance(value, tuple) else value


def _value(text: str) -> Any:
    """As TOML has it; a unit behind it in brackets is for people."""
    if text == "none":
        return None
    return msgspec.json.decode(re.sub(r" \(.*\)$", "", text).strip("`"))


def test_the_page_of_commands_has_each_of_them_with_an_example() -> None:
    """A command that nobody knows of is not there."""
    page = (DOCS / "commands.md").read_text()

    for name in COMMANDS:
        assert re.search(rf"^\| [^|]*`{name}\b", page, re.MULTILINE), name
        if name not in ("demo", "unlink", "restore", "up"):
            assert re.search(rf"^trunkline {name}\b", page, re.MULTILINE), name


def test_the_examples_use_options_that_there_are() -> None:
    """They are copied into scripts."""
    page = (DOCS / "commands.md").read_text()
    assert isinstance(main, Commands)

    for line in re.findall(r"^trunkline (.*)", page, re.MULTILINE):
        words = line.partition("  #")[0].split()
        command = main.get_command(click.Context(main), words[0])
        if isinstance(command, click.Group):
            command = command.commands.get(words[1])
        assert command is not None, line
        known = {option for one in command.params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, line
