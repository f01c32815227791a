"""Legs as they are now, from Redis or the archive, so many messages at a time.

However many legs are asked for and however long they are, what is in memory for one transaction of
the index has an end.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from core.model.conversation import Entry, Leg
from core.model.ids import LegId
from core.model.people import Identity
from core.store.store import Store
from gateway.search.index import Known, as_known

LEGS_AT_A_TIME: Final = 100
MESSAGES_AT_A_TIME: Final = 500

Asked = tuple[Leg, list[tuple[int, int]]]
"""A leg, and stretches of it: how many messages before which position."""


class Read(NamedTuple):
    """`gone` are legs of which nothing is left, `done` counts those that are read to their end;
    behind `is_last` nothing comes.
    """

    legs: list[tuple[Leg, list[Entry]]]
    gone: list[LegId]
    people: list[Identity]
    done: int
    is_last: bool


class Reading:
    """Of legs, each with the positions at which something has changed; of what an index knows up to
    some position it is read on from there. `whole`: everything is read, except of archived legs
    that are as they were known, for nothing happens to those.
    """

    def __init__(
        self,
        store: Store,
        known: Callable[[Sequence[LegId]], Awaitable[Mapping[LegId, Known]]],
        touched: Mapping[LegId, Collection[int]],
        *,
        whole: bool = False,
    ) -> None:
        self._store, self._known, self._whole = store, known, whole
        self._touched = dict(touched)
        self._reached: dict[LegId, int] = {}

    async def __aiter__(self) -> AsyncIterator[Read]:
        """Each is as much as goes into a transaction, and read only when it is asked for. Raises
        StoreError.
        """
        while self._touched:
            yield await self._next()

    async def _next(self) -> Read:
        ids = tuple(islice(self._touched, LEGS_AT_A_TIME))
        heads, known = await self._store.legs.heads(ids), await self._known(ids)
        gone = [one for one, leg in zip(ids, heads, strict=True) if leg is None]
        asked = self._asked([leg for leg in heads if leg], known)
        entries = await asyncio.gather(*(self._entries(leg, spans) for leg, spans in asked))
        legs = [leg for leg, _ in asked]
        people = await self._store.people.identities(sorted({leg.author for leg in legs}))
        done = [leg.id for leg in legs if self._reached[leg.id] >= leg.length]
        for one in (*done, *gone):
            del self._touched[one]
        found = list(zip(legs, entries, strict=True))
        return Read(found, gone, [one for one in people if one], len(done), not self._touched)

    def _asked(self, legs: Sequence[Leg], known: Mapping[LegId, Known]) -> list[Asked]:
        found: list[Asked] = []
        room = MESSAGES_AT_A_TIME
        for leg in legs:
            if room <= 0:
                break
            since = self._since(leg, known.get(leg.id))
            last = max(since, min(leg.length, since + room))
            changed = [one for one in sorted(self._touched[leg.id]) if 0 < one <= since]
            new = [(last + 1, last - since)] if last > since else []
            found.append((leg, new + [(one + 1, 1) for one in changed]))
            self._reached[leg.id], self._touched[leg.id] = last, ()
            room -= last - since + len(changed)
        return found

    def _since(self, leg: Leg, known: Known | None) -> int:
        """The position behind which it is read on."""
        if leg.id in self._reached:
            return self._reached[leg.id]
        if known is None:
            return 0
        is_same = leg.archived and known.head == as_known(leg)
        return known.length if is_same or not self._whole else 0

    async def _entries(self, leg: Leg, spans: Sequence[tuple[int, int]]) -> list[Entry]:
        found = await asyncio.gather(
            *(self._store.legs.entries(leg.id, before, count) for before, count in spans)
        )
        return [entry for part in found for entry in part]
