"""From Discord's files and stickers to media with lazy attachments. Pure."""

from collections.abc import Callable
from typing import Final

from adapters.discord.objects.attachment import STICKER_FORMATS, StickerItem
from adapters.discord.objects.attachment import Attachment as File
from adapters.discord.objects.components import UnfurledMedia
from adapters.discord.objects.embed import EmbedMedia
from adapters.discord.objects.remotes import FileOf, LinkedFile, StickerFile, file_at
from core.model.content import Attachment, Media, MediaKind, Unsupported
from core.model.ids import AttachmentId

NewId = Callable[[], str]

SPOILER: Final = "SPOILER_"
IS_SPOILER: Final = 1 << 3
IS_ANIMATED: Final = 1 << 5

_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}
_STICKER_TYPES = {1: "image/png", 2: "image/apng", 3: "application/json", 4: "image/gif"}


class Origin:
    """The message that files are told of in: by it they are found again."""

    __slots__ = ("channel", "message", "new_id")

    def __init__(self, channel: str, message: str, new_id: NewId) -> None:
        self.channel, self.message, self.new_id = channel, message, new_id

    def stored(self, file: str) -> str:
        return FileOf(self.channel, self.message, file).remote


def media(file: File, origin: Origin, *, voice: bool) -> Media:
    """A file of a message; `voice`: somebody has spoken it."""
    declared = file.content_type or ""
    return Media(
        media=MediaKind.VOICE if voice else _kind(declared, file),
        attachment=Attachment(
            id=AttachmentId(origin.new_id()),
            name=_name(file),
            declared_type=declared,
            size_bytes=file.size,
            remote=origin.stored(file.id),
        ),
        caption=file.description or "",
        width=file.width or 0,
        height=file.height or 0,
        seconds=file.duration_secs or 0.0,
    )


def untold(file: File) -> tuple[str, ...]:
    """The fields that found no place."""
    told = IS_ANIMATED | (IS_SPOILER if file.filename.startswith(SPOILER) else 0)
    return ("flags",) if (file.flags or 0) & ~told else ()


def sticker(item: StickerItem, new_id: NewId) -> Media:
    extension = STICKER_FORMATS.get(item.format_type, "png")
    return Media(
        media=MediaKind.STICKER,
        attachment=Attachment(
            id=AttachmentId(new_id()),
            name=f"{item.name}.{extension}",
            declared_type=_STICKER_TYPES.get(item.format_type, ""),
            remote=StickerFile(f"{item.id}.{extension}").remote,
        ),
    )


def is_copied(shown: EmbedMedia | UnfurledMedia) -> bool:
    """Whether Discord has a copy of it, which can be fetched."""
    return bool(_stored(shown)) or shown.proxy_url.startswith("https://")


def picture(shown: EmbedMedia | UnfurledMedia, origin: Origin) -> Attachment | None:
    """What a card or a layout shows; None if there is no copy of it."""
    if not is_copied(shown):
        return None
    file = _stored(shown)
    return Attachment(
        id=AttachmentId(origin.new_id()),
        declared_type=shown.content_type or "",
        remote=origin.stored(file) if file else LinkedFile(shown.proxy_url).remote,
    )


def laid_out(shown: UnfurledMedia, origin: Origin, caption: str = "") -> Media | Unsupported:
    """A file within a layout."""
    attachment = picture(shown, origin)
    if attachment is None:
        said = f": {caption}" if caption else ""
        return Unsupported(platform_kind="media", summary=f"a file that cannot be fetched{said}")
    kind = _KINDS.get((shown.content_type or "").partition("/")[0], MediaKind.FILE)
    return Media(
        media=kind,
        attachment=attachment,
        caption=caption,
        width=shown.width or 0,
        height=shown.height or 0,
    )


def _stored(shown: EmbedMedia | UnfurledMedia) -> str:
    """The id of the file that it is; empty for what comes from elsewhere."""
    known = shown.attachment_id if isinstance(shown, UnfurledMedia) else None
    return known or file_at(shown.url) or file_at(shown.proxy_url)


def _kind(declared: str, file: File) -> MediaKind:
    if declared == "image/gif" or (file.flags or 0) & IS_ANIMATED:
        return MediaKind.ANIMATION
    return _KINDS.get(declared.partition("/")[0], MediaKind.FILE)


def _name(file: File) -> str:
    """What the sender called it, where Discord has spelt it otherwise for the address."""
    if not file.title:
        return file.filename
    extension = file.filename.rpartition(".")[2]
    named = file.title.lower().endswith(f".{extension.lower()}") or "." not in file.filename
    title = file.title if named else f"{file.title}.{extension}"
    return f"{SPOILER}{title}" if file.filename.startswith(SPOILER) else title
