"""`trunkline restore`: an installation from a backup, from which nothing leaves twice.

Into an empty data directory, and into an empty Redis if the settings name one. A restore that is
broken off leaves a mark, with which nothing else starts there, and may be run again.
"""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final

import msgspec
from redis.exceptions import RedisError

from core.errors import ConfigurationError, StoreFull
from core.store.connection import FORMAT_VERSION, connect
from core.store.restored import disown, mark
from core.store.store import StoreSettings, open_store
from core.store.wire import translate
from gateway.backup import bundle
from gateway.backup.refilling import refill
from gateway.blobs import private, sync
from gateway.data_dir import UNFINISHED, claimed, prepare
from gateway.redis_binary import find_binary
from gateway.redis_server import DUMP, Fsync, ServerDirectory, new_owner
from gateway.redis_socket import new_socket_path, remove_socket
from gateway.roles import roles_of
from gateway.storage import now

INDIFFERENT: Final = re.compile(
    rf"[a-z0-9._-]+\.lock|redis\.users|lost\+found|{re.escape(UNFINISHED)}"
)
"""With nothing but these a directory is empty."""

POLL_SECONDS: Final = 0.05


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `disowned`: messages on their way out, which are `unknown` now."""

    data_dir: Path
    contents: bundle.Contents
    disowned: int


async def restore(
    file: Path, data_dir: Path, redis_url: str | None, partitions: int, environ: Mapping[str, str]
) -> Restored:
    """Raises ConfigurationError, also for a place that is not empty; StoreError."""
    data_dir = prepare(data_dir, restoring=True)
    with claimed(data_dir, roles_of((), ())):
        await _stop_left_server(data_dir)
        await asyncio.to_thread(_empty, data_dir)
        try:
            restored = await _restored(file, data_dir, redis_url, partitions, environ)
        except Exception as error:
            await asyncio.to_thread(_empty, data_dir)
            (data_dir / UNFINISHED).unlink()
            if isinstance(error, OSError):
                raise ConfigurationError(
                    f"{file} cannot be restored into {data_dir}: {error.strerror}"
                ) from error
            raise
        (data_dir / UNFINISHED).unlink()
        sync(data_dir)
    return restored


async def _restored(
    file: Path, data_dir: Path, redis_url: str | None, partitions: int, environ: Mapping[str, str]
) -> Restored:
    contents = await asyncio.to_thread(_unpack, file, data_dir, partitions)
    directory = ServerDirectory(data_dir)
    async with _private_server(directory, environ) as url:
        count = await _made_ready(url, contents.head)
        if redis_url:
            await refill(url, redis_url)
        else:
            await _written_down(url)
    if redis_url:
        shutil.rmtree(directory.path)
    else:
        (directory.path / DUMP).unlink()
    return Restored(data_dir=data_dir, contents=contents, disowned=count)


async def _stop_left_server(data_dir: Path) -> None:
    """One that a restore started which was broken off. Raises ConfigurationError."""
    if not (data_dir / UNFINISHED).exists():
        return
    directory = ServerDirectory(data_dir)
    owner = directory.owner()
    if owner and directory.is_alive():
        await directory.stop(owner)
    if directory.is_alive():
        raise ConfigurationError(
            f"a Redis server still runs in {directory.path}: see its server.pid, end it, try again"
        )


def _empty(data_dir: Path) -> None:
    """Remove what a restore left that was broken off, and note that one is under way.

    Raises ConfigurationError when there is anything else.
    """
    found = sorted(one for one in data_dir.iterdir() if not INDIFFERENT.fullmatch(one.name))
    if found and not (data_dir / UNFINISHED).exists():
        names = ", ".join(one.name for one in found[:5])
        raise ConfigurationError(
            f"{data_dir} is not empty: it holds {names}. Move it away first, or restore"
            " --into another directory"
        )
    (data_dir / UNFINISHED).touch()
    sync(data_dir)
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _unpack(file: Path, data_dir: Path, partitions: int) -> bundle.Contents:
    def accept(head: bundle.Head) -> None:
        _fits(head, partitions)

    def keep(name: str, source: IO[bytes]) -> None:
        path = data_dir / (f"redis/{DUMP}" if name == bundle.RDB else name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "xb", opener=private) as out:
            shutil.copyfileobj(source, out, bundle.CHUNK_BYTES)
            out.flush()
            os.fsync(out.fileno())

    contents = bundle.read(file, accept, keep)
    for directory in (data_dir / "redis", *data_dir.glob("blobs/*"), *data_dir.glob("blobs")):
        sync(directory)
    return contents


def _fits(head: bundle.Head, partitions: int) -> None:
    if head.store_format != FORMAT_VERSION:
        raise ConfigurationError(
            f"the backup holds data of format {head.store_format}, this version of Trunkline reads"
            f" {FORMAT_VERSION}: restore it with Trunkline {head.trunkline}"
        )
    if head.partitions != partitions:
        raise ConfigurationError(
            f"redis.partitions is {partitions}, but the backup was laid out for {head.partitions}:"
            f" set redis.partitions = {head.partitions}"
        )


@asynccontextmanager
async def _private_server(
    directory: ServerDirectory, environ: Mapping[str, str]
) -> AsyncIterator[str]:
    """A server that has loaded the snapshot and that nobody else knows. -> its URL."""
    binary = await asyncio.to_thread(find_binary, environ)
    owner = new_owner(new_socket_path(environ))
    try:
        owner = await directory.start(binary, owner, Fsync.EVERY_SECOND, loading=True)
        yield owner.url
    finally:
        if directory.is_alive():
            await directory.stop(owner)
        remove_socket(Path(owner.socket))


async def _made_ready(url: str, head: bundle.Head) -> int:
    """Let nothing leave by itself that may have left since. -> how many messages."""
    async with open_store(StoreSettings(url=url, partitions=head.partitions)) as store:
        await mark(store, head.copied_at, now())
        return await disown(store, reason(head.copied_at))


def reason(copied_at: datetime) -> str:
    """For agents, at a message that was on its way out."""
    return f"restored from a backup of {copied_at:%Y-%m-%d %H:%M} UTC: may have been sent since"


async def _written_down(url: str) -> None:
    """Once all of it is in an append-only file. Raises StoreUnavailable."""
    redis = connect(url)
    try:
        await redis.config_set("appendonly", "yes")
        while True:
            told = await redis.info("persistence")
            if not (told["aof_rewrite_in_progress"] or told["aof_rewrite_scheduled"]):
                break
            await asyncio.sleep(POLL_SECONDS)
    except RedisError as error:
        raise translate(error) from error
    finally:
        await redis.aclose()
    if told["aof_last_bgrewrite_status"] != "ok":
        raise StoreFull("the data could not be written down: make room on the disk")
