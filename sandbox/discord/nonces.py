"""Enforced nonces: the same author with the same nonce gets the message they already sent."""

from collections.abc import Callable
from typing import Generic, TypeVar

KEPT_MAX = 50_000
Kept = TypeVar("Kept")


class Nonces(Generic[Kept]):
    """Remembers by (author, nonce) for a while; `now` is unix seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._kept: dict[tuple[int, str], tuple[float, Kept]] = {}

    def find(self, author: int, nonce: str | int) -> Kept | None:
        """What was sent with it, unless that was too long ago."""
        until, kept = self._kept.get((author, str(nonce)), (0.0, None))
        return kept if self._now() < until else None

    def keep(self, author: int, nonce: str | int, kept: Kept, seconds: float) -> None:
        """Remember what was sent for so long."""
        self._kept.pop((author, str(nonce)), None)
        self._kept[author, str(nonce)] = (self._now() + seconds, kept)
        while len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
