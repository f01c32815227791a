"""Which leg a customer's message goes to."""

import msgspec

from core.model.conversation import Status
from core.model.ids import IdentityId, LegId
from core.model.message import Audience
from core.rules.lifecycle import AFTER_CUSTOMER

# Before Python 3.12 an enum's member is found by a function in Python, which every event pays for.
_PRIVATE = Audience.PRIVATE


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """The leg that a thread (or one author of a group) went to last, as far as it is known."""

    leg: LegId
    status: Status
    sealed: bool = False
    ungathered: bool = False
    """It still has to be joined to the contact's other open legs."""
    filed: int = 0
    """The last event of the thread's lane that was filed, into this leg or another."""
    offer: int = 0
    """Where the newest reply is, if it offers buttons."""


def author_key(audience: Audience, identity: IdentityId) -> str:
    """What a thread's legs are told apart by: nothing in a private thread, the author elsewhere.

    So what one member of a group writes never lands in another member's conversation.
    """
    return "" if audience is _PRIVATE else identity


def goes_on(bound: Bound | None) -> bool:
    """Whether the customer's next message goes to this leg; if not, it begins a new one."""
    return bound is not None and not bound.sealed and bound.status in AFTER_CUSTOMER
