"""From the bytes of an update to its objects, with the names of all that these cannot hold.

The objects name every field that the Bot API has today, so the strict decoder, which refuses
unknown fields, takes nearly every update as it is. Only after it refuses are the unknown fields
sought and set aside. Words alone, which most updates are, have smaller objects, tried first. Either
way no payload loses a field in silence (law 5).
"""

from collections.abc import Iterator
from itertools import compress
from operator import attrgetter, is_not
from typing import Any, TypeVar, get_args

import msgspec
from msgspec.structs import fields

from adapters.telegram.objects.common import User
from adapters.telegram.objects.fields import ABSENT, Copy, Lost, Read
from adapters.telegram.objects.message import Written
from adapters.telegram.objects.update import (
    Migrating,
    Pressing,
    Update,
    UpdateId,
    WrittenUpdate,
)
from core.errors import MalformedPayload

LOST_MAX = 64
"""So many fields of one update are named as lost, the rest is counted."""
_NAME_LENGTH_MAX = 64

_THERE = msgspec.Raw(b"0")
"""Stands for a value that is not read."""

T = TypeVar("T")
Held = dict[str, Any]
"""The fields that an object holds, by their names on the wire, without those that it lacks."""
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON, bad UTF-8, or nested beyond measure."""

_decode_written = msgspec.json.Decoder(WrittenUpdate).decode
_decode_update = msgspec.json.Decoder(Update).decode
_decode_id = msgspec.json.Decoder(UpdateId).decode
_decode_pressing = msgspec.json.Decoder(Pressing).decode
_decode_migrating = msgspec.json.Decoder(Migrating).decode


class InWords(msgspec.Struct, frozen=True, gc=False):
    """A message of words alone, the field of the update that it is in, and what is lost of it."""

    update_id: int
    field: str
    message: Written
    author: User
    lost: tuple[str, ...]


def read_words(raw: bytes) -> InWords | None:
    """None for any update that is not just somebody's words: it is to be read as a whole."""
    if _TEXT not in raw:  # much quicker asked than refused
        return None
    try:
        update = _decode_written(raw)
    except _UNREADABLE:
        return None
    messages = _messages(update)
    message = next(filter(None, messages), None)
    if message is None or not message.text or message.from_ is None:
        return None
    if messages.count(None) != len(messages) - 1:
        return None
    field = _FIELDS[messages.index(message)]
    return InWords(update.update_id, field, message, message.from_, _lost_words(message, field))


def _lost_words(message: Written, field: str) -> tuple[str, ...]:
    values = _losable(message)
    if values == _NONE_LOST:
        return ()
    return tuple(compress(_LOSABLE[field], map(is_not, values, _NONE_LOST)))


def read_update(raw: bytes) -> tuple[Update, Held, tuple[str, ...]]:
    """The update, what it holds, and the dotted names of what is lost of it.

    Raises MalformedPayload for anything that is not an update of the Bot API.
    """
    lost: dict[str, None] = {}
    try:
        update = _decode_update(raw)
    except msgspec.ValidationError:
        update = _read_with_unknown_fields(raw, lost)
    except _UNREADABLE as error:
        raise MalformedPayload(f"not JSON: {error}") from error
    held = msgspec.to_builtins(update, enc_hook=_not_read)
    _name_lost(held, _NOTABLE[Update], "", lost)
    return update, held, _bounded(lost)


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


def _read_with_unknown_fields(raw: bytes, lost: dict[str, None]) -> Update:
    try:
        payload = msgspec.json.decode(raw, type=dict[str, Any])
        _set_aside(payload, Update, "", lost)
        return msgspec.convert(payload, Update)
    except _UNREADABLE as error:
        raise MalformedPayload(f"not an update of the Bot API: {error}") from error


def _set_aside(payload: dict[str, Any], kind: type[Read], path: str, lost: dict[str, None]) -> None:
    """Take the fields out of `payload` that `kind` does not know, and those of its children. Of
    those that it steps over it stays to be seen that they are there.
    """
    known = _KNOWN[kind]
    for name in [name for name in payload if name not in known]:
        del payload[name]
        lost[path + name[:_NAME_LENGTH_MAX]] = None
    for name, value in payload.items():
        if known[name] in (Lost, Copy):
            payload[name] = _THERE
            continue
        child = _read_class(known[name])
        if child is not None:
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict):
                    _set_aside(item, child, f"{path}{name}.", lost)


def _name_lost(held: Held, notable: "_Notable", path: str, lost: dict[str, None]) -> None:
    """Add the names of the `Lost` fields that an object and its children hold."""
    fields = notable.fields
    for name in [name for name in held if name in fields]:
        child, value = fields[name], held[name]
        if child is None:
            lost[path + name] = None
        elif isinstance(value, dict):
            if not child.names.isdisjoint(value):
                _name_lost(value, child, f"{path}{name}.", lost)
        else:
            for one in value:
                if not child.names.isdisjoint(one):
                    _name_lost(one, child, f"{path}{name}.", lost)


def _not_read(_: object) -> None:
    """What stands for the value of a field that is not read."""


def _bounded(lost: dict[str, None]) -> tuple[str, ...]:
    if len(lost) <= LOST_MAX:
        return tuple(lost)
    return (*list(lost)[:LOST_MAX], f"and {len(lost) - LOST_MAX} more")


def _read_class(annotation: object) -> type[Read] | None:
    """The class of objects within `X | None` or `tuple[X, ...]`, if it is one that is read."""
    if isinstance(annotation, type) and issubclass(annotation, Read):
        return annotation
    return next(filter(None, map(_read_class, get_args(annotation))), None)


class _Notable:
    """Of a class the fields that are lost (None), or whose objects may lose something."""

    __slots__ = ("fields", "names")

    def __init__(self, fields: dict[str, "_Notable | None"]) -> None:
        self.fields = fields
        self.names = frozenset(fields)


def _tabulate(kind: type[Read]) -> _Notable:
    """Note what is to be known of a class and of all that it holds."""
    if kind not in _NOTABLE:
        known = _KNOWN[kind] = {field.encode_name: field.type for field in fields(kind)}
        notable: dict[str, _Notable | None] = {}
        for name, mark in known.items():
            child = _read_class(mark)
            if mark == Lost:
                notable[name] = None
            elif child is not None and (within := _tabulate(child)).names:
                notable[name] = within
        _NOTABLE[kind] = _Notable(notable)
    return _NOTABLE[kind]


_KNOWN: dict[type[Read], dict[str, object]] = {}
"""The fields of each class, with the type of each."""
_NOTABLE: dict[type[Read], _Notable] = {}
_tabulate(Update)


def _dotted(notable: _Notable, path: str = "") -> Iterator[str]:
    for name, child in notable.fields.items():
        yield from _dotted(child, f"{path}{name}.") if child else (path + name,)


_TEXT = b'"text":'
_FIELDS = WrittenUpdate.__struct_fields__[1:]
_messages = attrgetter(*_FIELDS)

_NAMES = tuple(_dotted(_tabulate(Written)))
"""All that can be lost of words, few enough to be looked at without asking what is held."""
_losable = attrgetter(*(name.replace("from.", "from_.") for name in _NAMES))
_NONE_LOST = (ABSENT,) * len(_NAMES)
_LOSABLE = {field: tuple(f"{field}.{name}" for name in _NAMES) for field in _FIELDS}
