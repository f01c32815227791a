"""Data that we hand out and recognise when it comes back: in base64, behind its signature."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

SIGNATURE_BYTES: Final = 16


def sealed(data: bytes, key: bytes) -> str:
    """A token that holds the data, readable by anybody and made by nobody else; fit for URLs."""
    return base64.urlsafe_b64encode(_signature(data, key) + data).rstrip(b"=").decode()


def unsealed(token: str, key: bytes) -> bytes | None:
    """The data of a token, None if `sealed` did not make it with this key."""
    try:
        raw = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    signature, data = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    return data if hmac.compare_digest(signature, _signature(data, key)) else None


def _signature(data: bytes, key: bytes) -> bytes:
    return hmac.digest(key, data, hashlib.sha256)[:SIGNATURE_BYTES]
