"""How commands talk: data to stdout, whatever is said about it to stderr.

On a terminal a list is a table; elsewhere it is a line a row with tabs between, for `cut` and
`awk`; with `--json` it is JSON. NO_COLOR is heeded. The exit code is 0 when all is well, FAILED
when the command could not do it, MISCONFIGURED when the operator has to change something first.
"""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

FAILED: Final = 1
MISCONFIGURED: Final = 2

UNPRINTABLE: Final = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")
"""What would steer the terminal instead of being shown: names and texts are other people's."""

T = TypeVar("T")

json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


class Asked(NamedTuple):
    """What was said before the command's name."""

    config: Path | None
    verbose: bool


def data(text: str) -> None:
    """A line of what was asked for."""
    click.echo(clean(text))


def say(text: str) -> None:
    """A line about it, for whoever sits there."""
    click.echo(clean(text), err=True)


def let_go() -> None:
    """Of what finds no room on a full disk: else Python would end with a code of its own, and
    whoever started us would take it for a failure of the work.
    """
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except OSError:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - until the end


def warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        say(f"warning: {warning}")


def clean(text: str) -> str:
    """Without what would steer a terminal; colours of our own are put on afterwards."""
    return text.translate(UNPRINTABLE)


def coloured(text: str, colour: str | None) -> str:
    return click.style(clean(text), fg=colour) if colour else clean(text)


def as_json_line(value: Any) -> str:
    """Anything that msgspec writes, in one line."""
    import msgspec

    return msgspec.json.encode(value).decode()


def put_json(value: Any) -> None:
    """One value: laid out, as people look at it, too."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def listing(
    rows: Iterable[T],
    columns: Mapping[str, Callable[[T], str]],
    *,
    as_json: bool,
    nothing: str,
) -> None:
    """Rows, each with its columns by their titles; `nothing` is said when there are none."""
    found = list(rows)
    if as_json:
        put_json(found)
    elif not found:
        say(nothing)
    elif sys.stdout.isatty():
        _table(found, columns)
    else:
        for row in found:
            cells = (clean(of(row)).replace("\t", " ") for of in columns.values())
            click.echo("\t".join(" ".join(cell.splitlines()) for cell in cells))


def _table(rows: list[T], columns: Mapping[str, Callable[[T], str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for place, title in enumerate(columns):
        table.add_column(title, overflow="fold", no_wrap=place == 0)  # the name, to be copied
    for row in rows:
        table.add_row(*(Text(clean(of(row))) for of in columns.values()))
    Console().print(table)
