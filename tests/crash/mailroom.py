"""A mailbox read into a store by the real adapter: by the victim, and by whoever takes over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.email import open_adapter
from adapters.email.settings import EmailSettings, ImapSettings, Limits, SmtpSettings
from core.errors import Refused, Stale
from core.gaps import Gaps
from core.model.secret import Secret
from core.ports import Blobs, Surroundings
from core.store.store import Store
from gateway.quarantine import DirectoryQuarantine
from gateway.storage import now
from tests.rigs.assembly import Assembly
from tests.rigs.front_desk import MemoryFrontDesk

ACCOUNT: Final = "mail"
FURTHER: Final = "Archive"
BATCH: Final = 3
BACKFILL_DAYS: Final = 30
WORK_SECONDS: Final = 0.01


@asynccontextmanager
async def reading(
    store: Store, blobs: Blobs, directory: Path, imap_port: int, password: str
) -> AsyncIterator[Assembly]:
    """Reads the mailbox, its further folder and its old mail, and files what comes."""
    surroundings = Surroundings(
        account=ACCOUNT,
        secret=b"a key of 32 bytes, for tests only",
        checkpoints=store.checkpoints(ACCOUNT),
        blobs=blobs,
        quarantine=DirectoryQuarantine(directory / "quarantine"),
        exclusive=store.holds(ACCOUNT),
        remark=lambda _: None,
        front_desk=MemoryFrontDesk(),
        record_gap=Gaps(store, now).recorder(ACCOUNT),
    )
    async with open_adapter(_settings(imap_port, password), surroundings) as adapter:
        desk = Assembly(store, {ACCOUNT: adapter}, hand_over=False)
        async with asyncio.TaskGroup() as tasks:
            going = [
                tasks.create_task(adapter.run(desk.dispatcher.accept)),
                tasks.create_task(_work(desk)),
            ]
            try:
                yield desk
            finally:
                for task in going:
                    task.cancel()


async def _work(desk: Assembly) -> None:
    while True:
        with suppress(Stale, Refused):  # as a worker does: the lane is somebody else's
            await desk.settle()
        await asyncio.sleep(WORK_SECONDS)


def _settings(imap_port: int, password: str) -> EmailSettings:
    imap = ImapSettings(
        host="127.0.0.1",
        port=imap_port,
        user="support@acme.example",
        password=Secret(password),
        tls="none",
        folders=(FURTHER,),
        backfill_days=BACKFILL_DAYS,
        idle_seconds=0.2,
        poll_seconds=0.1,
        reconnect_seconds_min=0.02,
        reconnect_seconds_max=0.1,
        store_retry_seconds=0.05,
    )
    return EmailSettings(
        address="support@acme.example",
        imap=imap,
        smtp=SmtpSettings(host="127.0.0.1", port=1),
        limits=Limits(batch_messages_max=BATCH),
    )
