"""How often somebody may ask: token buckets, each filled again evenly within a minute."""

import time
from collections.abc import Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

from core.recent import Recent

PERIOD_SECONDS: Final = 60.0

K = TypeVar("K", bound=Hashable)


class Drawn(NamedTuple):
    """`left` of `per_minute` may follow at once; `wait_seconds` until one more may (0 = now)."""

    granted: bool
    per_minute: int
    left: int
    wait_seconds: float

    @property
    def headers(self) -> dict[str, str]:
        """As the IETF's draft on rate limits spells it."""
        return {
            "RateLimit-Policy": f'"minute";q={self.per_minute};w={PERIOD_SECONDS:.0f}',
            "RateLimit": f'"minute";r={self.left};t={self.wait_seconds:.0f}',
        }


class _Bucket(NamedTuple):
    filled: float
    at: float


class Allowances(Generic[K]):
    """A bucket for each of the `kept_max` that asked last; who is forgotten begins with a full one.

    In memory: each process counts for itself, and a restart fills all buckets.
    """

    def __init__(self, kept_max: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = Recent[K, _Bucket](kept_max)
        self._clock = clock

    def draw(self, who: K, per_minute: int) -> Drawn:
        """Take one, if there is one."""
        return self._look(who, per_minute, take=True)

    def look(self, who: K, per_minute: int) -> Drawn:
        """Whether there is one, and take none."""
        return self._look(who, per_minute, take=False)

    def _look(self, who: K, per_minute: int, *, take: bool) -> Drawn:
        now = self._clock()
        filled, at = self._buckets.get(who) or _Bucket(per_minute, now)
        each_seconds = PERIOD_SECONDS / per_minute
        filled = min(float(per_minute), filled + (now - at) / each_seconds)
        granted = filled >= 1.0
        if take and granted:
            filled -= 1.0
        if take:
            self._buckets.note(who, _Bucket(filled, now))
        wait_seconds = 0.0 if filled >= 1.0 else (1.0 - filled) * each_seconds
        return Drawn(granted, per_minute, int(filled), wait_seconds)
