"""A mail taken apart: headers decoded only when asked for, parts numbered, nothing decoded twice.

The standard library's old parser (compat32) is kept because it copes with anything and is ten to
thirty times faster than the new one; what it gets wrong about real mail is put right here.
"""

import email
import email.errors
import email.utils
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from typing import NamedTuple

from typing_extensions import override

from adapters.email.mime.charsets import decode, decode_words, raw_text
from core.errors import MalformedPayload

HEADER_LINE = re.compile(rb"[!-9;-~]{1,80}[ \t]*:")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
LEADING_JUNK_MAX = 4096
NAME_LENGTH_MAX = 255
ENCODINGS = frozenset(
    {"", "7bit", "8bit", "binary", "base64", "quoted-printable"}
    | {"x-uuencode", "uuencode", "uue", "x-uue"}
)

PARSER_FAULTS: tuple[type[Exception], ...] = (
    email.errors.MessageError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the standard library's parser is known to raise on odd mail instead of coping."""


class RawHeaders(Compat32):
    """Headers as they came: bytes above 127 as surrogates instead of a Header object."""

    @override
    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


RAW = RawHeaders(max_line_length=None, mangle_from_=False)


class Node(NamedTuple):
    """A part in its place. `number` counts all parts in document order from 0; `inside` is the type
    of the multipart that holds it, "" at the top.
    """

    number: int
    depth: int
    part: Message
    inside: str


def parse(raw: bytes) -> Message:
    """Raises MalformedPayload when not even the headers can be read."""
    data = _without_leading_junk(raw)
    try:
        try:
            return email.message_from_bytes(data, policy=RAW)
        except RecursionError:
            # Hundreds of nested multiparts: the body becomes one text.
            return BytesHeaderParser(policy=RAW).parsebytes(data)
    except PARSER_FAULTS as error:
        raise MalformedPayload(f"the mail's headers cannot be read: {error!r}") from error


def body_of(raw: bytes) -> bytes:
    """Everything after the first empty line."""
    data = _without_leading_junk(raw)
    found = re.search(rb"\r?\n\r?\n", data)
    return data[found.end() :] if found else b""


def header(message: Message, name: str) -> str:
    """A header's text, decoded, on one line."""
    return " ".join(decode_words(unfolded(message, name)).split())


def unfolded(message: Message, name: str) -> str:
    """A header as it came, on one line. "" when it is absent; the first of several."""
    value = message.get(name, "")
    return re.sub(r"\r?\n(?=[ \t])|[\r\n\x00]", "", str(value))


def occurrences(message: Message, name: str) -> int:
    return len(message.get_all(name) or ())


def sent_at(message: Message) -> datetime | None:
    """When the sender says it was written."""
    try:
        at = email.utils.parsedate_to_datetime(unfolded(message, "Date"))
        aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return aware.astimezone(UTC)
    except PARSER_FAULTS:
        return None


def walk(message: Message, depth_max: int) -> Iterator[Node]:
    """The parts in document order. Parts deeper than `depth_max` are not opened; an enclosed mail
    never is.
    """
    waiting = [(message, 0, "")]
    index = 0
    while waiting:
        part, depth, inside = waiting.pop()
        yield Node(index, depth, part, inside)
        index += 1
        if is_container(part) and depth < depth_max:
            kind = content_type(part)
            waiting += [(child, depth + 1, kind) for child in reversed(children(part))]


def children(part: Message) -> list[Message]:
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    return [child for child in payload if isinstance(child, Message)]


def is_container(part: Message) -> bool:
    return part.is_multipart() and part.get_content_maintype() == "multipart"


def content_type(part: Message) -> str:
    try:
        kind = part.get_content_type()
    except PARSER_FAULTS:
        kind = ""
    return kind if MEDIA_TYPE.fullmatch(kind) else "application/octet-stream"


def parameter(part: Message, name: str, of: str = "content-type") -> str:
    """A parameter of a structured header: RFC 2231, encoded words, raw 8-bit, or "" ."""
    try:
        value = part.get_param(name, "", header=of)
    except PARSER_FAULTS:
        return ""
    if isinstance(value, tuple):
        charset, _, encoded = value
        return decode(encoded.encode("latin-1", "replace"), charset or "").text
    return decode_words(str(value))


def disposition(part: Message) -> str:
    try:
        return part.get_content_disposition() or ""
    except PARSER_FAULTS:
        return ""


def file_name(part: Message) -> str:
    """What the sender called it, printable, without folders. "" when it was not named."""
    name = parameter(part, "filename", "content-disposition") or parameter(part, "name")
    shown = "".join(c if c.isprintable() else " " for c in name.replace("\\", "/"))
    return " ".join(shown.rpartition("/")[2].split())[-NAME_LENGTH_MAX:]


def content(part: Message) -> tuple[bytes, str]:
    """The part's bytes with its transfer encoding undone, and what could not be undone (or "")."""
    if part.is_multipart():
        return _enclosed(part), ""
    encoding = raw_text(unfolded(part, "Content-Transfer-Encoding")).strip().lower()
    lost = "" if encoding in ENCODINGS else f"unknown transfer encoding {encoding[:40]!r}"
    try:
        payload = part.get_payload(decode=True)
    except PARSER_FAULTS as error:
        return b"", f"a part cannot be decoded: {type(error).__name__}"
    return payload if isinstance(payload, bytes) else b"", lost


def text(part: Message, sibling: str = "") -> tuple[str, str]:
    """The text of a text part with `\\n` line ends, and what had to be guessed (or "")."""
    data, lost = content(part)
    charset = parameter(part, "charset")
    decoded = decode(data, charset, sibling)
    if not decoded.trusted:
        lost = lost or f"the text does not fit its charset {charset[:40]!r}"
    cleaned = decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return cleaned.removeprefix("\ufeff"), lost


def _enclosed(part: Message) -> bytes:
    """The mail inside a message/rfc822 part, or a container that is too deep to open."""
    inner = part.get_payload()
    whole = inner[0] if isinstance(inner, list) and len(inner) == 1 and inner[0] else part
    try:
        return whole.as_bytes(policy=RAW) if isinstance(whole, Message) else b""
    except PARSER_FAULTS:
        return b""


def _without_leading_junk(raw: bytes) -> bytes:
    """From the first line that looks like a header: blank lines, a byte order mark and an mbox
    "From " line are skipped. Unchanged when there is none near the start.
    """
    if HEADER_LINE.match(raw):
        return raw
    position = 0
    head = raw[:LEADING_JUNK_MAX].removeprefix(b"\xef\xbb\xbf")
    offset = len(raw[:LEADING_JUNK_MAX]) - len(head)
    for line in head.splitlines(keepends=True):
        if HEADER_LINE.match(line):
            return raw[offset + position :]
        position += len(line)
    return raw
