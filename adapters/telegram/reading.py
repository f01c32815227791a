"""From the bytes of an update to its objects, with the names of all that these cannot hold.

Most updates hold nothing that is not read, so the strict decoder, which refuses unknown fields, is
tried first and costs nothing more. Only after it refuses are the unknown fields sought, named and
set aside, so that no payload loses a field in silence (law 5).
"""

from typing import Any, TypeVar, get_args

import msgspec
from msgspec.structs import fields

from adapters.telegram.payload import Migrating, Pressing, Read, Update, UpdateId
from core.errors import MalformedPayload

LOST_MAX = 64
"""So many unknown fields of one update are named, the rest is counted."""
_NAME_LENGTH_MAX = 64

T = TypeVar("T")
_Fields = dict[str, type[Read] | None]
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON, bad UTF-8, or nested beyond measure."""

_decode_update = msgspec.json.Decoder(Update).decode
_decode_id = msgspec.json.Decoder(UpdateId).decode
_decode_pressing = msgspec.json.Decoder(Pressing).decode
_decode_migrating = msgspec.json.Decoder(Migrating).decode


def read_update(raw: bytes) -> tuple[Update, tuple[str, ...]]:
    """The update, and the dotted names of the fields it holds besides.

    Raises MalformedPayload for anything that is not an update of the Bot API.
    """
    try:
        return _decode_update(raw), ()
    except msgspec.ValidationError:
        return _read_with_unknown_fields(raw)
    except _UNREADABLE as error:
        raise MalformedPayload(f"not JSON: {error}") from error


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


def _read_with_unknown_fields(raw: bytes) -> tuple[Update, tuple[str, ...]]:
    try:
        payload = msgspec.json.decode(raw, type=dict[str, Any])
        lost = _set_aside(payload, Update, "")
        return msgspec.convert(payload, Update), _bounded(lost)
    except _UNREADABLE as error:
        raise MalformedPayload(f"not an update of the Bot API: {error}") from error


def _set_aside(payload: dict[str, Any], kind: type[Read], path: str) -> dict[str, None]:
    """Take the fields out of `payload` that `kind` does not have, and those of its children."""
    known = _FIELDS[kind]
    lost: dict[str, None] = {}
    for name in [name for name in payload if name not in known]:
        del payload[name]
        lost[path + name[:_NAME_LENGTH_MAX]] = None
    for name, value in payload.items():
        child = known[name]
        if child is not None:
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict):
                    lost |= _set_aside(item, child, f"{path}{name}.")
    return lost


def _bounded(lost: dict[str, None]) -> tuple[str, ...]:
    if len(lost) <= LOST_MAX:
        return tuple(lost)
    return (*list(lost)[:LOST_MAX], f"and {len(lost) - LOST_MAX} more")


def _read_class(annotation: object) -> type[Read] | None:
    """The class of objects within `X | None` or `tuple[X, ...]`, if it is one that is read."""
    if isinstance(annotation, type) and issubclass(annotation, Read):
        return annotation
    return next(filter(None, map(_read_class, get_args(annotation))), None)


def _tabulate(kind: type[Read], table: dict[type[Read], _Fields]) -> dict[type[Read], _Fields]:
    table[kind] = {field.encode_name: _read_class(field.type) for field in fields(kind)}
    for child in table[kind].values():
        if child is not None and child not in table:
            _tabulate(child, table)
    return table


_FIELDS = _tabulate(Update, {})
"""The fields of each class that is read, with the class of those that are objects themselves."""
