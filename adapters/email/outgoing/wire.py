"""Header fields and parts as bytes. Whatever a value holds, it adds no field and ends no part.

The standard library is not asked to write them: it reads encoded words in values that it is given,
and what it finds there (a line break, too) it writes out as it is.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from adapters.email.mime.charsets import printable

LINE_LENGTH_MAX = 76
WORD_LENGTH_MAX = 60
ENCODED_BYTES_MAX = 42
"""Of one encoded word: it may have 75 characters, 12 of them are its frame."""
BASE64_SHARE = 6
"""Where more than one in so many bytes is outside ASCII, base64 is the shorter form."""
PLAIN_WORD = re.compile(r"[\x21-\x7e]+")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
SIMPLE_VALUE = re.compile(r"[A-Za-z0-9._/-]{1,50}")
PERCENTED = re.compile(r"(?:%[0-9A-F]{2}|[^%]){1,18}")
NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")


class Mailbox(NamedTuple):
    """`address` is normalised and ASCII."""

    name: str
    address: str


class Part(NamedTuple):
    """One part with its own fields, as it stands between two boundaries."""

    fields: bytes
    body: bytes

    @property
    def content(self) -> bytes:
        return self.fields + b"\r\n" + self.body


def field(name: str, value: str) -> bytes:
    """`value` is ASCII already; anything else in it becomes "?". Folded at its spaces."""
    lines, line = [], f"{name}:"
    for word in NOT_PRINTABLE.sub("?", value).split():
        if len(line) + 1 + len(word) > LINE_LENGTH_MAX and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join((*lines, line)).encode("ascii") + b"\r\n"


def text_field(name: str, text: str) -> bytes:
    """For people: words beyond ASCII are encoded (RFC 2047)."""
    return field(name, " ".join(_encoded_runs(printable(text).split(" "))))


def address_field(name: str, mailboxes: Iterable[Mailbox]) -> bytes:
    return field(name, ", ".join(map(_address, mailboxes)))


def parameters(value: str, **given: str) -> str:
    """`value; name=...`, each parameter in a form that its value allows (RFC 2231)."""
    return "; ".join((value, *(p for name, text in given.items() for p in _parameter(name, text))))


def text_part(text: str, subtype: str) -> Part:
    """UTF-8 in the shorter of the two encodings. Lone surrogates, which no charset has, become
    "?".
    """
    bare = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    lines = bare.replace("\n", "\r\n")
    data = lines.encode("utf-8", "replace")
    foreign = len(data) - len(lines.encode("ascii", "ignore"))
    encoding = "base64" if foreign * BASE64_SHARE > len(data) else "quoted-printable"
    body = _base64(data) if encoding == "base64" else binascii.b2a_qp(data, istext=True)
    kind = field("Content-Type", parameters(f"text/{subtype}", charset="utf-8"))
    return Part(kind + field("Content-Transfer-Encoding", encoding), body)


def file_part(data: bytes, *, kind: str, name: str, cid: str = "") -> Part:
    """With a `cid` it is shown by the HTML form. `kind` is a media type without parameters."""
    disposition = "inline" if cid else "attachment"
    fields = (
        field("Content-Type", kind),
        field("Content-Transfer-Encoding", "base64"),
        field("Content-Disposition", parameters(disposition, filename=printable(name))),
        field("Content-ID", f"<{cid}>") if cid else b"",
    )
    return Part(b"".join(fields), _base64(data))


def multipart(subtype: str, parts: Iterable[Part], *, seed: str, **given: str) -> Part:
    """`seed`: letters and digits. Its boundary occurs in no encoded body, since "=_" cannot
    (RFC 2045 section 6.7).
    """
    boundary = f"=_{subtype}-{seed}"
    kind = parameters(f"multipart/{subtype}", **given) + f'; boundary="{boundary}"'
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part.content + b"\r\n" for part in parts)
    return Part(field("Content-Type", kind), body + mark + b"--\r\n")


def _address(mailbox: Mailbox) -> str:
    name = printable(mailbox.name)
    if not name:
        return mailbox.address
    return f"{_phrase(name)} <{mailbox.address}>"


def _phrase(name: str) -> str:
    if not all(map(_is_plain, name.split(" "))):
        return " ".join(_encoded(name))
    if ATOMS.fullmatch(name):
        return name
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}"'


def _is_plain(word: str) -> bool:
    return (
        len(word) <= WORD_LENGTH_MAX and "=?" not in word and PLAIN_WORD.fullmatch(word) is not None
    )


def _encoded_runs(words: list[str]) -> Iterator[str]:
    """Neighbours are encoded together: the space between two encoded words is not shown."""
    run: list[str] = []
    for word in words:
        if _is_plain(word):
            yield from _encoded(" ".join(run))
            run = []
            yield word
        elif word:
            run.append(word)
    yield from _encoded(" ".join(run))


def _encoded(text: str) -> Iterator[str]:
    """Encoded words, none of which ends inside of a character."""
    piece = b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > ENCODED_BYTES_MAX:
            yield _encoded_word(piece)
            piece = b""
        piece += encoded
    if piece:
        yield _encoded_word(piece)


def _encoded_word(data: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(data).decode('ascii')}?="


def _parameter(name: str, text: str) -> Iterator[str]:
    if SIMPLE_VALUE.fullmatch(text):
        yield f'{name}="{text}"'
        return
    pieces = PERCENTED.findall("utf-8''" + quote(text, safe="", errors="replace"))
    if len(pieces) == 1:
        yield f"{name}*={pieces[0]}"
        return
    for number, piece in enumerate(pieces):
        yield f"{name}*{number}*={piece}"


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
