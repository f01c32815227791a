"""The kinds of media as data: what Telegram takes for each, keeps of it and shows of it."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
NAME, TYPE, WIDTH, HEIGHT = "file_name", "mime_type", "width", "height"
MP4, MP3, OGG, GIF = "video/mp4", "audio/mpeg", "audio/ogg", "image/gif"
ANYTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaKind:
    """One kind, named as the field of `Message` and the parameter of its send method.

    `mark` begins its file_ids, `folder` its download paths. `shows` are the facts of the file that
    its object names. `numbers` and `texts` are the parameters that pass from the request into the
    object, with their defaults. `takes` are the media types that remain of this kind; Telegram
    turns other bytes into a document. An empty `takes` takes anything.
    """

    mark: str
    folder: str
    shows: tuple[str, ...] = ()
    numbers: dict[str, int]
    texts: tuple[str, ...] = ()
    takes: frozenset[str] = ANYTHING
    captioned: bool = True
    size_bytes_max: int = 50 * MEGABYTE


MEDIA = {
    "document": MediaKind(mark="BQACAgIAAxk", folder="documents", shows=(NAME, TYPE), numbers={}),
    "photo": MediaKind(
        mark="AgACAgIAAxk",
        folder="photos",
        shows=(WIDTH, HEIGHT),
        numbers={},
        size_bytes_max=10 * MEGABYTE,
    ),
    "video": MediaKind(
        mark="BAACAgIAAxk",
        folder="videos",
        shows=(NAME, TYPE),
        numbers={"duration": 0, "width": 320, "height": 240},
        takes=frozenset([MP4]),
    ),
    "animation": MediaKind(
        mark="CgACAgIAAxk",
        folder="animations",
        shows=(NAME, TYPE),
        numbers={"duration": 0, "width": 320, "height": 240},
        takes=frozenset([MP4, GIF]),
    ),
    "audio": MediaKind(
        mark="CQACAgIAAxk",
        folder="music",
        shows=(NAME, TYPE),
        numbers={"duration": 0},
        texts=("performer", "title"),
        takes=frozenset([MP3, "audio/mp4"]),
    ),
    "voice": MediaKind(
        mark="AwACAgIAAxk",
        folder="voice",
        shows=(TYPE,),
        numbers={"duration": 0},
        takes=frozenset([OGG, MP3, "audio/mp4"]),
    ),
    "video_note": MediaKind(
        mark="DQACAgIAAxk",
        folder="video_notes",
        numbers={"duration": 0, "length": 240},
        takes=frozenset([MP4]),
        captioned=False,
    ),
    "sticker": MediaKind(
        mark="CAACAgIAAxk",
        folder="stickers",
        numbers={},
        texts=("emoji",),
        takes=frozenset(["image/webp", "video/webm", "application/gzip"]),
        captioned=False,
    ),
}
THUMBNAIL = MediaKind(
    mark="AAMCAgADGQ", folder="thumbnails", shows=(WIDTH, HEIGHT), numbers={}, captioned=False
)
MEDIA_METHODS = {f"send{name.title().replace('_', '')}": name for name in MEDIA}
CAPTIONED = frozenset(name for name, kind in MEDIA.items() if kind.captioned)
# https://core.telegram.org/bots/api#sendmediagroup: these two only among themselves.
ALBUM_APART = frozenset(["document", "audio"])
ALBUM_KINDS = ALBUM_APART | {"photo", "video"}
EDITABLE = ALBUM_KINDS | {"animation"}
"""What editMessageMedia puts into a message."""
STICKER: dict[str, object] = {
    "type": "regular",
    "width": 512,
    "height": 512,
    "is_animated": False,
    "is_video": False,
}
"""What a `Sticker` says of itself besides its file."""

_MAGIC = (
    (b"OggS", 0, OGG),
    (b"ID3", 0, MP3),
    (b"\xff\xfb", 0, MP3),
    (b"ftypM4A", 4, "audio/mp4"),
    (b"ftyp", 4, MP4),
    (b"GIF8", 0, GIF),
    (b"WEBP", 8, "image/webp"),
    (b"\x1a\x45\xdf\xa3", 0, "video/webm"),
    (b"\x1f\x8b", 0, "application/gzip"),
    (b"\x89PNG", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"%PDF", 0, "application/pdf"),
)


def media_type_of(content: bytes) -> str | None:
    """What the first bytes say the content is; None when they say nothing."""
    found = (kind for magic, at, kind in _MAGIC if content.startswith(magic, at))
    return next(found, None)


def kind_of(asked: str, content: bytes) -> str:
    """The kind that Telegram makes of the content when it was sent as `asked`."""
    takes = MEDIA[asked].takes
    return asked if not takes or media_type_of(content) in takes else "document"
