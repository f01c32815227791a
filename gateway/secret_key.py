"""The key of an installation, for recognising later what it has signed."""

import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from core.errors import ConfigurationError
from gateway.blobs import sync

SIZE_BYTES = 32


def secret_key(data_dir: Path) -> bytes:
    """The key of this data directory, made by the first start. Losing it loses mail threads."""
    path = data_dir / "secret.key"
    if not path.exists():
        _make(path)
    key = path.read_bytes()
    if len(key) != SIZE_BYTES:
        raise ConfigurationError(f"{path} is damaged: restore it from a backup, or remove it")
    return key


def _make(path: Path) -> None:
    """Under its name it is whole from the beginning; the first of several processes wins."""
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SIZE_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
        sync(path.parent)
    finally:
        Path(name).unlink()


def key_for(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, so that no signature serves two."""
    return hmac.digest(key, purpose.encode(), hashlib.sha256)
