"""Files as Telegram takes them: each kind by its own method, several as one album. Pure."""

from msgspec.structs import replace

from adapters.telegram.entities import to_entities
from adapters.telegram.outgoing.calls import Call, Upload, as_form, json_text
from core.errors import UnsupportedFeature
from core.model.content import Attachment, Media, MediaKind

PHOTO_SIZE_BYTES_MAX = 10_000_000
"""Larger pictures are taken only as documents."""

PICTURE_AS_FILE = "a picture is sent as a file: Telegram cannot show this one as a photo"

_FIELDS = {
    MediaKind.IMAGE: "photo",
    MediaKind.VIDEO: "video",
    MediaKind.ANIMATION: "animation",
    MediaKind.AUDIO: "audio",
    MediaKind.VOICE: "voice",
    MediaKind.VIDEO_NOTE: "video_note",
    MediaKind.STICKER: "sticker",
    MediaKind.FILE: "document",
}
"""A kind's field, which is in albums the name of its type, too."""

_METHODS = {
    MediaKind.IMAGE: "sendPhoto",
    MediaKind.VIDEO: "sendVideo",
    MediaKind.ANIMATION: "sendAnimation",
    MediaKind.AUDIO: "sendAudio",
    MediaKind.VOICE: "sendVoice",
    MediaKind.VIDEO_NOTE: "sendVideoNote",
    MediaKind.STICKER: "sendSticker",
    MediaKind.FILE: "sendDocument",
}
_MEASURED = frozenset({MediaKind.VIDEO, MediaKind.ANIMATION})
_LASTING = _MEASURED | {MediaKind.AUDIO, MediaKind.VOICE, MediaKind.VIDEO_NOTE}
WITHOUT_CAPTION = frozenset({MediaKind.VIDEO_NOTE, MediaKind.STICKER})
ALBUM_METHOD = "sendMediaGroup"
ALBUM_KINDS = (
    frozenset({MediaKind.IMAGE, MediaKind.VIDEO}),
    frozenset({MediaKind.FILE}),
    frozenset({MediaKind.AUDIO}),
)
"""What Telegram lets stand together in an album."""

_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
}
"""Telegram tells a file's kind by its name, too."""


def render_media(media: Media) -> Call:
    """The call for one file, without where to. Raises UnsupportedFeature."""
    shown, notes = _presentable((media,))
    (only,) = shown
    field = _FIELDS[only.media]
    return Call(_METHODS[only.media], as_form(_described(only)), (_upload(only, field),), notes)


def render_album(media: tuple[Media, ...]) -> Call:
    """The call for several files, without where to. Raises UnsupportedFeature."""
    shown, notes = _presentable(media)
    if not any(kinds >= {medium.media for medium in shown} for kinds in ALBUM_KINDS):
        words = ", ".join(sorted({medium.media.value for medium in shown}))
        raise UnsupportedFeature(f"Telegram takes no album of {words}; nothing of it was sent")
    uploads = tuple(_upload(medium, f"file{number}") for number, medium in enumerate(shown))
    album = [_in_album(medium, upload) for medium, upload in zip(shown, uploads, strict=True)]
    return Call(ALBUM_METHOD, {"media": json_text(album)}, uploads, notes)


def _presentable(media: tuple[Media, ...]) -> tuple[tuple[Media, ...], tuple[str, ...]]:
    """What is certain not to be taken as a photo goes as a document from the beginning, and in an
    album all with it: documents stand among themselves.
    """
    if any(_too_large_a_photo(medium) for medium in media):
        files = tuple(replace(medium, media=MediaKind.FILE) for medium in media)
        return files, (PICTURE_AS_FILE,)
    return media, ()


def _too_large_a_photo(media: Media) -> bool:
    size = media.attachment.size_bytes or 0
    return media.media is MediaKind.IMAGE and size > PHOTO_SIZE_BYTES_MAX


def _described(media: Media) -> dict[str, object]:
    described: dict[str, object] = {}
    if media.caption and media.media not in WITHOUT_CAPTION:
        described["caption"] = media.caption
        described["caption_entities"] = to_entities(media.caption, media.spans)
    if media.media in _MEASURED:
        described |= {"width": media.width, "height": media.height}
    if media.media in _LASTING:
        described["duration"] = round(media.seconds)
    if media.media is MediaKind.VIDEO_NOTE and media.width == media.height:
        described["length"] = media.width
    if media.media is MediaKind.VIDEO:
        described["supports_streaming"] = True
    return {name: value for name, value in described.items() if value}


def _in_album(media: Media, upload: Upload) -> dict[str, object]:
    return {"type": _FIELDS[media.media], "media": f"attach://{upload.field}"} | _described(media)


def _upload(media: Media, field: str) -> Upload:
    attachment = media.attachment
    if not attachment.sha256:
        raise UnsupportedFeature(
            f"the file {attachment.id} is not stored here: fetch it first, then send it"
        )
    return Upload(field, attachment.sha256, _name(attachment), media.media)


def _name(attachment: Attachment) -> str:
    """The sender's word, without what could break out of a header."""
    ending = _ENDINGS.get(attachment.media_type or attachment.declared_type, "")
    name = attachment.name or f"file{ending}"
    return "".join(c if c.isprintable() else "_" for c in name)
