"""What the platforms were asked, and what they took: the ground truth that tests count."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime

KEPT_SENDS_MAX = 50_000
KEPT_REFUSALS_MAX = 10_000


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


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked in vain: of which chat (None: of none), and the code that was answered."""

    platform: str
    method: str
    target: str | None
    code: int


class Journal:
    """Counts calls by "platform.method" and refusals, and keeps the accepted sends in order."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.refused: Counter[Refused] = Counter()
        self.accepted: deque[Accepted] = deque(maxlen=KEPT_SENDS_MAX)
        self._seq = 0

    def count(self, platform: str, method: str) -> None:
        """Note that a call arrived, whatever becomes of it."""
        self.calls[f"{platform}.{method}"] += 1

    def refuse(self, platform: str, method: str, target: str | None, code: int) -> None:
        """Note that a call was refused."""
        refused = Refused(platform, method, target, code)
        if refused in self.refused or len(self.refused) < KEPT_REFUSALS_MAX:
            self.refused[refused] += 1

    def accept(self, platform: str, method: str, *, target: str, ref: str, text: str) -> None:
        """Note that a send took effect."""
        self._seq += 1
        now = datetime.now(UTC)
        self.accepted.append(Accepted(self._seq, now, platform, method, target, ref, text))
