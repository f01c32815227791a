"""Locks on files. The kernel drops them when their holder is gone, however it went."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import ConfigurationError

POLL_SECONDS = 0.02


class FileLock:
    """One open lock file; closing it releases the lock.

    The lock belongs to the open file, not to the process: a child that inherits `fileno()` keeps
    it after this side is closed, which is how a server's life is seen from outside.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def fileno(self) -> int:
        return self._fd

    def take(self, *, shared: bool = False) -> bool:
        """Take the lock, or change one that is held; False when others are in the way.

        After a failed change nothing is held any more.
        """
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


async def until(fact: Callable[[], bool], *, every_seconds: float) -> None:
    """Wait for something of the file system, which tells nobody when it changes."""
    while not fact():  # noqa: ASYNC110
        await asyncio.sleep(every_seconds)


@asynccontextmanager
async def held(path: Path, *, timeout_seconds: float) -> AsyncIterator[None]:
    """Hold a lock for a moment, waiting for it. Raises ConfigurationError when it stays taken."""
    with FileLock(path) as lock:
        try:
            async with asyncio.timeout(timeout_seconds):
                await until(lock.take, every_seconds=POLL_SECONDS)
        except TimeoutError as error:
            raise ConfigurationError(
                f"another process has held {path} for {timeout_seconds:.0f} s; "
                f"find it with `fuser {path}`, end it and try again"
            ) from error
        yield
