"""The pixel size of a picture, read from its header."""

import struct

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GIF_SIGNATURES = (b"GIF87a", b"GIF89a")
JPEG_SIGNATURE = b"\xff\xd8\xff"
Size = tuple[int, int]
"""Width and height in pixels."""
JPEG_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_size(content: bytes) -> Size | None:
    """(width, height) of a PNG, GIF or JPEG; None for anything else."""
    if content.startswith(PNG_SIGNATURE) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(GIF_SIGNATURES) and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if content.startswith(JPEG_SIGNATURE):
        return _jpeg_size(content)
    return None


def _jpeg_size(content: bytes) -> Size | None:
    """Walk the segments up to the frame header that holds the size."""
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker in JPEG_FRAME_MARKERS:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        (length,) = struct.unpack(">H", content[position + 2 : position + 4])
        position += 2 + length
    return None
