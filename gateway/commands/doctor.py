"""`trunkline doctor`: what is wrong with an installation, and what would help."""

import os
import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from gateway.cli import FAILED
from gateway.commands.common import run_loop, settings_of
from gateway.doctor import Row, State, examine
from gateway.settings import Settings

SIGNS: Final = {State.OK: "✓", State.WORSE: "!", State.BROKEN: "✗", State.UNSEEN: "-"}
COLOURS: Final = {State.OK: "green", State.WORSE: "yellow", State.BROKEN: "red"}


def run(*, config: Path | None, verbose: bool, as_json: bool) -> None:
    """Exit code 1 when something does not work."""
    rows: list[Row] = []
    run_loop(_examined(settings_of(config, verbose=verbose), rows, aloud=not as_json))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    if any(row.state is State.BROKEN for row in rows):
        sys.exit(FAILED)


async def _examined(settings: Settings, rows: list[Row], *, aloud: bool) -> None:
    width = max(len(name) for name in ("redis", *(channel.id for channel in settings.channels)))
    async for row in examine(settings, os.environ):
        rows.append(row)
        if aloud:
            click.echo(line_of(row, width))


def line_of(row: Row, width: int) -> str:
    """One row of the table; `width` is that of its second column."""
    sign = click.style(SIGNS[row.state], fg=COLOURS.get(row.state))
    line = f"{sign} {row.of:<{width}}  {row.subject}: {row.text}"
    return f"{line}\n  {'':<{width}}  → {row.remedy}" if row.remedy else line
