"""From bytes to text, whatever the mail claims about its charset. Nothing here ever raises.

A declared charset is believed when the bytes fit it. Otherwise its common superset is tried (what
is called gb2312 is usually GBK), then UTF-8, then the charset of a sibling part, then cp1252 with
every byte kept as some character.
"""

import base64
import binascii
import codecs
import re
from typing import NamedTuple

SUPERSETS = {
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-gb2312": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "big5": "cp950",
    "x-big5": "cp950",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-8-i": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
}
"""By Python's name for the charset, or by the mail's word where Python knows none."""

NOT_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
"""Python codecs that turn bytes into text and yet are no charsets: some are slow on purpose."""

WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
CP1252_OVER_LATIN1 = {
    byte: bytes((byte,)).decode("cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
JIS_RUN = re.compile(rb"\x1b\$[@B]([^\x1b]*)(?:\x1b\([BJ])?|\x1b\([BJ]")


class Decoded(NamedTuple):
    text: str
    trusted: bool
    """False: the bytes fitted nothing that was declared; what is shown is a guess."""


def decode(data: bytes, declared: str, sibling: str = "") -> Decoded:
    for charset in _candidates(declared):
        text = _strictly(data, charset)
        if text is not None:
            return Decoded(text, trusted=True)
    for guess in ("utf-8", *_candidates(sibling)):
        text = _strictly(data, guess)
        if text is not None:
            # Undeclared UTF-8 and undeclared ASCII are what today's mail means.
            return Decoded(text, trusted=not declared or data.isascii())
    return Decoded(_every_byte(data), trusted=False)


def decode_words(value: str) -> str:
    """A header's value with its encoded words (RFC 2047) read. `value` may hold surrogates for raw
    8-bit bytes. Neighbouring words of one charset are joined before decoding, because mailers cut
    in the middle of a character.
    """
    if "=?" not in value:
        return raw_text(value)
    pieces: list[str] = []
    pending = b""
    pending_charset = ""
    position = 0
    for match in WORD.finditer(value):
        between = value[position : match.start()]
        charset = match[1].split("*")[0].lower()
        if pending and (between.strip() or charset != pending_charset):
            pieces.append(decode(pending, pending_charset).text)
            pending = b""
        if between.strip() or not position:
            pieces.append(raw_text(between))
        pending += _word_bytes(match[2], match[3])
        pending_charset = charset
        position = match.end()
    if pending:
        pieces.append(decode(pending, pending_charset).text)
    pieces.append(raw_text(value[position:]))
    return "".join(pieces)


def raw_text(value: str) -> str:
    """Text of a header string in which surrogates stand for raw 8-bit bytes."""
    if value.isascii():
        return value
    return decode(value.encode("utf-8", "surrogateescape"), "").text


def _candidates(charset: str) -> tuple[str, ...]:
    word = charset.strip().strip("\"'").lower()
    if not word:
        return ()
    try:
        name = codecs.lookup(word).name
    except (LookupError, ValueError):
        return (SUPERSETS[word],) if word in SUPERSETS else ()
    if name in NOT_CHARSETS:
        return ()
    superset = SUPERSETS.get(name)
    if name == "iso8859-1":
        # Latin-1 accepts every byte, and what mail calls so is cp1252.
        return ("cp1252", "latin-1")
    return (name, superset) if superset else (name,)


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        text = data.decode(charset)
        # Python's UTF-7 lets halves of surrogate pairs through, which nothing can store.
        return text.encode("utf-8", "replace").decode() if charset == "utf-7" else text
    except (UnicodeError, LookupError, ValueError):
        return _nec_characters(data) if charset.startswith("iso2022_jp") else None


def _nec_characters(data: bytes) -> str | None:
    """ISO-2022-JP with NEC's row 13 (circled digits and the like), which Python's codec refuses:
    the same code points, shifted into cp932.
    """

    def shifted(match: re.Match[bytes]) -> bytes:
        run = match[1] or b""
        pairs = zip(run[::2], run[1::2], strict=False)
        return b"".join(_shift_jis(first, second) for first, second in pairs)

    try:
        return JIS_RUN.sub(shifted, data).decode("cp932")
    except (UnicodeError, ValueError):
        return None


def _shift_jis(first: int, second: int) -> bytes:
    """One JIS X 0208 pair in Shift-JIS."""
    odd_row = first % 2 == 1
    low = second + ((0x1F if second < 0x60 else 0x20) if odd_row else 0x7E)
    high = (first + 1) // 2 + (0x70 if first < 0x5F else 0xB0)
    return bytes((high & 0xFF, low & 0xFF))


def _every_byte(data: bytes) -> str:
    """cp1252 where it is defined, Latin-1 for its five holes."""
    return data.decode("latin-1").translate(CP1252_OVER_LATIN1)


def _word_bytes(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))
