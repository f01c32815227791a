"""The `Archive` port over `archive.db`: a row a leg, indexed by all that a leg is looked up by."""

import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from typing_extensions import override

from core.errors import Stale
from core.model.ids import IdentityId, LegId, Number
from core.model.message import Audience
from core.store.shelf import Archive, Fields, Frozen, Resting
from gateway.archive.packing import Packer, pack_fields, unpack_fields
from gateway.sqlite import Database, database

T = TypeVar("T")

NAME: Final = "archive.db"
_write_list = msgspec.json.Encoder().encode

STEPS: Final = (
    """
    CREATE TABLE legs (
        leg TEXT NOT NULL UNIQUE, number TEXT NOT NULL,
        thread TEXT NOT NULL, bound TEXT NOT NULL,
        author TEXT NOT NULL, private INTEGER NOT NULL,
        created_ms INTEGER NOT NULL, touched_ms INTEGER NOT NULL,
        settled INTEGER NOT NULL, hidden_ms INTEGER, content BLOB NOT NULL
    );
    CREATE VIEW known AS SELECT * FROM legs WHERE hidden_ms IS NULL;
    CREATE INDEX legs_by_number ON legs (number);
    CREATE INDEX legs_by_thread ON legs (thread, bound, created_ms, leg);
    CREATE INDEX legs_by_author ON legs (author, leg);
    CREATE INDEX legs_by_age ON legs (touched_ms);
    CREATE INDEX legs_unsettled ON legs (leg) WHERE settled = 0;
    CREATE INDEX legs_hidden ON legs (hidden_ms) WHERE hidden_ms IS NOT NULL;
    CREATE TABLE people (identity TEXT NOT NULL PRIMARY KEY, fields BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE resting (
        leg TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL,
        since_ms INTEGER NOT NULL, not_before_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX resting_by_time ON resting (status, since_ms);
    CREATE TABLE place (position TEXT NOT NULL);
    CREATE TABLE writer (token TEXT NOT NULL);
    """,
)
"""`bound` is whom of its thread's authors a leg is for, "" in a private thread."""


class ArchiveFile(Archive):
    """Opened by `open_archive`."""

    def __init__(self, file: Database) -> None:
        self._file, self._token = file, secrets.token_hex(16)
        self._reading, self._writing = Packer(), Packer()  # each in its thread

    # --- Shelf

    @override
    async def legs(self, ids: Sequence[LegId]) -> list[Frozen | None]:
        if not ids:
            return []
        found = await self._unpacked(
            "SELECT content FROM known WHERE leg IN (SELECT value FROM json_each(?))", _list(ids)
        )
        known = {one.leg: one for one in found}
        return [known.get(one) for one in ids]

    @override
    async def numbered(self, number: Number) -> LegId | None:
        return await self._first("SELECT leg FROM known WHERE number = ?", number)

    @override
    async def newest(self, thread: str, author: str) -> LegId | None:
        return await self._first(
            "SELECT leg FROM known WHERE thread = ? AND bound = ?"
            " ORDER BY created_ms DESC, leg DESC LIMIT 1",
            thread,
            author,
        )

    @override
    async def newest_of_thread(self, thread: str, limit: int) -> list[LegId]:
        found = await self._rows(
            "SELECT leg, max(created_ms) AS begun FROM known WHERE thread = ?"
            " GROUP BY bound ORDER BY begun DESC LIMIT ?",
            thread,
            limit,
        )
        return [LegId(leg) for leg, _ in found]

    @override
    async def begun_for(
        self, people: Sequence[IdentityId], *, private: bool, limit: int = -1
    ) -> list[LegId]:
        if not people:
            return []
        found = await self._rows(
            "SELECT leg FROM known WHERE author IN (SELECT value FROM json_each(?))"
            " AND (private OR NOT ?) ORDER BY leg DESC LIMIT ?",
            _list(people),
            private,
            limit,
        )
        return [LegId(leg) for (leg,) in reversed(found)]

    @override
    async def people(self, ids: Sequence[IdentityId]) -> list[Fields | None]:
        if not ids:
            return []
        found = await self._rows(
            "SELECT identity, fields FROM people"
            " WHERE identity IN (SELECT value FROM json_each(?))",
            _list(ids),
        )
        known = {one: unpack_fields(fields) for one, fields in found}
        return [known.get(one) for one in ids]

    @override
    async def page(self, after: LegId | None, limit: int) -> list[LegId]:
        found = await self._rows(
            "SELECT leg FROM known WHERE leg > ? ORDER BY leg LIMIT ?", after or "", limit
        )
        return [LegId(leg) for (leg,) in found]

    @override
    async def count(self) -> int:
        [(count,)] = await self._rows("SELECT count(*) FROM known")
        return int(count)

    # --- Archive

    @override
    async def take_over(self) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM writer")
            connection.execute("INSERT INTO writer VALUES (?)", (self._token,))

        await self._file.write(write)

    @override
    async def put(
        self, legs: Sequence[Frozen], people: Sequence[tuple[IdentityId, Fields]]
    ) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT OR REPLACE INTO legs (leg, number, thread, bound, author, private,"
                " created_ms, touched_ms, settled, content) VALUES (?,?,?,?,?,?,?,?,0,?)",
                [(*_index(one), self._writing.pack(one)) for one in legs],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO people (identity, fields) VALUES (?,?)",
                [(one, pack_fields(fields)) for one, fields in people],
            )

        await self._write(write)

    @override
    async def unsettled(self, limit: int) -> list[LegId]:
        found = await self._rows("SELECT leg FROM legs WHERE settled = 0 LIMIT ?", limit)
        return [LegId(leg) for (leg,) in found]

    @override
    async def settle(self, legs: Sequence[LegId]) -> None:
        await self._each("UPDATE legs SET settled = 1 WHERE leg = ?", legs)

    @override
    async def position(self) -> str | None:
        found = await self._rows("SELECT position FROM place")
        return found[0][0] if found else None

    @override
    async def rest(
        self, resting: Sequence[Resting], awake: Sequence[LegId], position: str | None = None
    ) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT OR REPLACE INTO resting VALUES (?,?,?,?)",
                [(one.leg, one.status, one.since_ms, one.not_before_ms) for one in resting],
            )
            connection.executemany("DELETE FROM resting WHERE leg = ?", [(one,) for one in awake])
            if position is not None:
                connection.execute("DELETE FROM place")
                connection.execute("INSERT INTO place VALUES (?)", (position,))

        await self._write(write)

    @override
    async def due(self, before_ms: dict[str, int], now_ms: int, limit: int) -> list[LegId]:
        found: list[LegId] = []
        for status, before in before_ms.items():
            rows = await self._rows(
                "SELECT leg FROM resting WHERE status = ? AND since_ms <= ?"
                " AND not_before_ms <= ? ORDER BY since_ms LIMIT ?",
                *(status, before, now_ms, limit - len(found)),
            )
            found += [LegId(leg) for (leg,) in rows]
        return found

    @override
    async def aged(self, before_ms: int, limit: int) -> list[LegId]:
        found = await self._rows(
            "SELECT leg FROM known WHERE settled AND touched_ms < ? ORDER BY touched_ms LIMIT ?",
            before_ms,
            limit,
        )
        return [LegId(leg) for (leg,) in found]

    @override
    async def hide(self, legs: Sequence[LegId], now_ms: int) -> None:
        await self._each("UPDATE legs SET hidden_ms = ? WHERE leg = ?", legs, now_ms)

    @override
    async def hidden(self, before_ms: int, limit: int) -> list[LegId]:
        found = await self._rows(
            "SELECT leg FROM legs WHERE hidden_ms < ? ORDER BY hidden_ms LIMIT ?", before_ms, limit
        )
        return [LegId(leg) for (leg,) in found]

    @override
    async def touch(self, legs: Sequence[LegId], now_ms: int) -> None:
        await self._each(
            "UPDATE legs SET hidden_ms = NULL, touched_ms = ? WHERE leg = ?", legs, now_ms
        )

    @override
    async def delete(self, legs: Sequence[LegId]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            for leg in legs:
                gone = connection.execute(
                    "DELETE FROM legs WHERE leg = ? AND hidden_ms IS NOT NULL RETURNING author",
                    (leg,),
                ).fetchall()
                connection.executemany(
                    "DELETE FROM people WHERE identity = ?"
                    " AND NOT EXISTS (SELECT 1 FROM legs WHERE author = identity)",
                    gone,
                )

        await self._write(write)

    # --- SQLite

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """In one transaction with the look at who may write."""

        def write(connection: sqlite3.Connection) -> T:
            if connection.execute("SELECT token FROM writer").fetchall() != [(self._token,)]:
                raise Stale("another process archives now")
            return work(connection)

        return await self._file.write(write)

    async def _rows(self, statement: str, *values: object) -> list[Any]:
        return await self._file.read(lambda one: one.execute(statement, values).fetchall())

    async def _unpacked(self, statement: str, *values: object) -> list[Frozen]:
        """Legs by their contents; nobody else waits meanwhile."""
        return await self._file.read(
            lambda one: [self._reading.unpack(row[0]) for row in one.execute(statement, values)]
        )

    async def _first(self, statement: str, *values: object) -> LegId | None:
        found = await self._rows(statement, *values)
        return LegId(found[0][0]) if found else None

    async def _each(self, statement: str, legs: Iterable[LegId], *values: object) -> None:
        """The leg is the statement's last parameter."""
        rows = [(*values, leg) for leg in legs]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(statement, rows)

        await self._write(write)


@asynccontextmanager
async def open_archive(data_dir: Path) -> AsyncIterator[ArchiveFile]:
    """The archive of a data directory, made if there is none. Raises ConfigurationError."""
    async with database(data_dir / NAME, STEPS) as file:
        yield ArchiveFile(file)


def _list(values: Sequence[str]) -> str:
    return _write_list(values).decode()


def _index(leg: Frozen) -> tuple[object, ...]:
    private = leg.field("audience") == Audience.PRIVATE
    author, begun = leg.field("author"), leg.field("created_at")
    return (
        leg.leg,
        leg.field("number"),
        leg.field("thread"),
        "" if private else author,
        author,
        private,
        int(begun),
        int(leg.field("touched_at") or begun),
    )
