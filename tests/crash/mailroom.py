"""A mailbox read into a store by the real adapter: by the victim, and by whoever takes over."""

from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Final

from adapters.email.adapter import open_adapter
from adapters.email.settings import EmailSettings, ImapSettings, Limits, SmtpSettings
from core.model.secret import Secret
from core.ports import Blobs
from core.store.store import Store
from tests.crash.room import working
from tests.rigs.assembly import Assembly

ACCOUNT: Final = "mail"
FURTHER: Final = "Archive"
BATCH: Final = 3
BACKFILL_DAYS: Final = 30


def reading(
    store: Store, blobs: Blobs, directory: Path, imap_port: int, password: str
) -> AbstractAsyncContextManager[Assembly]:
    """Reads the mailbox, its further folder and its old mail, and files what comes."""
    opened = partial(open_adapter, _settings(imap_port, password))
    return working(store, blobs, directory, ACCOUNT, opened)


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
