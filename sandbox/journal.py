"""What the platforms were asked, and what they took: the ground truth that tests count."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime

KEPT_SENDS_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Accepted:
    """One send that took effect, whether or not the sender ever heard so.

    `target` is a chat id or an address, `ref` the platform's name for the result
    ("chat:message", or a Message-ID with its angle brackets).
    """

    seq: int
    at: datetime
    platform: str
    method: str
    target: str
    ref: str
    text: str


class Journal:
    """Counts every call by "platform.method" and keeps the accepted sends in order."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.accepted: deque[Accepted] = deque(maxlen=KEPT_SENDS_MAX)
        self._seq = 0

    def count(self, platform: str, method: str) -> None:
        """Note that a call arrived, whatever becomes of it."""
        self.calls[f"{platform}.{method}"] += 1

    def accept(self, platform: str, method: str, *, target: str, ref: str, text: str) -> None:
        """Note that a send took effect."""
        self._seq += 1
        now = datetime.now(UTC)
        self.accepted.append(Accepted(self._seq, now, platform, method, target, ref, text))
