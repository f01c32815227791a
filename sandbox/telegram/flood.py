"""Telling a bot to wait: Telegram's limits on sending, and single chats that are flooded."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.telegram.refusals import too_many_requests
from sandbox.telegram.settings import FloodLimits

LIMITED = ("send", "copy", "forward", "edit")
"""How the names of the methods begin that count: those that put something before people's eyes."""
FREE = frozenset({"sendChatAction"})
BUCKETS_MAX = 10_000


@dataclass(slots=True)
class _Bucket:
    """Holds up to `size` sends and gets `rate` back a second."""

    size: float
    rate: float
    left: float
    at: float

    def wait_seconds(self, now: float) -> float:
        """Until there is room for one send; 0 when there is."""
        self.left = min(self.size, self.left + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.left >= 1 else (1 - self.left) / self.rate


class Flood:
    """Counts sends by `now` (seconds) and refuses those that are too many."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._buckets: dict[tuple[int, str], _Bucket] = {}
        self._flooded: dict[str, float] = {}

    def hold(self, chat_id: int, seconds: float) -> None:
        """Refuse every call about this chat for so long, whatever the limits say."""
        self._flooded[str(chat_id)] = self._now() + seconds

    def check(self, limits: FloodLimits | None, method: str, bot_id: int, chat_id: str) -> None:
        """Count one call; raises Refusal 429 when it is one too many."""
        now = self._now()
        wait = max(self._flooded.get(chat_id, 0.0) - now, 0.0)
        if not wait:
            self._flooded.pop(chat_id, None)
            if limits is not None and chat_id and _limited(method):
                wait = self._spend(limits, bot_id, chat_id, now)
        if wait:
            raise too_many_requests(math.ceil(wait))

    def _spend(self, limits: FloodLimits, bot_id: int, chat_id: str, now: float) -> float:
        """Seconds to wait; a send that is refused is not counted."""
        per_bot = self._bucket(bot_id, "", limits.bot_per_second, limits.bot_per_second, now)
        if chat_id.startswith("-"):
            size, rate = float(limits.group_per_minute), limits.group_per_minute / 60
        else:
            size, rate = float(limits.private_burst), limits.private_per_second
        buckets = (per_bot, self._bucket(bot_id, chat_id, size, rate, now))
        wait = max(bucket.wait_seconds(now) for bucket in buckets)
        if not wait:
            for bucket in buckets:
                bucket.left -= 1
        return wait

    def _bucket(self, bot_id: int, name: str, size: float, rate: float, now: float) -> _Bucket:
        if len(self._buckets) >= BUCKETS_MAX:
            self._buckets.clear()
        return self._buckets.setdefault((bot_id, name), _Bucket(size, rate, size, now))


def _limited(method: str) -> bool:
    return method.startswith(LIMITED) and method not in FREE
