"""Writing one set of tables: legs, their conversations, their messages and who wrote them.

Everything here may be done again and is then as it was: what is written says how it is, not how
it changed. What the rows hold is derived; nothing is lost with them.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from core.model.codec import decoder, encode
from core.model.conversation import Conversation, Entry, Leg
from core.model.ids import IdentityId, LegId
from core.model.people import Identity
from core.rules.lifecycle import view_of
from core.view import conversation_of
from gateway.search import undelivered
from gateway.search.content import arrived_ms, document, is_searched, lines_of
from gateway.search.records import Record, Records, Vocabulary
from gateway.search.tables import Set

TIE_BITS: Final = 20
"""A row's number is its moment in ms and these, so that rows are in the order of time."""

POSITION_BITS: Final = 8
"""Of these, for messages of one leg."""

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Of whom nobody knows since when they are known."""

CLOSED: Final = "closed"
PLACE: Final = {"open": "open", "pending": "waiting", "spam": "spam"}
"""What agents call the views, by the store's names for them."""

Values = tuple[Any, ...]

_MESSAGE: Final = "SELECT row, leg, position, id, direction, sender, ids, inbox, text FROM ~message"
_STORE: Final = "INSERT OR REPLACE INTO @ (row,{}) VALUES (?,{})"

read_leg: Final = decoder(Leg)


class ConversationFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is told of a conversation that was found."""

    number: str
    status: str
    touched_ms: int
    account: str
    author: str
    author_name: str = ""
    title: str = ""
    assignee: str = ""
    tags: tuple[str, ...] = ()
    legs: tuple[LegId, ...] = ()


class Known(NamedTuple):
    """What an index has of a leg: its messages up to a position, and its head."""

    length: int
    head: bytes

    def common(self, other: "Known") -> "Known":
        """What both have."""
        return Known(min(self.length, other.length), self.head if self.head == other.head else b"")


def as_known(leg: Leg) -> bytes:
    """Its head as an index has it: archiving changes nothing of what is found."""
    return encode(replace(leg, archived=False))


class Index:
    """One set. Its methods are part of their caller's transaction; `settle` ends it."""

    def __init__(self, tables: Set) -> None:
        self.tables = tables
        spoken = Vocabulary(tables, "spoken", ("said",))
        known = Vocabulary(tables, "known", ("about", "called"))
        self._vocabularies = (spoken, known)
        self.said = Records(tables, "said", spoken)
        self.about = Records(tables, "about", known)
        self.called = Records(tables, "called", known)
        self._records = (self.said, self.about, self.called)

    # --- what is known

    def known(self, db: sqlite3.Connection, legs: Sequence[LegId]) -> dict[LegId, Known]:
        """What there is of these."""
        found = self._all(
            db,
            "SELECT id, length, head FROM ~leg WHERE id IN (SELECT value FROM json_each(?))",
            json.dumps(legs),
        )
        return {LegId(leg): Known(length, head) for leg, length, head in found}

    def page(self, db: sqlite3.Connection, after: int, limit: int) -> list[tuple[int, LegId]]:
        """Up to `limit` legs that are known, and their rows, in the order of these."""
        statement = "SELECT row, id FROM ~leg WHERE row > ? ORDER BY row LIMIT ?"
        return [(row, LegId(leg)) for row, leg in self._all(db, statement, after, limit)]

    # --- writing

    def put_leg(self, db: sqlite3.Connection, leg: Leg, entries: Iterable[Entry]) -> None:
        """A leg as it is, wherever it is kept, and such of its messages as are new or changed."""
        before = self._one(db, "SELECT row, conversation, length FROM ~leg WHERE id=?", leg.id)
        row, length = (before[0], before[2]) if before else (None, 0)
        touched = {leg.conversation, before[1]} if before else {leg.conversation}
        entries = sorted(entries, key=lambda one: (arrived_ms(one.message), one.position))
        reached = max((length, *(one.position for one in entries)))
        row = db.execute(
            self.tables.sql(
                "INSERT INTO ~leg (row, id, number, conversation, author, length, head)"
                " VALUES (?,?,?,?,?,?,?)"
                " ON CONFLICT (id) DO UPDATE SET conversation=excluded.conversation,"
                " length=excluded.length, head=excluded.head RETURNING row"
            ),
            (row, leg.id, leg.number, leg.conversation, leg.author, reached, as_known(leg)),
        ).fetchone()[0]
        for entry in entries:
            self._put_message(db, row, leg, entry)
            undelivered.put(db, self.tables, leg.id, entry)
        for conversation in sorted(touched):
            self._put_conversation(db, conversation)

    def put_person(self, db: sqlite3.Connection, person: Identity) -> None:
        text = lines_of((person.name, person.handle, person.remote, str(person.id)))
        facts = encode(person)
        before = self._one(db, "SELECT row, text, facts FROM ~person WHERE id=?", person.id)
        if before and (before[1], before[2]) == (text, facts):
            return
        if before and before[1] != text:
            self.called.take(Record(before[0], before[1], inbox=person.account))
        seen = person.first_seen_at or BEGINNING
        values = {"id": person.id, "text": text, "facts": facts}
        tie = zlib.crc32(person.id.encode())
        row = self._store(db, "person", before, _ms(seen), values, tie)
        if not before or before[1] != text:
            self.called.put(Record(row, text, inbox=person.account))

    def remove_leg(self, db: sqlite3.Connection, leg: LegId) -> None:
        """Everything of it; its author, too, of whom no other leg is here."""
        found = self._one(db, "SELECT row, conversation, author FROM ~leg WHERE id=?", leg)
        if not found:
            return
        row, conversation, author = found
        for one in self._all(db, _MESSAGE + " WHERE leg=? ORDER BY row", row):
            self.said.take(_record(one))
        db.execute(self.tables.sql("DELETE FROM ~message WHERE leg=?"), (row,))
        db.execute(self.tables.sql("DELETE FROM ~leg WHERE row=?"), (row,))
        undelivered.remove(db, self.tables, leg)
        self._put_conversation(db, conversation)
        if not self._one(db, "SELECT 1 FROM ~leg WHERE author=? LIMIT 1", author):
            self._remove_person(db, author)

    def settle(self, db: sqlite3.Connection) -> None:
        for records in self._records:
            records.settle(db)
        for vocabulary in self._vocabularies:
            vocabulary.settle(db)

    def settled(self, *, kept: bool) -> None:
        """Behind the transaction, whatever became of it."""
        for records in self._records:
            records.settled()
        for vocabulary in self._vocabularies:
            vocabulary.settled(kept=kept)

    # --- parts

    def _put_message(self, db: sqlite3.Connection, leg_row: int, leg: Leg, entry: Entry) -> None:
        message = entry.message
        before = self._one(db, _MESSAGE + " WHERE leg=? AND position=?", leg_row, entry.position)
        if not is_searched(message):
            return
        said = document(message)
        values = {
            "leg": leg_row,
            "position": entry.position,
            "id": message.id,
            "direction": message.direction,
            "sender": said.sender,
            "ids": " ".join(said.ids),
            "inbox": leg.thread.account,
            "text": said.text,
        }
        if before and before[1:] == tuple(values.values()):
            return
        if before:
            self.said.take(_record(before))
        # Legs are spread over a moment; a leg's own messages stay in their order within it.
        tie = zlib.crc32(leg.id.encode()) << POSITION_BITS | entry.position % (1 << POSITION_BITS)
        row = self._store(db, "message", before, arrived_ms(message), values, tie)
        self.said.put(_record((row, *values.values())))

    def _put_conversation(self, db: sqlite3.Connection, conversation: str) -> None:
        """As its legs say that it is; at another place if its first leg is known only now."""
        heads = self._all(db, "SELECT head FROM ~leg WHERE conversation=?", conversation)
        legs = [read_leg(head) for (head,) in heads]
        before = self._one(
            db,
            "SELECT row, text, id, place, touched_ms, text, facts FROM ~conversation WHERE id=?",
            conversation,
        )
        if not legs:
            self._remove_conversation(db, conversation)
            return
        whole = conversation_of(legs)
        text, facts = _about(whole), _facts(whole)
        values = {
            "id": conversation,
            "place": place_of(whole),
            "touched_ms": facts.touched_ms,
            "text": text,
            "facts": encode(facts),
        }
        begun, tie = _ms(whole.legs[0].created_at), zlib.crc32(conversation.encode())
        stays = before is not None and moment_of(before[0]) == begun
        if before and stays and before[2:] == tuple(values.values()):
            return
        known = before is not None and stays and before[1] == text
        if before and not known:
            self.about.take(Record(before[0], before[1]))
        row = self._store(db, "conversation", before if stays else None, begun, values, tie)
        if not known:
            self.about.put(Record(row, text))

    def _remove_conversation(self, db: sqlite3.Connection, conversation: str) -> None:
        found = self._one(db, "SELECT row, text FROM ~conversation WHERE id=?", conversation)
        if found:
            self.about.take(Record(found[0], found[1]))
            db.execute(self.tables.sql("DELETE FROM ~conversation WHERE row=?"), found[:1])

    def _remove_person(self, db: sqlite3.Connection, person: IdentityId) -> None:
        found = self._one(db, "SELECT row, text FROM ~person WHERE id=?", person)
        if found:
            self.called.take(Record(found[0], found[1], inbox=person.split(":", 2)[1]))
            db.execute(self.tables.sql("DELETE FROM ~person WHERE row=?"), found[:1])

    def _store(
        self,
        db: sqlite3.Connection,
        table: str,
        before: Values | None,
        ms: int,
        values: Mapping[str, object],
        tie: int,
    ) -> int:
        """-> its row: that of before, else the next free one of its moment."""
        row: int = before[0] if before else self._free(db, table, ms, tie)
        names, marks = ",".join(values), ",".join("?" * len(values))
        statement = self.tables.sql(_STORE.format(names, marks), table)
        db.execute(statement, (row, *values.values()))
        return row

    def _free(self, db: sqlite3.Connection, table: str, ms: int, tie: int) -> int:
        row = row_at(ms) + tie % (1 << TIE_BITS)
        taken = self.tables.sql("SELECT 1 FROM @ WHERE row=?", table)
        while db.execute(taken, (row,)).fetchone():
            row += 1
        return row

    def _one(self, db: sqlite3.Connection, statement: str, *values: object) -> Values | None:
        found: Values | None = db.execute(self.tables.sql(statement), values).fetchone()
        return found

    def _all(self, db: sqlite3.Connection, statement: str, *values: object) -> list[Values]:
        return db.execute(self.tables.sql(statement), values).fetchall()


def row_at(ms: int) -> int:
    """The first number of what is of this moment."""
    return ms << TIE_BITS


def moment_of(row: int) -> int:
    """In ms."""
    return row >> TIE_BITS


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def place_of(conversation: Conversation) -> str:
    """Where agents find it: open, waiting, spam or closed."""
    return PLACE.get(view_of(conversation), CLOSED)


def _record(row: Values) -> Record:
    number, _, _, _, _, sender, ids, inbox, text = row
    found = tuple(ids.split(" "))
    return Record(number, text, found, (sender, found[1]), inbox)


def _about(conversation: Conversation) -> str:
    """What a conversation as a whole is found by."""
    legs = conversation.legs
    return lines_of(
        (
            *(leg.title for leg in legs),
            *(leg.author_name for leg in legs),
            *(leg.author.split(":", 2)[2] for leg in legs),
            *(leg.number for leg in legs),
            *conversation.tags,
        )
    )


def _facts(conversation: Conversation) -> ConversationFacts:
    first = conversation.legs[0]
    return ConversationFacts(
        number=conversation.number,
        status=conversation.status,
        touched_ms=_ms(conversation.touched_at),
        account=first.thread.account,
        author=first.author,
        author_name=first.author_name,
        title=first.title,
        assignee=conversation.assignee,
        tags=conversation.tags,
        legs=tuple(leg.id for leg in conversation.legs),
    )
