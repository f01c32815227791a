"""Which messages of ours did not reach the customer, as far as anybody knows: a table of places."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple

from core.model.conversation import Entry
from core.model.ids import LegId
from core.model.message import DeliveryState
from gateway.search.tables import Set

STATES: Final = (DeliveryState.FAILED, DeliveryState.UNKNOWN)

Place = tuple[LegId, int]
"""A leg, and a position in it."""


class Undelivered(NamedTuple):
    """Places, what failed last first; `next` is the cursor of the page behind it."""

    places: list[Place]
    next: str


def put(db: sqlite3.Connection, tables: Set, leg: LegId, entry: Entry) -> None:
    """A message as it is: listed while it has not arrived."""
    delivery = entry.delivery
    db.execute(
        tables.sql("DELETE FROM ~undelivered WHERE leg = ? AND position = ?"), (leg, entry.position)
    )
    if delivery and delivery.state in STATES:
        at = delivery.at or entry.message.at
        db.execute(
            tables.sql("INSERT INTO ~undelivered (leg, position, state, at_ms) VALUES (?,?,?,?)"),
            (leg, entry.position, delivery.state, int(at.timestamp() * 1000)),
        )


def remove(db: sqlite3.Connection, tables: Set, leg: LegId) -> None:
    """All of a leg."""
    db.execute(tables.sql("DELETE FROM ~undelivered WHERE leg = ?"), (leg,))


def listed(db: sqlite3.Connection, tables: Set, places: Iterable[Place]) -> set[Place]:
    """Those of these places that are in the table."""
    found = db.execute(
        tables.sql(
            "SELECT leg, position FROM ~undelivered WHERE (leg, position) IN"
            " (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))"
        ),
        (json.dumps(list(places)),),
    ).fetchall()
    return {(LegId(leg), position) for leg, position in found}


def page(
    db: sqlite3.Connection, tables: Set, states: Iterable[str], after: str, limit: int
) -> Undelivered:
    """In one of these states; `after` is what a page before has said, or ""."""
    at, leg, position = _read(after)
    found = db.execute(
        tables.sql(
            "SELECT at_ms, leg, position FROM ~undelivered"
            " WHERE state IN (SELECT value FROM json_each(?)) AND (at_ms, leg, position) < (?,?,?)"
            " ORDER BY at_ms DESC, leg DESC, position DESC LIMIT ?"
        ),
        (json.dumps(list(states)), at, leg, position, limit),
    ).fetchall()
    more = ":".join(map(str, found[-1])) if len(found) == limit else ""
    return Undelivered([(LegId(one), place) for _, one, place in found], more)


def _read(after: str) -> tuple[int, str, int]:
    """From the end of time on where there is no cursor."""
    if not after:
        return (1 << 62), "", 0
    at, leg, position = after.split(":")
    return int(at), leg, int(position)
