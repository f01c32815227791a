"""The data directory of an installation, and the one gateway that may use it at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core.errors import ConfigurationError
from gateway.locks import FileLock


def prepare(data_dir: Path) -> Path:
    """Make the directory, readable by its owner only; -> its absolute path.

    Raises ConfigurationError when it cannot be written.
    """
    data_dir = data_dir.expanduser().absolute()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(data_dir / "gateway.lock"):
            return data_dir
    except OSError as error:
        raise ConfigurationError(
            f"the data directory {data_dir} cannot be written ({error.strerror}); make it "
            "writable for the account that runs trunkline, or set app.data_dir to another one"
        ) from error


class _Holder(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    since: datetime


@contextmanager
def sole_gateway(data_dir: Path) -> Iterator[None]:
    """Be the only gateway on this data directory.

    Raises ConfigurationError that says who is, and since when.
    """
    with FileLock(data_dir / "gateway.lock") as lock:
        if not lock.take():
            raise ConfigurationError(_describe(lock.path, data_dir))
        holder = _Holder(pid=os.getpid(), since=datetime.now(UTC))
        lock.path.write_bytes(msgspec.json.encode(holder))
        yield


def _describe(path: Path, data_dir: Path) -> str:
    who = "another gateway"
    with suppress(OSError, msgspec.DecodeError):
        holder = msgspec.json.decode(path.read_bytes(), type=_Holder)
        who = f"the gateway with pid {holder.pid}, since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
    return (
        f"the data directory {data_dir} belongs to {who}. Stop that one first, or give this one a "
        "data directory of its own (app.data_dir)"
    )
