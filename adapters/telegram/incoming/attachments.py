"""From Telegram's files to media with lazy attachments. Pure."""

from collections.abc import Callable

from adapters.telegram.objects.common import File, LivePhoto, PhotoSize
from adapters.telegram.objects.said import PaidMedia, PaidMediaInfo
from core.model.content import Attachment, Media, MediaKind, Part, Span, Unsupported
from core.model.ids import AttachmentId

NewId = Callable[[], str]
Spans = tuple[Span, ...]

FILES = {
    "animation": MediaKind.ANIMATION,
    "audio": MediaKind.AUDIO,
    "document": MediaKind.FILE,
    "sticker": MediaKind.STICKER,
    "video": MediaKind.VIDEO,
    "video_note": MediaKind.VIDEO_NOTE,
    "voice": MediaKind.VOICE,
}
"""What the fields of a message that hold one file are."""


def photo(
    sizes: tuple[PhotoSize, ...], new_id: NewId, caption: str = "", spans: Spans = ()
) -> Media:
    """The largest size: the others are made from it."""
    largest = max(sizes, key=lambda size: size.width * size.height)
    return Media(
        media=MediaKind.IMAGE,
        attachment=Attachment(
            id=AttachmentId(new_id()),
            declared_type="image/jpeg",  # Telegram converts every photo to this
            size_bytes=largest.file_size,
            remote=largest.file_id,
        ),
        caption=caption,
        spans=spans,
        width=largest.width,
        height=largest.height,
    )


def media(
    kind: MediaKind, file: File, new_id: NewId, caption: str = "", spans: Spans = ()
) -> Media:
    """A video note is a square, or rather a circle, of that length."""
    return Media(
        media=kind,
        attachment=Attachment(
            id=AttachmentId(new_id()),
            name=file.file_name or _work(file),
            declared_type=_sticker_type(file) if kind is MediaKind.STICKER else file.mime_type,
            size_bytes=file.file_size,
            remote=file.file_id,
        ),
        caption=caption,
        spans=spans,
        width=file.width or file.length,
        height=file.height or file.length,
        seconds=float(file.duration),
        emoji=file.emoji,
    )


def unnamed(file: File) -> tuple[str, ...]:
    """The fields that found no place because the file has a name already."""
    if not file.file_name:
        return ()
    return tuple(name for name in ("title", "performer") if getattr(file, name))


def live_photo(
    sizes: tuple[PhotoSize, ...], film: File, new_id: NewId, caption: str = "", spans: Spans = ()
) -> tuple[Media, ...]:
    """The picture and the film around it."""
    moving = media(MediaKind.VIDEO, film, new_id)
    return (photo(sizes, new_id, caption, spans), moving) if sizes else (moving,)


def paid_media(info: PaidMediaInfo, new_id: NewId) -> tuple[Part, ...]:
    return tuple(part for item in info.paid_media for part in _bought(item, new_id))


def _bought(item: PaidMedia, new_id: NewId) -> tuple[Part, ...]:
    match item:
        case PaidMedia(video=File() as video):
            return (media(MediaKind.VIDEO, video, new_id),)
        case PaidMedia(live_photo=LivePhoto() as live):
            return live_photo(live.photo, live, new_id)
        case PaidMedia(photo=sizes) if sizes:
            return (photo(sizes, new_id),)
        case _:
            return (Unsupported(platform_kind="paid_media", summary="paid media, not bought"),)


def _work(file: File) -> str:
    return " – ".join(filter(None, (file.performer, file.title)))


def _sticker_type(file: File) -> str:
    if file.is_animated:
        return "application/x-tgsticker"
    return "video/webm" if file.is_video else "image/webp"
