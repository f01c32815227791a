"""What can be pressed, chosen and filled in, found in messages and forms. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any

from sandbox.errors import ActError, UnknownThing
from sandbox.payload import Json

LINK, PREMIUM = 5, 6
"""Styles of buttons that open something and tell nobody."""


class Kind(IntEnum):
    """https://docs.discord.com/developers/components/reference"""

    ROW = 1
    BUTTON = 2
    TEXT_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    LABEL = 18


SELECTS = frozenset(
    {
        Kind.TEXT_SELECT,
        Kind.USER_SELECT,
        Kind.ROLE_SELECT,
        Kind.MENTIONABLE_SELECT,
        Kind.CHANNEL_SELECT,
    }
)
Given = str | Sequence[str]
"""What somebody writes into a field, or chooses in a select menu."""


def each(components: Sequence[Json]) -> Iterator[Json]:
    """Every component, those inside of others too."""
    for component in components:
        yield component
        yield from each(component.get("components", []))
        for name in ("accessory", "component"):
            if inner := component.get(name):
                yield from each([inner])


def button(components: Sequence[Json], named: str) -> Json:
    """The button of this custom id or label; raises UnknownThing, and ActError for one that cannot
    be pressed.
    """
    for component in each(components):
        names = (component.get("custom_id"), component.get("label"))
        if component["type"] == Kind.BUTTON and named in names:
            if component.get("disabled"):
                raise ActError(f"the button {named!r} is disabled")
            if component.get("style") in (LINK, PREMIUM):
                raise ActError(f"the button {named!r} opens a page and tells no bot")
            return component
    raise UnknownThing(f"the message has no button {named!r}")


def select(components: Sequence[Json], custom_id: str, values: Sequence[str]) -> Json:
    """The select menu in which these values can be chosen; raises UnknownThing or ActError."""
    for component in each(components):
        if component["type"] in SELECTS and component.get("custom_id") == custom_id:
            _check_chosen(component, values)
            return component
    raise UnknownThing(f"the message has no select menu {custom_id!r}")


def filled(form: Json, given: Mapping[str, Given]) -> list[Json]:
    """The components of a submitted form: `given` by custom id, the rest as it was filled in
    before. Raises ActError for what the app would not let be submitted.
    """
    known = [one["custom_id"] for one in each(form["components"]) if "custom_id" in one]
    if unknown := [name for name in given if name not in known]:
        raise UnknownThing(f"the form has no field {unknown[0]!r}: {', '.join(known)}")
    return [answer for row in form["components"] if (answer := _answered(row, given))]


def _answered(row: Json, given: Mapping[str, Given]) -> Json | None:
    marks = {"type": row["type"]} | ({"id": row["id"]} if "id" in row else {})
    if row["type"] == Kind.ROW:
        return marks | {"components": [_value(one, given) for one in row["components"]]}
    if row["type"] == Kind.LABEL:
        return marks | {"component": _value(row["component"], given)}
    return marks


def _value(field: Json, given: Mapping[str, Given]) -> Json:
    answer: Json = {name: field[name] for name in ("type", "id", "custom_id") if name in field}
    value = given.get(field["custom_id"])
    if field["type"] in SELECTS:
        chosen = _default_choice(field) if value is None else _several(value)
        _check_chosen(field, chosen)
        return answer | {"values": chosen}
    text = field.get("value") or "" if value is None else value
    if not isinstance(text, str):
        raise ActError(f"the field {field['custom_id']!r} takes one text")
    _check_text(field, text)
    return answer | {"value": text}


def _check_text(field: Json, text: str) -> None:
    name = field["custom_id"]
    if not text and field.get("required", True):
        raise ActError(f"the field {name!r} must be filled in")
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    if text and not least <= len(text) <= most:
        raise ActError(f"the field {name!r} takes {least} to {most} characters")


def _check_chosen(field: Json, values: Sequence[str]) -> None:
    name = field["custom_id"]
    if field.get("disabled"):
        raise ActError(f"the select menu {name!r} is disabled")
    least, most = field.get("min_values", 1), field.get("max_values", 1)
    if not field.get("required", True) and not values:
        return
    if not least <= len(values) <= most:
        raise ActError(f"{least} to {most} values can be chosen in {name!r}")
    options = {option["value"] for option in field.get("options", [])}
    if field["type"] == Kind.TEXT_SELECT and not set(values) <= options:
        raise ActError(f"in {name!r} there are only {', '.join(sorted(options))}")


def _default_choice(field: Json) -> list[str]:
    return [one["value"] for one in field.get("options", []) if one.get("default")]


def _several(value: Given) -> list[Any]:
    return [value] if isinstance(value, str) else list(value)
