"""Signatures as Standard Webhooks has them: receivers know by them that it was us."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"


def written(secret: bytes) -> str:
    """A secret as receivers are given it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(event: str, at_seconds: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """For a request with this body that leaves now; signed with each of the secrets."""
    signed = b"%b.%d.%b" % (event.encode(), at_seconds, body)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(at_seconds),
        "webhook-signature": " ".join(_signature(signed, secret) for secret in secrets),
    }


def _signature(signed: bytes, secret: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
