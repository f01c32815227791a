"""What platforms sent, as it came: kept for some days, to be looked at and read again.

It holds customers' words, so its directory is private. It is written beside the way of a message
and never in it: what is in memory when the process is killed is missing, and a disk that is full
costs the journal alone.

A directory an inbox holds segments, each one zstd frame after another; every frame is whole
records: a line `#<ms> <length>`, the payload, a line break. So `zstdcat` shows them.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import structlog
import zstandard

from core.ports import Records, record_nothing

FLUSH_SECONDS: Final = 1.0
SEGMENT_SECONDS: Final = 3600.0
SEGMENT_BYTES_MAX: Final = 64 * 1024 * 1024
BUFFER_BYTES_MAX: Final = 16 * 1024 * 1024
"""Of one inbox in memory; what comes while a disk takes nothing is not recorded."""

LOOK_SECONDS: Final = 60.0
"""How often it is looked for what is too old, or too much."""

JOURNAL: Final = "journal"
"""The directory, within that of the data."""

ENDING: Final = ".zst"

Scan = Callable[[bytes], bytes]
"""What becomes of a payload before it is written: what must not be kept can be taken out."""

log = structlog.get_logger()


class Recorded(NamedTuple):
    """A payload, and when it came."""

    at: datetime
    payload: bytes


def as_it_is(payload: bytes) -> bytes:
    return payload


class Journal:
    """One a process, below `root`. Segments go `hours` after their last record, the oldest also
    when all of them are larger than `size_bytes_max`. `hours` 0: nothing is recorded.
    """

    def __init__(
        self, root: Path, *, hours: float, size_bytes_max: int, scan: Scan = as_it_is
    ) -> None:
        self._root, self._scan = root, scan
        self._hours, self._size_bytes_max = hours, size_bytes_max
        self._pages: dict[str, _Page] = {}
        self._flushing = Lock()

    def of(self, account: str) -> Records:
        """Takes what an inbox receives; costs about a microsecond."""
        if not self._hours:
            return record_nothing
        page = self._pages.setdefault(account, _Page(self._root / account))
        scan = self._scan

        def record(payload: bytes, /) -> None:
            page.add(scan(payload))

        return record

    async def run(self) -> None:
        """Write until cancelled, and then what is left."""
        looked = 0.0
        try:
            while True:
                await asyncio.to_thread(self.flush)
                if time.monotonic() - looked >= LOOK_SECONDS:
                    looked = time.monotonic()
                    await asyncio.to_thread(self.expire)
                await asyncio.sleep(FLUSH_SECONDS)
        finally:
            self.flush()

    def flush(self) -> None:
        with self._flushing:  # whoever is cancelled leaves a thread that flushes
            for page in list(self._pages.values()):
                try:
                    page.flush()
                except OSError as error:
                    log.warning("the journal cannot be written", reason=error.strerror)

    def expire(self, now: float | None = None) -> None:
        """Remove what is too old, and the oldest of what is too much."""
        segments = sorted(self._root.glob(f"*/*{ENDING}"), key=lambda one: one.name)
        sizes: dict[Path, os.stat_result] = {}
        for one in segments:
            with suppress(FileNotFoundError):  # another process looks, too
                sizes[one] = one.stat()
        left = sum(stat.st_size for stat in sizes.values())
        oldest = (time.time() if now is None else now) - self._hours * 3600
        for segment, stat in sizes.items():
            if stat.st_mtime < oldest or left > self._size_bytes_max:
                segment.unlink(missing_ok=True)
                left -= stat.st_size


class _Page:
    """Of one inbox: what is to be written, and the segment that is being written."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._waiting: list[tuple[float, bytes]] = []
        self._size = 0
        self._segment: Path | None = None
        self._began = 0.0
        self._lost = 0
        self._zstd = zstandard.ZstdCompressor(level=3)
        self._lock = Lock()
        """It is filled by the event loop and emptied by another thread."""

    def add(self, payload: bytes) -> None:
        if self._size > BUFFER_BYTES_MAX:
            self._lost += 1
            return
        with self._lock:
            self._waiting.append((time.time(), payload))
            self._size += len(payload)

    def flush(self) -> None:
        """Raises OSError; what was to be written is lost then, and nothing that comes later."""
        with self._lock:
            waiting, self._waiting, self._size = self._waiting, [], 0
        if self._lost:
            log.warning("the journal could not keep up", payloads=self._lost)
            self._lost = 0
        if not waiting:
            return
        records = (b"#%d %d\n%b\n" % (at * 1000, len(data), data) for at, data in waiting)
        frame = self._zstd.compress(b"".join(records))
        try:
            with self._open().open("ab") as file:
                file.write(frame)
        except OSError:
            self._segment = None  # its last frame may be torn, and ends it for whoever reads
            raise

    def _open(self) -> Path:
        """A process goes on in no segment that it did not begin: its last frame may be torn."""
        now, segment = time.time(), self._segment
        is_full = (
            segment is None
            or now - self._began > SEGMENT_SECONDS
            or not segment.exists()
            or segment.stat().st_size > SEGMENT_BYTES_MAX
        )
        if segment is None or is_full:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            segment, self._began = self._directory / f"{time.time_ns():020d}{ENDING}", now
            segment.touch(mode=0o600)
            self._segment = segment
        return segment


# --- reading


def recorded(directory: Path, since: datetime | None = None) -> Iterator[Recorded]:
    """What is in an inbox' segments, oldest first."""
    for segment in sorted(directory.glob(f"*{ENDING}")):
        with suppress(FileNotFoundError):  # it has expired meanwhile
            for record in records_in(segment):
                if since is None or record.at >= since:
                    yield record


def records_in(segment: Path) -> Iterator[Recorded]:
    """Of one segment. What a crash has torn ends it."""
    data = segment.read_bytes()
    while data:
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            text = frame.decompress(data)
        except zstandard.ZstdError:
            return
        if not frame.eof:
            return
        yield from _records(text)
        data = frame.unused_data


def _records(text: bytes) -> Iterator[Recorded]:
    position = 0
    while position < len(text):
        end = text.index(b"\n", position)
        ms, length = (int(word) for word in text[position + 1 : end].split(b" "))
        position = end + 1 + length + 1
        at = datetime.fromtimestamp(ms / 1000, UTC)
        yield Recorded(at, text[end + 1 : position - 1])
