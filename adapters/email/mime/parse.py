"""What a mail's headers and parts say, each worked out when it is asked for, and once."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import NamedTuple

from adapters.email.mime import transfer
from adapters.email.mime.charsets import decode, decode_words, printable, raw_text
from adapters.email.mime.message import Message, cut, cut_blocks, cut_parts, guessed_boundary
from adapters.email.mime.parameters import parameters

MEDIA_TYPE = re.compile(r"\s*([a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126})")
LINE_END = re.compile(r"(\r++)(\n?)")
ZONE_COLON = re.compile(r"(\s[+-]\d\d):(\d\d)\b")
ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]")
NOT_ENCODING = re.compile(r"[\s;\"'(]")
BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"([^\"]*)\"?|([^;\s]*))", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
META_WITHIN = 2048
NAME_LENGTH_MAX = 255
BLOCKS_MAX = 200
WALKED_MAX = 10_000
NEAR_DEPTH = 5
NEAR_PARTS = 10
WHOLE_MAILS = frozenset({"message/rfc822", "message/global"})
STATUSES = frozenset({"message/delivery-status", "message/global-delivery-status"})

PARSER_FAULTS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a mistake of ours, or of a library below us, would raise on odd mail instead of coping."""


class Node(NamedTuple):
    """A part in its place. `number` counts all parts in document order from 0; `inside` is the type
    of the multipart that holds it, "" at the top.
    """

    number: int
    depth: int
    part: Message
    inside: str


def parse(raw: bytes) -> Message:
    """Never raises: where nothing looks like a header, everything is text."""
    return cut(raw)


def header(message: Message, name: str) -> str:
    """A header's text, decoded, on one line, without control characters."""
    value = message.get(name)
    shown = decode_words(value, "" if value.isascii() else charset_of(message))
    if not shown.isprintable():
        shown = CONTROLS.sub(" ", shown)
    return " ".join(shown.split())


def charset_of(message: Message) -> str:
    """The charset of its first text that names one: what is not labelled is probably in it, too."""
    known = message.known.get("charset")
    if not isinstance(known, str):
        first = islice(walk(message, NEAR_DEPTH), NEAR_PARTS)
        named = (parameter(node.part, "charset") for node in first)
        known = message.known["charset"] = next(filter(None, named), "")
    return known


def unfolded(message: Message, name: str) -> str:
    """A header as it came, on one line. "" when it is absent; the first of several."""
    return message.get(name)


def occurrences(message: Message, name: str) -> int:
    return len(message.get_all(name))


def sent_at(message: Message) -> datetime | None:
    """When the sender says it was written."""
    written = ZONE_COLON.sub(r"\1\2", message.get("Date").strip())
    try:
        at = (
            datetime.fromisoformat(written)
            if ISO.match(written)
            else parsedate_to_datetime(written)
        )
        aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return aware.astimezone(UTC)
    except PARSER_FAULTS:
        return None


def walk(message: Message, depth_max: int) -> Iterator[Node]:
    """The parts in document order. Parts deeper than `depth_max` are not opened; an enclosed mail
    never is. There are ends to it that no setting can move.
    """
    waiting = [(message, 0, "")]
    index = 0
    while waiting and index < WALKED_MAX:
        part, depth, inside = waiting.pop()
        yield Node(index, depth, part, inside)
        index += 1
        if depth < depth_max and is_container(part):
            kind = content_type(part)
            waiting += [(child, depth + 1, kind) for child in reversed(children(part))]


def children(part: Message) -> list[Message]:
    """The parts of a multipart, the mail in a message/rfc822, the blocks of a delivery status."""
    known = part.known.get("children")
    if not isinstance(known, list):
        known = part.known["children"] = _children(part)
    return known


def is_container(part: Message) -> bool:
    return content_type(part).startswith("multipart/") and bool(children(part))


def is_undivided(part: Message) -> bool:
    """A multipart in which no boundary is found: what is there is text."""
    body = part.body.strip()
    own = b"--" + _boundary(part).encode("utf-8", "surrogateescape")
    return bool(body) and not (len(own) > 2 and body.startswith(own))


def content_type(part: Message) -> str:
    """In lower case; what the type of such a part usually is when it is not said or not one."""
    known = part.known.get("type")
    if not isinstance(known, str):
        known = part.known["type"] = _content_type(part)
    return known


def parameter(part: Message, name: str, of: str = "content-type", sibling: str = "") -> str:
    """A parameter's text, or "". `sibling`: the charset that raw 8-bit may be in."""
    known = part.known.get(of)
    if not isinstance(known, dict):
        value = part.get(of)
        known = part.known[of] = parameters(value) if "=" in value else {}
    written = known.get(name)
    return decode_words(written, sibling) if written else ""


def disposition(part: Message) -> str:
    return part.get("Content-Disposition").partition(";")[0].strip().lower()


def file_name(part: Message, sibling: str = "") -> str:
    """What the sender called it, printable, without folders. "" when it was not named."""
    name = parameter(part, "filename", "content-disposition", sibling)
    name = name or parameter(part, "name", sibling=sibling)
    return printable_name(name) if name else ""


def printable_name(name: str) -> str:
    return printable(name.replace("\\", "/").rpartition("/")[2])[-NAME_LENGTH_MAX:]


def content(part: Message) -> tuple[bytes, str]:
    """The part's bytes with its transfer encoding undone, and what could not be undone (or "")."""
    if is_container(part):
        return part.body, ""
    written = part.get("Content-Transfer-Encoding")
    encoding = NOT_ENCODING.split(raw_text(written).strip(" \t\"'"))[0].lower() if written else ""
    return transfer.decoded(part.body, encoding)


def text(part: Message, sibling: str = "") -> tuple[str, str]:
    """The text of a text part with `\\n` line ends, and what had to be guessed (or "")."""
    data, lost = content(part)
    decoded, guessed = as_text(part, data, sibling)
    return decoded, lost or guessed


def as_text(part: Message, data: bytes, sibling: str = "") -> tuple[str, str]:
    """The same for bytes that are already decoded."""
    charset = parameter(part, "charset")
    if not charset and content_type(part) == "text/html":
        found = META_CHARSET.search(data, 0, META_WITHIN)
        charset = found[1].decode("ascii") if found else ""
    decoded = decode(data, charset, sibling)
    lost = "" if decoded.trusted else _guess(charset, decoded.charset)
    shown = decoded.text
    if "\r" in shown:
        # However many of them there are before it, it is one line end.
        shown = LINE_END.sub(lambda found: found[2] or "\n" * len(found[1]), shown)
    if "\x00" in shown:
        shown = shown.replace("\x00", "")
    return shown.removeprefix("\ufeff"), lost


def _guess(declared: str, taken: str) -> str:
    if not declared:
        return f"the text names no charset: read as {taken}"
    return f"the text does not fit its charset {declared[:40]!r}: read as {taken}"


def _content_type(part: Message) -> str:
    value = part.get("Content-Type")
    if not value.strip():
        return part.default_type
    found = MEDIA_TYPE.match(value.lower())
    if found is not None:
        return found[1]
    named = parameter(part, "name") or parameter(part, "filename", "content-disposition")
    return "application/octet-stream" if named else "text/plain"


def _children(part: Message) -> list[Message]:
    kind = content_type(part)
    if kind.startswith("multipart/"):
        return _parts(part, "message/rfc822" if kind == "multipart/digest" else "text/plain")
    if kind in WHOLE_MAILS:
        return [cut(content(part)[0])]
    if kind in STATUSES:
        return cut_blocks(content(part)[0], BLOCKS_MAX)
    return []


def _parts(whole: Message, default_type: str) -> list[Message]:
    boundary = _boundary(whole)
    parts = cut_parts(whole, boundary, default_type) if boundary else []
    if not parts and (guess := guessed_boundary(whole)):
        parts = cut_parts(whole, guess, default_type)
        whole.damage["the boundary between its parts is not the one that it names"] = None
    elif not parts and is_undivided(whole):
        whole.damage["its parts are not divided"] = None
    return parts


def _boundary(whole: Message) -> str:
    """As it stands there: no encoded words."""
    found = BOUNDARY.search(whole.get("Content-Type"))
    return (found[1] or found[2] or "").rstrip()[:200] if found else ""
