"""What our buttons and forms are called, so that only what we made is believed when it comes back.

A client says which button was pressed and which form was sent, and can say anything. So each of
ours is signed, for one person where it is meant for one. The signature says that we offered it,
not that it is still allowed: rights are looked at again. Pure.
"""

import hmac
from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

LENGTH_MAX: Final = 100
"""Discord's."""

_PREFIX: Final = "tl"
_SIGNATURE_BYTES: Final = 12


class Act(StrEnum):
    """What a button or a form of ours is for. `args` are those of its custom id."""

    SUPPORT = "support"
    HAND = "hand"  # channel, message
    CONTINUE = "continue"  # channel, message, who asked
    STATUS = "status"  # channel, message, who asked
    SOLVED = "solved"  # channel, message, who asked


class Signed(msgspec.Struct, frozen=True):
    act: Act
    args: tuple[str, ...] = ()


class CustomIds:
    """`secret` is a key of this inbox."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"discord custom ids", "sha256")

    def write(self, act: Act, *args: str, person: str = "") -> str:
        """`person`: only they can use it; empty: whoever sees it."""
        said = ".".join((_PREFIX, act.value, *args))
        return f"{said}.{self._sign(said, person)}"

    def read(self, custom_id: str, person: str) -> Signed | None:
        """None: nothing that we offered this person."""
        said, _, signature = custom_id.rpartition(".")
        own, everybody = self._sign(said, person), self._sign(said, "")
        given = signature.encode()
        known = [hmac.compare_digest(given, one.encode()) for one in (own, everybody)]
        if not any(known):
            return None
        _, act, *args = said.split(".")
        return Signed(Act(act), tuple(args))

    def is_ours(self, custom_id: str) -> bool:
        """Whether it looks like ours; if not, an agent's message offered it."""
        return custom_id.startswith(f"{_PREFIX}.")

    def _sign(self, said: str, person: str) -> str:
        digest = hmac.new(self._key, f"{person}\n{said}".encode(), sha256).digest()
        return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode()
