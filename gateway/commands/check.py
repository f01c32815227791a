"""`trunkline check`: the settings and what they lean on, off line."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from core.errors import ConfigurationError
from gateway.commands.output import MISCONFIGURED, Asked, data, json_option, put_json, say, warn
from gateway.commands.reading import loaded
from gateway.settings import Settings


@click.command()
@json_option
@click.pass_obj
def command(asked: Asked, *, as_json: bool) -> None:
    """Say whether the settings are right, and what is not. Nothing is contacted.

    The exit code is 2 when something has to be changed. With --json: `ok`, `faults` and
    `warnings`, a line of text each.
    """
    try:
        found = loaded(asked)
    except ConfigurationError as error:
        if as_json:
            put_json({"ok": False, "faults": str(error).splitlines(), "warnings": []})
            sys.exit(MISCONFIGURED)
        raise
    faults = tuple(_faults(found.settings))
    warnings = (*found.warnings, *_warnings(found.settings))
    if as_json:
        put_json({"ok": not faults, "faults": faults, "warnings": warnings})
    else:
        _tell(asked, found.settings, warnings)
        for fault in faults:
            say(f"trunkline: {fault}")
        if not faults:
            data("The settings are in order.")
    if faults:
        sys.exit(MISCONFIGURED)


def _tell(asked: Asked, settings: Settings, warnings: tuple[str, ...]) -> None:
    warn(warnings)
    data(f"data in {settings.data_dir}, pages on {settings.web.bind}")
    data("store: " + ("redis.url" if settings.redis.url else "embedded server"))
    for channel in settings.channels:
        data(f"inbox {channel.id}: {channel.kind}")
        if asked.verbose:
            data(f"  {channel.adapter}")


def _faults(settings: Settings) -> Iterator[str]:
    """What of the files and directories would keep a gateway from starting."""
    there = _nearest(settings.data_dir)
    if not there.is_dir():
        yield f"the data directory {settings.data_dir} cannot be made: {there} is no directory"
    elif not os.access(there, os.W_OK | os.X_OK):
        yield (
            f"the data directory {settings.data_dir} cannot be written: make {there} writable for"
            " the account that runs trunkline, or set app.data_dir to another one"
        )


def _warnings(settings: Settings) -> Iterator[str]:
    if not settings.channels:
        yield "there is no inbox yet: add a [[channel]]"
    if settings.data_dir.is_dir():
        mode = stat.S_IMODE(settings.data_dir.stat().st_mode)
        if mode & 0o077:
            yield (
                f"{settings.data_dir} holds what customers wrote and is open to others (mode"
                f" {mode:03o}): chmod 700 it"
            )


def _nearest(path: Path) -> Path:
    """The path, or the nearest above it that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
