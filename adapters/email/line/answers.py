"""What an IMAP server's responses say. Pure: from bytes to values."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from adapters.email.line.wire import Response

DIGITS_MAX = 18
"""Longer numbers are none: UIDs have ten digits (RFC 3501), some servers' sizes a few more."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)')
"""Also one without an end: else each quote in it would be looked at up to there."""
FETCH = re.compile(rb"\d+ FETCH \(", re.IGNORECASE)
UID = re.compile(rb"\bUID (\d{1,18})\b", re.IGNORECASE)
SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,18})\b", re.IGNORECASE)
INTERNAL_DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"', re.IGNORECASE)
DATE = re.compile(r"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
SHORT_BODY = re.compile(rb'\bBODY\[\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE)
LISTED = re.compile(rb"LIST \(([^)]*)\) (?:NIL|\"[^ ]{1,2}\") (.+)", re.IGNORECASE | re.DOTALL)


class Folder(NamedTuple):
    """What SELECT said. `uid_next` 0: the server did not say; the session finds out."""

    uid_validity: int
    uid_next: int


class Facts(NamedTuple):
    """What is known of a mail before it is fetched. `size_bytes` 0 and `at` None: not told."""

    size_bytes: int = 0
    at: datetime | None = None


def folder_of(responses: Sequence[Response]) -> Folder:
    said = b"\n".join(response[0] for response in responses)
    found = [
        next(map(int, re.findall(rb"\[" + name + rb" (\d{1,18})\]", said, re.IGNORECASE)), 0)
        for name in (b"UIDVALIDITY", b"UIDNEXT")
    ]
    return Folder(*found)


def uids_of(responses: Sequence[Response]) -> list[int]:
    """Ascending, of a SEARCH."""
    lines = [one[0][len(b"SEARCH") :] for one in responses if one[0][:6].upper() == b"SEARCH"]
    words = (word for line in lines for word in line.split())
    return sorted({int(word) for word in words if word.isdigit() and len(word) <= DIGITS_MAX})


def facts_of(responses: Sequence[Response]) -> dict[int, Facts]:
    """By UID; a mail that is gone is missing."""
    found: dict[int, Facts] = {}
    for uid, response in _fetched(responses):
        size, date = SIZE.search(response[0]), INTERNAL_DATE.search(response[0])
        before = found.get(uid, Facts())  # what somebody else changed comes as a response, too
        found[uid] = Facts(
            int(size[1]) if size else before.size_bytes,
            internal_date(date[1].decode("ascii", "replace")) if date else before.at,
        )
    return found


def bodies_of(responses: Sequence[Response]) -> dict[int, bytes]:
    """Bodies by UID; a body that the server does not give (NIL) is missing."""
    found: dict[int, bytes] = {}
    for uid, response in _fetched(responses):
        short = SHORT_BODY.search(response[0])
        if len(response) > 1:
            found[uid] = response[1]
        elif short:
            found[uid] = re.sub(rb"\\(.)", rb"\1", short[1])
    return found


def folder_for(use: str, responses: Sequence[Response]) -> str:
    r"""The name, as it is on the wire, of the folder with a special use such as `\Junk`
    (RFC 6154); empty if none is told.
    """
    for response in responses:
        listed = LISTED.match(response[0])
        if listed and use.lower().encode() in listed[1].lower().split():
            name = response[1] if len(response) > 1 else listed[2].strip()
            quoted = QUOTED.fullmatch(name)
            return (re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else name).decode(
                "ascii", "replace"
            )
    return ""


def capabilities_of(responses: Sequence[Response]) -> frozenset[str]:
    words = [
        word
        for one in responses
        if one[0][:11].upper() == b"CAPABILITY "
        for word in one[0][11:].split()
    ]
    return frozenset(word.decode("ascii", "replace").upper() for word in words)


def internal_date(text: str) -> datetime | None:
    """Of `17-Jul-2026 02:44:25 -0700`, in UTC; None if it is none."""
    match = DATE.fullmatch(text)
    if match is None or match[2].title() not in MONTHS:
        return None
    day, month, year, hour, minute, second = (
        int(match[1]),
        MONTHS.index(match[2].title()) + 1,
        *(int(match[n]) for n in (3, 4, 5, 6)),
    )
    offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
    try:
        zone = timezone(-offset if match[7] == "-" else offset)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def search_date(day: datetime) -> str:
    """`21-Nov-2025`, in English whatever the machine speaks."""
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"


def _fetched(responses: Sequence[Response]) -> list[tuple[int, Response]]:
    """Each FETCH response with its UID. What stands in quotes names no mail."""
    found = []
    for response in responses:
        lines = b" ".join(response[::2])
        uid = UID.search(QUOTED.sub(b'""', lines))
        if FETCH.match(lines) and uid:
            found.append((int(uid[1]), (lines, *response[1::2])))
    return found
