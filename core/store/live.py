"""The partitions' events in one order, for whoever watches."""

from typing import Final, Literal, NamedTuple

from core.model.ids import LegId
from core.store.commit import GroupCommit
from core.store.keys import LIVE, LIVE_CURSORS, Keys
from core.store.reading import Reader

READ_MAX: Final = 500
"""Events that are read at a time."""

Kind = Literal[
    # a message: written by a customer, by one of us, for agents only, by nobody; changed
    "in",
    "out",
    "note",
    "activity",
    "amended",
    # how far one of ours is
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",
    "unknown",
    # a leg
    "begun",
    "status",
    "triaged",
    "sealed",
    # into the archive, out of it again, deleted there
    "archived",
    "thawed",
    "expired",
    # what it belongs to
    "joined",
    "parted",
    "merged",
    "unmerged",
    "split",
    "unsplit",
    "gathered",
    "regrouped",
    # who wrote it
    "blocked",
    "unblocked",
]
"""What can happen. Whoever follows the events knows all of them."""


class Happened(NamedTuple):
    """One event: what happened to which message of which leg. No content."""

    id: str
    kind: str
    leg: LegId
    position: int


class Live:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys) -> None:
        self._read, self._commit, self._keys = read, commit, keys
        self.gather_seconds = 0.0
        """Whoever reads on leaves events so long to gather, for there is more urgent work."""

    async def relay(self, partitions: tuple[int, ...]) -> int:
        """Bring these partitions' new events into the one order; -> how many. Runs anywhere."""
        cursors = await self._read.one("HMGET", LIVE_CURSORS, *partitions)
        limit = ("+", "COUNT", READ_MAX)
        found = await self._read.many(
            [
                ("XRANGE", self._keys.events(p), f"({at.decode()}" if at else "-", *limit)
                for p, at in zip(partitions, cursors, strict=True)
            ]
        )
        count = 0
        for partition, events in zip(partitions, found, strict=True):
            if events:
                flat = [value.decode() for at, fields in events for value in (at, fields[b"e"])]
                count += await self._commit.call(
                    -1, "relay", (LIVE, LIVE_CURSORS), str(partition), flat
                )
        return count

    async def last_id(self) -> str:
        last = await self._read.one("XREVRANGE", LIVE, "+", "-", "COUNT", 1)
        return last[0][0].decode() if last else "0-0"

    async def holds(self, after: str) -> bool:
        """Whether everything after this id is still there: False means a gap was trimmed."""
        first = await self._read.one("XRANGE", LIVE, "-", "+", "COUNT", 1)
        return not first or after == "0-0" or _order(after) >= _order(first[0][0].decode())

    async def read(self, after: str, wait_seconds: float, limit: int = READ_MAX) -> list[Happened]:
        """Events after an id; waits for the first one, [] if none came."""
        block = max(1, int(wait_seconds * 1000))
        answer = await self._read.blocking(
            "XREAD",
            *("COUNT", limit, "BLOCK", block, "STREAMS", LIVE, after),
            seconds=wait_seconds,
        )
        return [
            Happened(
                at.decode(),
                fields[b"k"].decode(),
                LegId(fields[b"l"].decode()),
                int(fields[b"p"]),
            )
            for _, found in answer or ()
            for at, fields in found
        ]


def _order(event_id: str) -> tuple[int, int]:
    ms, _, n = event_id.partition("-")
    return int(ms), int(n or 0)
