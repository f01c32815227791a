"""IMAP's dates. Month names are English whatever the machine's language. Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from sandbox.imap.tokens import Bad

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DATE = re.compile(r"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4})")
TIME = re.compile(r"\s+(\d\d):(\d\d):(\d\d)\s+([+-])(\d\d)(\d\d)")


def format_internal_date(at: datetime) -> str:
    """For example " 7-Nov-2026 09:30:00 +0000", always in UTC."""
    utc = at.astimezone(UTC)
    return f"{utc.day:2d}-{MONTHS[utc.month - 1]}-{utc.year:04d} {utc:%H:%M:%S} +0000"


def parse_date(text: str) -> date:
    """The date of a search key, for example 7-Nov-2026."""
    match = DATE.match(text)
    if match is None or match[2].title() not in MONTHS:
        raise Bad("invalid date")
    try:
        return date(int(match[3]), MONTHS.index(match[2].title()) + 1, int(match[1]))
    except ValueError as error:
        raise Bad("invalid date") from error


def parse_internal_date(text: str) -> datetime:
    """The date and time of an APPEND."""
    day = parse_date(text)
    match = TIME.search(text)
    if match is None:
        raise Bad("invalid date and time")
    sign = -1 if match[4] == "-" else 1
    zone = timezone(sign * timedelta(hours=int(match[5]), minutes=int(match[6])))
    try:
        clock = time(int(match[1]), int(match[2]), int(match[3]), tzinfo=zone)
        return datetime.combine(day, clock)
    except ValueError as error:
        raise Bad("invalid date and time") from error
