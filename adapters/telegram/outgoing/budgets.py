"""What a call into a chat draws on. Pure.

Telegram names no exact limits; these are the ones that it advises: one message a second in a chat,
20 a minute in a group, 30 a second in all, 1000 if they are paid for. Each budget keeps to them in
every second (or minute) that one may look at: what leaves at once and what flows after it add up
to the limit. What is too much all the same is answered with 429, and waits.
"""

from adapters.telegram.places import Place
from adapters.telegram.settings import TelegramSettings
from core.ports import WHOLE_ACCOUNT, Budget

_PAID_PER_SECOND_MAX = 1000.0


def budgets(place: Place, settings: TelegramSettings) -> tuple[Budget, ...]:
    """The account's and the chat's: all topics of a group share one."""
    return _account(settings), _chat(place, settings)


def _account(settings: TelegramSettings) -> Budget:
    burst, per_second = settings.account_burst, settings.account_per_second
    if settings.paid_broadcast:
        per_second = max(per_second, _PAID_PER_SECOND_MAX - burst)
    return Budget(name=WHOLE_ACCOUNT, per_second=per_second, burst=burst)


def _chat(place: Place, settings: TelegramSettings) -> Budget:
    name = f"chat:{place.chat}"
    if place.group:
        per_second = settings.group_per_minute / 60
        return Budget(name=name, per_second=per_second, burst=settings.group_burst)
    return Budget(name=name, per_second=settings.chat_per_second, burst=settings.chat_burst)
