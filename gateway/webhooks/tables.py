"""The tables of webhooks.db.

An event is kept once, a delivery for each endpoint that wants it. Deliveries of a lane leave one
after another: only the first that waits has a time when it is `due_ms`, those behind it have none.
"""

from typing import Final

STEPS: Final = (
    """
CREATE TABLE cursor (one INTEGER PRIMARY KEY CHECK (one = 1), position TEXT NOT NULL);

CREATE TABLE endpoints (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    inboxes TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'active',
    reason TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    after TEXT NOT NULL,
    secret BLOB NOT NULL,
    old_secret BLOB,
    old_until_ms INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    since_ms INTEGER NOT NULL DEFAULT 0,
    retry_ms INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    leg TEXT NOT NULL,
    position INTEGER NOT NULL,
    account TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX events_of_leg ON events (leg);
CREATE INDEX events_by_time ON events (at_ms);

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint TEXT NOT NULL REFERENCES endpoints ON DELETE CASCADE,
    seq INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
    lane TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    due_ms INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    first_ms INTEGER NOT NULL DEFAULT 0,
    attempted_ms INTEGER NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0,
    duration_ms INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    response TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (endpoint, seq);
CREATE INDEX deliveries_of_event ON deliveries (seq);
CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint, id);
CREATE INDEX deliveries_failed ON deliveries (endpoint, id) WHERE state = 'failed';
CREATE INDEX deliveries_due ON deliveries (endpoint, due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (endpoint, lane, seq) WHERE state = 'waiting';
""",
)
"""`after`: the live feed's position when the endpoint was made; it hears of what comes later."""
