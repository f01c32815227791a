"""SEARCH: from search keys to a predicate over messages. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.imap.dates import parse_date
from sandbox.imap.sets import NumberSet, looks_like_set
from sandbox.imap.tokens import Argument, Bad
from sandbox.mail.headers import header_values, split_header
from sandbox.mail.mailboxes import StoredMail


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message with its sequence number in the selected folder."""

    number: int
    mail: StoredMail


Predicate = Callable[[Candidate], bool]

FLAGS: dict[str, tuple[str, bool]] = {
    "ANSWERED": (r"\Answered", True),
    "DELETED": (r"\Deleted", True),
    "DRAFT": (r"\Draft", True),
    "FLAGGED": (r"\Flagged", True),
    "SEEN": (r"\Seen", True),
    "UNANSWERED": (r"\Answered", False),
    "UNDELETED": (r"\Deleted", False),
    "UNDRAFT": (r"\Draft", False),
    "UNFLAGGED": (r"\Flagged", False),
    "UNSEEN": (r"\Seen", False),
}
ADDRESSED = frozenset({"FROM", "TO", "CC", "BCC", "SUBJECT"})
CHARSETS = frozenset({"UTF-8", "US-ASCII"})


def compile_search(tokens: list[Argument], last_number: int, last_uid: int) -> Predicate:
    """All keys must hold. `last_...` are what "*" stands for. Raises Bad."""
    return _Keys(list(tokens), last_number, last_uid).all()


class _Keys:
    """Consumes search keys from the left."""

    def __init__(self, tokens: list[Argument], last_number: int, last_uid: int) -> None:
        self._tokens = tokens
        self._last_number = last_number
        self._last_uid = last_uid

    def all(self) -> Predicate:
        if not self._tokens:
            raise Bad("missing search key")
        predicates = []
        while self._tokens:
            predicates.append(self._key())
        return lambda one: all(holds(one) for holds in predicates)

    def _key(self) -> Predicate:
        token = self._tokens.pop(0) if self._tokens else ""
        if isinstance(token, list):
            return compile_search(token, self._last_number, self._last_uid)
        if isinstance(token, bytes):
            raise Bad("search key expected")
        name = token.upper()
        if name in FLAGS:
            flag, present = FLAGS[name]
            return lambda one: (flag in one.mail.flags) == present
        if looks_like_set(token):
            numbers = NumberSet(token, self._last_number)
            return lambda one: one.number in numbers
        return self._named(name)

    def _named(self, name: str) -> Predicate:
        match name:
            case "ALL" | "OLD":
                return lambda _one: True
            case "NEW" | "RECENT":
                return lambda _one: False
            case "CHARSET":
                return self._charset()
            case "NOT":
                holds = self._key()
                return lambda one: not holds(one)
            case "OR":
                first, second = self._key(), self._key()
                return lambda one: first(one) or second(one)
            case "UID":
                uids = NumberSet(self._text(), self._last_uid)
                return lambda one: one.mail.uid in uids
            case _:
                return self._content(name)

    def _content(self, name: str) -> Predicate:
        if name == "HEADER":
            return _header(self._text(), self._text())
        if name in ADDRESSED:
            return _header(name, self._text())
        if name in ("BODY", "TEXT"):
            return _containing(self._text(), whole=name == "TEXT")
        if name in ("SINCE", "BEFORE", "ON"):
            return _dated(name, self._text())
        if name in ("LARGER", "SMALLER"):
            return _sized(name, self._text())
        if name in ("KEYWORD", "UNKEYWORD"):
            flag, present = self._text(), name == "KEYWORD"
            return lambda one: (flag in one.mail.flags) == present
        raise Bad(f"unknown search key {name}")

    def _charset(self) -> Predicate:
        charset = self._text().upper()
        if charset not in CHARSETS:
            raise Bad(f"[BADCHARSET ({' '.join(sorted(CHARSETS))})] unknown charset")
        return lambda _one: True

    def _text(self) -> str:
        token = self._tokens.pop(0) if self._tokens else None
        if token is None or isinstance(token, list):
            raise Bad("missing argument of a search key")
        return token.decode("utf-8", "replace") if isinstance(token, bytes) else token


def _header(name: str, wanted: str) -> Predicate:
    """True when a field of this name holds the text, in any case; "" asks for the field alone."""
    needle = wanted.lower()
    return lambda one: any(needle in v.lower() for v in header_values(one.mail.raw, name))


def _containing(wanted: str, *, whole: bool) -> Predicate:
    needle = wanted.encode().lower()

    def holds(one: Candidate) -> bool:
        text = one.mail.raw if whole else split_header(one.mail.raw)[1]
        return needle in text.lower()

    return holds


def _dated(name: str, text: str) -> Predicate:
    """Internal dates, disregarding time and zone, as RFC 3501 says."""
    day = parse_date(text)
    match name:
        case "SINCE":
            return lambda one: one.mail.at.date() >= day
        case "BEFORE":
            return lambda one: one.mail.at.date() < day
        case _:
            return lambda one: one.mail.at.date() == day


def _sized(name: str, text: str) -> Predicate:
    if not text.isdecimal():
        raise Bad("size expected")
    size = int(text)
    if name == "LARGER":
        return lambda one: len(one.mail.raw) > size
    return lambda one: len(one.mail.raw) < size
