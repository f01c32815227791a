"""Who is turned away at first, so that only those come in who try again."""

from dataclasses import dataclass

from sandbox.mail.settings import SmtpSettings

GREYLISTED = "450 4.2.0 <{}>: Recipient address rejected: Greylisted, come back later"
REMEMBERED_MAX = 10_000


@dataclass(slots=True)
class _Attempts:
    first: float
    refused: int = 0


class Greylist:
    """The attempts of each sender and recipient."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], _Attempts] = {}

    def refusal(self, sender: str, recipient: str, settings: SmtpSettings, now: float) -> str:
        """The reply that turns this attempt away, "" when it may come in."""
        attempts = self._seen.setdefault((sender, recipient), _Attempts(now))
        while len(self._seen) > REMEMBERED_MAX:
            del self._seen[next(iter(self._seen))]
        early = now < attempts.first + settings.greylist_seconds
        if not early and attempts.refused >= settings.greylist_attempts:
            return ""
        attempts.refused += 1
        return GREYLISTED.format(recipient)
