"""What a message says, as parts. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from adapters.telegram.entities import to_spans
from adapters.telegram.incoming.attachments import (
    FILES,
    live_photo,
    media,
    paid_media,
    photo,
    unnamed,
)
from adapters.telegram.incoming.rich import rich_parts
from adapters.telegram.incoming.spoken import spoken
from adapters.telegram.objects.message import Message, Written
from core.model.content import Media, Part, Span, Style, System, Text

_ALIASES = {"animation": "document", "live_photo": "photo", "venue": "location"}
"""What Telegram sets besides, for bots that do not know the new field."""
_START = "start"
_DECLARED = frozenset(field.encode_name for field in msgspec.structs.fields(Message))


class Content(msgspec.Struct, frozen=True):
    """The parts, at least one, and the dotted names of what is not in them."""

    parts: tuple[Part, ...]
    lost: tuple[str, ...] = ()


def read_content(
    message: Message,
    field: str,
    kinds: list[str],
    lost: tuple[str, ...],
    new_id: Callable[[], str],
) -> Content:
    """The content of the message in `field` of the update. `kinds` are those of its fields that
    are content, `lost` is what was not read of it.
    """
    kind = kinds[0] if kinds else _unknown_kind(field, lost)
    if kind == "text":
        parts, untold = _text(message)
    else:
        value = getattr(message, kind) if kinds else None
        parts, untold = _captioned(message, kind, value, new_id)
    if len(kinds) > 1:
        untold += tuple(name for name in kinds[1:] if name != _ALIASES.get(kind))
    return Content(parts, _with(lost, field, untold))


def read_words(message: Written, field: str, lost: tuple[str, ...]) -> "Told":
    """As `read_content`, of a message that is nothing but words."""
    if not message.entities:
        return (Text(text=message.text),), lost
    parts, untold = _text(message)
    return parts, _with(lost, field, untold)


def covered(parts: Iterable[Part]) -> Iterable[tuple[Span, str]]:
    """Each span with the text under it."""
    for part in parts:
        match part:
            case Text(text=text, spans=spans) | Media(caption=text, spans=spans):
                yield from ((span, text[span.start : span.end]) for span in spans)
            case _:
                pass


Told = tuple[tuple[Part, ...], tuple[str, ...]]
"""Parts, and the names within the message of what is not in them."""


def _text(message: Written) -> Told:
    spans, unstyled = to_spans(message.text, message.entities)
    parts: tuple[Part, ...] = (Text(text=message.text, spans=spans),)
    if spans and message.chat.type == "private":
        parts += _started(message.text, spans[0])
    return parts, _named("entities", unstyled)


def _started(text: str, first: Span) -> tuple[Part, ...]:
    """Whoever opens the bot, or follows a link to it, says `/start` and what the link held."""
    if first.start == 0 and first.style is Style.COMMAND and first.value == _START:
        return (System(code="started", text=text[first.end :].strip()),)
    return ()


def _captioned(message: Message, kind: str, value: Any, new_id: Callable[[], str]) -> Told:
    caption = message.caption
    spans, unstyled = to_spans(caption, message.caption_entities)
    untold = _named("caption_entities", unstyled)
    if kind in FILES:
        untold += tuple(f"{kind}.{name}" for name in unnamed(value))
        return (media(FILES[kind], value, new_id, caption, spans),), untold
    if kind == "photo":
        return (photo(value, new_id, caption, spans),), untold
    if kind == "live_photo":
        shown = live_photo(message.photo or value.photo, value, new_id, caption, spans)
        if message.media_group_id and len(shown) > 1:  # of an album each message is one file
            return shown[:1], (*untold, kind)
        return shown, untold
    if kind == "rich_message":
        return rich_parts(value, new_id) or spoken(kind, value), (*untold, kind)
    parts = paid_media(value, new_id) if kind == "paid_media" else spoken(kind, value)
    return (*parts, Text(text=caption, spans=spans)) if caption else parts, untold


def _with(lost: tuple[str, ...], field: str, untold: tuple[str, ...]) -> tuple[str, ...]:
    return lost + tuple(f"{field}.{name}" for name in untold) if untold else lost


def _named(entities: str, unstyled: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{entities}.{kind}" for kind in dict.fromkeys(unstyled)) if unstyled else ()


def _unknown_kind(field: str, lost: tuple[str, ...]) -> str:
    """The first field that no message had until now: its content must be there."""
    prefix = f"{field}."
    names = (name.removeprefix(prefix) for name in lost if name.startswith(prefix))
    return next((name for name in names if "." not in name and name not in _DECLARED), "")
