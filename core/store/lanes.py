"""Lanes: everything that waits its turn. An ordered queue a key, leased to one holder at a time.

Kinds: `in` (events of a thread to dispatch), `out` (messages to send into a thread), `fetch`
(messages of a thread whose attachments are to be fetched), `task` (work on who is who). A lane
stands in the ready set of its (account, kind, partition) under the moment at which it may be taken:
ready, leased, to be retried and scheduled are one number.
"""

import asyncio
import time
from typing import Final

import msgspec
from msgspec.structs import replace

from core.model.conversation import Leg
from core.model.message import Message
from core.store.commit import GroupCommit
from core.store.keys import Keys

DEPTH: Final = {"in": 64, "out": 16, "fetch": 16, "task": 16}
"""Entries handed out at once."""

MARGIN: Final = 0.2
"""Of a lease's time: not relied on where something is begun."""

RENEWED_MAX: Final = 4096
"""Lanes that were renewed here and are remembered; then all of them are forgotten."""

KINDS: Final = ("in", "out", "fetch")
"""Of a thread's lanes."""

TASKS: Final = "tasks"
"""The account under which the installation's own tasks stand in the ready sets."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    seq: int
    blob: bytes


class Begun(msgspec.Struct, frozen=True, gc=False):
    """The first entry of an outbound lane, marked as being sent when the lane was handed over."""

    message: Message
    leg: Leg
    position: int


class Lease(msgspec.Struct, frozen=True, gc=False):
    """A lane that this process holds until `until` (monotonic seconds, with a margin)."""

    account: str
    kind: str
    key: str
    token: str
    until: float
    entries: tuple[Entry, ...]
    begun: Begun | None = None


class Lanes:
    def __init__(self, commit: GroupCommit, keys: Keys, lease_seconds: float) -> None:
        self._commit, self._keys = commit, keys
        self.lease_ms = int(lease_seconds * 1000)
        self._renewed: dict[tuple[str, str], str] = {}

    def deadline(self) -> float:
        """Until when a lease asked for now may be relied on: less a fifth for the way back."""
        return time.monotonic() + self.lease_ms / 1000 * (1 - MARGIN)

    def end(self, lease: Lease) -> float:
        """Before this moment nobody else can have taken the lane (monotonic seconds)."""
        return lease.until + self.lease_ms / 1000 * MARGIN

    def ready(self, key: str, account: str, kind: str) -> str:
        return self._keys.ready(self._keys.of(key), account, kind)

    async def due(
        self, partition: int, sets: tuple[tuple[str, str], ...], limit: int
    ) -> tuple[list[tuple[str, str, str]], float | None]:
        """Lanes of (account, kind) sets that may be taken now, and seconds until the next may."""
        keys = [self._keys.ready(partition, account, kind) for account, kind in sets]
        lists, wait_ms = await self._commit.call(partition, "due", keys, limit)
        found = [
            (account, kind, lane.decode())
            for (account, kind), lanes in zip(sets, lists, strict=True)
            for lane in lanes
        ]
        return found, wait_ms / 1000 if wait_ms >= 0 else None

    async def take(self, account: str, kind: str, key: str) -> Lease | None:
        """Lease a lane that is due; None if somebody was quicker."""
        until, partition = self.deadline(), self._keys.of(key)
        keys = (self._keys.lane(kind, key), self._keys.ready(partition, account, kind))
        taken = await self._commit.call(partition, "take", keys, key, self.lease_ms, DEPTH[kind])
        if taken is None:
            return None
        token, entries = taken
        return Lease(account, kind, key, token.decode(), until, entries_of(entries))

    async def renew(self, lease: Lease) -> Lease:
        """The same lease for another term. Raises Stale."""
        until = self.deadline()
        return self.renewed(lease, await self.renewal(lease), until)

    def renewal(self, lease: Lease) -> asyncio.Future[bytes]:
        """The token of another term. Raises Stale."""
        partition = self._keys.of(lease.key)
        ready = self._keys.ready(partition, lease.account, lease.kind)
        return self._commit.call(
            partition, "renew", (ready,), lease.key, lease.token, self.lease_ms
        )

    def renewed(self, lease: Lease, token: bytes, until: float) -> Lease:
        """The lease with its new token, which is remembered."""
        if len(self._renewed) >= RENEWED_MAX:
            self._renewed.clear()
        self._renewed[lease.kind, lease.key] = token.decode()
        return replace(lease, token=token.decode(), until=until)

    def newest(self, lease: Lease) -> Lease:
        """The lease as this process renewed it last, for who holds an older one."""
        token = self._renewed.get((lease.kind, lease.key), lease.token)
        return replace(lease, token=max(lease.token, token, key=float))

    async def current(self, lease: Lease, needed_seconds: float) -> Lease:
        """The lease, renewed if it does not last as long as is needed. Raises Stale."""
        if time.monotonic() + needed_seconds < lease.until:
            return lease
        return await self.renew(lease)

    async def postpone(self, lease: Lease, delay_seconds: float) -> None:
        """Give the lane back; it is due again after the delay. Raises Stale."""
        partition = self._keys.of(lease.key)
        ready = self._keys.ready(partition, lease.account, lease.kind)
        await self._commit.call(
            partition, "postpone", (ready,), lease.key, lease.token, int(delay_seconds * 1000)
        )

    async def done(self, lease: Lease, upto: int, note: str | None = None) -> Lease | None:
        """Everything up to `upto` is done; -> the lease with what waits now, None if nothing.

        `note` names a hash in which the last seq done is written down.
        """
        partition = self._keys.of(lease.key)
        lane = self._keys.lane(lease.kind, lease.key)
        keys = [lane, self._keys.ready(partition, lease.account, lease.kind)]
        if note:
            keys.append(note)
        rest = await self._commit.call(
            partition, "done", keys, lease.key, lease.token, upto, DEPTH[lease.kind]
        )
        return going_on(lease, rest)


def entries_of(raw: list[bytes]) -> tuple[Entry, ...]:
    return tuple(Entry(int(seq), blob) for seq, _, blob in (entry.partition(b":") for entry in raw))


def going_on(lease: Lease, rest: list[bytes]) -> Lease | None:
    """The lease after an acknowledgement that handed out `rest`."""
    return replace(lease, entries=entries_of(rest), begun=None) if rest else None
