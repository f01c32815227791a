"""The life of a conversation as tables. What is not in a table cannot happen.

The store's scripts are given these same tables, so that a change of status is decided where it is
written and no two processes can disagree.
"""

from core.model.conversation import Conversation, Leg, Status

NEW, OPEN = Status.NEW, Status.OPEN
CUSTOMER, THIRD, INTERNAL = (
    Status.WAITING_CUSTOMER,
    Status.WAITING_THIRD_PARTY,
    Status.WAITING_INTERNAL,
)
SNOOZED, RESOLVED, CLOSED = Status.SNOOZED, Status.RESOLVED, Status.CLOSED

AFTER_CUSTOMER: dict[Status, Status] = {
    NEW: NEW,
    OPEN: OPEN,
    CUSTOMER: OPEN,
    THIRD: OPEN,
    INTERNAL: OPEN,
    SNOOZED: OPEN,
    RESOLVED: OPEN,
}
"""What a customer's message makes of a status. CLOSED is missing: it begins a new conversation."""

AFTER_AGENT: dict[Status, Status] = {
    NEW: CUSTOMER,
    OPEN: CUSTOMER,
    CUSTOMER: CUSTOMER,
    THIRD: THIRD,
    INTERNAL: INTERNAL,
    SNOOZED: SNOOZED,
    RESOLVED: RESOLVED,
}
"""What an agent's reply makes of a status. CLOSED is missing: reopen first."""

_WORKING = (OPEN, CUSTOMER, THIRD, INTERNAL, SNOOZED, RESOLVED, CLOSED)

MOVES: dict[Status, tuple[Status, ...]] = {
    NEW: _WORKING,
    OPEN: _WORKING,
    CUSTOMER: _WORKING,
    THIRD: _WORKING,
    INTERNAL: _WORKING,
    SNOOZED: _WORKING,
    RESOLVED: (OPEN, CUSTOMER, THIRD, INTERNAL, CLOSED, RESOLVED),
    CLOSED: (CLOSED,),
}
"""What an agent may set by hand. A conversation is never NEW again, and CLOSED is final."""

VIEW: dict[Status, str] = {
    NEW: "open",
    OPEN: "open",
    CUSTOMER: "pending",
    THIRD: "pending",
    INTERNAL: "pending",
    SNOOZED: "pending",
    RESOLVED: "pending",
    CLOSED: "",
}
"""The inbox view that lists a status: `open` needs an agent, `pending` waits, closed in neither."""

SPAM = "spam"
SPAM_VIEW: dict[Status, str] = {status: SPAM if view else view for status, view in VIEW.items()}
"""The same for what is marked as spam: listed there and nowhere else."""


def view_of(work: Leg | Conversation) -> str:
    """The inbox view that lists it, "" for none."""
    return (SPAM_VIEW if work.spam else VIEW)[work.status]


def joint(statuses: tuple[tuple[Status, object], ...]) -> Status:
    """The status of a conversation of several legs: that of the leg which changed last.

    Legs that need an agent come first: what a customer asked on one line is not answered by a
    word on another. `statuses`: (status, moment of the change) a leg, moments being comparable.
    """
    needing = tuple(one for one in statuses if VIEW[one[0]] == "open")
    return max(needing or statuses, key=lambda one: one[1])[0]  # type: ignore[return-value, arg-type]
