"""The tables of search.db. Everything that is found stands in a set of them; while an index is made
anew there are two sets, and the one that was there goes on answering.
"""

import sqlite3
from contextlib import closing
from typing import Final

from core.errors import ConfigurationError

NAME: Final = "search.db"
VERSION_MIN: Final = (3, 37)
SETS: Final = ("a", "b")

STEPS: Final = (
    """
    CREATE TABLE IF NOT EXISTS state (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        format TEXT NOT NULL DEFAULT '', answers TEXT NOT NULL DEFAULT '',
        grows TEXT NOT NULL DEFAULT '', position TEXT NOT NULL DEFAULT '',
        wanted INTEGER NOT NULL DEFAULT 0, walked INTEGER NOT NULL DEFAULT 0,
        expected INTEGER NOT NULL DEFAULT 0
    );
    INSERT OR IGNORE INTO state (only) VALUES (1);
    """,
    "ALTER TABLE state ADD COLUMN behind TEXT NOT NULL DEFAULT '';",
)
"""`answers` and `grows`: the sets that are read, and made anew; `position`: the last event that all
sets know of; `wanted`: to be made anew; `walked` of about `expected` legs have been looked at;
`behind`: the event up to which all is known, if some between that and `position` were missed: then
what is known already is looked at again.
"""

_TERMS: Final = """
    CREATE VIRTUAL TABLE ~{0} USING fts5(
        words, names, characters, sender, inbox,
        content='', columnsize=0, tokenize='ascii'
    );
"""
_VOCABULARY: Final = """
    CREATE TABLE ~{0} (row INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE);
    CREATE VIRTUAL TABLE ~{0}_grams USING fts5(
        term, content='~{0}', content_rowid='row', columnsize=0, tokenize='trigram'
    );
"""
_SET: Final = (
    """
    CREATE TABLE ~leg (
        row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, number TEXT NOT NULL,
        conversation TEXT NOT NULL, author TEXT NOT NULL, length INTEGER NOT NULL,
        head BLOB NOT NULL
    );
    CREATE INDEX ~leg_conversation ON ~leg (conversation);
    CREATE INDEX ~leg_number ON ~leg (number);
    CREATE INDEX ~leg_author ON ~leg (author);
    CREATE TABLE ~conversation (
        row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, place TEXT NOT NULL,
        touched_ms INTEGER NOT NULL, text TEXT NOT NULL, facts BLOB NOT NULL
    );
    CREATE INDEX ~conversation_place ON ~conversation (place, touched_ms, id);
    CREATE TABLE ~person (
        row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL, facts BLOB NOT NULL
    );
    CREATE TABLE ~message (
        row INTEGER PRIMARY KEY, leg INTEGER NOT NULL, position INTEGER NOT NULL,
        id TEXT NOT NULL, direction TEXT NOT NULL, sender TEXT NOT NULL, ids TEXT NOT NULL,
        inbox TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (leg, position)
    );
    CREATE TABLE ~undelivered (
        leg TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (leg, position)
    ) WITHOUT ROWID;
    CREATE INDEX ~undelivered_at ON ~undelivered (at_ms, leg, position);
"""
    + _TERMS.format("said")
    + _TERMS.format("about")
    + _TERMS.format("called")
    + _VOCABULARY.format("spoken")
    + _VOCABULARY.format("known")
)
"""`said` finds messages, `about` conversations, `called` people. They hold no text, only what it is
found by: what is taken out of them is named from `message`, `conversation` and `person`.
"""


_NAMES: Final = (
    *("said", "about", "called", "spoken_grams", "known_grams"),
    *("message", "undelivered", "person", "conversation", "leg", "spoken", "known"),
)


class Set:
    """The names of the tables of one set, put into statements in the place of `~`."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self._known: dict[tuple[str, str], str] = {}

    def sql(self, statement: str, table: str = "") -> str:
        """`@` is this table, whichever it is."""
        found = self._known.get((statement, table))
        if found is None:
            named = statement.replace("@", f"~{table}").replace("~", f"{self.letter}_")
            found = self._known[statement, table] = named
        return found

    def create(self, db: sqlite3.Connection) -> None:
        for statement in _statements(self.sql(_SET)):
            db.execute(statement)

    def drop(self, db: sqlite3.Connection) -> None:
        """If it is there."""
        for table in _NAMES:
            db.execute(self.sql("DROP TABLE IF EXISTS @", table))


def check_features() -> None:
    """Raises ConfigurationError where this Python's SQLite cannot search."""
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            if sqlite3.sqlite_version_info < VERSION_MIN:
                raise sqlite3.OperationalError("too old")
            db.execute("CREATE VIRTUAL TABLE probe USING fts5(term, tokenize='trigram')")
        except sqlite3.OperationalError as error:
            needed = ".".join(map(str, VERSION_MIN))
            raise ConfigurationError(
                f"this Python's SQLite ({sqlite3.sqlite_version}) cannot search: it takes version"
                f" {needed} or newer with FTS5, such as Debian's python3 or python.org's has"
            ) from error


def _statements(script: str) -> list[str]:
    """`executescript` would end the transaction."""
    return [one for one in script.split(";") if one.strip()]
