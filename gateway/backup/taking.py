"""`trunkline backup`: a copy of a running installation, of which nothing is in none of its parts.

The order is what makes it whole. What was told to webhooks is copied first, as nothing may count
as told that is not in the copy. Then Redis, as of one moment. Then the archive: a conversation is
there before it leaves Redis. Then files, which are there before anything names them, and do not
change.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from core.errors import ConfigurationError
from core.store.connection import connect, layout, look
from gateway.backup import bundle
from gateway.backup.replication import snapshot
from gateway.blobs import private, sync
from gateway.locks import FileLock
from gateway.sqlite import told

WEBHOOKS, ARCHIVE = "webhooks.db", "archive.db"
KEPT_FILES: Final = ("secret.key", "tokens.json", "tokens.used.json")
TREES: Final = ("blobs", "quarantine")
LOCK: Final = "trunkline-backup.lock"
PARTIAL: Final = ".partial"
"""Behind the name of a backup that is not complete: a directory."""


async def take(file: Path, data_dir: Path, redis_url: str) -> bundle.Contents:
    """Write a backup of the installation to `file`, which is there as a whole or not at all.

    It is read again before it gets its name. Raises ConfigurationError (also when the file is there
    already), StoreError.
    """
    if file.exists():  # noqa: ASYNC240 - one look
        raise ConfigurationError(f"{file} is there already: name another file")
    with _staging(file) as directory:
        try:
            with (directory / bundle.RDB).open("w+b") as rdb:
                await asyncio.to_thread(_copy_database, data_dir / WEBHOOKS, directory / WEBHOOKS)
                head = await _head(redis_url)
                await snapshot(redis_url, rdb)
            return await asyncio.to_thread(_pack, file, directory, data_dir, head)
        except OSError as error:
            raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error


async def _head(redis_url: str) -> bundle.Head:
    redis = connect(redis_url)
    try:
        server, laid_out = await look(redis), await layout(redis)
    finally:
        await redis.aclose()
    if laid_out is None:
        raise ConfigurationError("there is nothing to back up: no gateway has used this Redis yet")
    return bundle.Head(
        trunkline=version("trunkline"),
        redis=server.version,
        store_format=laid_out.format,
        partitions=laid_out.partitions,
        copied_at=datetime.now(UTC),
    )


def _pack(file: Path, directory: Path, data_dir: Path, head: bundle.Head) -> bundle.Contents:
    _copy_database(data_dir / ARCHIVE, directory / ARCHIVE)
    packed = directory / "backup"
    with open(packed, "xb", opener=private) as out:
        with bundle.writing(out, head) as writer:
            for name, path in _files(directory, data_dir):
                with suppress(FileNotFoundError), path.open("rb") as one:
                    writer.add(name, one)
            contents = writer.finish()
        out.flush()
        os.fsync(out.fileno())
    bundle.verify(packed)
    packed.replace(file)
    sync(file.parent)
    return contents


def _files(directory: Path, data_dir: Path) -> Iterator[tuple[str, Path]]:
    """What is in a backup, in the order in which it is read."""
    for name in (bundle.RDB, ARCHIVE, WEBHOOKS):
        yield name, directory / name
    for name in KEPT_FILES:
        yield name, data_dir / name
    for tree in TREES:
        for path in _walked(data_dir / tree):
            name = str(path.relative_to(data_dir))
            if bundle.OURS.fullmatch(name):
                yield name, path


def _walked(root: Path) -> Iterator[Path]:
    """The complete files in the directories of a directory, one directory at a time."""
    for directory in sorted(root.glob("*/")):
        yield from sorted(one for one in directory.iterdir() if one.is_file())


def _copy_database(source: Path, copy: Path) -> None:
    """As it is at one moment, whoever writes to it meanwhile; nothing if there is none."""
    if not source.exists():
        return
    with (
        told(source),
        closing(sqlite3.connect(source)) as here,
        closing(sqlite3.connect(copy)) as there,
    ):
        here.backup(there)
        (state,) = there.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise ConfigurationError(f"{source} is damaged: restore it from an earlier backup")


@contextmanager
def _staging(file: Path) -> Iterator[Path]:
    """A private directory beside the file, on the same disk. What killed backups left there goes.

    Raises ConfigurationError when it cannot be made, or another backup is writing this file.
    """
    directory = file.with_name(file.name + PARTIAL)
    try:
        for left in file.parent.glob(f"*{PARTIAL}/{LOCK}"):
            _remove_left(left.parent)
        directory.mkdir(mode=0o700)
        lock = FileLock(directory / LOCK)
    except FileExistsError as error:
        raise ConfigurationError(f"{directory} is in use by another backup") from error
    except OSError as error:
        raise ConfigurationError(
            f"no backup can be written to {file.parent}: {error.strerror}"
        ) from error
    with lock:
        lock.take()
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def _remove_left(directory: Path) -> None:
    with FileLock(directory / LOCK) as lock:
        if lock.take():
            shutil.rmtree(directory)
