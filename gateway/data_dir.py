"""The data directory of an installation, and who may work on it.

One gateway, or several processes that share its roles among them (`--only`): any number that serve
the web and that work, and any number for an inbox, of which one runs it and the others stand by.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from core.errors import ConfigurationError
from gateway.locks import FileLock
from gateway.roles import Roles

UNFINISHED: Final = "restore.unfinished"
"""A file that is there while a restore has not come to its end."""


def prepare(data_dir: Path, *, restoring: bool = False) -> Path:
    """Make the directory, readable by its owner only; -> its absolute path.

    Raises ConfigurationError when it cannot be written, or a restore into it was broken off.
    """
    data_dir = data_dir.expanduser().absolute()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(data_dir / "gateway.lock"):
            unfinished = (data_dir / UNFINISHED).exists() and not restoring
    except OSError as error:
        raise ConfigurationError(
            f"the data directory {data_dir} cannot be written ({error.strerror}); make it "
            "writable for the account that runs trunkline, or set app.data_dir to another one"
        ) from error
    if unfinished:
        raise ConfigurationError(
            f"a restore into {data_dir} is under way or was broken off: run `trunkline restore`"
            " again, to its end"
        )
    return data_dir


class _Holder(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    since: datetime


@contextmanager
def claimed(data_dir: Path, roles: Roles) -> Iterator[None]:
    """Have the directory to oneself, or share it with others that do a part of the work.

    Raises ConfigurationError that says who has it, and since when.
    """
    with FileLock(data_dir / "gateway.lock") as lock:
        if not lock.take(shared=not roles.whole):
            raise ConfigurationError(
                f"the data directory {data_dir} belongs to {_holder(lock.path)}. Stop that one "
                "first, or give this one a data directory of its own (app.data_dir)"
            )
        _sign(lock.path, alone=roles.whole)
        yield


def _sign(path: Path, *, alone: bool) -> None:
    """Say who has the lock, where it is one."""
    holder = _Holder(pid=os.getpid(), since=datetime.now(UTC))
    path.write_bytes(msgspec.json.encode(holder) if alone else b"")


def _holder(path: Path) -> str:
    with suppress(OSError, msgspec.DecodeError):
        holder = msgspec.json.decode(path.read_bytes(), type=_Holder)
        return f"the gateway with pid {holder.pid}, since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
    return "other processes of a gateway (trunkline up --only)"
