"""Endpoints on disk: each function is what one transaction does."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from core.errors import NotFound
from gateway.webhooks.model import Endpoint, EndpointState, moment

_COLUMNS = (
    "id, url, events, inboxes, description, state, reason, created_ms, since_ms, retry_ms,"
    " old_until_ms"
)


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send to, and an endpoint's secrets, locked: the one before signs until a moment."""

    url: str
    secret: bytes
    old_secret: bytes | None
    old_until_ms: int


def insert(db: sqlite3.Connection, values: Mapping[str, Any]) -> None:
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    db.execute(
        f"INSERT INTO endpoints ({columns}) VALUES ({marks})",  # noqa: S608 - names are ours
        tuple(values.values()),
    )


def update(db: sqlite3.Connection, endpoint: str, values: Mapping[str, Any]) -> None:
    """Raises NotFound."""
    sets = ", ".join(f"{name} = ?" for name in values)
    changed = db.execute(
        f"UPDATE endpoints SET {sets} WHERE id = ?",  # noqa: S608 - names are ours
        (*values.values(), endpoint),
    ).rowcount
    if not changed:
        raise unknown(endpoint)


def remove(db: sqlite3.Connection, endpoint: str) -> None:
    """With its deliveries. Raises NotFound."""
    if not db.execute("DELETE FROM endpoints WHERE id = ?", (endpoint,)).rowcount:
        raise unknown(endpoint)


def count(db: sqlite3.Connection) -> int:
    (found,) = db.execute("SELECT count(*) FROM endpoints").fetchone()
    return int(found)


def active(db: sqlite3.Connection) -> dict[str, str]:
    """Id → URL of those that are sent to."""
    return dict(db.execute("SELECT id, url FROM endpoints WHERE state = 'active'").fetchall())


def keys(db: sqlite3.Connection, endpoint: str) -> Keys | None:
    """None: there is no such endpoint."""
    found = db.execute(
        "SELECT url, secret, old_secret, old_until_ms FROM endpoints WHERE id = ?", (endpoint,)
    ).fetchone()
    if found is None:
        return None
    return Keys(url=found[0], secret=found[1], old_secret=found[2], old_until_ms=found[3])


def every(db: sqlite3.Connection, now_ms: int) -> list[Endpoint]:
    """In the order in which they were made."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM endpoints ORDER BY created_ms, id").fetchall()  # noqa: S608
    return [_endpoint(db, row, now_ms) for row in rows]


def get(db: sqlite3.Connection, endpoint: str, now_ms: int) -> Endpoint:
    """Raises NotFound."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM endpoints WHERE id = ?",  # noqa: S608 - names are ours
        (endpoint,),
    ).fetchone()
    if row is None:
        raise unknown(endpoint)
    return _endpoint(db, row, now_ms)


def unknown(endpoint: str) -> NotFound:
    return NotFound(f"there is no webhook {endpoint[:40]!r}: see GET /api/v1/webhooks")


def _endpoint(db: sqlite3.Connection, row: tuple[Any, ...], now_ms: int) -> Endpoint:
    id_, url, events, inboxes, description, state, reason, created, since, retry, until = row
    (waiting,) = db.execute(
        "SELECT count(*) FROM deliveries WHERE endpoint = ? AND state = 'waiting'", (id_,)
    ).fetchone()
    return Endpoint(
        id=id_,
        url=url,
        events=tuple(events.split()),
        inboxes=tuple(inboxes.split()),
        description=description,
        state=EndpointState(state),
        reason=reason,
        created_at=moment(created),
        failing_since=moment(since) if since else None,
        retry_at=moment(retry) if retry > now_ms else None,
        rotating_until=moment(until) if until > now_ms else None,
        waiting=waiting,
    )
