"""A SQLite file of the data directory: one writer and one reader, each in a thread of its own.

What `write` has returned from is on disk (WAL, `synchronous=FULL`): it survives a power cut.
Readers never wait for the writer. One process writes a file at a time, any number read it.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from core.errors import ConfigurationError, StoreError, StoreFull, StoreUnavailable
from gateway.locks import FileLock

T = TypeVar("T")

LOOK_SECONDS: Final = 0.02
BUSY_SECONDS: Final = 5.0
"""How long a statement waits for another process that writes."""

CACHE_KIB: Final = 512
"""Of each connection; there are two a file, and three files: with the larger ones of the search
6 MiB a process. The system keeps pages of files, too, so more of them here are the same ones twice.
"""


class Damaged(ConfigurationError):
    """The operator has to bring the file back."""


class Database:
    """Made by `database`. Work is a function of the connection; it must not keep it."""

    def __init__(self, path: Path, writing: sqlite3.Connection, reading: sqlite3.Connection):
        self.path = path
        self._writing, self._reading = writing, reading
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"{path.stem} writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix=f"{path.stem} reader")

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run it in one transaction, as a whole or not at all; on disk when it returns.

        Once begun it goes on to its end, whoever stops waiting for it. Raises StoreFull,
        StoreUnavailable, and whatever the work raises.
        """
        return await self._run(self._writer, partial(self._transaction, work))

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run it on what is committed. Raises StoreUnavailable, and whatever the work raises."""
        return await self._run(self._reader, partial(work, self._reading))

    async def _run(self, thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            with told(self.path):
                return await asyncio.get_running_loop().run_in_executor(thread, work)
        except Damaged as error:  # while running: whatever waits for it is none the worse
            raise StoreUnavailable(str(error)) from error

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._writing.execute("BEGIN IMMEDIATE")
        try:
            found = work(self._writing)
            self._writing.execute("COMMIT")
        except BaseException:
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
            raise
        return found

    def close(self) -> None:
        """Waits for what was begun."""
        for thread, connection in ((self._writer, self._writing), (self._reader, self._reading)):
            thread.submit(connection.close)
            thread.shutdown()


@asynccontextmanager
async def database(
    path: Path, steps: Sequence[str], cache_kib: int = CACHE_KIB
) -> AsyncIterator[Database]:
    """The file, made or brought up to date. `steps` are scripts, each of which leads from one
    format to the next; a step that was published is never changed. `cache_kib` of pages are held in
    memory by each of two connections.

    Raises ConfigurationError for a file that a newer version wrote or that is none of ours.
    """
    found = await asyncio.to_thread(_opened, path, steps, cache_kib)
    try:
        yield found
    finally:
        await asyncio.to_thread(found.close)


def _opened(path: Path, steps: Sequence[str], cache_kib: int) -> Database:
    with told(path), ExitStack() as if_refused:
        path.touch(mode=0o600)
        with _alone(path):  # processes of one installation start at the same moment
            writing = if_refused.enter_context(closing(connect(path, cache_kib)))
            _bring_up_to_date(path, writing, steps)
        reading = if_refused.enter_context(closing(connect(path, cache_kib)))
        reading.execute("PRAGMA query_only=ON")
        if_refused.pop_all()
        return Database(path, writing, reading)


def connect(path: Path, cache_kib: int = CACHE_KIB) -> sqlite3.Connection:
    """One connection, for use by one thread at a time. Transactions are begun by hand."""
    found = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    with ExitStack() as if_refused:
        if_refused.callback(found.close)
        found.execute("PRAGMA journal_mode=WAL")
        found.execute("PRAGMA synchronous=FULL")
        found.execute(f"PRAGMA cache_size=-{cache_kib}")
        found.execute("PRAGMA foreign_keys=ON")
        if_refused.pop_all()
    return found


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process brings this file up to date."""
    with FileLock(path.with_name(f"{path.name}.lock")) as lock:
        while not lock.take():
            time.sleep(LOOK_SECONDS)
        yield


def _bring_up_to_date(path: Path, connection: sqlite3.Connection, steps: Sequence[str]) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(steps):
        raise ConfigurationError(
            f"{path} was written by a newer version of Trunkline: run that one, or restore a backup"
        )
    for number, step in enumerate(steps[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version={number};COMMIT;")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """SQLite's errors as ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(path, error) from error


def _translated(path: Path, error: sqlite3.Error) -> StoreError | ConfigurationError:
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name.startswith("SQLITE_FULL"):
        return StoreFull(f"the disk of {path.name} is full: make room on it")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return Damaged(f"{path} is damaged ({name}): restore it from a backup")
    return StoreUnavailable(f"{path.name} does not answer ({name})")
