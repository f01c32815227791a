"""A backup's file: whole, or refused with words."""

import hashlib
import io
import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.errors import ConfigurationError
from core.store.connection import FORMAT_VERSION
from gateway.backup import bundle, restoring
from tests.rigs.disk import files_of_at_most, names_in

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


def _member(name: str, kind: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in more.items():
        setattr(info, field, value)
    return info


HOSTILE: Final = {
    "a path out": _member("../../outside"),
    "an absolute path": _member("/tmp/outside"),  # noqa: S108 - nothing is written
    "a path out of blobs": _member("blobs/../../outside"),
    "a name that is none of ours": _member("trunkline.toml"),
    "a symbolic link": _member("secret.key", tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a hard link": _member("secret.key", tarfile.LNKTYPE, linkname="../outside"),
    "a directory": _member("blobs", tarfile.DIRTYPE),
    "a device": _member("tokens.json", tarfile.CHRTYPE),
    "a file with holes": _member("redis.rdb", tarfile.GNUTYPE_SPARSE, size=0),
    "a header without end": _member("secret.key", pax_headers={"comment": "x" * 5_000_000}),
    "a name without end": _member("blobs/" + "x" * 5_000_000),
}


@pytest.mark.parametrize("member", HOSTILE.values(), ids=HOSTILE)
async def test_nothing_but_plain_files_of_ours_comes_out(
    tmp_path: Path, member: tarfile.TarInfo
) -> None:
    """An archive from a stranger, or one that was tampered with where backups are kept."""
    out = io.BytesIO()
    with (
        zstandard.ZstdCompressor().stream_writer(out, closefd=False) as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        head = msgspec.json.encode(replace(HEAD, store_format=FORMAT_VERSION))
        tar.addfile(_member(bundle.HEAD, size=len(head)), io.BytesIO(head))
        tar.addfile(member)
    file, data_dir = tmp_path / "b.tar.zst", tmp_path / "to" / "data"
    file.write_bytes(out.getvalue())

    with pytest.raises(ConfigurationError):
        bundle.verify(file)
    with pytest.raises(ConfigurationError):
        await restoring.restore(file, data_dir, None, 16, os.environ)

    assert names_in(tmp_path) == {"b.tar.zst", "to"}
    assert names_in(data_dir) == {"gateway.lock"}


async def test_a_disk_that_is_too_small_is_told_of_and_left_as_it_was(tmp_path: Path) -> None:
    """A bomb, or a backup that outgrew the machine: no traceback, and the next try begins anew."""
    out = io.BytesIO()
    with bundle.writing(out, replace(HEAD, store_format=FORMAT_VERSION)) as writer:
        writer.add("redis.rdb", io.BytesIO(bytes(10_000_000)))
        writer.finish()
    file, data_dir = tmp_path / "b.tar.zst", tmp_path / "data"
    file.write_bytes(out.getvalue())

    with (
        files_of_at_most(1_000_000),
        pytest.raises(ConfigurationError, match=r"cannot be restored into .*data: File too large"),
    ):
        await restoring.restore(file, data_dir, None, 16, os.environ)

    assert names_in(data_dir) == {"gateway.lock"}
