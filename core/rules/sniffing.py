"""What a file is, by its first bytes: no word of the sender is taken for it."""

from typing import Final

HEAD_BYTES: Final = 16
"""So many first bytes say what a file is."""

UNKNOWN: Final = "application/octet-stream"

MAGIC: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
)
"""What bytes at which place make a file what; the first that fits counts."""


def sniffed(head: bytes) -> str:
    """The media type of a file that begins like this."""
    for at, magic, media_type in MAGIC:
        if head.startswith(magic, at):
            return media_type
    return UNKNOWN
