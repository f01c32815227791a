"""Bytes by their hash, in a directory: `ab/abcd…`. What they were called plays no part."""

import asyncio
import hashlib
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from typing_extensions import override

from core.errors import InvalidRequest, NotFound
from core.ports import Blobs

INCOMING: Final = "incoming-"
"""How files are called that are not complete."""

LEFT_BEHIND_SECONDS: Final = 24 * 3600
"""An incomplete file this old belongs to a process that was killed."""

SMALL_BYTES: Final = 256 * 1024
"""What is no larger is held in memory until it is complete."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class DirectoryBlobs(Blobs):
    """Made once a process: it makes the directory, and removes what killed processes left."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: set[Path] = set()
        """Directories that are on disk for good; at most 256."""
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        oldest = time.time() - LEFT_BEHIND_SECONDS
        for path in root.glob(f"{INCOMING}*"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    @override
    async def put(self, chunks: AsyncIterator[bytes], *, size_bytes_max: int) -> tuple[str, int]:
        """On disk for good when it returns. Whatever goes wrong, nothing is left behind."""
        beginning, rest = await _beginning(chunks)
        if len(beginning) > size_bytes_max:
            raise _too_large(size_bytes_max)
        if rest is None:
            await self.put_all((beginning,))
            return hashlib.sha256(beginning).hexdigest(), len(beginning)
        with self._incoming() as (incoming, out):
            sha256, size_bytes = await _receive(out, rest, size_bytes_max)
            await asyncio.to_thread(self._keep, incoming, self._place(sha256))
        return sha256, size_bytes

    @override
    async def put_all(self, files: Sequence[bytes]) -> None:
        """On disk for good when it returns; after an error some of them may be."""
        await asyncio.to_thread(self._put_all, files)

    @override
    def path(self, sha256: str) -> Path:
        if _SHA256.fullmatch(sha256):
            place = self._place(sha256)
            if place.is_file():
                return place
        raise NotFound(f"no stored file has the hash {sha256[:64]!r}")

    @contextmanager
    def _incoming(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A file beside its later place, open for writing; gone at the end if it is still there."""
        fd, name = tempfile.mkstemp(prefix=INCOMING, dir=self._root)
        try:
            with os.fdopen(fd, "wb") as out:
                yield Path(name), out
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _place(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256

    def _put_all(self, files: Sequence[bytes]) -> None:
        for data in files:
            place = self._place(hashlib.sha256(data).hexdigest())
            if place.is_file():
                sync(place.parent)  # whoever is just putting it there may not have come so far
            else:
                with self._incoming() as (incoming, out):
                    out.write(data)
                    _flush(out)
                    self._keep(incoming, place)

    def _keep(self, incoming: Path, place: Path) -> None:
        if place.parent not in self._made:
            place.parent.mkdir(mode=0o700, exist_ok=True)
            sync(self._root)
            self._made.add(place.parent)
        incoming.replace(place)
        sync(place.parent)


async def _beginning(
    chunks: AsyncIterator[bytes],
) -> tuple[bytes, AsyncIterator[bytes] | None]:
    """-> up to about `SMALL_BYTES` of a stream, and the whole stream again if there is more."""
    found = bytearray()
    async for chunk in chunks:
        found += chunk
        if len(found) > SMALL_BYTES:
            return bytes(found), _rejoined(bytes(found), chunks)
    return bytes(found), None


async def _rejoined(beginning: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield beginning
    async for chunk in rest:
        yield chunk


async def _receive(
    out: BinaryIO, chunks: AsyncIterator[bytes], size_bytes_max: int
) -> tuple[str, int]:
    """-> (sha256, size in bytes) of what is now on disk."""
    digest, size_bytes = hashlib.sha256(), 0

    def take(chunk: bytes) -> None:
        digest.update(chunk)
        out.write(chunk)

    async for chunk in chunks:
        size_bytes += len(chunk)
        if size_bytes > size_bytes_max:
            raise _too_large(size_bytes_max)
        await asyncio.to_thread(take, chunk)
    await asyncio.to_thread(_flush, out)
    return digest.hexdigest(), size_bytes


def _too_large(size_bytes_max: int) -> InvalidRequest:
    return InvalidRequest(f"the file is larger than the {size_bytes_max} bytes allowed")


def _flush(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def private(path: str, flags: int) -> int:
    """An opener: what it makes is readable by its owner only."""
    return os.open(path, flags, 0o600)


def sync(directory: Path) -> None:
    """Make names in a directory durable."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
