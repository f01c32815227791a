"""The log of deliveries: looked at, asked for again, and shortened. Each function is one step."""

import sqlite3
from collections import Counter
from typing import Any

from gateway.webhooks.events import MISSED, PING
from gateway.webhooks.model import State, WebhookDelivery, moment
from gateway.webhooks.queue import add_missed, line_up

_SELECT = (
    "SELECT d.id, e.event, e.type, d.state, e.at_ms, e.leg, d.attempts, d.status, d.duration_ms,"
    " d.error, d.response, d.attempted_ms, d.due_ms FROM deliveries d JOIN events e USING (seq)"
)

_LAST = 2**63 - 1
_GIVEN_UP = (
    "SELECT d.id, d.endpoint, d.lane, e.at_ms, e.type FROM events e JOIN deliveries d USING (seq)"
)


def page(
    db: sqlite3.Connection, endpoint: str, state: State | None, before: int, limit: int
) -> list[WebhookDelivery]:
    """The newest first, below an id (0: from the newest on)."""
    so = f" AND d.state = '{state.value}'" if state else ""  # in words: an index is of these alone
    rows = db.execute(
        f"{_SELECT} WHERE d.endpoint = ?{so} AND d.id < ? ORDER BY d.id DESC LIMIT ?",
        (endpoint, before or _LAST, limit),
    )
    return [_delivery(row) for row in rows]


def one(db: sqlite3.Connection, endpoint: str, delivery: int) -> WebhookDelivery | None:
    row = db.execute(f"{_SELECT} WHERE d.endpoint = ? AND d.id = ?", (endpoint, delivery))
    found = row.fetchone()
    return _delivery(found) if found else None


def replay(db: sqlite3.Connection, endpoint: str, delivery: int, now_ms: int) -> bool:
    """Send it again, in its place in its conversation. False: it waits already, or is not there."""
    return _again(db, endpoint, "id = ?", delivery, now_ms) > 0


def replay_since(db: sqlite3.Connection, endpoint: str, since_ms: int, now_ms: int) -> int:
    """Send everything again that happened since then and does not wait already. -> how many."""
    which = "seq IN (SELECT e.seq FROM events e WHERE e.at_ms >= ?)"
    return _again(db, endpoint, which, since_ms, now_ms)


def _again(db: sqlite3.Connection, endpoint: str, which: str, value: int, now_ms: int) -> int:
    lanes = db.execute(
        "UPDATE deliveries SET state = 'waiting', due_ms = NULL, attempts = 0, first_ms = 0"  # noqa: S608 - our words
        f" WHERE endpoint = ? AND state <> 'waiting' AND {which} RETURNING lane",
        (endpoint, value),
    ).fetchall()
    for (lane,) in set(lanes):
        line_up(db, endpoint, lane, now_ms)
    return len(lanes)


# --- ends


def forget(db: sqlite3.Connection, before_ms: int, limit: int) -> int:
    """Remove events, with their deliveries, that happened before then and wait no more; -> how
    many, at most `limit`.
    """
    return db.execute(
        "DELETE FROM events WHERE seq IN (SELECT e.seq FROM events e WHERE e.at_ms < ?"
        " AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = e.seq AND d.state = 'waiting')"
        " ORDER BY e.at_ms LIMIT ?)",
        (before_ms, limit),
    ).rowcount


def expire(db: sqlite3.Connection, before_ms: int, now_ms: int, limit: int) -> dict[str, int]:
    """Give up what has waited since before then; -> endpoint → how many, at most `limit` in all."""
    rows = db.execute(
        f"{_GIVEN_UP} WHERE e.at_ms < ? AND d.state = 'waiting' AND e.type <> ?"
        " ORDER BY e.at_ms LIMIT ?",
        (before_ms, MISSED, limit),
    ).fetchall()
    return _give_up(db, rows, "it waited for longer than webhooks.keep_days", now_ms)


def curb(db: sqlite3.Connection, waiting_max: int, now_ms: int, limit: int) -> dict[str, int]:
    """Give up the oldest of what an endpoint has waiting above the bound; -> as `expire`."""
    given_up: dict[str, int] = {}
    crowded = db.execute(
        "SELECT endpoint, count(*) - ? AS excess FROM deliveries WHERE state = 'waiting'"
        " GROUP BY endpoint HAVING excess > 0",
        (waiting_max,),
    ).fetchall()
    for endpoint, excess in crowded:
        rows = db.execute(
            f"{_GIVEN_UP} WHERE d.endpoint = ? AND d.state = 'waiting' AND e.type <> ?"
            " ORDER BY d.seq LIMIT ?",
            (endpoint, MISSED, min(excess, limit)),
        ).fetchall()
        words = "more than webhooks.waiting_max waited for this endpoint"
        given_up |= _give_up(db, rows, words, now_ms)
    return given_up


def _give_up(
    db: sqlite3.Connection, rows: list[tuple[Any, ...]], error: str, now_ms: int
) -> dict[str, int]:
    """The receiver is told of when it was that it was not told of."""
    moments: dict[str, list[int]] = {}
    for id_, endpoint, _, at_ms, type_ in rows:
        db.execute(
            "UPDATE deliveries SET state = 'failed', due_ms = NULL, error = ? WHERE id = ?",
            (error, id_),
        )
        if type_ != PING:
            moments.setdefault(endpoint, []).append(at_ms)
    for endpoint, lane in {(endpoint, lane) for _, endpoint, lane, *_ in rows}:
        line_up(db, endpoint, lane, now_ms)
    for endpoint, missing in moments.items():
        add_missed(db, endpoint, min(missing), max(missing), now_ms)
    return dict(Counter(endpoint for _, endpoint, *_ in rows))


def _delivery(row: tuple[Any, ...]) -> WebhookDelivery:
    (id_, event, type_, state, at, leg, attempts, status, duration, error, response, tried, due) = (
        row
    )
    return WebhookDelivery(
        id=id_,
        event=event,
        type=type_,
        state=State(state),
        at=moment(at),
        leg=leg,
        attempts=attempts,
        status=status,
        duration_ms=duration,
        error=error,
        response=response,
        attempted_at=moment(tried) if tried else None,
        retry_at=moment(due) if due else None,
    )
