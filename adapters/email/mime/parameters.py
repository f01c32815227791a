"""The parameters of Content-Type and Content-Disposition: RFC 2231, and what mailers write
instead.
"""

import re
from urllib.parse import unquote_to_bytes

from adapters.email.mime.charsets import decode

VALUE_LENGTH_MAX = 8192
PIECES_MAX = 100

PARAMETER = re.compile(
    r"[;\s,]{1,100}+([^\s=;,\"]{1,80}?)(\*[0-9]{1,3})?(\*)?\s*=\s*"
    r"(?:\"((?:[^\"\\]|\\.)*)\"(?=\s*(?:;|$))|([^;]*))",
    re.DOTALL,
)
ESCAPED = re.compile(r"\\([\"\\])")


def parameters(value: str) -> dict[str, str]:
    """Name in lower case -> its text, encoded words and surrogates for raw 8-bit still in it. The
    first of several counts; what is longer than a header may be, and pieces beyond the first
    hundred, are left out.
    """
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in PARAMETER.finditer(value[:VALUE_LENGTH_MAX]):
        name, number, star, quoted, bare = found.groups()
        name = name.lower()
        text = _text(quoted, bare or "")
        if number is None and not star:
            plain.setdefault(name, text)
        elif len(pieces) < PIECES_MAX:
            numbered = pieces.setdefault(name, {})
            numbered.setdefault(int(number[1:]) if number else 0, (text, bool(star)))
    return plain | {name: _joined(numbered) for name, numbered in pieces.items()}


def _text(quoted: str | None, bare: str) -> str:
    if quoted is not None:
        # A lone backslash is kept: "C:\temp\a.pdf" was never meant as an escape.
        return ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted
    return bare.strip().strip("\"'")


def _joined(numbered: dict[int, tuple[str, bool]]) -> str:
    """The pieces in order, up to the first that is missing. The charset is named in the first."""
    charset = ""
    data = b""
    for place, (number, (piece, encoded)) in enumerate(sorted(numbered.items())):
        if number != place or place == PIECES_MAX:
            break
        said, _, rest = piece.partition("'")
        _language, second, written = rest.partition("'")
        is_named = encoded and place == 0 and bool(second)
        charset = said if is_named else charset
        raw = (written if is_named else piece).encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(raw) if encoded else raw
    if charset or not data.isascii():
        return decode(data, charset).text
    return data.decode("ascii")
