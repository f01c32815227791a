"""A look at an installation, told row by row."""

import os
import sys
from typing import Final

import click

from gateway.commands.output import FAILED, Asked, clean, coloured, put_json
from gateway.doctor import examine
from gateway.finding import Row, State
from gateway.settings import Settings
from gateway.work.common import run_loop, settings_of

SIGNS: Final = {State.OK: "✓", State.WORSE: "!", State.BROKEN: "✗", State.UNSEEN: "-"}
COLOURS: Final = {State.OK: "green", State.WORSE: "yellow", State.BROKEN: "red"}


def doctor(asked: Asked, only: tuple[str, ...], *, as_json: bool) -> None:
    """Exit code 1 when something does not work."""
    rows: list[Row] = []
    run_loop(_examined(settings_of(asked), frozenset(only), rows, aloud=not as_json))
    if as_json:
        put_json(rows)
    if any(row.state is State.BROKEN for row in rows):
        sys.exit(FAILED)


async def _examined(
    settings: Settings, only: frozenset[str], rows: list[Row], *, aloud: bool
) -> None:
    width = max(len(name) for name in ("machine", *(channel.id for channel in settings.channels)))
    async for row in examine(settings, os.environ, only):
        rows.append(row)
        if aloud:
            click.echo(line_of(row, width))


def line_of(row: Row, width: int) -> str:
    """One row of the table; `width` is that of its second column."""
    sign = coloured(SIGNS[row.state], COLOURS.get(row.state))
    line = f"{sign} {row.of:<{width}}  {row.subject}: {clean(row.text)}"
    return f"{line}\n  {'':<{width}}  → {clean(row.remedy)}" if row.remedy else line
