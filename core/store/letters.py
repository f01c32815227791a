"""Entries of lanes that failed again and again: laid aside, looked at, put back or removed."""

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from core.errors import NotFound
from core.rules.delivery import BACK_OFF_SECONDS
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.lanes import Lanes, Lease
from core.store.legs import moment
from core.store.reading import Reader

COUNTERS: Final = {"in": "seq", "fetch": "fetch", "task": "seq"}
"""Which field of a lane's hash counts its entries. What is to be sent is no dead letter: it has a
state of its own.
"""

_WAITS_MS: Final = tuple(int(seconds * 1000) for seconds in BACK_OFF_SECONDS)


class Failed(NamedTuple):
    """`final`: it is laid aside, or is to be. `full`: it should be, and there is no room."""

    attempts: int
    final: bool
    full: bool


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` says which work it was: `in` an event to be filed, `fetch` attachments to be fetched,
    `task` work on who is who; `key` is the lane, for the first two its thread. `reason` is an
    error's kind and place, never what the entry holds.
    """

    id: str
    account: str
    kind: str
    key: str
    attempts: int
    reason: str
    at: datetime


class Letters:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys, lanes: Lanes) -> None:
        self._read, self._commit, self._keys, self._lanes = read, commit, keys, lanes

    async def failed(self, lease: Lease, reason: str, attempts_max: int, room: int) -> Failed:
        """The first entry of this lane has failed once more. Raises Stale."""
        keys, partition = self._keys, self._keys.of(lease.key)
        touched = [
            keys.lane(lease.kind, lease.key),
            keys.ready(partition, lease.account, lease.kind),
            keys.failing(partition, lease.account),
        ]
        if lease.kind in COUNTERS:
            touched.append(keys.dead(partition, lease.account))
        if lease.kind == "task":
            touched.append(keys.tasks(lease.key))
        what, attempts = await self._commit.call(
            partition,
            "bury",
            touched,
            lease.kind,
            lease.key,
            self._lanes.newest(lease).token,
            attempts_max,
            _WAITS_MS,
            reason,
            room,
        )
        return Failed(attempts, final=what == 1, full=what == 2)

    async def latest(self, account: str, limit: int) -> list[DeadLetter]:
        """Of one account, laid aside last first."""
        partitions = range(self._keys.partitions)
        answers = await self._read.many(
            [
                ("XREVRANGE", self._keys.dead(one, account), "+", "-", "COUNT", limit)
                for one in partitions
            ]
        )
        found = [
            _letter(account, partition, at, fields)
            for partition, letters in zip(partitions, answers, strict=True)
            for at, fields in letters
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)[:limit]

    async def entry(self, letter: str) -> tuple[DeadLetter, bytes]:
        """With what it holds. Raises NotFound."""
        account, partition, at = self._place(letter)
        key = self._keys.dead(partition, account)
        found = await self._read.one("XRANGE", key, at, at)
        if not found:
            raise NotFound(f"there is no dead letter {letter}")
        return _letter(account, partition, *found[0]), found[0][1][b"entry"]

    async def revive(self, letter: str) -> DeadLetter:
        """Back into its lane, behind what waits there. Raises NotFound."""
        found, _ = await self.entry(letter)
        keys, (account, partition, at) = self._keys, self._place(letter)
        counter = keys.tasks(found.key) if found.kind == "task" else keys.thread(found.key)
        touched = (
            keys.dead(partition, account),
            counter,
            keys.lane(found.kind, found.key),
            keys.ready(partition, account, found.kind),
        )
        field = COUNTERS[found.kind]
        if not await self._commit.call(partition, "revive", touched, at, found.key, field):
            raise NotFound(f"there is no dead letter {letter}")
        return found

    async def discard(self, letter: str) -> DeadLetter:
        """For good. Raises NotFound."""
        found, _ = await self.entry(letter)
        account, partition, at = self._place(letter)
        key = self._keys.dead(partition, account)
        if not await self._commit.call(partition, "discard", (key,), at):
            raise NotFound(f"there is no dead letter {letter}")
        return found

    def _place(self, letter: str) -> tuple[str, int, str]:
        """Account, partition, and the id there: `tg-main.0c.1795325864145-0`. Raises NotFound."""
        account, _, rest = letter.partition(".")
        partition, _, at = rest.partition(".")
        ms, _, n = at.partition("-")
        known = account and ms.isdecimal() and n.isdecimal() and len(at) <= 40
        try:
            number = int(partition, 16)
        except ValueError:
            number = -1
        if not known or not 0 <= number < self._keys.partitions:
            raise NotFound(f"there is no dead letter {letter}")
        return account, number, at


def _letter(account: str, partition: int, at: bytes, fields: dict[bytes, bytes]) -> DeadLetter:
    return DeadLetter(
        id=f"{account}.{partition:02x}.{at.decode()}",
        account=account,
        kind=fields[b"kind"].decode(),
        key=fields[b"key"].decode(),
        attempts=int(fields[b"attempts"]),
        reason=fields[b"reason"].decode(),
        at=moment(at.partition(b"-")[0]),
    )
