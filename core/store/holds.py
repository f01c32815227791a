"""What only one process at a time may do for an account: held for a term, renewed while needed."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from core.errors import Stale, StoreError
from core.store.checkpoints import AccountCheckpoints
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.reading import Reader

LOOK_SECONDS: Final = 1.0
"""Whoever waits looks so often whether the holder has let go."""

RETRY_SECONDS: Final = 0.2
"""A renewal that failed is tried again so soon, while the term lasts."""

RELEASE_SECONDS: Final = 2.0
"""Letting go may take so long; after that the term's end does it."""


class AccountHolds:
    """The `Exclusive` port for one account."""

    def __init__(
        self, read: Reader, commit: GroupCommit, keys: Keys, account: str, *, term_seconds: float
    ) -> None:
        self._read, self._commit, self._keys, self._account = read, commit, keys, account
        self._term_seconds = term_seconds

    @asynccontextmanager
    async def __call__(self, name: str) -> AsyncIterator[AccountCheckpoints]:
        hold = _Hold(
            self._commit,
            self._keys.of(self._account),
            self._keys.hold(self._account, name),
            self._term_seconds,
        )
        try:
            await hold.wait()
            async with _as_long_as(hold):
                yield AccountCheckpoints(
                    self._read, self._commit, self._keys, self._account, hold.held
                )
        finally:
            await hold.release()


class _Hold:
    """One process' claim. `until` is monotonic and a fifth early, for the way back."""

    def __init__(self, commit: GroupCommit, partition: int, key: str, term_seconds: float) -> None:
        self._commit, self._partition, self._key = commit, partition, key
        self._term_seconds = term_seconds
        self._token = secrets.token_hex(16)
        self._until = 0.0

    @property
    def held(self) -> tuple[str, str]:
        """The key, and our token in it."""
        return self._key, self._token

    async def wait(self) -> None:
        """Until it is ours."""
        while wait_seconds := await self._ask():  # noqa: ASYNC110 - it is in another process
            await asyncio.sleep(min(wait_seconds, LOOK_SECONDS))

    async def keep(self) -> None:
        """Renew until cancelled. Raises Stale when the term has ended, whatever the reason."""
        pause = self._term_seconds / 3
        while True:
            await asyncio.sleep(pause)
            left = self._until - time.monotonic()
            if left <= 0:
                raise Stale(f"{self._key} was not renewed in time: it may be another process'")
            pause = self._term_seconds / 3
            try:
                async with asyncio.timeout(left):
                    if await self._ask():
                        raise Stale(f"another process has {self._key} now")
            except Stale:
                raise
            except (StoreError, TimeoutError):
                pause = RETRY_SECONDS

    async def release(self) -> None:
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._commit.call(self._partition, "release", (self._key,), self._token)

    async def _ask(self) -> float:
        """Seconds until somebody else's term ends; 0 if it is ours for another term."""
        until = time.monotonic() + 0.8 * self._term_seconds
        wait_ms: int = await self._commit.call(
            self._partition, "hold", (self._key,), self._token, int(self._term_seconds * 1000)
        )
        if not wait_ms:
            self._until = until
        return wait_ms / 1000


@asynccontextmanager
async def _as_long_as(hold: _Hold) -> AsyncIterator[None]:
    """Errors of the context leave it as they are; a lost hold cancels it and leaves as Stale.
    Whoever is cancelled from outside at that moment ends as cancelled: up to Python 3.12 a task
    group of which a task has failed forgets that.
    """
    failure: Exception | None = None
    task = asyncio.current_task()
    cancelling = task.cancelling() if task else 0
    try:
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(hold.keep(), name="hold")
            try:
                yield
            except Exception as error:  # noqa: BLE001 - else the task group would wrap it
                failure = error
            keeping.cancel()
    except BaseExceptionGroup as group:
        if task and task.cancelling() > cancelling:
            raise asyncio.CancelledError from None
        raise group.exceptions[0] from None
    if failure:
        raise failure
