"""Addresses under which customers get a file for a while, without a password.

A link holds everything that serving it takes, signed: the file's hash, its name, its end. Nothing
has to be remembered, and only what somebody of us sent can be had.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from core.model.content import Attachment
from gateway.signing import sealed, unsealed

NAME_LENGTH_MAX: Final = 120
TOKEN_LENGTH_MAX: Final = 1000


class Linked(msgspec.Struct, frozen=True, array_like=True):
    """What a link leads to. `until` is its end, in seconds since 1970."""

    sha256: bytes
    name: str
    until: int


class Links:
    """`base` is what addresses begin with, as customers reach them; empty if they do not."""

    def __init__(
        self, key: bytes, base: str, lifetime_seconds: float, now: Callable[[], datetime]
    ) -> None:
        self._key, self._base, self._now = key, base, now
        self._lifetime_seconds = lifetime_seconds

    def __bool__(self) -> bool:
        """Whether links can be made at all."""
        return bool(self._base)

    def address(self, attachment: Attachment) -> str:
        """Where the file can be had from now on; empty for one that is not stored here."""
        if not self or not attachment.sha256:
            return ""
        until = int(self._now().timestamp() + self._lifetime_seconds)
        name = attachment.name[-NAME_LENGTH_MAX:]
        linked = Linked(bytes.fromhex(attachment.sha256), name, until)
        return f"{self._base}{sealed(msgspec.msgpack.encode(linked), self._key)}"

    def read(self, token: str) -> Linked | None:
        """What a link of ours leads to; None if it is not one, or no longer."""
        data = unsealed(token, self._key) if len(token) <= TOKEN_LENGTH_MAX else None
        if data is None:
            return None
        linked = msgspec.msgpack.decode(data, type=Linked)
        return linked if self._now().timestamp() < linked.until else None
