"""What the store asks of the archive: legs that have left Redis, and the people who wrote them.

Redis wins wherever it has a leg; the archive is asked for what is not there. A row is committed
before its leg leaves Redis, so whoever asks in that order finds it.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
from typing_extensions import override

from core.model.ids import IdentityId, LegId, Number

Fields = dict[bytes, bytes]
"""A hash as Redis stores it."""


class Frozen(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A leg as it left Redis: its keys' contents, byte for byte, with the messages loosened."""

    leg: LegId
    head: Fields
    log: tuple[bytes, ...]
    refs: Fields
    sends: Fields

    def at(self, position: int) -> bytes | None:
        """The message at this position, from 1."""
        return self.log[position - 1] if 0 < position <= len(self.log) else None

    def field(self, name: str) -> str:
        """Of the head; "" if it has none of this name."""
        return self.head.get(name.encode(), b"").decode()


class Shelf(Protocol):
    """Reading. Everything here raises StoreUnavailable while the archive cannot be read."""

    async def legs(self, ids: Sequence[LegId]) -> list[Frozen | None]:
        """In order; None for each that is not archived."""
        ...

    async def numbered(self, number: Number) -> LegId | None: ...

    async def newest(self, thread: str, author: str) -> LegId | None:
        """The leg that began last in this thread for this author ("" in a private thread): that is
        the one to which the thread goes.
        """
        ...

    async def newest_of_thread(self, thread: str, limit: int) -> list[LegId]:
        """The newest of those to which the thread goes, one an author."""
        ...

    async def begun_for(
        self, people: Sequence[IdentityId], *, private: bool, limit: int = -1
    ) -> list[LegId]:
        """Legs of which these are the authors, the newest `limit` (-1 = all), oldest first.

        `private`: only those that nobody else reads.
        """
        ...

    async def people(self, ids: Sequence[IdentityId]) -> list[Fields | None]:
        """What was known of them, in order; None for each that is not archived."""
        ...

    async def page(self, after: LegId | None, limit: int) -> list[LegId]:
        """Up to `limit` archived legs behind this one, in the order of their ids."""
        ...


class EmptyShelf(Shelf):
    """Of an installation without an archive."""

    @override
    async def legs(self, ids: Sequence[LegId]) -> list[Frozen | None]:
        return [None] * len(ids)

    @override
    async def numbered(self, number: Number) -> LegId | None:
        return None

    @override
    async def newest(self, thread: str, author: str) -> LegId | None:
        return None

    @override
    async def newest_of_thread(self, thread: str, limit: int) -> list[LegId]:
        return []

    @override
    async def begun_for(
        self, people: Sequence[IdentityId], *, private: bool, limit: int = -1
    ) -> list[LegId]:
        return []

    @override
    async def people(self, ids: Sequence[IdentityId]) -> list[Fields | None]:
        return [None] * len(ids)

    @override
    async def page(self, after: LegId | None, limit: int) -> list[LegId]:
        return []


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """A leg that is done, and since when nothing has happened to it (ms)."""

    leg: LegId
    status: str
    since_ms: int
    not_before_ms: int = 0
    """It is not looked at sooner."""


class Archive(Shelf, Protocol):
    """Writing, for the one archiver. What is awaited is on disk. Whoever has been relieved of it
    gets Stale.
    """

    async def take_over(self) -> None:
        """Be the one who writes, from now on."""
        ...

    async def put(
        self, legs: Sequence[Frozen], people: Sequence[tuple[IdentityId, Fields]]
    ) -> None:
        """Keep these as they are now. They are still in Redis: see `unsettled`."""
        ...

    async def unsettled(self, limit: int) -> list[LegId]:
        """Those put of which nobody has said yet that all their traces are gone from Redis."""
        ...

    async def settle(self, legs: Sequence[LegId]) -> None:
        """Nothing of these is in Redis any more, or all of it: they need no further step."""
        ...

    # --- who is due

    async def position(self) -> str | None:
        """Up to which event `rest` knows of all that rest; None: it knows nothing."""
        ...

    async def rest(
        self, resting: Sequence[Resting], awake: Sequence[LegId], position: str | None = None
    ) -> None:
        """These rest, those do not; known up to the event `position` (None: as before)."""
        ...

    async def due(self, before_ms: dict[str, int], now_ms: int, limit: int) -> list[LegId]:
        """Those that have rested longest, each with its status since before its moment."""
        ...

    # --- retention

    async def aged(self, before_ms: int, limit: int) -> list[LegId]:
        """The oldest of those to which nothing has happened since."""
        ...

    async def hide(self, legs: Sequence[LegId], now_ms: int) -> None:
        """Nobody finds these any more."""
        ...

    async def hidden(self, before_ms: int, limit: int) -> list[LegId]:
        """Those hidden before that moment."""
        ...

    async def touch(self, legs: Sequence[LegId], now_ms: int) -> None:
        """These are in Redis again: they are not old, nor hidden."""
        ...

    async def delete(self, legs: Sequence[LegId]) -> None:
        """Those of these that are hidden, with the people of whom no leg is left here."""
        ...

    async def count(self) -> int: ...
