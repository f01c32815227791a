"""What a calendar invitation (RFC 5545) says, in words: its first event, read in one pass."""

import re
from typing import NamedTuple

LENGTH_MAX = 256 * 1024
LINES_MAX = 5000
WORDS_MAX = 500

FOLD = re.compile(r"\n[ \t]")
LINE = re.compile(r"([A-Za-z-]{1,40})((?:;[^\":;]{0,500}(?:\"[^\"]{0,500}\")?)*):(.*)", re.DOTALL)
PARAMETER = re.compile(r";([A-Za-z-]{1,40})=(?:\"([^\"]*)\"|([^;:\"]*))")
TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:\d\d)?(Z?))?")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)

METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time is proposed",
    "DECLINECOUNTER": "The proposed time is declined",
    "ADD": "Further date",
    "REFRESH": "Request for the latest invitation",
}
ANSWERS = {"ACCEPTED": "accepts", "DECLINED": "declines", "TENTATIVE": "accepts tentatively"}


class Invitation(NamedTuple):
    """`title` is one line, `text` has a line for each of time, place, people."""

    title: str
    text: str


class _Line(NamedTuple):
    value: str
    parameters: dict[str, str]


def read(text: str) -> Invitation | None:
    """None when there is no event in it."""
    unfolded = FOLD.sub("", text[:LENGTH_MAX].replace("\r\n", "\n"))
    method = ""
    event: dict[str, _Line] = {}
    attendees: list[_Line] = []
    inside: list[str] = []
    for raw in unfolded.split("\n")[:LINES_MAX]:
        found = LINE.match(raw.strip())
        if found is None:
            continue
        name, parameters, value = found[1].upper(), found[2], found[3]
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END" and inside:
            if inside.pop() == "VEVENT":
                break
        elif name == "METHOD":
            method = value.strip().upper()
        elif inside and inside[-1] == "VEVENT":
            line = _Line(value.strip(), _parameters(parameters))
            event.setdefault(name, line)
            attendees += [line] if name == "ATTENDEE" else []
    return _said(method, event, attendees) if event else None


def _said(method: str, event: dict[str, _Line], attendees: list[_Line]) -> Invitation:
    summary = _text(event.get("SUMMARY"))
    kind = METHODS.get(method, "Event")
    if event.get("STATUS", _Line("", {})).value.upper() == "CANCELLED":
        kind = METHODS["CANCEL"]
    lines = [
        _when(event.get("DTSTART"), event.get("DTEND")),
        "repeats" if "RRULE" in event else "",
        _text(event.get("LOCATION")),
        _organiser(event.get("ORGANIZER")),
        *(_answer(line) for line in attendees[:10] if method == "REPLY"),
    ]
    title = f"{kind}: {summary}" if summary else kind
    return Invitation(title, "\n".join(line for line in lines if line))


def _when(start: _Line | None, end: _Line | None) -> str:
    if start is None:
        return ""
    day, hour, zone = _time(start)
    end_day, end_hour, _ = _time(end) if end else ("", "", "")
    if not hour:
        return day
    until = ""
    if end_hour:
        until = f" to {end_hour}" if end_day == day else f" to {end_day} {end_hour}"
    return f"{day} {hour}{until}{f' ({zone})' if zone else ''}"


def _time(line: _Line) -> tuple[str, str, str]:
    """-> day, time of day or "", name of the zone or ""."""
    found = TIME.match(line.value)
    if found is None:
        return line.value[:40], "", ""
    year, month, day, hour, minute, utc = found.groups()
    zone = "UTC" if utc else line.parameters.get("TZID", "")[:60]
    return f"{year}-{month}-{day}", f"{hour}:{minute}" if hour else "", zone


def _organiser(line: _Line | None) -> str:
    return f"organised by {_person(line)}" if line and line.value else ""


def _answer(line: _Line) -> str:
    said = ANSWERS.get(line.parameters.get("PARTSTAT", "").upper())
    return f"{_person(line)} {said}" if said else ""


def _person(line: _Line) -> str:
    address = re.sub(r"(?i)^mailto:", "", line.value)[:200]
    name = line.parameters.get("CN", "")[:200]
    return f"{name} <{address}>" if name and name != address else address


def _parameters(written: str) -> dict[str, str]:
    found = PARAMETER.finditer(written)
    return {match[1].upper(): match[2] if match[2] is not None else match[3] for match in found}


def _text(line: _Line | None) -> str:
    """One line of a text value, its escapes read."""
    if line is None:
        return ""
    value = ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], line.value)
    return " ".join(value.split())[:WORDS_MAX]
