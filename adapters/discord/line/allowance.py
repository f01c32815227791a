"""When Discord may be asked, for all calls of one bot. Pure: the time comes in.

Discord counts what it had to refuse with 401, 403 and 429. Whoever has 10 000 of these within ten
minutes is shut out with every bot of the same address. So we stop by ourselves, well before.
https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
"""

from collections import deque
from typing import Final

REFUSED_MAX: Final = 1000
"""Other bots may share the address, and other processes the bot."""
REFUSED_SECONDS: Final = 600.0
COUNTED: Final = frozenset({401, 403, 429})
PAUSE_SECONDS_MAX: Final = 3600.0
"""Whatever Discord says: after that we ask again."""


class Allowance:
    """Of one bot. `now` is a monotonic time in seconds."""

    def __init__(self) -> None:
        self._refused: deque[float] = deque(maxlen=REFUSED_MAX)
        self._paused_until = 0.0

    def note_refusal(self, status: int, now: float, *, shared: bool) -> None:
        """`shared`: for a limit that others have used up; Discord does not count these."""
        if status in COUNTED and not shared:
            self._refused.append(now)

    def pause(self, seconds: float, now: float) -> None:
        """Nothing may be asked until then."""
        self._paused_until = max(self._paused_until, now + min(seconds, PAUSE_SECONDS_MAX))

    def wait_seconds(self, now: float) -> float:
        """How long not to ask; 0 when one may."""
        return max(self._paused_until - now, self.shut_out_seconds(now), 0.0)

    def shut_out_seconds(self, now: float) -> float:
        """Of these, because too much was refused."""
        if len(self._refused) < REFUSED_MAX:
            return 0.0
        return max(self._refused[0] + REFUSED_SECONDS - now, 0.0)
