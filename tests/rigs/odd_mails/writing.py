"""How the odd mails are written down: short, with what a person would read in each."""

import base64
from datetime import UTC, datetime
from typing import NamedTuple

from core.model.message import Protection

INES = "ines@kunde.example"
US = "support@acme.example"
SENT_AT = datetime(2025, 11, 3, 14, 4, 5, tzinfo=UTC)
NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
MADE_ID = "made"
"""The mail has no id of its own: one is made from its bytes."""

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
GIF = b"GIF89a" + b"0" * 30
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 30
PDF = b"%PDF-1.4\n%%EOF\n"
ZIP = b"PK\x03\x04" + b"\x00" * 26


class File(NamedTuple):
    name: str
    kind: str = "application/octet-stream"
    size: int | None = None
    """None: not said, for it is a mail or a text whose bytes stand in the fixture."""


class Odd(NamedTuple):
    """A mail, and all that is right about it. `cards` are what is told of invitations."""

    name: str
    raw: bytes
    texts: tuple[str, ...] = ("Hallo",)
    sender: str = INES
    person: str = "Ines Baumann"
    subject: str = "A question"
    recipients: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    lost: tuple[str, ...] = ()
    """A piece of each thing that `lost` names; nothing else may be lost."""
    id: str = "<one@kunde.example>"
    at: datetime = SENT_AT
    cards: tuple[str, ...] = ()
    protection: Protection = Protection.NONE


def data(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def mail(body: bytes | str = "Hallo\n", /, **headers: bytes | str | None) -> bytes:
    """`Content_Type="…"` adds a header, `From="…"` replaces one, `Date=None` leaves it out."""
    written: dict[str, bytes | str | None] = {
        "From": "Ines Baumann <ines@kunde.example>",
        "To": "support@acme.example",
        "Subject": "A question",
        "Date": "Mon, 3 Nov 2025 15:04:05 +0100",
        "Message_ID": "<one@kunde.example>",
        **headers,
    }
    return _lines(written) + b"\n" + data(body)


def word(text: str, charset: str) -> str:
    """An encoded word."""
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def text(body: bytes | str, charset: str = "utf-8", **headers: bytes | str | None) -> bytes:
    return mail(body, Content_Type=f"text/plain; charset={charset}", **headers)


def part(kind: str, body: bytes | str = "", **headers: bytes | str) -> bytes:
    written: dict[str, bytes | str | None] = {"Content_Type": kind, **headers} if kind else {}
    return _lines(written) + b"\n" + data(body)


def file(kind: str, content: bytes, **headers: bytes | str) -> bytes:
    encoded = base64.encodebytes(content)
    return part(kind, encoded, Content_Transfer_Encoding="base64", **headers)


def joined(*parts: bytes, boundary: str = "cut") -> bytes:
    line = f"--{boundary}".encode()
    return b"".join(line + b"\n" + one.rstrip(b"\n") + b"\n" for one in parts) + line + b"--\n"


def multi(kind: str, *parts: bytes, boundary: str = "cut") -> bytes:
    """A multipart as a part of another one."""
    return part(f'multipart/{kind}; boundary="{boundary}"', joined(*parts, boundary=boundary))


def mixed(*parts: bytes, kind: str = "mixed", **headers: bytes | str | None) -> bytes:
    """A mail of several parts."""
    return mail(joined(*parts), Content_Type=f'multipart/{kind}; boundary="cut"', **headers)


def _lines(headers: dict[str, bytes | str | None]) -> bytes:
    return b"".join(
        name.replace("_", "-").encode() + b": " + data(value) + b"\n"
        for name, value in headers.items()
        if value is not None
    )
