"""Backups: taken, looked at, and made an installation again."""

import os
from datetime import datetime
from pathlib import Path

import msgspec

from gateway.backup import bundle, restoring, taking
from gateway.commands.output import Asked, put_json, say
from gateway.settings import Settings
from gateway.storage import redis_of
from gateway.work.common import run_loop, settings_of


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A backup in words for programs. Sizes in bytes; `disowned`: messages that may have left."""

    file: str
    size_bytes: int
    copied_at: datetime
    trunkline: str
    redis: str
    files: tuple[bundle.File, ...]
    blobs: int
    blobs_bytes: int
    data_dir: str | None = None
    disowned: int | None = None


def backup(asked: Asked, file: Path, *, as_json: bool) -> None:
    settings = settings_of(asked)

    async def write() -> None:
        async with redis_of(settings, os.environ) as (url, _):
            _tell(file, await taking.take(file, settings.data_dir, url), as_json=as_json)

    run_loop(write())


def verified(file: Path, *, as_json: bool) -> None:
    _tell(file, bundle.verify(file), as_json=as_json)


def restore(asked: Asked, file: Path, into: Path | None, *, as_json: bool) -> None:
    settings = settings_of(asked)

    async def write() -> None:
        done = await restoring.restore(
            file, into or settings.data_dir, _url(settings), settings.redis.partitions, os.environ
        )
        _tell(file, done.contents, done, as_json=as_json)

    run_loop(write())


def _url(settings: Settings) -> str | None:
    return settings.redis.url.reveal() if settings.redis.url else None


def _tell(
    file: Path,
    found: bundle.Contents,
    restored: restoring.Restored | None = None,
    *,
    as_json: bool,
) -> None:
    head, manifest, size_bytes = found.head, found.manifest, file.stat().st_size
    if as_json:
        put_json(
            Told(
                file=str(file),
                size_bytes=size_bytes,
                copied_at=head.copied_at,
                trunkline=head.trunkline,
                redis=head.redis,
                files=manifest.files,
                blobs=manifest.blobs,
                blobs_bytes=manifest.blobs_bytes,
                data_dir=str(restored.data_dir) if restored else None,
                disowned=restored.disowned if restored else None,
            )
        )
        return
    say(
        f"{file} is whole: everything as of {head.copied_at:%Y-%m-%d %H:%M:%S} UTC,"
        f" {len(manifest.files)} files and {manifest.blobs} blobs in {size_bytes:,} bytes."
    )
    if restored:
        say(
            f"It is restored into {restored.data_dir}. Messages that were on their way out and are"
            f" `unknown` now: {restored.disowned}. Look at them before you send them again."
        )
