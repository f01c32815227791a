"""From bytes to text, whatever the mail claims about its charset. Nothing here ever raises.

A declared charset is believed when the bytes fit it, except that what is plainly UTF-8 is UTF-8.
Otherwise its common superset is tried (what is called gb2312 is usually GBK), then UTF-8 with a few
bad bytes, then the charset of a sibling part, then what the letters look like, and in the end
cp1252 with every byte kept as some character.
"""

import base64
import binascii
import codecs
import re
from functools import lru_cache
from typing import NamedTuple

from adapters.email.mime.guess import guessed

SUPERSETS = {
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-gb2312": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "cp950",
    "iso8859-8-i": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "windows-31j": "cp932",
    "unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
}
"""By Python's name for the charset, or by the mail's word where Python knows none."""

WINDOWS = {"iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874"}
"""What mail calls by these names has letters where they have control characters."""

NOT_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
"""Python codecs that turn bytes into text and yet are no charsets: some are slow on purpose."""

SEVEN_BIT = frozenset({(), ("utf-8",), ("ascii", "utf-8")})
WESTERN = frozenset({"ascii", "cp1252", "latin-1", "iso8859-15", "mac-roman"})
MULTIBYTE = ("gb", "cp9", "big5", "euc", "ks", "johab", "shift", "hz", "iso2022", "utf")
NAME_LENGTH_MAX = 60
PLAIN_UTF8_MIN = 2
SAMPLE = 4096

WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^\r\n]{0,1500}?)(?:\?=|\??$)", re.DOTALL)
CP1252_OVER_LATIN1 = {
    byte: bytes((byte,)).decode("cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
JIS_RUN = re.compile(rb"\x1b\$[@B]([^\x1b]*)(?:\x1b\([BJ])?|\x1b\([BJ]")


class Decoded(NamedTuple):
    text: str
    charset: str
    trusted: bool
    """False: the bytes fitted nothing that was declared; what is shown is a guess."""


def decode(data: bytes, declared: str, sibling: str = "") -> Decoded:
    candidates = _candidates(declared)
    if data.isascii() and candidates in SEVEN_BIT:
        return _seven_bit(data)
    if _is_plainly_utf8(data, candidates):
        return Decoded(data.decode("utf-8"), "utf-8", trusted=candidates[0] == "ascii")
    for charset in candidates:
        text = _strictly(data, charset)
        if text is not None:
            return Decoded(text, charset, trusted=True)
    return _otherwise(data, declared, sibling)


def _otherwise(data: bytes, declared: str, sibling: str) -> Decoded:
    """Nothing that was declared fits."""
    undeclared = not declared
    for charset in ("utf-8", *_candidates(sibling)):
        text = _strictly(data, charset)
        if text is not None:
            # Undeclared UTF-8 and undeclared ASCII are what today's mail means.
            return Decoded(text, charset, trusted=undeclared or data.isascii())
    mostly = _mostly_utf8(data)
    if mostly is not None:
        return Decoded(mostly, "utf-8", trusted=False)
    guess = guessed(data)
    if guess:
        return Decoded(data.decode(guess, "replace"), guess, trusted=False)
    return Decoded(_every_byte(data), "cp1252", trusted=False)


def decode_words(value: str, sibling: str = "") -> str:
    """A header's value with its encoded words (RFC 2047) read. `value` may hold surrogates for raw
    8-bit bytes; `sibling` is the charset that these may be in. Neighbouring words of one charset
    are joined before decoding, because mailers cut in the middle of a character.
    """
    if "=?" not in value:
        return raw_text(value, sibling)
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
            pieces.append(raw_text(between, sibling))
        pending += _word_bytes(match[2], match[3])
        pending_charset = charset
        position = match.end()
    if pending:
        pieces.append(decode(pending, pending_charset).text)
    pieces.append(raw_text(value[position:], sibling))
    return "".join(pieces)


def printable(text: str) -> str:
    """On one line, without control characters and lone surrogates."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def raw_text(value: str, sibling: str = "") -> str:
    """Text of a header string in which surrogates stand for raw 8-bit bytes."""
    if value.isascii():
        return value
    return decode(value.encode("utf-8", "surrogateescape"), "", sibling).text


@lru_cache(maxsize=512)
def _candidates(charset: str) -> tuple[str, ...]:
    """What a mail may mean by this name, the best first."""
    word = charset[:NAME_LENGTH_MAX].strip(" \"'").lower().removeprefix("3d").strip(" \"'")
    word = word.split(maxsplit=1)[0] if word else ""
    bare = word.removeprefix("x-")
    for name in (word, bare, re.sub(r"^(?:windows|cp|ibm)[-_]?(?=\d)", "cp", bare)):
        if name in SUPERSETS:
            return _known(SUPERSETS[name]) if not _python(name) else _known(name)
        if _python(name):
            return _known(name)
    return ()


def _python(name: str) -> str:
    """Python's name for a charset, "" if it has none."""
    try:
        found = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return ""
    return "" if found.replace("_", "-") in NOT_CHARSETS else found


def _known(word: str) -> tuple[str, ...]:
    name = _python(word)
    if name == "iso8859-1":
        return ("cp1252", "latin-1")  # Latin-1 accepts every byte
    if name in WINDOWS:
        return (WINDOWS[name], name)
    superset = SUPERSETS.get(name)
    return (name, superset) if superset else (name,)


def _seven_bit(data: bytes) -> Decoded:
    """ASCII, or Japanese in disguise."""
    if b"\x1b$" in data:
        text = _strictly(data, "iso2022_jp")
        if text is not None:
            return Decoded(text, "iso2022_jp", trusted=True)
    return Decoded(data.decode("ascii"), "ascii", trusted=True)


def _is_plainly_utf8(data: bytes, candidates: tuple[str, ...]) -> bool:
    """Something else is declared, but no text in that would happen to be valid UTF-8."""
    if not candidates or candidates[0].startswith("utf") or data.isascii():
        return False
    try:
        text = data.decode("utf-8")
    except UnicodeError:
        return False
    name = candidates[0]
    if name in WESTERN:
        return True
    least = "\u07ff" if name.startswith(MULTIBYTE) else "\x7f"
    return sum(letter > least for letter in text[:SAMPLE]) >= PLAIN_UTF8_MIN


def _mostly_utf8(data: bytes) -> str | None:
    """UTF-8 with a few bytes that are not; emoji as two halves, as old Java programs write them."""
    try:
        halves = data.decode("utf-8", "surrogatepass")
        return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except UnicodeError:
        text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(letter > "\x7f" for letter in text) - bad
    return text if 2 * bad <= good else None


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
