"""`trunkline config`: the settings in force."""

import json
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.output import Asked, json_option, listing, warn
from gateway.commands.reading import loaded

if TYPE_CHECKING:
    from gateway.shown_settings import Shown


@click.group()
def command() -> None:
    """The settings in force, and where each comes from."""


@command.command("show")
@click.option("--set", "only_set", is_flag=True, help="Leave out what is at its default.")
@json_option
@click.pass_obj
def show(asked: Asked, *, only_set: bool, as_json: bool) -> None:
    """Say every setting, its value and where it comes from. Secrets are masked.

    It comes from a line of the file, an environment variable, or is the default.
    """
    from gateway.shown_settings import DEFAULT, shown

    found = loaded(asked)
    warn(found.warnings)
    rows = [one for one in shown(found) if not (only_set and one.origin == DEFAULT)]
    columns = {"Setting": _key, "Value": _value, "From": _origin}
    listing(rows, columns, as_json=as_json, nothing="Nothing is set: all is at its default.")


def _key(one: "Shown") -> str:
    return one.key


def _value(one: "Shown") -> str:
    return _toml(one.value)


def _origin(one: "Shown") -> str:
    return one.origin


def _toml(value: Any) -> str:
    match value:
        case None:
            return "none"
        case dict():
            pairs = (f"{json.dumps(name)} = {_toml(one)}" for name, one in value.items())
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)
