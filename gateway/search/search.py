"""search.db of a data directory: opened by whoever asks it, kept by one service."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import structlog

from core.errors import ConfigurationError
from core.store.store import Store
from gateway.search import query
from gateway.search.finding import Answer, Finding, at_one_moment
from gateway.search.hits import Results
from gateway.search.projector import Projector, State, state_of, want
from gateway.search.tables import NAME, STEPS, Set, check_features
from gateway.search.terms import FORMAT
from gateway.search.undelivered import Undelivered
from gateway.sqlite import Database, database

CACHE_KIB: Final = 2048
"""Pages of the index in memory, a connection: with half of them building it costs 6 % more."""

LATE_MS: Final = 2000
"""What happened so much before the last event is not said to be missing."""

T = TypeVar("T")
log = structlog.get_logger()


class Listed(NamedTuple):
    """Ids of conversations, touched last first; `next` is the cursor of the page behind it."""

    ids: list[str]
    next: str


class Search:
    """Made by `open_search`."""

    def __init__(self, file: Database, store: Store) -> None:
        self._file, self._store = file, store

    async def keep(self) -> None:
        """Keep it up to date; the service. One process does at a time."""
        await Projector(self._file, self._store).run()

    async def rebuild(self) -> None:
        """Make it anew in this process, which alone keeps it, and end."""
        await self.want_anew()
        await Projector(self._file, self._store).run(until_grown=True)

    async def want_anew(self) -> None:
        """Have it made anew by whoever keeps it."""
        await self._file.write(want)

    async def state(self) -> State:
        return await self._file.read(state_of)

    async def find(self, line: str, kind: str, after: str, limit: int) -> Results:
        """`kind`: messages, people, conversations. Raises InvalidRequest, StoreUnavailable."""
        asked = query.read(line)
        ask: dict[str, Callable[[Finding], Answer]] = {
            "messages": lambda finding: finding.messages(asked, after, limit),
            "people": lambda finding: finding.people(asked, after, limit),
            "conversations": lambda finding: finding.conversations(asked, after, limit),
        }
        (answer, state), last = await asyncio.gather(
            self._ask(ask[kind], Answer(())), self._store.live.last_id()
        )
        return Results(
            rows=answer.rows,
            next=answer.next,
            indexed_until=_until(state, last),
            building=_building(state),
        )

    async def listed(self, place: str, after: str, limit: int) -> Listed:
        """Conversations in a place: open, waiting, spam or closed."""
        nothing: tuple[list[str], str] = ([], "")
        found, _ = await self._ask(lambda finding: finding.listed(place, after, limit), nothing)
        return Listed(*found)

    async def undelivered(self, states: Sequence[str], after: str, limit: int) -> Undelivered:
        """Where messages of ours are that did not arrive, as far as anybody knows."""
        nothing = Undelivered([], "")
        found, _ = await self._ask(
            lambda finding: finding.undelivered(states, after, limit), nothing
        )
        return found

    async def _ask(self, ask: Callable[[Finding], T], nothing: T) -> tuple[T, State]:
        """Of the set that answers, else of the one that grows."""

        def read(db: sqlite3.Connection) -> tuple[T, State]:
            with at_one_moment(db):
                state = state_of(db)
                letter = state.answers or state.grows
                if not letter or state.format != FORMAT:
                    return nothing, state
                return ask(Finding(db, Set(letter))), state

        return await self._file.read(read)


@asynccontextmanager
async def open_search(data_dir: Path, store: Store) -> AsyncIterator[Search]:
    """What cannot be read is made anew: everything in it is derived. Raises ConfigurationError
    where SQLite cannot search.
    """
    check_features()
    path = data_dir / NAME
    try:
        async with database(path, STEPS, CACHE_KIB) as file:
            await file.read(state_of)
    except ConfigurationError as error:
        log.warning("the search index cannot be read and is made anew", reason=str(error))
        for part in ("", "-wal", "-shm"):
            path.with_name(NAME + part).unlink(missing_ok=True)
    async with database(path, STEPS, CACHE_KIB) as file:
        yield Search(file, store)


def _until(state: State, last: str) -> datetime | None:
    """None when hardly anything is missing."""
    known = state.behind or state.position
    known_ms, last_ms = (int(one.partition("-")[0] or 0) for one in (known, last))
    is_late = known != last and known_ms < last_ms - LATE_MS
    return datetime.fromtimestamp(known_ms / 1000, UTC) if is_late else None


def _building(state: State) -> float | None:
    if state.answers:
        return None
    return min(0.99, state.walked / max(1, state.expected)) if state.grows else 0.0
