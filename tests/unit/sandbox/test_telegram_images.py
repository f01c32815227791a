"""Telegram refuses what is no picture, so the emulator has to tell them apart."""

import pytest

from sandbox.images import image_size

JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x11\x08\x00\x05\x00\x09\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00\x00\x02", (256, 2)),
        (b"GIF89a\x03\x00\x04\x00", (3, 4)),
        (JPEG, (9, 5)),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", None),
        (b"\xff\xd8\xff\xe0\x00\x00", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_the_size_is_read_from_the_header(content: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(content) == size
