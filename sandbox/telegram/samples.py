"""Small real files of every kind, made here, for persons who send something of that kind."""

import struct
import zlib
from dataclasses import dataclass

OGG_POLYNOMIAL = 0x04C11DB7
OPUS_SILENCE = b"\xf8\xff\xfe"
MP3_FRAME_BYTES = 417
STICKER_PIXELS = 512


@dataclass(frozen=True, slots=True)
class Sample:
    """A file as it lies on a phone, and what the phone knows of it besides."""

    name: str
    media_type: str
    content: bytes
    facts: dict[str, object]


def png(width: int, height: int, grey: int = 0x80) -> bytes:
    """A picture of one grey."""
    rows = (b"\x00" + bytes([grey]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def gif(width: int, height: int) -> bytes:
    """An animation of one frame."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0)
    frame = struct.pack("<BHHHHB", 0x2C, 0, 0, 1, 1, 0)
    return b"GIF89a" + screen + b"\x00\x00\x00\xff\xff\xff" + frame + b"\x02\x02D\x01\x00;"


def mp4(brand: bytes = b"isom") -> bytes:
    """A film of a second without a track: the boxes that a player looks for first."""
    second = struct.pack(">IIII", 0, 0, 1000, 1000)
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    tail = struct.pack(">IH10x", 0x10000, 0x100) + matrix + bytes(24) + struct.pack(">I", 1)
    header = _box(b"mvhd", bytes(4) + second + tail)
    kinds = _box(b"ftyp", brand + struct.pack(">I", 512) + brand + b"mp41")
    return kinds + _box(b"moov", header) + _box(b"mdat", b"")


def ogg_opus() -> bytes:
    """A voice message of 20 milliseconds of silence."""
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 312, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"sandbox" + struct.pack("<I", 0)
    pages = ((2, 0, head), (0, 0, tags), (4, 960, OPUS_SILENCE))
    return b"".join(_page(number, *page) for number, page in enumerate(pages))


def mp3() -> bytes:
    """Two frames of silence at 128 kbit/s."""
    return b"\xff\xfb\x90\x64".ljust(MP3_FRAME_BYTES, b"\x00") * 2


def webp(pixels: int = STICKER_PIXELS, colour: tuple[int, int, int] = (0xF2, 0xA9, 0x3B)) -> bytes:
    """A square sticker of one colour (red, green, blue): a code for each channel that has only one
    symbol, so that the pixels themselves need no bits at all.
    """
    size = (pixels - 1) | (pixels - 1) << 14
    red, green, blue = colour
    bits, at = 0, 3  # no transform, no colour cache, one group of codes
    for symbol in (green, red, blue, 0xFF):
        bits |= (0b101 | symbol << 3) << at  # a simple code, one symbol, of eight bits
        at += 11
    bits |= 0b0001 << at  # for distances, of which there are none
    image = b"\x2f" + struct.pack("<I", size) + bits.to_bytes(8, "little")
    body = b"WEBPVP8L" + struct.pack("<I", len(image)) + image + bytes(len(image) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def _page(number: int, flags: int, position: int, packet: bytes) -> bytes:
    head = b"OggS" + struct.pack("<BBqII", 0, flags, position, 1, number)
    tail = struct.pack("<BB", 1, len(packet)) + packet
    checksum = _ogg_checksum(head + bytes(4) + tail)
    return head + struct.pack("<I", checksum) + tail


def _ogg_checksum(data: bytes) -> int:
    """Ogg's own CRC: not reflected, beginning with zero (RFC 3533)."""
    checksum = 0
    for byte in data:
        checksum ^= byte << 24
        for _ in range(8):
            carry = checksum & 0x80000000
            checksum = (checksum << 1 & 0xFFFFFFFF) ^ (OGG_POLYNOMIAL if carry else 0)
    return checksum


SAMPLES = {
    "document": Sample("notes.pdf", "application/pdf", b"%PDF-1.4\n%%EOF\n", {}),
    "photo": Sample("photo.png", "image/png", png(640, 480), {}),
    "video": Sample("clip.mp4", "video/mp4", mp4(), {"duration": 1, "width": 640, "height": 480}),
    "animation": Sample(
        "wave.gif.mp4", "video/mp4", mp4(), {"duration": 1, "width": 320, "height": 240}
    ),
    "audio": Sample(
        "song.mp3", "audio/mpeg", mp3(), {"duration": 1, "performer": "The Hinges", "title": "Oil"}
    ),
    "voice": Sample("voice.oga", "audio/ogg", ogg_opus(), {"duration": 1}),
    "video_note": Sample("note.mp4", "video/mp4", mp4(), {"duration": 1, "length": 240}),
    "sticker": Sample(
        "wave.webp", "image/webp", webp(), {"emoji": "👋", "set_name": "HingesAndHellos"}
    ),
}
