"""How far a piece of work has come, as one reaction of the bot's on the message it began with."""

from typing import Final

from core.model.conversation import Status

WITH_SUPPORT: Final = "🎫"
ANSWERED: Final = "💬"
PUT_ASIDE: Final = "⏳"
SOLVED: Final = "✅"

STATES: Final[dict[Status, str]] = {
    Status.NEW: WITH_SUPPORT,
    Status.OPEN: WITH_SUPPORT,
    Status.WAITING_CUSTOMER: ANSWERED,
    Status.WAITING_THIRD_PARTY: PUT_ASIDE,
    Status.WAITING_INTERNAL: PUT_ASIDE,
    Status.SNOOZED: PUT_ASIDE,
    Status.RESOLVED: SOLVED,
    Status.CLOSED: SOLVED,
}

ALL_STATES: Final = tuple(dict.fromkeys(STATES.values()))
"""The bot's reactions with these are states; any other of its reactions is an agent's."""
