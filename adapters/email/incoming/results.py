"""Authentication-Results (RFC 8601): what the mailbox's own mail server found out about a sender.

Anybody can write such a header. The one that counts is the topmost of a server that the operator
named: a server adds its own above all that it received. One below a field that belongs to the mail
itself was not added on the way, so it is the sender's own word.
"""

import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import NamedTuple

from adapters.email.mime.message import Message

FIELD = "authentication-results"
NO_ID = "-"
"""Stands in the settings for servers that write no authserv-id (Microsoft 365)."""

VERSION = "1"
"""Of the header's grammar. What a later one will mean is not known."""

AUTHORS_FIELDS = frozenset(
    [
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
    ]
)
LENGTH_MAX = 10_000
SERVER_WITHIN = 500
FIELDS_MAX = 20
"""So many of these headers are looked at; the one that counts is among the first."""
STATEMENTS_MAX = 100
QUOTED = r'"(?:[^"\\]|\\.)*+"?'
"""However long, and to the end where it is not closed: senders choose what servers quote."""

PIECE = re.compile(rf'{QUOTED}|;|[^";]+', re.DOTALL)
OUTSIDE = re.compile(rf'{QUOTED}|\\.|\(|[^"\\(]+', re.DOTALL)
INSIDE = re.compile(r"\\.|[()]|[^\\()]+", re.DOTALL)
PAIR = re.compile(rf'([^\s="]{{1,100}})\s*=\s*((?:{QUOTED}|[^\s"])++)|{QUOTED}', re.DOTALL)
"""Or a string that belongs to none, and in which none is looked for."""


class Result(NamedTuple):
    """`method=value` and its properties (`header.d`), all of them in lower case."""

    method: str
    value: str
    properties: dict[str, str]


class Results(NamedTuple):
    """What one server says; `server` is its authserv-id, "" if it writes none."""

    server: str
    results: tuple[Result, ...]


def trusted_results(message: Message, authserv_ids: tuple[str, ...]) -> Results | None:
    """What the topmost header of one of these servers says. `*.example.org` stands for every host
    below example.org, `-` for a header without an id, which counts only above all the others.
    """
    for number, value in enumerate(_fields_on_top(message)):
        if number == 0 or _is_trusted(_server_of(value), authserv_ids):
            found = parse_results(value)
            if _is_trusted(found.server, authserv_ids) and (found.server or number == 0):
                return found
    return None


def topmost_server(message: Message) -> str:
    """Who wrote the topmost header, NO_ID if it does not say; "" if there is none."""
    value = message.get(FIELD)
    return (_server_of(value) or NO_ID) if value else ""


def parse_results(value: str) -> Results:
    """Never raises: what does not fit the grammar is left out."""
    statements = list(_statements(_without_comments(value[:LENGTH_MAX])))[:STATEMENTS_MAX]
    server = ""
    first = PAIR.match(statements[0]) if statements else None
    if statements and not (first and first[1]):
        server, _, version = statements.pop(0).partition(" ")
        server = server.strip('"').lower().rstrip(".")
        if version.strip() not in {"", VERSION}:
            return Results(server, ())
    return Results(server, tuple(_results(statements)))


def _server_of(value: str) -> str:
    """Without reading all that a forger may have written."""
    return parse_results(value[:SERVER_WITHIN]).server


def _fields_on_top(message: Message) -> Iterator[str]:
    """Those above all that belongs to the mail itself."""
    above = takewhile(lambda field: field[0].lower() not in AUTHORS_FIELDS, message.items())
    return islice((value for name, value in above if name.lower() == FIELD), FIELDS_MAX)


def _is_trusted(server: str, authserv_ids: tuple[str, ...]) -> bool:
    for given in authserv_ids:
        wanted = given.lower().rstrip(".")
        if wanted.startswith("*."):
            if server.endswith(wanted[1:]):
                return True
        elif server == ("" if wanted == NO_ID else wanted):
            return True
    return False


def _results(statements: list[str]) -> Iterator[Result]:
    for statement in statements:
        pairs = [
            (name.lower(), _unquoted(value).lower())
            for name, value in PAIR.findall(statement)
            if name
        ]
        if pairs:
            method, value = pairs[0]
            yield Result(method.partition("/")[0], value, dict(reversed(pairs[1:])))


def _statements(text: str) -> Iterator[str]:
    """Cut at the semicolons outside of quoted strings, each on one line."""
    statement = ""
    for piece in (*PIECE.findall(text), ";"):
        if piece != ";":
            statement += piece
        elif statement.strip():
            yield " ".join(statement.split())
            statement = ""


def _without_comments(value: str) -> str:
    """Comments nest, and may hold anything; one that is not closed reaches to the end."""
    kept: list[str] = []
    position = depth = 0
    while position < len(value):
        piece = (INSIDE if depth else OUTSIDE).match(value, position)
        found = piece[0] if piece else value[position]
        position += len(found)
        if found == "(":
            depth += 1
        elif not depth:
            kept.append(found)
        elif found == ")":
            depth -= 1
            kept.append(" ")
    return "".join(kept)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    inner, _, rest = value[1:].rpartition('"')
    return re.sub(r"\\(.)", r"\1", inner) + rest
