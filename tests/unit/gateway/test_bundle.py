"""A backup's file: whole, or refused with words."""

import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.errors import ConfigurationError
from gateway.backup import bundle

HEAD: Final = bundle.Head(
    trunkline="1.0",
    redis="7.0",
    store_format=1,
    partitions=16,
    copied_at=datetime(2026, 1, 1, tzinfo=UTC),
)
BLOB: Final = b"a picture"
NAME: Final = hashlib.sha256(BLOB).hexdigest()


def packed(head: bundle.Head = HEAD, blob: bytes = BLOB) -> bytes:
    out = io.BytesIO()
    with bundle.writing(out, head) as writer:
        writer.add("redis.rdb", io.BytesIO(b"REDIS" * 1000))
        writer.add(f"blobs/{NAME[:2]}/{NAME}", io.BytesIO(blob))
        writer.finish()
    return out.getvalue()


WHOLE: Final = packed()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundle") / "b.tar.zst"


def test_a_whole_backup_is_read_as_it_was_written(place: Path) -> None:
    place.write_bytes(WHOLE)

    found = bundle.verify(place)

    assert found.head == HEAD
    assert [one.name for one in found.manifest.files] == ["redis.rdb"]
    assert (found.manifest.blobs, found.manifest.blobs_bytes) == (1, len(BLOB))


@given(st.integers(min_value=0, max_value=len(WHOLE) - 12))
def test_a_backup_that_is_cut_off_anywhere_is_refused(place: Path, length: int) -> None:
    """A disk that was full while it was copied away: told now, not when it is needed."""
    place.write_bytes(WHOLE[:length])

    with pytest.raises(ConfigurationError):
        bundle.verify(place)


def test_a_blob_that_is_not_what_its_name_says_is_refused() -> None:
    """A damaged disk: the backup tells of it instead of keeping it."""
    with pytest.raises(ConfigurationError, match="damaged"):
        packed(blob=b"another picture")


def test_a_backup_of_another_format_says_so(place: Path) -> None:
    place.write_bytes(packed(replace(HEAD, format=7)))

    with pytest.raises(ConfigurationError, match="has format 7, this version of Trunkline reads 1"):
        bundle.verify(place)
