"""A backup's file: a tar in zstd with a head, what it is a copy of, and a manifest at its end.

    backup.json      what it is: format, versions, moment
    redis.rdb ...    files, under the names that they have in a data directory
    manifest.json    each of them with its size and sha256; a file that was cut off has none

Blobs are named by their own hash; the manifest counts them. There are plain files under names that
are ours and nothing else: no links, no paths that lead elsewhere, no headers of any length.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Self, cast

import msgspec
import zstandard
from typing_extensions import override

from core.errors import ConfigurationError

FORMAT: Final = 1
HEAD, MANIFEST, RDB = "backup.json", "manifest.json", "redis.rdb"
LEVEL: Final = 3
CHUNK_BYTES: Final = 1024 * 1024
HEAD_BYTES_MAX: Final = 64 * 1024
MANIFEST_BYTES_MAX: Final = 16 * 1024 * 1024
BLOBS: Final = "blobs/"

OURS: Final = re.compile(
    r"redis\.rdb|archive\.db|webhooks\.db|secret\.key|tokens(\.used)?\.json"
    r"|blobs/[0-9a-f]{2}/[0-9a-f]{64}|quarantine/[a-z0-9_-]{1,32}/[0-9A-Z]{26}\.[a-z]{1,16}"
)
"""Names that a backup may hold: nothing leads out of the data directory."""

Sink = Callable[[str, IO[bytes]], None]
"""Takes a file: its name, and where to read it."""


class _Format(msgspec.Struct, frozen=True):
    format: int


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is of. `copied_at` is the moment as of which conversations are in it."""

    format: int = FORMAT
    trunkline: str
    redis: str
    store_format: int
    partitions: int
    copied_at: datetime


class File(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`files` without the blobs, which are counted."""

    files: tuple[File, ...] = ()
    blobs: int = 0
    blobs_bytes: int = 0


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """A whole backup, as it was found or written."""

    head: Head
    manifest: Manifest


class _Tally:
    """What a manifest says, as files go by."""

    def __init__(self) -> None:
        self._files: list[File] = []
        self._blobs = self._blobs_bytes = 0

    def note(self, name: str, reading: "_Hashing") -> None:
        """Raises ConfigurationError for a blob whose bytes are not those of its name."""
        sha256 = reading.hash.hexdigest()
        if not name.startswith(BLOBS):
            file = File(name=name, size_bytes=reading.size_bytes, sha256=sha256)
            self._files.append(file)
            return
        if not name.endswith("/" + sha256):
            raise ConfigurationError(f"{name} is damaged: its bytes have another hash")
        self._blobs += 1
        self._blobs_bytes += reading.size_bytes

    def manifest(self) -> Manifest:
        files = tuple(self._files)
        return Manifest(files=files, blobs=self._blobs, blobs_bytes=self._blobs_bytes)


class _Hashing:
    """A file that is read once, and summed up meanwhile."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.hash = hashlib.sha256()
        self.size_bytes = 0

    def read(self, size_bytes: int = -1) -> bytes:
        chunk = self._file.read(size_bytes)
        self.hash.update(chunk)
        self.size_bytes += len(chunk)
        return chunk


class Writer:
    """Made by `writing`. Blocking: for a thread."""

    def __init__(self, tar: tarfile.TarFile, head: Head) -> None:
        self._tar, self._head, self._tally = tar, head, _Tally()
        self._put(HEAD, msgspec.json.encode(head))

    def add(self, name: str, file: BinaryIO) -> None:
        """A file from its beginning. It may grow meanwhile; what it has by now counts."""
        size_bytes = file.seek(0, io.SEEK_END)
        file.seek(0)
        reading = _Hashing(file)
        self._tar.addfile(_info(name, size_bytes), cast("IO[bytes]", reading))
        _forget(self._tar)
        self._tally.note(name, reading)

    def finish(self) -> Contents:
        manifest = self._tally.manifest()
        self._put(MANIFEST, msgspec.json.encode(manifest))
        return Contents(head=self._head, manifest=manifest)

    def _put(self, name: str, data: bytes) -> None:
        self._tar.addfile(_info(name, len(data)), io.BytesIO(data))


@contextmanager
def writing(file: BinaryIO, head: Head) -> Iterator[Writer]:
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with (
        compressor.stream_writer(file, closefd=False) as packed,
        tarfile.open(
            fileobj=packed, mode="w|", bufsize=CHUNK_BYTES, format=tarfile.GNU_FORMAT
        ) as tar,
    ):
        yield Writer(tar, head)


def read(path: Path, accept: Callable[[Head], None], sink: Sink) -> Contents:
    """Hand every file of a backup to `sink`, then compare all with the manifest. Blocking.

    `accept` sees the head first, and may refuse it; of a file that `sink` does not read the rest
    is read here. Raises ConfigurationError for what is no backup, is damaged or cut off, or has
    another format.
    """
    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as unpacked,
            tarfile.open(
                fileobj=unpacked, mode="r|", bufsize=CHUNK_BYTES, tarinfo=_PlainFile
            ) as tar,
        ):
            return _read(tar, accept, sink)
    except (tarfile.TarError, zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"{path} is cut off or damaged, or no backup of Trunkline: take another one"
        ) from error


def verify(path: Path) -> Contents:
    """Read all of a backup. Raises ConfigurationError for one that could not be restored."""
    return read(path, lambda _: None, lambda _name, _file: None)


def _read(tar: tarfile.TarFile, accept: Callable[[Head], None], sink: Sink) -> Contents:
    first = tar.next()
    if first is None or first.name != HEAD:
        raise tarfile.ReadError
    head = _head(_opened(tar, first).read(HEAD_BYTES_MAX))
    accept(head)
    tally = _Tally()
    while info := tar.next():
        _forget(tar)
        file = _opened(tar, info)
        if info.name == MANIFEST:
            told = msgspec.json.decode(file.read(MANIFEST_BYTES_MAX), type=Manifest)
            if told != tally.manifest():
                break
            return Contents(head=head, manifest=told)
        if not OURS.fullmatch(info.name):
            raise ConfigurationError(
                f"the backup holds {info.name!r}, which is no part of an installation"
            )
        reading = _Hashing(file)
        sink(info.name, cast("IO[bytes]", reading))
        while reading.read(CHUNK_BYTES):
            pass
        tally.note(info.name, reading)
    raise tarfile.ReadError


def _head(data: bytes) -> Head:
    found = msgspec.json.decode(data, type=_Format).format
    if found != FORMAT:
        raise ConfigurationError(
            f"the backup has format {found}, this version of Trunkline reads {FORMAT}: restore it"
            " with the version that wrote it"
        )
    return msgspec.json.decode(data, type=Head)


class _PlainFile(tarfile.TarInfo):
    """A header of another kind may be as long as it likes, and is held in memory; a file with
    holes has as many bytes as it says.
    """

    @override
    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.type != tarfile.REGTYPE:
            raise tarfile.ReadError
        return info


def _opened(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(info) if info.isreg() else None
    if file is None:
        raise tarfile.ReadError
    return file


def _forget(tar: Any) -> None:
    """What went by already: the list would grow with the number of files."""
    tar.members.clear()


def _info(name: str, size_bytes: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size_bytes, 0o600
    return info
