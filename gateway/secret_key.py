"""The key of an installation, for recognising later what it has signed."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from core.errors import ConfigurationError

SIZE_BYTES = 32


def secret_key(data_dir: Path) -> bytes:
    """The key of this data directory, made by the first start. Losing it loses mail threads."""
    path = data_dir / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SIZE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    key = path.read_bytes()
    if len(key) != SIZE_BYTES:
        raise ConfigurationError(f"{path} is damaged: restore it from a backup, or remove it")
    return key


def key_for(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, so that no signature serves two."""
    return hmac.digest(key, purpose.encode(), hashlib.sha256)
