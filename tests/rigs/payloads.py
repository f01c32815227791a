"""Payloads as trees: every value of one by its path, and ways to break one, whatever platform it is
of.
"""

import random
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def leaves(value: object, path: Path = ()) -> Iterator[Path]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from leaves(inner, (*path, name))
        case list() | tuple():
            for place, inner in enumerate(value):
                yield from leaves(inner, (*path, place))
        case _:
            yield path


def dotted(path: Path) -> str:
    return ".".join(step for step in path if isinstance(step, str))


def placed(path: Path) -> str:
    return ".".join(map(str, path))


def at(payload: Any, path: Path) -> Any:
    for step in path:
        payload = payload[step]
    return payload


def containers(value: Any) -> list[Any]:
    """Every object and list within a payload."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [value] if isinstance(value, dict | list) and value else []
    return found + [one for child in inner for one in containers(child)]


def keys(place: Any) -> list[Any]:
    return list(place) if isinstance(place, dict) else list(range(len(place)))


def deep(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def drop(payload: Any, chance: random.Random) -> None:
    place = chance.choice(containers(payload))
    del place[chance.choice(keys(place))]


def multiply(payload: Any, chance: random.Random) -> None:
    lists = [place for place in containers(payload) if isinstance(place, list) and len(place) < 5]
    if lists:
        chance.choice(lists)[:] *= chance.choice([2, 20, 200])
