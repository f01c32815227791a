"""A table of terms and its vocabulary: what is put in comes out again, to the last entry.

FTS5 keeps no text here, so whoever takes something out says again what was put in.
"""

import json
import sqlite3
from operator import itemgetter
from typing import Final, NamedTuple

from gateway.search.tables import Set
from gateway.search.terms import Terms, name, terms, tokens

WORD_LENGTH_MIN: Final = 3
"""Of what is found by its beginning, or by a fragment."""

KNOWN_MAX: Final = 4096
"""Terms of which this process remembers that they are in the vocabulary, some 0.5 MB. Another one
costs a look there.
"""


_Columns = tuple[int, str, str, str, str, str]

_PUT: Final = "INSERT INTO @ (rowid, words, names, characters, sender, inbox) VALUES (?,?,?,?,?,?)"
_TAKE: Final = (
    "INSERT INTO @ (@, rowid, words, names, characters, sender, inbox)"
    " VALUES ('delete',?,?,?,?,?,?)"
)


class Record(NamedTuple):
    """What a row is found by: the words of `text`; `ids`, each as a whole; `senders` and `inbox`
    where they are asked for by name.
    """

    row: int
    text: str
    ids: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    inbox: str = ""


class Vocabulary:
    """Every word of three letters or more once, so that it is found by a part of it."""

    def __init__(self, tables: Set, table: str, used_by: tuple[str, ...]) -> None:
        self._tables, self._table, self._used_by = tables, table, used_by
        self._known: set[str] = set()
        self._fresh: set[str] = set()
        self._gone: set[str] = set()

    def add(self, found: Terms) -> None:
        self._fresh |= _kept(found) - self._known

    def miss(self, found: Terms) -> None:
        """Something with these was taken out."""
        self._gone |= _kept(found)

    def settle(self, db: sqlite3.Connection) -> None:
        """At the end of a transaction: write down what was added, forget what is in use no more."""
        if self._fresh:
            [last] = db.execute(self._sql("SELECT ifnull(max(row), 0) FROM @")).fetchone()
            fresh = json.dumps(sorted(self._fresh))
            db.execute(
                self._sql("INSERT OR IGNORE INTO @ (term) SELECT value FROM json_each(?)"), (fresh,)
            )
            db.execute(
                self._sql(
                    "INSERT INTO @_grams (rowid, term) SELECT row, term FROM @ WHERE row > ?"
                ),
                (last,),
            )
        for term in sorted(self._gone):
            if not any(self._is_used(db, user, term) for user in self._used_by):
                self._remove(db, term)

    def settled(self, *, kept: bool) -> None:
        """Behind the transaction: whether it was kept."""
        if not kept or len(self._known) > KNOWN_MAX:
            self._known.clear()
        if kept:
            self._known |= self._fresh
            self._known -= self._gone
        self._fresh, self._gone = set(), set()

    def _is_used(self, db: sqlite3.Connection, user: str, term: str) -> bool:
        statement = self._tables.sql("SELECT 1 FROM @ WHERE @ MATCH ? LIMIT 1", user)
        found = db.execute(statement, (f'{{words names}}:"{term}"',))
        return found.fetchone() is not None

    def _remove(self, db: sqlite3.Connection, term: str) -> None:
        found = db.execute(self._sql("SELECT row FROM @ WHERE term = ?"), (term,)).fetchone()
        if found:
            db.execute(
                self._sql("INSERT INTO @_grams (@_grams, rowid, term) VALUES ('delete', ?, ?)"),
                (found[0], term),
            )
            db.execute(self._sql("DELETE FROM @ WHERE row = ?"), found)

    def _sql(self, statement: str) -> str:
        return self._tables.sql(statement, self._table)


class Records:
    """A table of terms. What is put and taken is written when the transaction is about to end, in
    the order of rows: FTS5 would begin a new part of its own for each step back.
    """

    def __init__(self, tables: Set, table: str, vocabulary: Vocabulary) -> None:
        self._put, self._take = tables.sql(_PUT, table), tables.sql(_TAKE, table)
        self._vocabulary = vocabulary
        self._waiting: list[tuple[int, str, _Columns]] = []

    def put(self, record: Record) -> None:
        found = terms(record.text)
        self._waiting.append((record.row, self._put, _columns(record, found)))
        self._vocabulary.add(found)

    def take(self, record: Record) -> None:
        """What was put there before, word for word."""
        found = terms(record.text)
        self._waiting.append((record.row, self._take, _columns(record, found)))
        self._vocabulary.miss(found)

    def settle(self, db: sqlite3.Connection) -> None:
        for _, statement, columns in sorted(self._waiting, key=itemgetter(0)):
            db.execute(statement, columns)

    def settled(self) -> None:
        self._waiting.clear()


def _columns(record: Record, found: Terms) -> _Columns:
    return (
        record.row,
        " ".join(found.words),
        " ".join((*found.names, *record.ids)),
        " ".join(found.characters),
        " ".join(word for sender in record.senders for word in _sender(sender)),
        name(record.inbox),
    )


def _sender(text: str) -> list[str]:
    """The words of somebody's name, and what they are called without its punctuation."""
    return [*terms(text).words, name(text)] if any(tokens(text)) else []


def _kept(found: Terms) -> set[str]:
    words = {word for word in found.words if len(word) >= WORD_LENGTH_MIN}
    return words | set(found.names)
