"""The process dies at every step of the intake, one after another: nothing is lost, and what comes
again is recognised.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from adapters.email.adapter import open_adapter
from adapters.email.settings import EmailSettings, Limits
from core.model.event import Inbound
from core.ports import Blobs, Checkpoints, Surroundings
from tests.contract.email_harness import EmailHarness
from tests.contract.running import words
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.mailbox import effects, put, with_imap
from tests.rigs.waiting import eventually

T = TypeVar("T")
TEXTS = {"old 0", "old 1", "old 2", "new 0", "new 1", "new 2"}
STEPS_MIN = 20
STEPS_MAX = 100


@dataclass
class Fate:
    """The process dies in the step with this number; 0: it does not."""

    fatal: int
    steps: int = 0
    died: asyncio.Event = field(default_factory=asyncio.Event)

    async def through(self, act: Callable[[], Awaitable[T]]) -> T:
        """Two steps: before it takes effect, and when it has."""
        await self._step()
        result = await act()
        await self._step()
        return result

    async def _step(self) -> None:
        self.steps += 1
        if self.fatal and self.steps >= self.fatal:
            self.died.set()
            await asyncio.Event().wait()  # nothing happens any more


@dataclass
class Fateful:
    """What is kept outside of the process, as far as it lives."""

    fate: Fate
    checkpoints: Checkpoints
    blobs: Blobs
    inbox: Inbox

    async def load(self, name: str) -> str | None:
        return await self.checkpoints.load(name)

    async def save(self, name: str, value: str) -> None:
        await self.fate.through(lambda: self.checkpoints.save(name, value))

    async def put(self, chunks: AsyncIterator[bytes], *, size_bytes_max: int) -> tuple[str, int]:
        return await self.fate.through(
            lambda: self.blobs.put(chunks, size_bytes_max=size_bytes_max)
        )

    async def put_all(self, files: Sequence[bytes]) -> None:
        await self.fate.through(lambda: self.blobs.put_all(files))

    def path(self, sha256: str) -> Path:
        return self.blobs.path(sha256)

    async def deliver(self, inbound: Inbound) -> None:
        self.path(inbound.raw.removeprefix("blob:"))  # its bytes are there before it is
        await self.fate.through(lambda: self.inbox(inbound))

    @contextlib.asynccontextmanager
    async def exclusive(self, _name: str) -> AsyncIterator[Checkpoints]:
        yield self

    def surroundings(self, lent: Lent) -> Surroundings:
        return msgspec.structs.replace(lent.surroundings, blobs=self, exclusive=self.exclusive)


async def test_a_process_that_dies_at_any_step_loses_and_doubles_nothing(
    host: EmailHarness, lent: Lent
) -> None:
    """New mail and old, in batches of two."""
    for text in sorted(TEXTS, reverse=True):
        age = timedelta(days=9 if text.startswith("old") else 0)
        put(host, text, at=datetime.now(UTC) - age)
    settings = msgspec.structs.replace(
        with_imap(host, backfill_days=30), limits=Limits(batch_messages_max=2)
    )

    for fatal in range(1, STEPS_MAX):
        lent.checkpoints.values.clear()
        inbox = Inbox()
        if not await dies(lent, settings, inbox, fatal):
            break
        await dies(lent, settings, inbox, 0)

        assert set(map(words, inbox.events)) == TEXTS, f"after a death in step {fatal}"
        assert len(effects(inbox)) == len(TEXTS), f"after a death in step {fatal}"
        assert len(inbox.events) <= len(TEXTS) + 2, "more than a batch came again"

    assert STEPS_MIN < fatal < STEPS_MAX - 1


async def dies(lent: Lent, settings: EmailSettings, inbox: Inbox, fatal: int) -> bool:
    """Run until it does, or has taken everything."""
    outside = Fateful(Fate(fatal), lent.checkpoints, lent.blobs, inbox)
    died = outside.fate.died
    async with open_adapter(settings, outside.surroundings(lent)) as adapter:
        running = asyncio.ensure_future(adapter.run(outside.deliver))
        try:
            await eventually(lambda: died.is_set() or is_done(lent))
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
    return died.is_set()


def is_done(lent: Lent) -> bool:
    position, past = (
        msgspec.json.decode(lent.checkpoints.values.get(name, "{}"))
        for name in ("imap INBOX", "backfill INBOX")
    )
    return bool(position.get("last_uid") == past.get("last_uid") == len(TEXTS))
