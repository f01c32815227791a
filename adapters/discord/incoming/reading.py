"""From the bytes of a dispatch event to its object, with the names of all that this cannot hold.

The objects name every field that Discord has today, so the strict decoder, which refuses unknown
fields, takes nearly every payload as it is. Only after it refuses are the unknown fields sought and
set aside. Either way no payload loses a field in silence (law 5).
"""

from collections.abc import Callable
from itertools import compress
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import fields

from adapters.discord.objects.fields import Copy, Later, Lost, Read
from core.errors import MalformedPayload

Payload = bytes | msgspec.Raw
"""The JSON of an event's `d`."""
LOST_MAX = 64
"""So many fields of one payload are named as lost, the rest is counted."""
_NAME_LENGTH_MAX = 64

_THERE = msgspec.Raw(b"0")
"""Stands for a value that is not read."""
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON, bad UTF-8, or nested beyond measure."""

T = TypeVar("T", bound=Read)
Told = tuple[str, ...]
"""Dotted names within the payload."""


class Reads(Generic[T]):
    """Reads payloads of one kind."""

    def __init__(self, kind: type[T]) -> None:
        self._kind, self._name = kind, kind.__name__.lower()
        self._decode = msgspec.json.Decoder(kind).decode
        _tabulate(kind)

    def __call__(self, data: Payload) -> tuple[T, Told]:
        """The object, and what is lost of it. Raises MalformedPayload."""
        value, unknown = self.understood(data)
        return value, lost_of(value, unknown)

    def understood(self, data: Payload) -> tuple[T, Told]:
        """The object, and its unknown fields. Raises MalformedPayload."""
        try:
            return self._decode(data), ()
        except msgspec.ValidationError:
            pass
        except _UNREADABLE as error:
            raise self._malformed(error) from error
        return self._without_unknown(data)

    def _without_unknown(self, data: Payload) -> tuple[T, Told]:
        unknown: dict[str, None] = {}
        try:
            payload = msgspec.json.decode(data, type=dict[str, Any])
            _set_aside(payload, self._kind, "", unknown)
            return msgspec.convert(payload, self._kind), tuple(unknown)
        except _UNREADABLE as error:
            raise self._malformed(error) from error

    def _malformed(self, error: Exception) -> MalformedPayload:
        return MalformedPayload(f"not a {self._name} of Discord: {error}")


def lost_of(value: Read, unknown: Told) -> Told:
    """What is lost of an object: its unknown fields, and those that the model cannot take."""
    lost = dict.fromkeys(unknown)
    _name_lost(value, "", lost)
    return _bounded(lost)


def decode(data: Payload, kind: type[msgspec.Struct]) -> Any:
    """What only refers to things told elsewhere. Raises MalformedPayload."""
    try:
        return msgspec.json.decode(data, type=kind)
    except _UNREADABLE as error:
        raise MalformedPayload(f"not a {kind.__name__.lower()} of Discord: {error}") from error


def names_in(data: Payload) -> Told:
    """The fields of an object of which nothing is known. Raises MalformedPayload."""
    try:
        payload = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return ()
    except _UNREADABLE as error:
        raise MalformedPayload(f"not JSON: {error}") from error
    return _bounded(dict.fromkeys(name[:_NAME_LENGTH_MAX] for name in payload))


def _set_aside(payload: dict[str, Any], kind: type[Read], path: str, lost: dict[str, None]) -> None:
    """Take the fields out of `payload` that `kind` does not know or that hold nothing, and those of
    its children. What is stepped over is not looked into.
    """
    table = _TABLES[kind]
    for name in [name for name, value in payload.items() if value is None]:
        del payload[name]
    for name in [name for name in payload if name not in table.marks]:
        del payload[name]
        lost[path + name[:_NAME_LENGTH_MAX]] = None
    for name, value in payload.items():
        if table.marks[name] == Copy:
            payload[name] = _THERE
        elif table.marks[name] == Later:
            payload[name] = msgspec.Raw(msgspec.json.encode(value))
        elif child := table.children.get(name):
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict):
                    _set_aside(item, child, f"{path}{name}.", lost)


def _name_lost(value: Read, path: str, lost: dict[str, None]) -> None:
    """Add the names of the `Lost` fields in which an object and its children say something."""
    table = _TABLES[type(value)]
    if table.losable:
        for name in compress(table.lost, table.losable(value)):
            lost[path + name] = None
    if table.holding:
        for name, held in zip(table.notable, table.holding(value), strict=False):
            if held:
                for item in held if isinstance(held, tuple) else (held,):
                    _name_lost(item, f"{path}{name}.", lost)


def _bounded(lost: dict[str, None]) -> Told:
    if len(lost) <= LOST_MAX:
        return tuple(lost)
    return (*list(lost)[:LOST_MAX], f"and {len(lost) - LOST_MAX} more")


class _Table:
    """Of a class the types of its fields, and which of them hold objects that are read, of which
    those that are `notable` can lose something. `losable` gives what is in the fields that are
    `lost`, `holding` what is in the notable ones, where there are any.
    """

    __slots__ = ("children", "holding", "losable", "lost", "marks", "notable")

    def __init__(self, marks: dict[str, object]) -> None:
        read = ((name, _read_class(mark)) for name, mark in marks.items())
        self.marks = marks
        self.children = {name: child for name, child in read if child}
        self.lost = tuple(name for name in marks if marks[name] == Lost)
        self.losable = _getter(self.lost)
        self.note(())

    def note(self, notable: tuple[str, ...]) -> None:
        self.notable, self.holding = notable, _getter(notable)


def _getter(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]] | None:
    """Of so many fields at once, and of two that every object has: one alone is given bare."""
    return attrgetter(*names, "__class__", "__class__") if names else None


def _tabulate(kind: type[Read]) -> _Table:
    """Note what is to be known of a class and of all that it holds."""
    if kind not in _TABLES:
        table = _TABLES[kind] = _Table({field.name: field.type for field in fields(kind)})
        within = {name: _tabulate(child) for name, child in table.children.items()}
        table.note(tuple(n for n, one in within.items() if one.lost or one.notable or one is table))
    return _TABLES[kind]


def _read_class(mark: object) -> type[Read] | None:
    """The class of objects within `X | None` or `tuple[X, ...]`, if it is one that is read."""
    if isinstance(mark, type) and get_origin(mark) is None and issubclass(mark, Read):
        return mark
    return next(filter(None, map(_read_class, get_args(mark))), None)


_TABLES: dict[type[Read], _Table] = {}
