"""Where an installation's data is, for the gateway and for every other command."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, NamedTuple

from core.store.scripts import Caps
from core.store.store import Store, StoreSettings, open_store
from gateway.archive import ArchiveFile, open_archive
from gateway.data_dir import prepare
from gateway.embedded import EmbeddedRedis, embedded
from gateway.redis_server import Fsync
from gateway.settings import Durability, Settings

THAWED_SECONDS: Final = 60.0
"""A leg that began, or came back from the archive, stays for so long at least. Where legs are
archived sooner than that, it is for as long as they rest.
"""
THAWED_SECONDS_MIN: Final = 1.0


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def redis_of(
    settings: Settings, environ: Mapping[str, str]
) -> AsyncIterator[tuple[str, EmbeddedRedis | None]]:
    """The URL of the store: the configured server's or an embedded one's.

    Raises ConfigurationError.
    """
    data_dir = prepare(settings.data_dir)
    if settings.redis.url:
        yield settings.redis.url.reveal(), None
        return
    always = settings.redis.durability is Durability.DISK
    fsync = Fsync.ALWAYS if always else Fsync.EVERY_SECOND
    async with embedded(data_dir, environ=environ, fsync=fsync) as server:
        yield server.url, server


class Stored(NamedTuple):
    """What is at hand, and what it is archived in."""

    store: Store
    archive: ArchiveFile


@asynccontextmanager
async def open_stored(settings: Settings, url: str) -> AsyncIterator[Stored]:
    """Raises ConfigurationError, StoreUnavailable."""
    async with (
        open_archive(settings.data_dir) as archive,
        open_store(store_settings(settings, url), archive) as store,
    ):
        yield Stored(store, archive)


def store_settings(settings: Settings, url: str) -> StoreSettings:
    limits = settings.limits
    thawed_seconds = min(THAWED_SECONDS, max(THAWED_SECONDS_MIN, settings.archive.shortest_seconds))
    return StoreSettings(
        url=url,
        durability=settings.redis.durability,
        partitions=settings.redis.partitions,
        replicas=settings.redis.replicas,
        lease_seconds=settings.workers.lease_seconds,
        fetch=limits.attachment_fetch,
        patience_seconds=thawed_seconds / 2,
        thawed_seconds=thawed_seconds,
        caps=Caps(
            events_max=limits.events_max, live_max=limits.live_max, audit_max=limits.audit_max
        ),
    )
