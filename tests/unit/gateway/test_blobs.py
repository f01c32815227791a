"""Stored bytes: complete or not there, and found by nothing but their hash."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import InvalidRequest, NotFound
from gateway.blobs import INCOMING, SMALL_BYTES, DirectoryBlobs


async def stream(*chunks: bytes, fails: bool = False) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if fails:
        raise ConnectionError


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def test_bytes_are_found_by_their_hash(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path / "blobs")

    sha256, size = await blobs.put(stream(b"ab", b"", b"c"), size_bytes_max=3)

    assert (sha256, size) == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert blobs.path(sha256).read_bytes() == b"abc"
    assert blobs.path(sha256) == tmp_path / "blobs" / sha256[:2] / sha256


async def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path)

    for _ in range(2):
        await blobs.put(stream(b"abc"), size_bytes_max=3)

    assert len(files(tmp_path)) == 1


async def test_too_many_bytes_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="3 bytes"):
        await DirectoryBlobs(tmp_path).put(stream(b"ab", b"cd"), size_bytes_max=3)

    assert files(tmp_path) == []


async def test_a_stream_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await DirectoryBlobs(tmp_path).put(stream(b"ab", fails=True), size_bytes_max=3)

    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "A" * 64, "0" * 64, "0" * 64 + "\n"]
)
async def test_what_is_no_hash_of_stored_bytes_is_not_found(tmp_path: Path, name: str) -> None:
    """Names come from outside; none may lead out of the directory."""
    with pytest.raises(NotFound):
        DirectoryBlobs(tmp_path).path(name)


async def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / f"{INCOMING}old", tmp_path / f"{INCOMING}young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))

    DirectoryBlobs(tmp_path)

    assert files(tmp_path) == [young]


async def test_a_file_that_is_not_held_in_memory_is_the_same_file(tmp_path: Path) -> None:
    """Whatever its size, and however it came."""
    blobs = DirectoryBlobs(tmp_path / "blobs")
    data = bytes(range(256)) * (SMALL_BYTES // 128)
    chunks = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]

    sha256, size = await blobs.put(stream(*chunks), size_bytes_max=len(data))

    assert (sha256, size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert blobs.path(sha256).read_bytes() == data


@pytest.mark.parametrize("size", [10, SMALL_BYTES * 3])
async def test_what_is_too_large_leaves_nothing(tmp_path: Path, size: int) -> None:
    blobs = DirectoryBlobs(tmp_path / "blobs")

    with pytest.raises(InvalidRequest):
        await blobs.put(stream(b"x" * size), size_bytes_max=size - 1)

    assert files(tmp_path) == []


async def test_the_same_bytes_twice_are_one_file(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path / "blobs")

    first = await blobs.put(stream(b"abc"), size_bytes_max=3)
    second = await blobs.put(stream(b"abc"), size_bytes_max=3)

    assert first == second
    assert len(files(tmp_path)) == 1


async def test_files_that_are_put_together_are_all_there_once(tmp_path: Path) -> None:
    """A batch of mails; the same newsletter may have come twenty times."""
    blobs = DirectoryBlobs(tmp_path / "blobs")
    different = [str(n).encode() for n in range(100)]

    await blobs.put_all([*different, *different[:20] * 20])

    for data in different:
        assert blobs.path(hashlib.sha256(data).hexdigest()).read_bytes() == data
    assert len(files(tmp_path)) == 100


async def test_files_that_cannot_be_put_are_an_error(tmp_path: Path) -> None:
    """Or mail would be acknowledged that is not stored."""
    blobs = DirectoryBlobs(tmp_path / "blobs")
    (tmp_path / "blobs" / hashlib.sha256(b"7").hexdigest()[:2]).write_bytes(b"in the way")

    with pytest.raises(OSError, match="exists"):
        await blobs.put_all([str(n).encode() for n in range(20)])
