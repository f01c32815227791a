"""What persons send has to be what it says it is, or nobody learns what happens to real files."""

import zlib

import pytest

from sandbox.images import image_size
from sandbox.telegram.images import acceptable, thumbnail_size
from sandbox.telegram.kinds import MEDIA, kind_of, media_type_of
from sandbox.telegram.samples import SAMPLES, gif, ogg_opus, png


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_sample_is_of_the_type_that_it_names(kind: str) -> None:
    assert media_type_of(SAMPLES[kind].content) == SAMPLES[kind].media_type
    assert kind_of(kind, SAMPLES[kind].content) == kind


def test_there_is_a_sample_of_every_kind() -> None:
    assert SAMPLES.keys() == MEDIA.keys()


def test_pictures_have_the_size_that_was_asked_for() -> None:
    assert image_size(png(7, 5)) == (7, 5)
    assert image_size(gif(7, 5)) == (7, 5)


def test_a_picture_unpacks_to_its_pixels() -> None:
    content = png(7, 5, grey=0x33)
    start = content.index(b"IDAT") + 4

    rows = zlib.decompress(content[start:])

    assert rows == (b"\x00" + b"\x33" * 7) * 5


def test_an_ogg_page_carries_the_checksum_of_rfc_3533() -> None:
    """Players drop a page whose checksum is wrong; here it is summed the other usual way."""
    page = ogg_opus()[:47]
    table = [_entry(index) for index in range(256)]
    checksum = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        checksum = (checksum << 8 & 0xFFFFFFFF) ^ table[checksum >> 24 ^ byte]

    assert int.from_bytes(page[22:26], "little") == checksum


def _entry(index: int) -> int:
    value = index << 24
    for _ in range(8):
        value = (value << 1 & 0xFFFFFFFF) ^ (0x04C11DB7 if value & 0x80000000 else 0)
    return value


@pytest.mark.parametrize(
    ("size", "taken"),
    [
        ((640, 480), True),
        ((5000, 5000), True),
        ((5001, 5000), False),
        ((2000, 100), True),
        ((2001, 100), False),
        ((0, 10), False),
    ],
)
def test_photos_have_bounds(size: tuple[int, int], taken: bool) -> None:
    assert acceptable(size) is taken


def test_a_small_copy_keeps_its_shape_and_a_small_picture_has_none() -> None:
    assert thumbnail_size((640, 480)) == (90, 67)
    assert thumbnail_size((2000, 10)) == (90, 1)
    assert thumbnail_size((90, 90)) is None
