"""From the bytes of an update to its objects, with the names of all that these cannot hold.

The objects name every field that the Bot API has today, so the strict decoder, which refuses
unknown fields, takes nearly every update as it is. Only after it refuses are the unknown fields
sought and set aside. Either way no payload loses a field in silence (law 5).
"""

from collections.abc import Iterable
from typing import Any, TypeVar, get_args

import msgspec
from msgspec.structs import astuple, fields

from adapters.telegram.fields import Copy, Lost, Read
from adapters.telegram.update import Migrating, Pressing, Update, UpdateId
from core.errors import MalformedPayload

LOST_MAX = 64
"""So many fields of one update are named as lost, the rest is counted."""
_NAME_LENGTH_MAX = 64

T = TypeVar("T")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON, bad UTF-8, or nested beyond measure."""

_decode_update = msgspec.json.Decoder(Update).decode
_decode_id = msgspec.json.Decoder(UpdateId).decode
_decode_pressing = msgspec.json.Decoder(Pressing).decode
_decode_migrating = msgspec.json.Decoder(Migrating).decode


class Fields:
    """Some fields of a class, looked up together: which of them an object has is asked often.

    They are compared at once with what they are when absent, together with those that stand
    between them: fastest for fields that stand together and are seldom there.
    """

    def __init__(self, kind: type[Read], names: Iterable[str]) -> None:
        known = {field.encode_name: place for place, field in enumerate(fields(kind))}
        absent = tuple(field.default for field in fields(kind))
        self._places = [(known[name], name, absent[known[name]]) for name in names]
        places = [place for place, _, _ in self._places] or [0]
        self._first, self._end = min(places), max(places) + 1
        self._absent = absent[self._first : self._end]

    def held_by(self, values: tuple[Any, ...]) -> list[tuple[str, Any]]:
        """The names of those that are there, with their values; `values` are all of the object's
        (`msgspec.structs.astuple`).
        """
        if values[self._first : self._end] == self._absent:
            return []
        return [
            (name, values[place])
            for place, name, absent in self._places
            if values[place] is not absent and values[place] != absent
        ]


def read_update(raw: bytes) -> tuple[Update, tuple[str, ...]]:
    """The update, and the dotted names of the fields it holds besides.

    Raises MalformedPayload for anything that is not an update of the Bot API.
    """
    unknown: dict[str, None] = {}
    try:
        update = _decode_update(raw)
    except msgspec.ValidationError:
        update, unknown = _read_with_unknown_fields(raw)
    except _UNREADABLE as error:
        raise MalformedPayload(f"not JSON: {error}") from error
    _name_lost(update, "", unknown)
    return update, _bounded(unknown)


def read_update_id(raw: bytes) -> int | None:
    """The id, even of an update that is otherwise malformed."""
    try:
        return _decode_id(raw).update_id
    except _UNREADABLE:
        return None


def read_query_id(raw: bytes) -> str | None:
    """The id by which the press of a button is to be answered; None for any other update."""
    if b'"callback_query"' not in raw:
        return None
    try:
        query = _decode_pressing(raw).callback_query
    except _UNREADABLE:
        return None
    return query.id if query else None


def migrated(raw: bytes) -> tuple[int, int] | None:
    """The ids of a group before and after it became a supergroup, if the update says that it did.

    It is said twice, in the old chat and in the new one; either may come first.
    """
    if b'"migrate_' not in raw:
        return None
    try:
        message = _decode_migrating(raw).message
    except _UNREADABLE:
        return None
    if message is None:
        return None
    if message.migrate_to_chat_id is not None:
        return message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        return message.migrate_from_chat_id, message.chat.id
    return None


def read_at(raw: bytes, path: str, kind: type[T]) -> T | None:
    """What stands at a dotted path of an update, if it has this shape."""
    try:
        for name in path.split("."):
            raw = bytes(msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[name])
        return msgspec.json.decode(raw, type=kind)
    except (KeyError, *_UNREADABLE):
        return None


def _read_with_unknown_fields(raw: bytes) -> tuple[Update, dict[str, None]]:
    try:
        payload = msgspec.json.decode(raw, type=dict[str, Any])
        lost: dict[str, None] = {}
        _set_aside(payload, Update, "", lost)
        return msgspec.convert(payload, Update), lost
    except _UNREADABLE as error:
        raise MalformedPayload(f"not an update of the Bot API: {error}") from error


def _set_aside(payload: dict[str, Any], kind: type[Read], path: str, lost: dict[str, None]) -> None:
    """Take the fields out of `payload` that `kind` does not read, and those of its children."""
    shape = _SHAPES[kind]
    for name in [name for name in payload if name not in shape.read]:
        del payload[name]
        if name not in shape.copies:
            lost[path + name[:_NAME_LENGTH_MAX]] = None
    for name, value in payload.items():
        child = shape.read[name]
        if child is not None:
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict):
                    _set_aside(item, child, f"{path}{name}.", lost)


def _name_lost(found: Read, path: str, lost: dict[str, None]) -> None:
    """Add the names of the `Lost` fields that an object and its children hold."""
    shape = _SHAPES[type(found)]
    values = astuple(found)
    for place, name in shape.usual:
        child = values[place]
        if child is not None:
            _name_lost(child, f"{path}{name}.", lost)
    held = shape.seldom.held_by(values)
    children = [(name, value) for name, value in held if name in shape.children]
    if len(children) < len(held):
        lost.update((path + name, None) for name, _ in held if name not in shape.children)
    for name, child in children:
        for item in child if isinstance(child, tuple) else (child,):
            _name_lost(item, f"{path}{name}.", lost)


def _bounded(lost: dict[str, None]) -> tuple[str, ...]:
    if len(lost) <= LOST_MAX:
        return tuple(lost)
    return (*list(lost)[:LOST_MAX], f"and {len(lost) - LOST_MAX} more")


class _Shape:
    """What is to be known of a class to find what it loses.

    `read`: the class of the objects in each field that is read, None for plain values. `children`:
    the fields whose objects may lose something. `usual`: those of them that nearly every object
    has, each with its place. `seldom`: the other children, and what is lost.
    """

    def __init__(self, kind: type[Read]) -> None:
        marks = {field.encode_name: field.type for field in fields(kind)}
        self.copies = {name for name, mark in marks.items() if mark == Copy}
        lost = {name for name, mark in marks.items() if mark == Lost}
        skipped = self.copies | lost
        self.read = {name: _read_class(mark) for name, mark in marks.items() if name not in skipped}
        self.children = {name for name, child in self.read.items() if child and _can_lose(child)}
        self.usual = [
            (place, name)
            for place, name in enumerate(marks)
            if name in kind.usual and name in self.children
        ]
        seldom = (self.children | lost) - set(kind.usual)
        self.seldom = Fields(kind, [name for name in marks if name in seldom])


def _can_lose(kind: type[Read]) -> bool:
    marks = [field.type for field in fields(kind)]
    return Lost in marks or any(_can_lose(child) for child in map(_read_class, marks) if child)


def _read_class(annotation: object) -> type[Read] | None:
    """The class of objects within `X | None` or `tuple[X, ...]`, if it is one that is read."""
    if isinstance(annotation, type) and issubclass(annotation, Read):
        return annotation
    return next(filter(None, map(_read_class, get_args(annotation))), None)


def _shape(kind: type[Read], shapes: dict[type[Read], _Shape]) -> dict[type[Read], _Shape]:
    shapes[kind] = _Shape(kind)
    for child in shapes[kind].read.values():
        if child is not None and child not in shapes:
            _shape(child, shapes)
    return shapes


_SHAPES = _shape(Update, {})
