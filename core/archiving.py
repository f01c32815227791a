"""Legs that are done leave Redis for the archive, step by step, and what is old leaves the archive.

A leg is first kept by the archive, then removed from Redis, if it is still what was kept; then what
else Redis knows it by. A process that is lost between two steps has lost nothing: Redis wins where
it has a leg, and the archive has what Redis has not. The next one goes on from there
(docs/decisions/0016).
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog
from msgspec.structs import replace

from core.errors import StoreError
from core.following import Missed, follow
from core.model.ids import IdentityId, LegId, Number
from core.rules.archive import Terms, is_due, rests_since
from core.store.freezer import Person, Taken
from core.store.lanes import TASKS
from core.store.live import Happened
from core.store.shelf import Archive, Frozen, Resting
from core.store.store import Store
from core.view import Views

BATCH: Final = 200
"""Legs that are archived together: one transaction, and a script call a partition for each step."""

PAGE: Final = 500
"""Keys of Redis that are looked at together, to find all legs."""

PAUSE_SECONDS: Final = 0.05
"""Between two batches, and between two pages of a walk: there is no hurry."""

PASS_SECONDS: Final = 60.0
"""How often it is looked who is due, where nothing is archived sooner than that."""

PASS_SECONDS_MIN: Final = 0.2

NOTE_SECONDS: Final = 30.0
"""How often it is noted up to where nothing has happened that matters here."""

AGAIN_SECONDS: Final = 3600.0
"""Until a leg is looked at again that could not leave, or that has come back; as soon as legs are
archived at all, where that is sooner.
"""

GRACE_SECONDS: Final = 60.0
"""So long before it is deleted a leg is hidden: whoever had found it has done with it by then."""

log = structlog.get_logger()


class _Looked(NamedTuple):
    """What is to become of legs that have been looked at."""

    ready: tuple[Taken, ...]
    later: tuple[Resting, ...]
    awake: tuple[LegId, ...]


class Archiver:
    """`run` in as many processes as you like: one at a time does it."""

    def __init__(
        self, store: Store, archive: Archive, terms: Terms, now: Callable[[], datetime]
    ) -> None:
        self._store, self._archive, self._terms, self._now = store, archive, terms, now
        self._views = Views(store)
        self._pass_seconds = min(PASS_SECONDS, max(PASS_SECONDS_MIN, terms.shortest_seconds))
        self._again = timedelta(seconds=min(AGAIN_SECONDS, terms.shortest_seconds))
        self._looked = asyncio.Event()
        """All that rest are known anew."""

    async def run(self) -> None:
        """Archive what is due until cancelled; waits for a store that is away."""
        while True:
            try:
                async with self._store.holds(TASKS)("archive"):
                    await self._archive.take_over()
                    await self._as_the_only_one()
            except StoreError as error:
                log.info("nothing is archived for now", reason=str(error))
                await asyncio.sleep(self._pass_seconds)

    async def _as_the_only_one(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow(), name="who rests")
                tasks.create_task(self._repeat(), name="who is due")
        except* StoreError as group:
            raise group.exceptions[0] from None

    async def _repeat(self) -> None:
        while True:
            if archived := await self.archive_due():
                log.info("archived", legs=archived)
            if deleted := await self.delete_old():
                log.info("deleted from the archive", legs=deleted)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pass_seconds):
                    await self._looked.wait()
            self._looked.clear()

    # --- who rests

    async def _follow(self) -> None:
        position = await self._archive.position()
        if position is None:
            position = await self.look_everywhere()
        clock = asyncio.get_running_loop().time
        noted, note_at = position, clock() + NOTE_SECONDS
        async for happened in follow(self._store, position, "archive"):
            if isinstance(happened, Missed):
                await self.look_everywhere()
                continue
            position = happened[-1].id if happened else position
            resting = await self._resting(happened)
            if resting or (position != noted and clock() >= note_at):
                await self._archive.rest(resting, (), position)
                noted, note_at = position, clock() + NOTE_SECONDS

    async def _resting(self, happened: Sequence[Happened]) -> list[Resting]:
        """Of what has happened to legs: which are done now. Those that have come back are let be
        for a while.
        """
        legs = {one.leg for one in happened if one.kind in ("begun", "status", "thawed")}
        back = {one.leg for one in happened if one.kind == "thawed"}
        again_ms = self._ms(self._again)
        return [
            replace(one, not_before_ms=again_ms) if one.leg in back else one
            for one in await self._store.freezer.resting(sorted(legs))
        ]

    async def look_everywhere(self) -> str:
        """Go through all legs, slowly. -> the event before which all that are done are known."""
        position = await self._store.live.last_id()
        async for legs in self._store.legs.every(PAGE):
            await self._archive.rest(await self._store.freezer.resting(legs), ())
            await asyncio.sleep(PAUSE_SECONDS)
        await self._archive.rest((), (), position)
        self._looked.set()
        return position

    # --- leaving Redis

    async def archive_due(self) -> int:
        """Archive everything that is due; -> how many legs."""
        await self._finish()
        count = 0
        while legs := await self._due():
            count += await self._archive_these(legs)
            if len(legs) < BATCH:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return count

    async def _due(self) -> list[LegId]:
        before = self._terms.rested_before(self._now())
        limits = {str(status): _ms(moment) for status, moment in before.items()}
        return await self._archive.due(limits, self._ms(), BATCH)

    async def _archive_these(self, legs: Sequence[LegId]) -> int:
        looked = await self._look(legs)
        left = await self.put_away(looked.ready)
        gone = [one.leg.leg for one in looked.ready if one.leg.leg in left]
        refused = [self._later(one) for one in looked.ready if one.leg.leg not in left]
        await self._archive.rest((*looked.later, *refused), (*looked.awake, *gone))
        return len(gone)

    async def put_away(self, taken: Sequence[Taken]) -> set[LegId]:
        """Have the archive keep these, and those leave Redis that are still the same; -> those."""
        people = await self._people(taken)
        plain = [(one.id, one.fields) for one in people.values() if one.is_plain]
        await self._archive.put([one.leg for one in taken], plain)
        left = await asyncio.gather(*(self._leave(one, people) for one in taken))
        await self._archive.settle([one.leg.leg for one in taken])
        return {one.leg.leg for one, has_left in zip(taken, left, strict=True) if has_left}

    async def _look(self, legs: Sequence[LegId]) -> _Looked:
        before = self._terms.rested_before(self._now())
        found = await asyncio.gather(*(self._store.freezer.take(leg) for leg in legs))
        ready, later, awake = [], [], []
        for leg, taken in zip(legs, found, strict=True):
            if taken is None or rests_since(taken.head) is None:
                awake.append(leg)
            elif is_due(taken.head, before) and not taken.is_busy:
                ready.append(taken)
            else:
                later.append(self._later(taken))
        return _Looked(tuple(ready), tuple(later), tuple(awake))

    def _later(self, taken: Taken) -> Resting:
        since = rests_since(taken.head) or self._now()
        return Resting(
            leg=taken.leg.leg,
            status=taken.head.status,
            since_ms=_ms(since),
            not_before_ms=self._ms(self._again),
        )

    async def _people(self, taken: Sequence[Taken]) -> dict[IdentityId, Person]:
        authors = sorted({one.head.author for one in taken})
        found = await asyncio.gather(*(self._store.freezer.person(one) for one in authors))
        return {one.id: one for one in found if one}

    async def _leave(self, taken: Taken, people: dict[IdentityId, Person]) -> bool:
        """A leg that the archive has leaves Redis, if nothing has happened to it since."""
        if not await self._store.freezer.retire(taken):
            return False
        await self._forget(taken.leg, people.get(taken.head.author))
        return True

    async def _forget(self, leg: Frozen, person: Person | None) -> None:
        """What else Redis knows it by. The archive is asked for all of it instead."""
        freezer, author = self._store.freezer, IdentityId(leg.field("author"))
        number = Number(leg.field("number"))
        await asyncio.gather(freezer.forget_number(number, leg.leg), freezer.forget_shown(leg))
        known = person if person and person.is_plain else None
        while not await freezer.leave(leg.leg, author, known):
            found = await freezer.person(author)
            known = found if found and found.is_plain else None
            if known:
                await self._archive.put((), [(known.id, known.fields)])

    async def _finish(self) -> None:
        """Go on with what a process has left that was lost."""
        while legs := await self._archive.unsettled(BATCH):
            here = await self._store.freezer.present(legs)
            away = [leg for leg in legs if leg not in here]
            for frozen in await self._archive.legs(away):
                if frozen:
                    author = IdentityId(frozen.field("author"))
                    person = await self._store.freezer.person(author)
                    if person and person.is_plain:
                        await self._archive.put((), [(person.id, person.fields)])
                    await self._forget(frozen, person)
            await self._archive.settle(legs)
            await self._archive.rest((), away)

    # --- leaving the archive

    async def delete_old(self) -> int:
        """Delete what was kept for `keep_days`, with an event for each; -> how many legs. A leg is
        kept as long as any of its conversation.
        """
        if not self._terms.keep_days:
            return 0
        limit = self._ms(-timedelta(days=self._terms.keep_days))
        while legs := await self._archive.aged(limit, BATCH):
            touched = {leg: await self._touched(leg) for leg in legs}
            for leg, at in touched.items():
                if at >= limit:
                    await self._archive.touch([leg], at)
            await self._archive.hide([leg for leg in legs if touched[leg] < limit], self._ms())
            await asyncio.sleep(PAUSE_SECONDS)
        return await self._delete_hidden()

    async def _touched(self, leg: LegId) -> int:
        """When something happened last to a conversation (ms): now, if any of it is in Redis."""
        whole = await self._views.conversation(leg)
        away = all(one.archived for one in whole.legs)
        return _ms(whole.touched_at) if away else self._ms()

    async def _delete_hidden(self) -> int:
        count, limit = 0, self._ms(-timedelta(seconds=GRACE_SECONDS))
        while legs := await self._archive.hidden(limit, BATCH):
            here = await self._store.freezer.present(legs)
            gone = [leg for leg in legs if leg not in here]
            await self._archive.touch(here, self._ms())
            await self._store.freezer.tell(gone, "expired")
            await self._archive.delete(gone)
            count += len(gone)
            await asyncio.sleep(PAUSE_SECONDS)
        return count

    def _ms(self, ahead: timedelta = timedelta()) -> int:
        return _ms(self._now() + ahead)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
