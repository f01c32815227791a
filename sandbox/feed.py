"""Tells whoever watches that the world has changed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sandbox.payload import Json

KEPT_CHANGES_MAX = 2000


class Signal:
    """Wakes everyone who waits on it. Unlike a condition it may be rung from synchronous code."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait now; whoever waits later waits for the next ring."""
        self._event.set()
        self._event = asyncio.Event()

    def next_ring(self) -> asyncio.Event:
        """Set by the next ring. Take it *before* looking at the state, or a ring is missed."""
        return self._event


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the world; `person` is the key of the one whose view changed, if any."""

    seq: int
    kind: str
    person: str | None
    about: Json


class Feed:
    """The recent changes in order, and a way to follow them."""

    def __init__(self) -> None:
        self._changes: deque[Change] = deque(maxlen=KEPT_CHANGES_MAX)
        self._signal = Signal()
        self.seq = 0

    def publish(self, kind: str, person: str | None = None, **about: object) -> None:
        """Record a change and wake the followers."""
        self.seq += 1
        self._changes.append(Change(self.seq, kind, person, about))
        self._signal.ring()

    def since(self, seq: int) -> list[Change]:
        """The changes after `seq`; a single `reset` when some of them are no longer kept."""
        if seq > self.seq or (self._changes and seq + 1 < self._changes[0].seq):
            return [Change(self.seq, "reset", None, {})]
        return [change for change in self._changes if change.seq > seq]

    async def follow(self, seq: int) -> AsyncIterator[Change]:
        """Yield every change after `seq`, without end."""
        while True:
            woken = self._signal.next_ring()
            changes = self.since(seq)
            for change in changes:
                seq = change.seq
                yield change
            if not changes:
                await woken.wait()
