"""Keeping search.db up to date by what happens, and making it anew.

A batch of events is written before the position behind it. What is written says how a leg is, not
how it changed, so doing it again changes nothing. An index that is made anew grows beside the one
that answers; both are told of events meanwhile, and they change places in one transaction. Where
events were missed, everything is looked at again, and what is as it was is not written. Under
pressure there is more urgent work, so it goes on slowly. Only ids leave in logs.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final, NamedTuple

import structlog

from core.following import Missed, follow
from core.model.ids import LegId
from core.model.message import DeliveryState
from core.store.live import Happened
from core.store.store import Store
from gateway.search import undelivered
from gateway.search.index import Index, Known
from gateway.search.reading import LEGS_AT_A_TIME, Read, Reading
from gateway.search.tables import SETS, Set
from gateway.search.terms import FORMAT
from gateway.search.undelivered import Place
from gateway.sqlite import Database

SAYS_NOTHING: Final = frozenset({"fetched", "archived"})
"""Events after which nothing else is found."""

ARRIVES: Final = frozenset(DeliveryState) - set(undelivered.STATES)
"""Events after which only what is listed as undelivered may change."""

log = structlog.get_logger()


class State(NamedTuple):
    """What search.db says of itself; see gateway.search.tables."""

    format: str
    answers: str
    grows: str
    position: str
    wanted: bool
    walked: int
    expected: int
    behind: str


def state_of(db: sqlite3.Connection) -> State:
    found = db.execute(
        "SELECT format, answers, grows, position, wanted, walked, expected, behind FROM state"
    ).fetchone()
    return State(*found)


def want(db: sqlite3.Connection) -> None:
    """Have the index made anew by whoever keeps it."""
    db.execute("UPDATE state SET wanted = 1")


class Projector:
    """One a file: the service is `alone`."""

    def __init__(self, file: Database, store: Store) -> None:
        self._file, self._store = file, store
        self._sets: dict[str, Index] = {}
        self._walk: AsyncGenerator[Read] | None = None

    async def run(self, until_grown: bool = False) -> None:
        """Never ends by itself, unless it is only to make what is wanted."""
        position = await self._begin()
        while not (until_grown and self._walk is None):
            position = await self._follow(position, until_grown)

    async def _follow(self, position: str, until_grown: bool) -> str:
        """-> from where to go on, where events were missed."""
        async with aclosing(follow(self._store, position, "search")) as following:
            upcoming = asyncio.ensure_future(anext(following))
            try:
                while not (until_grown and self._walk is None):
                    if self._walk is not None:
                        await self._step(self._walk)
                    if self._walk is None or upcoming.done():
                        batch = await upcoming
                        if isinstance(batch, Missed):
                            return await self._look_again()
                        await self._take(batch)
                        upcoming = asyncio.ensure_future(anext(following))
                    await asyncio.sleep(self._store.live.gather_seconds)
            finally:
                upcoming.cancel()
                await asyncio.wait((upcoming,))
        return position

    # --- events

    async def _take(self, batch: Sequence[Happened]) -> None:
        touched: dict[LegId, set[int]] = {}
        arriving = {(one.leg, one.position) for one in batch if one.kind in ARRIVES}
        again = await self._file.read(partial(self._listed, places=arriving)) if arriving else set()
        for one in batch:
            if one.kind in ARRIVES and (one.leg, one.position) not in again:
                continue
            if one.kind not in SAYS_NOTHING:
                touched.setdefault(one.leg, set()).add(one.position)
        position = batch[-1].id if batch else ""
        async for read in Reading(self._store, self._known, touched):
            upto = position if read.is_last else ""
            await self._write(partial(self._keep, read=read, position=upto))
        if position and not touched:
            await self._file.write(partial(_reached, position=position))
        if (await self._file.read(state_of)).wanted:
            await self._start_growing(None)

    async def _known(self, legs: Sequence[LegId]) -> dict[LegId, Known]:
        """What all sets know of; a leg that one of them does not know begins there at 0."""

        def read(db: sqlite3.Connection) -> dict[LegId, Known]:
            found, *others = [index.known(db, legs) for index in self._sets.values()]
            for other in others:
                both = found.keys() & other.keys()
                found = {leg: found[leg].common(other[leg]) for leg in both}
            return found

        return await self._file.read(read)

    def _listed(self, db: sqlite3.Connection, places: set[Place]) -> set[Place]:
        """Those that any set lists as undelivered."""
        each = [undelivered.listed(db, index.tables, places) for index in self._sets.values()]
        return set[Place]().union(*each)

    # --- looking at everything

    async def _begin(self) -> str:
        """-> the position from which events are followed."""
        state = await self._file.read(state_of)
        if state.format != FORMAT:
            await self._file.write(_emptied)
            state = await self._file.read(state_of)
        self._sets = {one: Index(Set(one)) for one in (state.answers, state.grows) if one}
        if state.wanted or not self._sets:
            await self._start_growing(None if state.position else await self._here())
        elif state.grows or state.behind:
            self._walk = self._everything(again=bool(state.behind))
        return (await self._file.read(state_of)).position

    async def _here(self) -> str:
        """What happened before is found by looking at everything."""
        return await self._store.live.last_id()

    async def _start_growing(self, position: str | None) -> None:
        """Begin a new set; one that was begun is given up."""
        expected = await self._store.legs.count()

        def begin(db: sqlite3.Connection) -> str:
            state = state_of(db)
            letter = next(one for one in SETS if one != state.answers)
            tables = Set(letter)
            tables.drop(db)
            tables.create(db)
            db.execute(
                "UPDATE state SET grows = ?, wanted = 0, walked = 0, expected = ?,"
                " position = ifnull(?, position)",
                (letter, expected, position),
            )
            return letter

        letter = await self._file.write(begin)
        self._sets = {one: index for one, index in self._sets.items() if one != letter}
        self._sets[letter] = Index(Set(letter))
        self._walk = self._everything(again=bool((await self._file.read(state_of)).behind))
        log.info("making the search index", conversations=expected)

    async def _look_again(self) -> str:
        """-> from where events are followed: what they did before is found by looking."""
        log.warning("events were missed: the search looks at everything again")
        position = await self._here()
        await self._file.write(
            lambda db: db.execute(
                "UPDATE state SET behind = CASE behind WHEN '' THEN position ELSE behind END,"
                " walked = 0, position = ?",
                (position,),
            )
        )
        self._walk = self._everything(again=True)
        return position

    async def _everything(self, *, again: bool) -> AsyncGenerator[Read]:
        """`again`: also what is known already; it may have changed, or be there no more."""
        if again:
            async for legs in self._known_legs():
                known = dict.fromkeys(legs, ())
                async for read in Reading(self._store, self._known, known, whole=True):
                    yield read
        async for legs in _every_leg(self._store):
            async for read in Reading(self._store, self._known, dict.fromkeys(legs, ())):
                yield read

    async def _known_legs(self) -> AsyncGenerator[list[LegId]]:
        for index in self._sets.values():
            row = 0
            while page := await self._file.read(
                partial(index.page, after=row, limit=LEGS_AT_A_TIME)
            ):
                row = page[-1][0]
                yield [leg for _, leg in page]

    async def _step(self, walk: AsyncGenerator[Read]) -> None:
        """Of the way through everything there is; behind the last one all of it is found."""
        if (read := await anext(walk, None)) is not None:
            await self._write(partial(self._keep, read=read, walked=read.done))
            return
        await self._file.write(_grown)
        letter = (await self._file.read(state_of)).answers
        self._sets = {letter: self._sets[letter]}
        self._walk = None
        log.info("the search index is made")

    # --- writing

    def _keep(
        self, db: sqlite3.Connection, read: Read, position: str = "", walked: int = 0
    ) -> None:
        """`position`: up to which event all is known with that."""
        for index in self._sets.values():
            for leg, entries in read.legs:
                index.put_leg(db, leg, entries)
            for person in read.people:
                index.put_person(db, person)
            for leg_id in read.gone:
                index.remove_leg(db, leg_id)
            index.settle(db)
        db.execute("UPDATE state SET walked = walked + ?", (walked,))
        if position:
            _reached(db, position)

    async def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        kept = False
        try:
            await self._file.write(work)
            kept = True
        finally:
            for index in self._sets.values():
                index.settled(kept=kept)


def _emptied(db: sqlite3.Connection) -> None:
    """Of what another version has written."""
    for letter in SETS:
        Set(letter).drop(db)
    db.execute(
        "UPDATE state SET format = ?, answers = '', grows = '', position = '', behind = ''",
        (FORMAT,),
    )


def _reached(db: sqlite3.Connection, position: str) -> None:
    db.execute("UPDATE state SET position = ?", (position,))


def _grown(db: sqlite3.Connection) -> None:
    state = state_of(db)
    if state.grows and state.answers:
        Set(state.answers).drop(db)
    db.execute(
        "UPDATE state SET answers = CASE grows WHEN '' THEN answers ELSE grows END, grows = '',"
        " behind = ''"
    )


async def _every_leg(store: Store) -> AsyncGenerator[list[LegId]]:
    """In Redis first, then archived: what is archived meanwhile is seen twice, not missed."""
    last: LegId | None = None
    async for legs in store.legs.every(LEGS_AT_A_TIME):
        yield legs
    while page := await store.legs.archived(last, LEGS_AT_A_TIME):
        last = page[-1]
        yield page
