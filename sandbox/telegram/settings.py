"""How the emulated Telegram behaves where the real one leaves no choice but a test needs one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodLimits:
    """How much a bot may send before it is told to wait, by Telegram's public guidance.

    A private chat takes `private_burst` messages at once and then one a second.
    """

    private_per_second: float = 1.0
    private_burst: int = 5
    group_per_minute: int = 20
    bot_per_second: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSettings:
    """`flood` None: nobody is ever told to wait. A webhook's waits double between the two ends."""

    webhook_timeout_seconds: float = 60.0
    webhook_retry_seconds: float = 1.0
    webhook_retry_seconds_max: float = 60.0
    flood: FloodLimits | None = None
