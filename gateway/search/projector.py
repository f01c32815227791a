"""Keeping search.db up to date by what happens, and making it anew.

A batch of events and the position behind it are written in one transaction. What is written says
how a leg is, not how it changed, so doing it again changes nothing. An index that is made anew
grows beside the one that answers; both are told of events meanwhile, and they change places in one
transaction. Only ids leave in logs.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final, NamedTuple

import structlog

from core.following import Followed, Missed, follow
from core.model.conversation import Entry, Leg
from core.model.ids import IdentityId, LegId
from core.model.message import DeliveryState
from core.model.people import Identity
from core.store.store import Store
from gateway.search import undelivered
from gateway.search.index import Index
from gateway.search.tables import SETS, Set
from gateway.search.terms import FORMAT
from gateway.search.undelivered import Place
from gateway.sqlite import Database

LEGS_AT_A_TIME: Final = 100
ENTRIES_AT_A_TIME: Final = 500
"""Messages that are read of one leg for one transaction."""

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


class _Read(NamedTuple):
    """Legs as they are. `gone` are those of which nothing is left; `rest`: those with more."""

    legs: list[tuple[Leg, list[Entry]]]
    gone: list[LegId]
    people: list[Identity]
    rest: list[LegId]


def state_of(db: sqlite3.Connection) -> State:
    found = db.execute(
        "SELECT format, answers, grows, position, wanted, walked, expected FROM state"
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
        self._walk: AsyncGenerator[list[LegId]] | None = None

    async def run(self, until_grown: bool = False) -> None:
        """Never ends by itself, unless it is only to make what is wanted."""
        position = await self._begin()
        async with aclosing(follow(self._store, position, "search")) as following:
            upcoming = asyncio.ensure_future(anext(following))
            try:
                while not (until_grown and self._walk is None):
                    if self._walk is not None:
                        await self._grow(self._walk)
                    if self._walk is None or upcoming.done():
                        await self._take(await upcoming)
                        upcoming = asyncio.ensure_future(anext(following))
            finally:
                upcoming.cancel()
                await asyncio.wait((upcoming,))

    # --- events

    async def _take(self, batch: Followed) -> None:
        if isinstance(batch, Missed):
            log.warning("events were missed: the search index is made anew")
            await self._start_growing(batch.until)
            return
        touched: dict[LegId, set[int]] = {}
        arriving = {(one.leg, one.position) for one in batch if one.kind in ARRIVES}
        again = await self._file.read(partial(self._listed, places=arriving)) if arriving else set()
        for one in batch:
            if one.kind in ARRIVES and (one.leg, one.position) not in again:
                continue
            if one.kind not in SAYS_NOTHING:
                touched.setdefault(one.leg, set()).add(one.position)
        await self._put(touched, batch[-1].id if batch else None)
        if (await self._file.read(state_of)).wanted:
            await self._start_growing(None)

    async def _put(self, touched: dict[LegId, set[int]], position: str | None) -> None:
        """Bring these legs up to date in every set; then they know of events up to a position."""
        more = True
        while more:
            known = await self._file.read(partial(self._lengths, legs=tuple(touched)))
            read = await self._read(touched, known)
            more = bool(read.rest)
            await self._write(partial(self._keep, read=read, position=None if more else position))
            touched = {leg: set() for leg in read.rest}

    async def _read(self, touched: dict[LegId, set[int]], known: dict[LegId, int]) -> _Read:
        """From Redis or the archive, wherever they are."""
        ids = tuple(touched)
        heads = await self._store.legs.heads(ids)
        legs = [leg for leg in heads if leg]
        gone = [one for one, leg in zip(ids, heads, strict=True) if leg is None]
        entries = await asyncio.gather(
            *(self._entries(leg, touched[leg.id], known.get(leg.id, 0)) for leg in legs)
        )
        authors: list[IdentityId] = sorted({leg.author for leg in legs})
        people = await self._store.people.identities(authors)
        rest = [leg.id for leg in legs if known.get(leg.id, 0) + ENTRIES_AT_A_TIME < leg.length]
        found = list(zip(legs, entries, strict=True))
        return _Read(found, gone, [one for one in people if one], rest)

    async def _entries(self, leg: Leg, positions: set[int], known: int) -> list[Entry]:
        """What is new behind what is known, and what has changed before."""
        last = min(leg.length, known + ENTRIES_AT_A_TIME)
        asked = [(last + 1, last - known)] if last > known else []
        asked += [(one + 1, 1) for one in sorted(positions) if 0 < one <= known]
        found = await asyncio.gather(
            *(self._store.legs.entries(leg.id, before, count) for before, count in asked)
        )
        return [entry for part in found for entry in part]

    def _lengths(self, db: sqlite3.Connection, legs: Sequence[LegId]) -> dict[LegId, int]:
        """What all sets know of; a leg that one of them does not know begins there at 0."""
        each = [index.lengths(db, legs) for index in self._sets.values()]
        return {leg: min(known.get(leg, 0) for known in each) for leg in legs} if each else {}

    def _listed(self, db: sqlite3.Connection, places: set[Place]) -> set[Place]:
        """Those that any set lists as undelivered."""
        each = [undelivered.listed(db, index.tables, places) for index in self._sets.values()]
        return set[Place]().union(*each)

    # --- growing

    async def _begin(self) -> str:
        """-> the position from which events are followed."""
        state = await self._file.read(state_of)
        if state.format != FORMAT:
            await self._file.write(_emptied)
            state = await self._file.read(state_of)
        self._sets = {state.answers: Index(Set(state.answers))} if state.answers else {}
        if state.grows or state.wanted or not state.answers:
            await self._start_growing(None if state.position else await self._here())
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
        self._walk = _every_leg(self._store)
        log.info("making the search index", conversations=expected)

    async def _grow(self, walk: AsyncGenerator[list[LegId]]) -> None:
        """A step of the way through everything there is; behind the last one it answers."""
        legs = await anext(walk, None)
        if legs is None:
            await self._file.write(_grown)
            letter = (await self._file.read(state_of)).answers
            self._sets = {letter: self._sets[letter]}
            self._walk = None
            log.info("the search index is made")
            return
        await self._put({leg: set() for leg in legs}, None)
        count = len(legs)
        await self._file.write(
            lambda db: db.execute("UPDATE state SET walked = walked + ?", (count,))
        )

    # --- writing

    def _keep(self, db: sqlite3.Connection, read: _Read, position: str | None) -> None:
        for index in self._sets.values():
            for leg, entries in read.legs:
                index.put_leg(db, leg, entries)
            for person in read.people:
                index.put_person(db, person)
            for leg_id in read.gone:
                index.remove_leg(db, leg_id)
            index.settle(db)
        if position is not None:
            db.execute("UPDATE state SET position = ?", (position,))

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
    db.execute("UPDATE state SET format = ?, answers = '', grows = '', position = ''", (FORMAT,))


def _grown(db: sqlite3.Connection) -> None:
    state = state_of(db)
    if state.answers:
        Set(state.answers).drop(db)
    db.execute("UPDATE state SET answers = grows, grows = ''")


async def _every_leg(store: Store) -> AsyncGenerator[list[LegId]]:
    """In Redis first, then archived: what is archived meanwhile is seen twice, not missed."""
    last: LegId | None = None
    async for legs in store.legs.every(LEGS_AT_A_TIME):
        yield legs
    while page := await store.legs.archived(last, LEGS_AT_A_TIME):
        last = page[-1].leg.id
        yield [one.leg.id for one in page]
