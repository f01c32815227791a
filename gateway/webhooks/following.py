"""From the live feed to deliveries on disk: what happened is queued once for whoever wants it."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Final

import structlog

from core.errors import NotFound, StoreError
from core.following import PAUSE_SECONDS, Missed, follow
from core.model.conversation import Leg
from core.model.ids import ConversationId, LegId
from core.store.live import Happened
from core.store.store import Store
from core.view import Views
from gateway.sqlite import Database
from gateway.webhooks import queue
from gateway.webhooks.events import type_of
from gateway.webhooks.model import Occurrence
from gateway.webhooks.persisting import persist
from gateway.webhooks.queue import EVENT_PREFIX, missed, order

LOOK_SECONDS: Final = 1.0
"""While there are no endpoints, it is looked so often whether there is one by now."""

REGROUPING: Final = frozenset(
    {"joined", "parted", "merged", "unmerged", "split", "unsplit", "regrouped"}
)
"""Kinds after which a leg may belong to another conversation."""

log = structlog.get_logger()


class Projector:
    """`tell` is called with the endpoints that have something to send."""

    def __init__(
        self,
        database: Database,
        store: Store,
        views: Views,
        now_ms: Callable[[], int],
        tell: Callable[[Iterable[str]], None],
    ) -> None:
        self._database, self._store, self._views = database, store, views
        self._now_ms, self._tell = now_ms, tell
        self._unknown: set[str] = set()

    async def run(self) -> None:
        """Until cancelled. While there are no endpoints, nothing is read."""
        while True:
            start = await self._database.read(_start)
            if start is None:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._follow(start)

    async def _follow(self, position: str) -> None:
        """Until there are no endpoints any more."""
        async with aclosing(follow(self._store, position, "webhooks")) as following:
            async for batch in following:
                if not await self._database.read(queue.filters):
                    return
                if isinstance(batch, Missed):
                    since_ms, until_ms = order(position)[0], order(batch.until)[0]
                    gap = missed(batch.until, since_ms, until_ms, until_ms)
                    await self._note((gap,), {}, batch.until)
                    position = batch.until
                elif batch:
                    position = batch[-1].id
                    await self._take(batch)

    async def _take(self, batch: Sequence[Happened]) -> None:
        legs = await self._legs_at_last(batch)
        moved = {
            one.leg: legs[one.leg].conversation
            for one in batch
            if one.kind in REGROUPING and one.leg in legs
        }
        await self._note(tuple(self._occurrences(batch, legs)), moved, batch[-1].id)

    async def _note(
        self,
        found: Sequence[Occurrence],
        moved: Mapping[LegId, ConversationId],
        position: str,
    ) -> None:
        now_ms = self._now_ms()
        self._tell(
            await persist(self._database, lambda db: queue.add(db, found, moved, position, now_ms))
        )

    async def _legs_at_last(self, batch: Sequence[Happened]) -> dict[LegId, Leg]:
        """As soon as the store says so: nobody else who sends has to stop for it."""
        while True:
            try:
                return await self._legs(batch)
            except StoreError as error:
                log.warning("webhooks wait for the store", reason=str(error))
                await asyncio.sleep(PAUSE_SECONDS)

    async def _legs(self, batch: Sequence[Happened]) -> dict[LegId, Leg]:
        """As they are now, also those that are archived by now."""
        asked = tuple(
            {one.leg for one in batch if self._type_of(one.kind) or one.kind in REGROUPING}
        )
        heads = await self._store.legs.heads(asked)
        known = {leg: head for leg, head in zip(asked, heads, strict=True) if head}
        for leg in asked:
            if leg not in known:
                try:
                    known[leg] = await self._views.leg(leg)
                except NotFound:
                    continue
        return known

    def _occurrences(
        self, batch: Sequence[Happened], legs: dict[LegId, Leg]
    ) -> Iterable[Occurrence]:
        for one in batch:
            if event_type := self._type_of(one.kind):
                leg = legs.get(one.leg)
                yield Occurrence(
                    event=f"{EVENT_PREFIX}{one.id}",
                    type=event_type,
                    kind=one.kind,
                    at_ms=order(one.id)[0],
                    leg=one.leg,
                    position=one.position,
                    account=leg.thread.account if leg else "",
                    lane=leg.conversation if leg else one.leg,
                )

    def _type_of(self, kind: str) -> str | None:
        """A newer version may have written what is not known here."""
        try:
            return type_of(kind)
        except KeyError:
            if kind not in self._unknown:
                log.error("webhooks know nothing of a kind of event", kind=kind)
            self._unknown.add(kind)
            return None


def _start(db: sqlite3.Connection) -> str | None:
    """Where to go on, which is never before the first endpoint was made; None: there are none."""
    found = queue.filters(db)
    if not found:
        return None
    first = min((one.after for one in found), key=order)
    return max(queue.cursor(db) or first, first, key=order)
