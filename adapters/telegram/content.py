"""What a message says, as parts. Pure."""

from collections.abc import Callable, Iterable

import msgspec

from adapters.telegram.entities import to_spans
from adapters.telegram.payload import Document, Message, PhotoSize, Thrown
from adapters.telegram.reading import read_at
from adapters.telegram.summaries import SUMMARIES
from core.model.content import Attachment, Media, MediaKind, Part, Span, Text, Unsupported
from core.model.ids import AttachmentId


class Content(msgspec.Struct, frozen=True):
    """The parts, at least one, and the dotted names of what is not in them."""

    parts: tuple[Part, ...]
    lost: tuple[str, ...] = ()


def read_content(
    message: Message, field: str, raw: bytes, lost: tuple[str, ...], new_id: Callable[[], str]
) -> Content:
    """The content of the message in `field` of the update; `lost` is what was not read of it."""
    if message.text:
        spans, unstyled = to_spans(message.text, message.entities)
        return Content(
            (Text(text=message.text, spans=spans),), lost + _named(field, "entities", unstyled)
        )
    spans, unstyled = to_spans(message.caption, message.caption_entities)
    lost += _named(field, "caption_entities", unstyled)
    attached = _media(message, message.caption, spans, new_id)
    if attached is not None:
        return Content((attached,), lost)
    unsupported = _unsupported(field, raw, lost)
    if message.caption:
        return Content((unsupported, Text(text=message.caption, spans=spans)), lost)
    return Content((unsupported,), lost)


def covered(parts: Iterable[Part]) -> Iterable[tuple[Span, str]]:
    """Each span with the text under it."""
    for part in parts:
        match part:
            case Text(text=text, spans=spans) | Media(caption=text, spans=spans):
                yield from ((span, text[span.start : span.end]) for span in spans)
            case _:
                pass


def _named(field: str, entities: str, unstyled: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{field}.{entities}.{kind}" for kind in dict.fromkeys(unstyled))


def _media(
    message: Message, caption: str, spans: tuple[Span, ...], new_id: Callable[[], str]
) -> Media | None:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Media(
            media=MediaKind.IMAGE,
            attachment=_photo(largest, new_id),
            caption=caption,
            spans=spans,
            width=largest.width,
            height=largest.height,
        )
    if message.document is not None:
        attachment = _document(message.document, new_id)
        return Media(media=MediaKind.FILE, attachment=attachment, caption=caption, spans=spans)
    return None


def _photo(photo: PhotoSize, new_id: Callable[[], str]) -> Attachment:
    return Attachment(
        id=AttachmentId(new_id()),
        declared_type="image/jpeg",  # Telegram converts every photo to this
        size_bytes=photo.file_size,
        remote=photo.file_id,
    )


def _document(document: Document, new_id: Callable[[], str]) -> Attachment:
    return Attachment(
        id=AttachmentId(new_id()),
        name=document.file_name,
        declared_type=document.mime_type,
        size_bytes=document.file_size,
        remote=document.file_id,
    )


def _unsupported(field: str, raw: bytes, lost: tuple[str, ...]) -> Unsupported:
    kind = _kind(field, lost)
    summary = SUMMARIES.get(kind, "a message of a new kind" if kind else "an empty message")
    thrown = read_at(raw, f"{field}.{kind}", Thrown) if kind in ("sticker", "dice") else None
    if thrown is not None:
        shows = f"{summary} {thrown.emoji}".rstrip()
        summary = shows if thrown.value is None else f"{shows} showing {thrown.value}"
    return Unsupported(platform_kind=kind or "empty", summary=summary)


def _kind(field: str, lost: tuple[str, ...]) -> str:
    """The unread field that is the message's content: a known kind, else the first unknown."""
    prefix = f"{field}."
    names = [name.removeprefix(prefix) for name in lost if name.startswith(prefix)]
    known = next((kind for kind in SUMMARIES if kind in names), "")
    return known or next((name for name in names if "." not in name), "")
