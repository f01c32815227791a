"""How often bots have begun a session, which Discord counts by the day."""

from collections import deque
from collections.abc import Callable

DAY_SECONDS = 86_400.0


class Starts:
    """Counts identifies by application. `now` is unix seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._begun: dict[int, deque[float]] = {}
        self._last: dict[tuple[int, int], float] = {}

    def begin(self, application_id: int) -> None:
        """One more session."""
        self._recent(application_id).append(self._now())

    def begun(self, application_id: int) -> int:
        """How many in the last day."""
        return len(self._recent(application_id))

    def reset_seconds(self, application_id: int) -> float:
        """Until the oldest of them counts no more; 0 when there is none."""
        recent = self._recent(application_id)
        return recent[0] + DAY_SECONDS - self._now() if recent else 0.0

    def too_soon(self, application_id: int, bucket: int, seconds: float) -> bool:
        """Whether the bucket had an identify less than so long ago; if not, this one counts."""
        key, now = (application_id, bucket), self._now()
        if now - self._last.get(key, -seconds) < seconds:
            return True
        self._last[key] = now
        return False

    def _recent(self, application_id: int) -> deque[float]:
        begun = self._begun.setdefault(application_id, deque())
        while begun and begun[0] <= self._now() - DAY_SECONDS:
            begun.popleft()
        return begun
