"""Transfer encodings undone, as far as the bytes go. Nothing here raises; what could not be undone
is said in words.
"""

import binascii
import re
from typing import NamedTuple

PLAIN = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "8bits", "7bits"})
UUENCODED = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})
ENCLOSED_MAX = 50

BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n\t "
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
BLOCK_END = re.compile(rb"(?<==)(?=[^=])")
BLOCKS_MAX = 500_000
SPACE_AFTER_EQUALS = re.compile(rb"=[ \t]+(\r?\n)")
UU_BLOCK = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,255}?)[ \t]*\r?\n((?:[ -`]{1,90}\r?\n|\r?\n)*?)(?:`?\r?\n)?"
    rb"end[ \t]*(?:\r?\n|\Z)",
    re.MULTILINE,
)


class Decoded(NamedTuple):
    data: bytes
    lost: str = ""


class Enclosed(NamedTuple):
    """A file written into a text. `name` as it stands there."""

    name: bytes
    data: bytes


def decoded(body: bytes, encoding: str) -> Decoded:
    if encoding in PLAIN:
        return Decoded(body)
    if encoding == "base64":
        return _base64(body)
    if encoding == "quoted-printable":
        return Decoded(_quoted_printable(body))
    if encoding in UUENCODED:
        files = enclosed(body)[1]
        return Decoded(files[0].data) if files else Decoded(body, "damaged: no uuencoded file")
    return Decoded(body, f"unknown transfer encoding {encoding[:40]!r}")


def enclosed(text: bytes) -> tuple[bytes, list[Enclosed]]:
    """The text without the uuencoded files in it, and these."""
    if b"begin " not in text:
        return text, []
    files: list[Enclosed] = []

    def taken(block: re.Match[bytes]) -> bytes:
        data = _uudecoded(block[2]) if len(files) < ENCLOSED_MAX else None
        if data is None:
            return block[0]
        files.append(Enclosed(block[1], data))
        return b""

    return UU_BLOCK.sub(taken, text), files


def _base64(body: bytes) -> Decoded:
    """Blocks that end in padding may follow one another; some mailers encode line by line."""
    padding = body.find(b"=")
    if 0 <= padding < len(body.rstrip()) - 2 or body.translate(None, BASE64):
        return _mended_base64(body)
    try:
        return Decoded(binascii.a2b_base64(body))
    except binascii.Error:
        return _mended_base64(body)


def _mended_base64(body: bytes) -> Decoded:
    letters = b"".join(body.split())
    odd = NOT_BASE64.search(letters)
    lost = ""
    if odd is not None:
        lost = "damaged: base64 with foreign characters"
        padding = letters.find(b"=")
        if 0 <= padding < odd.start():
            lost = "damaged: text after the end of base64"
            letters = letters[: padding + 2]
        letters = NOT_BASE64.sub(b"", letters)
    data = b"".join(map(_block, BLOCK_END.split(letters, BLOCKS_MAX)))
    if not lost and len(letters.rstrip(b"=")) % 4 == 1:
        lost = "damaged: base64 ends too early"
    return Decoded(data, lost)


def _block(letters: bytes) -> bytes:
    bare = letters.rstrip(b"=")
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))


def _quoted_printable(body: bytes) -> bytes:
    if b"= " in body or b"=\t" in body:
        body = SPACE_AFTER_EQUALS.sub(rb"=\1", body)
    return binascii.a2b_qp(body)


def _uudecoded(lines: bytes) -> bytes | None:
    """None when a line is not as long as it says."""
    data = []
    for line in lines.split(b"\n"):
        stripped = line.rstrip(b"\r")
        if not stripped:
            continue
        length = (stripped[0] - 32) & 63
        letters = (length + 2) // 3 * 4
        if length and len(stripped) - 1 < length * 4 // 3:
            return None
        try:
            data.append(binascii.a2b_uu(stripped[: 1 + letters]))
        except binascii.Error:
            return None
    return b"".join(data)
