"""Deliveries on disk: each function is what one transaction does, and decides nothing else.

Times are milliseconds since 1970.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from core.model.ids import ConversationId, LegId
from gateway.webhooks.events import MISSED, PING, concerns, wanted
from gateway.webhooks.model import Due, MissedData, Occurrence, Outcome, State, moment
from gateway.webhooks.schedule import WELL, Policy, Standing, after_failure

Row = tuple[Any, ...]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What an endpoint is told of: what happens behind `after`, of these types and inboxes."""

    id: str
    after: str
    events: tuple[str, ...]
    inboxes: tuple[str, ...]

    def takes(self, one: Occurrence) -> bool:
        if one.type == MISSED:
            return True
        behind = order(one.event.removeprefix(EVENT_PREFIX)) > order(self.after)
        return behind and wanted(one.type, self.events) and concerns(one.account, self.inboxes)


EVENT_PREFIX: Final = "evt_"
_OCCURRENCE: Final = "e.event, e.type, e.kind, e.at_ms, e.leg, e.position, e.account, e.detail"


def order(position: str) -> tuple[int, int]:
    """What comparing positions of the live feed takes."""
    ms, _, n = position.partition("-")
    return int(ms), int(n or 0)


# --- in


def cursor(db: sqlite3.Connection) -> str:
    """Up to where everything was written down; "" before the first time."""
    found = db.execute("SELECT position FROM cursor").fetchone()
    return found[0] if found else ""


def filters(db: sqlite3.Connection) -> tuple[Filter, ...]:
    """Of all endpoints: for those that are paused it waits."""
    rows = db.execute("SELECT id, after, events, inboxes FROM endpoints ORDER BY created_ms, id")
    return tuple(
        Filter(id=id_, after=after, events=tuple(events.split()), inboxes=tuple(inboxes.split()))
        for id_, after, events, inboxes in rows
    )


def add(
    db: sqlite3.Connection,
    found: Sequence[Occurrence],
    moved: Mapping[LegId, ConversationId],
    position: str,
    now_ms: int,
) -> set[str]:
    """Queue what each endpoint wants of these, and note how far that is. `moved`: legs that belong
    to these conversations from now on. -> endpoints that have something to do by it.

    Has one effect however often it is done.
    """
    for leg, lane in moved.items():
        _move(db, leg, lane, now_ms)
    told = filters(db)
    touched = set()
    for one in found:
        who = [each.id for each in told if each.takes(one)]
        if who:
            seq = _seq_of(db, one)
            touched.update(who)
            for endpoint in who:
                _queue(db, endpoint, seq, one.lane, now_ms)
    db.execute("INSERT OR REPLACE INTO cursor VALUES (1, ?)", (position,))
    return touched


def add_for(db: sqlite3.Connection, endpoint: str, one: Occurrence, now_ms: int) -> int:
    """Queue this for one endpoint, whatever it asked for. -> the delivery's id."""
    seq = _seq_of(db, one)
    _queue(db, endpoint, seq, one.lane, now_ms)
    (found,) = db.execute(
        "SELECT id FROM deliveries WHERE endpoint = ? AND seq = ?", (endpoint, seq)
    ).fetchone()
    return int(found)


def missed(name: str, since_ms: int, until_ms: int, at_ms: int) -> Occurrence:
    """That something was not told which happened between these moments. `name`: once for it."""
    detail = MissedData(since=moment(since_ms), until=moment(until_ms))
    return Occurrence(
        event=f"{EVENT_PREFIX}missed_{name}",
        type=MISSED,
        kind=MISSED,
        at_ms=at_ms,
        lane=MISSED,
        detail=msgspec.json.encode(detail).decode(),
    )


def add_missed(
    db: sqlite3.Connection, endpoint: str, since_ms: int, until_ms: int, now_ms: int
) -> None:
    """Tell an endpoint that it was not told of what happened between these moments. The same of
    other moments, if that waits still, becomes part of it: so at most one of them waits for long.
    """
    waiting = db.execute(
        "SELECT d.id, e.detail FROM deliveries d JOIN events e USING (seq)"
        " WHERE d.endpoint = ? AND d.lane = ? AND d.state = 'waiting'",
        (endpoint, MISSED),
    ).fetchall()
    for id_, detail in waiting:
        known = msgspec.json.decode(detail, type=MissedData)
        since_ms = min(since_ms, round(known.since.timestamp() * 1000))
        until_ms = max(until_ms, round(known.until.timestamp() * 1000))
        db.execute("DELETE FROM deliveries WHERE id = ?", (id_,))
    name = f"{endpoint}_{now_ms}_{since_ms}_{until_ms}"
    add_for(db, endpoint, missed(name, since_ms, until_ms, now_ms), now_ms)


def _move(db: sqlite3.Connection, leg: str, lane: str, now_ms: int) -> None:
    """What waits of a leg goes by this lane from now on, in its order there."""
    moved = db.execute(
        "SELECT d.id, d.endpoint, d.lane FROM events e JOIN deliveries d USING (seq)"
        " WHERE e.leg = ? AND d.state = 'waiting' AND d.lane <> ?",
        (leg, lane),
    ).fetchall()
    for id_, _, _ in moved:
        db.execute("UPDATE deliveries SET lane = ? WHERE id = ?", (lane, id_))
    touched = {(endpoint, one) for _, endpoint, before in moved for one in (before, lane)}
    for endpoint, one in touched:
        line_up(db, endpoint, one, now_ms)


def _seq_of(db: sqlite3.Connection, one: Occurrence) -> int:
    db.execute(
        "INSERT OR IGNORE INTO events (event, type, kind, at_ms, leg, position, account, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (one.event, one.type, one.kind, one.at_ms, one.leg, one.position, one.account, one.detail),
    )
    (seq,) = db.execute("SELECT seq FROM events WHERE event = ?", (one.event,)).fetchone()
    return int(seq)


def _queue(db: sqlite3.Connection, endpoint: str, seq: int, lane: str, now_ms: int) -> None:
    first = db.execute(
        "SELECT 1 FROM deliveries WHERE endpoint = ? AND lane = ? AND state = 'waiting' LIMIT 1",
        (endpoint, lane),
    ).fetchone()
    db.execute(
        "INSERT OR IGNORE INTO deliveries (endpoint, seq, lane, due_ms) VALUES (?, ?, ?, ?)",
        (endpoint, seq, lane, None if first else now_ms),
    )


# --- out


def due(db: sqlite3.Connection, endpoint: str, now_ms: int, limit: int) -> list[Due]:
    """Whose turn it is, longest first: at most one of a lane."""
    return _due(
        db.execute(
            f"SELECT d.id, d.attempts, d.first_ms, d.lane, {_OCCURRENCE}"  # noqa: S608 - our words
            " FROM deliveries d JOIN events e USING (seq)"
            " WHERE d.endpoint = ? AND d.due_ms <= ? ORDER BY d.due_ms, d.seq LIMIT ?",
            (endpoint, now_ms, limit),
        )
    )


def probe(db: sqlite3.Connection, endpoint: str) -> list[Due]:
    """One to try whether a receiver answers again: of those tried least, whenever it is due; first
    of these what somebody asked for to see that.
    """
    return _due(
        db.execute(
            f"SELECT d.id, d.attempts, d.first_ms, d.lane, {_OCCURRENCE}"  # noqa: S608 - our words
            " FROM deliveries d JOIN events e USING (seq)"
            " WHERE d.endpoint = ? AND d.due_ms IS NOT NULL"
            " ORDER BY d.attempts, e.type <> ?, d.seq LIMIT 1",
            (endpoint, PING),
        )
    )


def next_due(db: sqlite3.Connection, endpoint: str, now_ms: int) -> int | None:
    """When the next one will be due that is not due yet; None: there is none."""
    found = db.execute(
        "SELECT min(due_ms) FROM deliveries WHERE endpoint = ? AND due_ms > ?", (endpoint, now_ms)
    ).fetchone()
    return None if found[0] is None else int(found[0])


def standing(db: sqlite3.Connection, endpoint: str) -> Standing | None:
    """None: it is not there, or not active."""
    found = db.execute(
        "SELECT failures, since_ms, retry_ms FROM endpoints WHERE id = ? AND state = 'active'",
        (endpoint,),
    ).fetchone()
    if found is None:
        return None
    return Standing(failures=found[0], since_ms=found[1], retry_ms=found[2])


def settle(
    db: sqlite3.Connection,
    endpoint: str,
    one: Due,
    outcome: Outcome,
    policy: Policy,
    now_ms: int,
    chance: float,
) -> str:
    """Note what came of an attempt, and what follows. -> why the endpoint is disabled by it."""
    first = one.first_ms or now_ms - outcome.duration_ms
    attempt = (one.attempts + 1, first, now_ms, outcome.status, outcome.duration_ms)
    words, kind = (outcome.error, outcome.response), one.occurrence.type
    before = standing(db, endpoint) or WELL
    if outcome.ok:
        _note(db, one, State.DELIVERED, None, (*attempt, *words))
        _recover(db, endpoint, before, now_ms)
        return ""
    verdict = after_failure(
        outcome,
        attempts=one.attempts + 1,
        first_ms=first,
        standing=before,
        policy=replace(policy, give_up_seconds=inf) if kind == MISSED else policy,
        now_ms=now_ms,
        chance=chance,
    )
    state = State.WAITING if verdict.due_ms else State.FAILED
    noted = _note(db, one, state, verdict.due_ms or None, (*attempt, *words))
    if noted and state is State.FAILED and kind != PING:
        at_ms = one.occurrence.at_ms
        add_missed(db, endpoint, at_ms, at_ms, now_ms)
    found = verdict.standing
    db.execute(
        "UPDATE endpoints SET failures = ?, since_ms = ?, retry_ms = ? WHERE id = ?",
        (found.failures, found.since_ms, found.retry_ms, endpoint),
    )
    if verdict.disable:
        db.execute(
            "UPDATE endpoints SET state = 'disabled', reason = ? WHERE id = ? AND state = 'active'",
            (verdict.disable, endpoint),
        )
    return verdict.disable


def _note(db: sqlite3.Connection, one: Due, state: State, due_ms: int | None, attempt: Row) -> bool:
    """What was removed meanwhile stays so: False."""
    found = db.execute(
        "UPDATE deliveries SET state = ?, due_ms = ?, attempts = ?, first_ms = ?,"
        " attempted_ms = ?, status = ?, duration_ms = ?, error = ?, response = ?"
        " WHERE id = ? AND state = 'waiting' RETURNING endpoint, lane",
        (state, due_ms, *attempt, one.id),
    ).fetchone()
    if found and state is not State.WAITING:
        endpoint, lane = found
        _go_on(db, endpoint, lane, attempt[2])
    return found is not None


def _recover(db: sqlite3.Connection, endpoint: str, before: Standing, now_ms: int) -> None:
    """What failed while the receiver was down is tried at once."""
    if before == WELL:
        return
    db.execute(
        "UPDATE endpoints SET failures = 0, since_ms = 0, retry_ms = 0 WHERE id = ?", (endpoint,)
    )
    if before.is_down:
        hurry(db, endpoint, before.since_ms, now_ms)


def hurry(db: sqlite3.Connection, endpoint: str, since_ms: int, now_ms: int) -> None:
    """What was put off after an attempt since then is due."""
    db.execute(
        "UPDATE deliveries SET due_ms = ? WHERE endpoint = ? AND due_ms > ? AND attempted_ms >= ?",
        (now_ms, endpoint, now_ms, since_ms),
    )


def _go_on(db: sqlite3.Connection, endpoint: str, lane: str, now_ms: int) -> None:
    """The first that waits in a lane has its turn."""
    db.execute(
        "UPDATE deliveries SET due_ms = coalesce(due_ms, ?) WHERE id = (SELECT id FROM deliveries"
        " WHERE endpoint = ? AND lane = ? AND state = 'waiting' ORDER BY seq LIMIT 1)",
        (now_ms, endpoint, lane),
    )


def line_up(db: sqlite3.Connection, endpoint: str, lane: str, now_ms: int) -> None:
    """Let the first that waits in a lane have its turn, and no other: something came before it."""
    _go_on(db, endpoint, lane, now_ms)
    db.execute(
        "UPDATE deliveries SET due_ms = NULL WHERE endpoint = ? AND lane = ? AND state = 'waiting'"
        " AND due_ms IS NOT NULL AND id <> (SELECT id FROM deliveries"
        " WHERE endpoint = ? AND lane = ? AND state = 'waiting' ORDER BY seq LIMIT 1)",
        (endpoint, lane, endpoint, lane),
    )


def _due(rows: Iterable[Row]) -> list[Due]:
    return [
        Due(
            id=id_,
            attempts=attempts,
            first_ms=first_ms,
            occurrence=Occurrence(
                event=event,
                type=type_,
                kind=kind,
                at_ms=at_ms,
                leg=leg,
                position=position,
                account=account,
                lane=lane,
                detail=detail,
            ),
        )
        for (
            id_,
            attempts,
            first_ms,
            lane,
            event,
            type_,
            kind,
            at_ms,
            leg,
            position,
            account,
            detail,
        ) in rows
    ]
