"""Where a private server listens: a socket with a short path, in a directory only we may enter."""

import os
import socket
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from core.errors import ConfigurationError

PATH_BYTES_MAX = 100
"""Of the 108 (Linux) or 104 (macOS) that the kernel takes."""
CONNECT_TIMEOUT_SECONDS = 1.0
PREFIX = "trunkline-"


def new_socket_path(environ: Mapping[str, str]) -> Path:
    """A path in a fresh private directory. Raises ConfigurationError when there is no room."""
    for base in _bases(environ):
        with suppress(OSError):
            directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
            path = directory / "redis.sock"
            if len(os.fsencode(path)) <= PATH_BYTES_MAX:
                return path
            directory.rmdir()
    raise ConfigurationError(
        "found no directory for the socket of the embedded Redis: it must be writable and its "
        f"path so short that the socket's stays within {PATH_BYTES_MAX} bytes. Set XDG_RUNTIME_DIR "
        "to such a directory"
    )


def _bases(environ: Mapping[str, str]) -> Iterator[str]:
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        yield runtime
    if temporary := environ.get("TMPDIR"):
        yield temporary
    yield "/tmp"  # noqa: S108 - only the base; mkdtemp makes a private directory in it


def may_listen_at(path: Path) -> bool:
    """Whether a server may listen here again: still our private directory, and nobody listens.

    Somebody does when this data directory is a copy of one that is in use.
    """
    try:
        directory = path.parent.lstat()
    except OSError:
        return False
    private = stat.S_ISDIR(directory.st_mode) and stat.S_IMODE(directory.st_mode) == 0o700
    return private and directory.st_uid == os.geteuid() and not _is_listened_at(path)


def _is_listened_at(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(CONNECT_TIMEOUT_SECONDS)
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            return True
    return True


def remove_socket(path: Path) -> None:
    """Remove what `new_socket_path` made. Anything else that lies there stays."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()
