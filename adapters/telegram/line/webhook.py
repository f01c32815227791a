"""Calls of Telegram to us: who called is checked before a byte of the body is read."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Final

from adapters.telegram.line.receiving import Receiving
from core.errors import StoreError
from core.ports import Deliver, HookAnswer, HookCall

_HEADER: Final = "x-telegram-bot-api-secret-token"
_AGAIN: Final = HookAnswer(status=503, headers={"retry-after": "2"})
"""Telegram keeps the update and calls again."""


def secret_token(key: bytes) -> str:
    """What Telegram has to send with each call, made from the inbox' own key: 43 characters."""
    digest = hmac.digest(key, b"telegram webhook", hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def take_call(
    call: HookCall, secret: str, receiving: Receiving, deliver: Deliver, *, size_bytes_max: int
) -> HookAnswer:
    """200 means that the update is stored, or set aside."""
    if call.method != "POST":
        return HookAnswer(status=405, headers={"allow": "POST"})
    given = call.headers.get(_HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
        return HookAnswer(status=403)
    if not receiving.ready:
        return _AGAIN
    body = await _read(call.body, size_bytes_max)
    if body is None:
        return HookAnswer(status=413)
    try:
        await receiving.take([body], deliver)
    except StoreError:
        return _AGAIN
    return HookAnswer(status=200)


async def _read(chunks: AsyncIterator[bytes], size_bytes_max: int) -> bytes | None:
    """None for a body that is too long, of which no more is kept than that."""
    body = bytearray()
    async for chunk in chunks:
        if len(body) + len(chunk) > size_bytes_max:
            return None
        body += chunk
    return bytes(body)
