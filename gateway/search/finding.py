"""Reading the index: messages, people and conversations, what was asked for by name first, then
what is newest.

Whatever is asked for, the work has an end: the index is read backwards in time in stretches, and
who has read for long enough answers with what was found and a place to go on from.
"""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, NamedTuple

from core.errors import InvalidRequest
from core.model.codec import decoder
from core.model.ids import IdentityId, LegId, MessageId
from core.model.message import Direction
from core.model.people import Identity
from core.rules import numbers
from gateway.search.hits import ConversationHit, MessageHit, PersonHit
from gateway.search.index import ConversationFacts, Values, moment_of
from gateway.search.matching import Match, Matching, Sight
from gateway.search.query import Query, Wanted
from gateway.search.snippets import snippet
from gateway.search.tables import Set
from gateway.search.terms import fold, name
from gateway.search.undelivered import Undelivered, page

READ_SECONDS: Final = 0.025
"""After so much work nothing further is read for one answer."""

WAITING: Final = 20
"""So many seconds in which a thread did not get on count as one in which it worked."""

STRETCHES: Final = 64
"""The newest stretch is this part of all time there is."""

GROWTH_MAX: Final = 8.0
"""A further stretch is so many times as long at most: as long as half of the time that is left
should do for.
"""

SENDERS_MAX: Final = 64
"""People whom one `from:` may mean."""


_LAST: Final = (1 << 63) - 1

BEGINNINGS: Final = ""
NOTHING_YET: Final = "n"
FRAGMENTS: Final = "f"
"""How words are looked for on the next page, as its cursor begins. Until all there is has been read
it is not known that none begins so: who reads for too long goes on from `NOTHING_YET`.
"""


def effort() -> float:
    """In seconds, of this thread. What others do meanwhile makes an answer late, not short; only a
    disk that is very slow does.
    """
    return time.thread_time() + time.monotonic() / WAITING


_facts = decoder(ConversationFacts)
_person = decoder(Identity)


class Sought(NamedTuple):
    """Rows that were found, newest first; `after`: where to go on from, None at the end."""

    rows: list[int]
    after: int | None


class Answer(NamedTuple):
    """`next` is the cursor of the page behind it, "" if there is none."""

    rows: tuple[MessageHit, ...] | tuple[PersonHit, ...] | tuple[ConversationHit, ...]
    next: str = ""


class Finding:
    """One answer from one set, read in one transaction."""

    def __init__(
        self,
        db: sqlite3.Connection,
        tables: Set,
        clock: Callable[[], float] = effort,
    ) -> None:
        self._db, self._sql, self._clock = db, tables.sql, clock
        self._tables = tables
        self._end = clock() + READ_SECONDS

    def messages(self, query: Query, after: str, limit: int) -> Answer:
        return self._found(query, after, limit, self._messages)

    def people(self, query: Query, after: str, limit: int) -> Answer:
        return self._found(query, after, limit, self._people)

    def conversations(self, query: Query, after: str, limit: int) -> Answer:
        return self._found(query, after, limit, self._conversations)

    def listed(self, place: str, after: str, limit: int) -> tuple[list[str], str]:
        """Ids of the conversations that are in a place, touched last first; and the next cursor."""
        touched, one = _read_listed(after)
        found = self._db.execute(
            self._sql(
                "SELECT touched_ms, id FROM ~conversation WHERE place = ?"
                " AND (touched_ms, id) < (?, ?) ORDER BY touched_ms DESC, id DESC LIMIT ?"
            ),
            (place, touched, one, limit),
        ).fetchall()
        more = f"{found[-1][0]}:{found[-1][1]}" if len(found) == limit else ""
        return [found_id for _, found_id in found], more

    def undelivered(self, states: Sequence[str], after: str, limit: int) -> Undelivered:
        return page(self._db, self._tables, states, after, limit)

    # --- each kind

    def _found(
        self,
        query: Query,
        after: str,
        limit: int,
        find: Callable[[Query, int, int, bool], tuple[Answer, int | None]],
    ) -> Answer:
        """Words are looked for by their beginnings; only where there is none, by any part."""
        way, row = _read_cursor(after)
        answer, left = find(query, row, limit, way == FRAGMENTS)
        if way == NOTHING_YET and answer.rows:
            way = BEGINNINGS
        elif way == NOTHING_YET and left is None and not all(one.exact for one in query.words):
            way = FRAGMENTS
            answer, left = find(query, _LAST, limit, True)
        return answer._replace(next=f"{way}{left}" if left is not None else "")

    def _messages(
        self, query: Query, before: int, limit: int, fragments: bool
    ) -> tuple[Answer, int | None]:
        match = self._match(query, "spoken", fragments)
        if not match.expression:
            return Answer(()), None
        places = set(query.places)
        sought = self._seek("said", match.expression, before, limit, self._message_in(places))
        found = [hit for row in sought.rows if (hit := self._message(row, match.sights))]
        return Answer(tuple(found)), sought.after

    def _people(
        self, query: Query, before: int, limit: int, fragments: bool
    ) -> tuple[Answer, int | None]:
        exact = self._rows("SELECT row FROM ~person WHERE id = ?", query.whole)
        if before < _LAST:
            exact = []
        match = self._match(query, "known", fragments, senders=False)
        sought = self._seek("called", match.expression, before, limit, None)
        rows = dict.fromkeys((*exact, *sought.rows))
        found = [self._person(row) for row in rows]
        said = fold(query.whole.removeprefix("@"))
        found.sort(key=lambda one: said not in (fold(one.name), fold(one.handle)))
        return Answer(tuple(found)), sought.after

    def _conversations(
        self, query: Query, before: int, limit: int, fragments: bool
    ) -> tuple[Answer, int | None]:
        exact = self._named(query.whole) if before == _LAST else []
        match = self._match(query, "known", fragments, senders=False)
        places = set(query.places)
        accept = (lambda row: self._place(row) in places) if places else None
        sought = self._seek("about", match.expression, before, limit, accept)
        rows = dict.fromkeys((*exact, *sought.rows))
        return Answer(tuple(self._conversation(row) for row in rows)), sought.after

    # --- what to look for

    def _match(
        self, query: Query, vocabulary: str, fragments: bool, *, senders: bool = True
    ) -> Match:
        matching = Matching(self._db, self._tables, vocabulary, fragments=fragments)
        found = [matching.match(one) for one in query.words]
        parts = [one.expression for one in found]
        if senders:
            parts += [self._by(one) for one in query.senders]
        if query.inboxes:
            names = " OR ".join(f'"{name(one)}"' for one in query.inboxes)
            parts.append(f"{{inbox}}:({names})")
        sights = tuple(sight for one in found for sight in one.sights)
        return Match(" AND ".join(part for part in parts if part), sights)

    def _by(self, wanted: Wanted) -> str:
        """Who wrote it: a name as it was then, or whoever is called so now."""
        spoken = Matching(self._db, self._tables, "known").match(wanted, "sender").expression
        called = Matching(self._db, self._tables, "known").match(wanted).expression
        rows = self._rows(
            "SELECT rowid FROM ~called WHERE ~called MATCH ? ORDER BY rowid DESC LIMIT ?",
            called,
            SENDERS_MAX,
        )
        people = " OR ".join(f'"{name(self._person(row).identity)}"' for row in rows)
        return f"({spoken} OR {{sender}}:({people}))" if people else spoken

    def _seek(
        self,
        table: str,
        expression: str,
        before: int,
        limit: int,
        accept: Callable[[int], bool] | None,
    ) -> Sought:
        """Backwards in time, until there are enough, there is no more, or time is over."""
        if not expression:
            return Sought([], None)
        first, last = self._bounds(table)
        rows: list[int] = []
        top = min(before, last + 1)
        width = max(1, (top - first) // STRETCHES)
        while top > first:
            floor, began = max(first, top - width), self._clock()
            for row in self._stretch(table, expression, floor, top):
                if accept is None or accept(row):
                    rows.append(row)
                if len(rows) == limit or self._clock() > self._end:
                    return Sought(rows, row if row > first else None)
            now = self._clock()
            if now > self._end and floor > first:
                return Sought(rows, floor)
            fitting = (self._end - now) / 2 / max(now - began, 1e-6)
            top, width = floor, int(width * min(GROWTH_MAX, max(1.0, fitting)))
        return Sought(rows, None)

    def _stretch(self, table: str, expression: str, floor: int, top: int) -> Iterator[int]:
        statement = (
            "SELECT rowid FROM @ WHERE @ MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC"
        )
        found = self._db.execute(self._sql(statement, table), (expression, floor, top))
        return (row for (row,) in found)

    def _bounds(self, table: str) -> tuple[int, int]:
        base = {"said": "message", "about": "conversation", "called": "person"}[table]
        found = self._db.execute(
            self._sql("SELECT (SELECT min(row) FROM @), (SELECT max(row) FROM @)", base)
        ).fetchone()
        return (found[0], found[1]) if found[0] is not None else (0, -1)

    # --- what was found

    def _message_in(self, places: Collection[str]) -> Callable[[int], bool] | None:
        if not places:
            return None
        statement = self._sql(
            "SELECT c.place FROM ~message m JOIN ~leg l ON l.row = m.leg"
            " JOIN ~conversation c ON c.id = l.conversation WHERE m.row = ?"
        )

        def accept(row: int) -> bool:
            found = self._db.execute(statement, (row,)).fetchone()
            return found is not None and found[0] in places

        return accept

    def _message(self, row: int, sights: Sequence[Sight]) -> MessageHit | None:
        found: Values | None = self._db.execute(
            self._sql(
                "SELECT m.position, m.id, m.direction, m.sender, m.inbox, m.text, l.id,"
                " c.id, c.facts FROM ~message m JOIN ~leg l ON l.row = m.leg"
                " JOIN ~conversation c ON c.id = l.conversation WHERE m.row = ?"
            ),
            (row,),
        ).fetchone()
        if found is None:
            return None
        position, message, direction, sender, inbox, text, leg, conversation, blob = found
        facts = _facts(blob)
        return MessageHit(
            conversation=conversation,
            number=facts.number,
            status=facts.status,
            leg=LegId(leg),
            position=position,
            id=MessageId(message),
            at=_moment(moment_of(row)),
            direction=Direction(direction),
            sender=sender,
            account=inbox,
            snippet=snippet(text, sights),
        )

    def _person(self, row: int) -> PersonHit:
        (blob,) = self._db.execute(
            self._sql("SELECT facts FROM ~person WHERE row = ?"), (row,)
        ).fetchone()
        person = _person(blob)
        latest = self._db.execute(
            self._sql(
                "SELECT c.id, c.facts FROM ~leg l JOIN ~conversation c ON c.id = l.conversation"
                " WHERE l.author = ? ORDER BY l.id DESC LIMIT 1"
            ),
            (person.id,),
        ).fetchone()
        facts = _facts(latest[1]) if latest else None
        return PersonHit(
            identity=IdentityId(person.id),
            name=person.name,
            handle=person.handle,
            channel=person.channel,
            account=person.account,
            conversation=latest[0] if latest else "",
            number=facts.number if facts else "",
            status=facts.status if facts else "",
            touched_at=_moment(facts.touched_ms) if facts else None,
        )

    def _conversation(self, row: int) -> ConversationHit:
        one, blob = self._db.execute(
            self._sql("SELECT id, facts FROM ~conversation WHERE row = ?"), (row,)
        ).fetchone()
        facts = _facts(blob)
        return ConversationHit(
            id=one,
            number=facts.number,
            status=facts.status,
            touched_at=_moment(facts.touched_ms),
            account=facts.account,
            author=IdentityId(facts.author),
            author_name=facts.author_name,
            title=facts.title,
            assignee=facts.assignee,
            tags=facts.tags,
        )

    def _place(self, row: int) -> str:
        found = self._db.execute(
            self._sql("SELECT place FROM ~conversation WHERE row = ?"), (row,)
        ).fetchone()
        return str(found[0]) if found else ""

    def _named(self, whole: str) -> list[int]:
        """The conversation that is called so: by its number, or by the id of a leg or a message."""
        number = _number(whole)
        of_leg = "SELECT c.row FROM ~leg l JOIN ~conversation c ON c.id = l.conversation WHERE "
        found = self._rows(of_leg + "l.number = ?", number) if number else []
        found = found or self._rows(of_leg + "l.id = ?", _leg_id(whole))
        if found or not (called := name(whole)):
            return found
        messages = self._rows(
            "SELECT rowid FROM ~said WHERE ~said MATCH ? ORDER BY rowid DESC LIMIT 1",
            f'{{names}}:"{called}"',
        )
        return self._rows(
            "SELECT c.row FROM ~message m JOIN ~leg l ON l.row = m.leg"
            " JOIN ~conversation c ON c.id = l.conversation WHERE m.row = ?",
            messages[0] if messages else None,
        )

    def _rows(self, statement: str, *values: object) -> list[int]:
        return [row for (row,) in self._db.execute(self._sql(statement), values)]


@contextmanager
def at_one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """What is read in here belongs together, whatever is written meanwhile."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def _number(text: str) -> str:
    try:
        return numbers.parse(text)
    except InvalidRequest:
        return ""


def _leg_id(text: str) -> str:
    """As it is written: only its partition is in small letters."""
    ulid, dash, partition = text.rpartition("-")
    return ulid.upper() + dash + partition.lower()


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _read_cursor(text: str) -> tuple[str, int]:
    """How words are looked for, and before which row."""
    if not text:
        return NOTHING_YET, _LAST
    way = text[0] if text[0] in (NOTHING_YET, FRAGMENTS) else BEGINNINGS
    try:
        return way, _whole(text.removeprefix(way))
    except ValueError as error:
        raise InvalidRequest(f"{text!r} is not a cursor: take `next` of the last page") from error


def _whole(text: str) -> int:
    """Raises ValueError for what SQLite cannot hold, too."""
    found = int(text)
    if abs(found) > _LAST:
        raise ValueError(text)
    return found


def _read_listed(text: str) -> tuple[int, str]:
    try:
        touched, _, one = text.partition(":")
        return (_whole(touched), one) if text else (_LAST, "")
    except ValueError as error:
        raise InvalidRequest(f"{text!r} is not a cursor: take `next` of the last page") from error
