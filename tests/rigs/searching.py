"""A search index in memory, and what is written into it, without a store."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from weakref import finalize

from core.model.content import Text
from core.model.conversation import Entry, Leg, Status
from core.model.ids import (
    ContactId,
    ConversationId,
    LegId,
    MessageId,
    ThreadRef,
    identity_id,
)
from core.model.message import Audience, Direction, Message, Revision, Sender, SenderKind
from core.model.people import Identity
from core.rules import numbers
from gateway.search import query
from gateway.search.finding import Answer, Finding, effort
from gateway.search.hits import MessageHit
from gateway.search.index import Index
from gateway.search.tables import SETS, Set

BEGAN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def leg(
    n: int,
    *,
    who: str = "mei",
    name: str = "",
    account: str = "bot",
    status: Status = Status.OPEN,
    conversation: int = -1,
    length: int = 0,
    title: str = "",
) -> Leg:
    """The nth leg of all; `conversation` is the number of the leg that it is joined to."""
    first = n if conversation < 0 else conversation
    at = BEGAN + timedelta(minutes=10 * n)
    return Leg(
        id=leg_id(n),
        thread=ThreadRef(channel="telegram", account=account, thread=str(n)),
        author=identity_id("telegram", account, who),
        author_name=name or who.title(),
        audience=Audience.PRIVATE,
        number=numbers.number(n),
        conversation=ConversationId(leg_id(first)),
        status=status,
        status_at=at,
        created_at=at,
        touched_at=at,
        length=length,
        title=title,
    )


def leg_id(n: int) -> LegId:
    return LegId(f"01M8{n:022d}-00")


def entry(
    of: Leg,
    position: int,
    text: str,
    *,
    before: Sequence[str] = (),
    refs: tuple[str, ...] = (),
    direction: Direction = Direction.IN,
    subject: str = "",
    minute: int | None = None,
) -> Entry:
    """A message of a leg; `before` is what it said before it was edited."""
    at = of.created_at + timedelta(minutes=position if minute is None else minute)
    kind = SenderKind.CONTACT if direction is Direction.IN else SenderKind.AGENT
    sender = Sender(kind=kind, id=of.author, name=of.author_name)
    if direction is not Direction.IN:
        sender = Sender(kind=kind, id="Ines", name="Ines")
    message = Message(
        id=MessageId(f"01MSG{of.id[4:26]}{position:04d}"[:31]),
        direction=direction,
        sender=sender,
        at=at,
        parts=(Text(text=text),),
        refs=refs,
        subject=subject,
        history=tuple(Revision(parts=(Text(text=one),), until=at) for one in before),
    )
    return Entry(leg=of.id, position=position, message=message)


def person(of: Leg, handle: str = "") -> Identity:
    channel, account, remote = of.author.split(":", 2)
    return Identity(
        id=of.author,
        channel=channel,
        account=account,
        remote=remote,
        contact=ContactId(of.author),
        name=of.author_name,
        handle=handle,
        first_seen_at=BEGAN,
    )


class Memory:
    """One set of tables, written and read as the projector and the API do."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        finalize(self, self.db.close)  # as this is dropped wherever a test has done with it
        self.tables = Set(SETS[0])
        self.tables.create(self.db)
        self.index = Index(self.tables)
        self.clock = effort

    def put(self, of: Leg, entries: Iterable[Entry] = (), *people: Identity) -> None:
        with self.db:
            self.index.put_leg(self.db, of, entries)
            for one in people or (person(of),):
                self.index.put_person(self.db, one)
            self.index.settle(self.db)
        self.index.settled(kept=True)

    def remove(self, of: LegId) -> None:
        with self.db:
            self.index.remove_leg(self.db, of)
            self.index.settle(self.db)
        self.index.settled(kept=True)

    def find(self, line: str, kind: str = "messages", after: str = "", limit: int = 20) -> Answer:
        finding = Finding(self.db, self.tables, self.clock)
        ask = {
            "messages": finding.messages,
            "people": finding.people,
            "conversations": finding.conversations,
        }
        return ask[kind](query.read(line), after, limit)

    def places(self, line: str) -> list[tuple[LegId, int]]:
        """Where everything that is found stands, newest first."""
        found: list[tuple[LegId, int]] = []
        after = ""
        while True:
            page = self.find(line, after=after)
            found += [(row.leg, row.position) for row in page.rows if isinstance(row, MessageHit)]
            if not (after := page.next):
                return found

    def whole(self) -> tuple[object, ...]:
        return whole(self.db, self.tables)


def whole(db: sqlite3.Connection, tables: Set) -> tuple[object, ...]:
    """Everything that is found by something, in a form in which two indexes can be compared; each
    of them is checked by SQLite, too.
    """
    terms = []
    for table in ("said", "about", "called"):
        db.execute(tables.sql("INSERT INTO @ (@) VALUES ('integrity-check')", table))
        db.execute("DROP TABLE IF EXISTS temp.seen")
        db.execute(
            tables.sql("CREATE VIRTUAL TABLE temp.seen USING fts5vocab(main,@,instance)", table)
        )
        terms += db.execute('SELECT term, doc, col, "offset" FROM seen').fetchall()
    rows = [
        db.execute(tables.sql(f"SELECT {columns} FROM ~{table} ORDER BY {columns}")).fetchall()  # noqa: S608 - of our names
        for table, columns in (
            ("spoken", "term"),
            ("known", "term"),
            ("message", "row, position, text, sender, ids"),
            ("conversation", "row, id, place, text, facts"),
            ("person", "row, id, text, facts"),
            ("leg", "id, conversation, length, head"),
            ("undelivered", "leg, position, state, at_ms"),
        )
    ]
    return (sorted(terms), *rows)
