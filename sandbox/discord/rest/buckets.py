"""Rate limits: a bucket per route and what its address begins with, one for everything, and
Cloudflare's for who keeps on asking in vain.

https://docs.discord.com/developers/topics/rate-limits
"""

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sandbox.discord.settings import DiscordSettings

Limit = tuple[int, float]
"""So many requests in so many seconds."""
ROOMY: Final[Limit] = (10_000, 1.0)
USUAL: Final[Limit] = (50, 1.0)
STRICT: Final[dict[str, Limit]] = {
    "create_message": (5, 5.0),
    "update_message": (5, 5.0),
    "delete_message": (5, 1.0),
    "bulk_delete_messages": (1, 3.0),
    "reactions": (1, 0.25),
    "trigger_typing_indicator": (5, 5.0),
    "create_thread": (10, 30.0),
    "create_thread_from_message": (10, 30.0),
    "update_channel": (5, 15.0),
    "create_dm": (10, 10.0),
    "list_messages": (5, 5.0),
    "webhooks": (5, 2.0),
    "bulk_set_application_commands": (2, 60.0),
}
"""Discord publishes none of them and says they change; these are near what it was seen to do."""
SHARED: Final = {
    "add_my_message_reaction": "reactions",
    "delete_my_message_reaction": "reactions",
    "delete_user_message_reaction": "reactions",
    "execute_webhook": "webhooks",
    "update_webhook_message": "webhooks",
    "update_original_webhook_message": "webhooks",
}
"""Routes that spend from one bucket."""
UNLIMITED: Final = frozenset({"create_interaction_response"})
"""Does not count for the limit over all routes either."""
COUNTED_AS_INVALID: Final = frozenset({401, 403, 429})
INVALID_SECONDS: Final = 600.0
BUCKETS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Spent:
    """What an answer tells of its bucket. `wait_seconds` is 0 when the request may go on."""

    bucket: str
    limit: int
    remaining: int
    reset_at: float
    reset_after: float
    wait_seconds: float = 0.0
    everywhere: bool = False

    def headers(self) -> dict[str, str]:
        """As they stand in the answer."""
        return {
            "X-RateLimit-Bucket": self.bucket,
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": f"{self.reset_at:.3f}",
            "X-RateLimit-Reset-After": f"{self.reset_after:.3f}",
        }


@dataclass(slots=True)
class _Window:
    ends_at: float
    used: int = 0


class Buckets:
    """Counts requests by `now` (unix seconds)."""

    def __init__(self, now: Callable[[], float], settings: Callable[[], DiscordSettings]) -> None:
        self._now = now
        self._settings = settings
        self._windows: dict[tuple[int, str, str], _Window] = {}
        self._invalid: deque[float] = deque(maxlen=100_000)

    def spend(self, bot: int, route: str, major: str) -> Spent:
        """Count one request of a bot."""
        name = SHARED.get(route, route)
        strict = self._settings().strict_buckets
        limit, seconds = STRICT.get(name, USUAL) if strict else ROOMY
        now = self._now()
        window = self._window((bot, name, major), seconds, now)
        mark = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
        wait = window.ends_at - now if window.used >= limit else 0.0
        overall = 0.0 if not strict or route in UNLIMITED else self._overall(bot, now)
        if not wait and not overall:
            window.used += 1
        return Spent(
            bucket=mark,
            limit=limit,
            remaining=max(limit - window.used, 0),
            reset_at=window.ends_at,
            reset_after=window.ends_at - now,
            wait_seconds=overall or wait,
            everywhere=bool(overall),
        )

    def note_answer(self, status: int) -> None:
        """Count an answer that says the request was in vain."""
        if status in COUNTED_AS_INVALID:
            self._invalid.append(self._now())

    def banned_seconds(self) -> float:
        """How long everything is refused now; 0 usually."""
        most, now = self._settings().invalid_requests_max, self._now()
        while self._invalid and self._invalid[0] <= now - INVALID_SECONDS:
            self._invalid.popleft()
        if not most or len(self._invalid) < most:
            return 0.0
        return self._invalid[-most] + INVALID_SECONDS - now

    def _overall(self, bot: int, now: float) -> float:
        """Seconds to wait, for this request as one of all; it is counted unless it has to."""
        window = self._window((bot, "", ""), 1.0, now)
        if window.used >= self._settings().requests_per_second:
            return window.ends_at - now
        window.used += 1
        return 0.0

    def _window(self, key: tuple[int, str, str], seconds: float, now: float) -> _Window:
        window = self._windows.get(key)
        if window is None or window.ends_at <= now:
            window = self._windows[key] = _Window(now + seconds)
            while len(self._windows) > BUCKETS_MAX:
                del self._windows[next(iter(self._windows))]
        return window
