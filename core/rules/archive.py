"""When a leg is done for so long that it need not be at hand any more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import inf
from typing import Annotated, Final

import msgspec

from core.model.conversation import Leg, Status

Days = Annotated[float, msgspec.Meta(ge=0, le=36_500)]

RESTING: Final = (Status.CLOSED, Status.RESOLVED)
"""What a leg may rest in."""

LENGTH_MAX: Final = 20_000
"""Entries of a leg that is archived: it is read, and known again, in one step of the store."""

PLAIN: Final = frozenset(
    {
        *("id", "channel", "account", "remote", "name", "handle", "language"),
        *("contact", "first_seen_at", "links", "task"),
    }
)
"""What may be known of a person who is archived with their last leg. Whoever is linked, or of whom
anything else is known, stays at hand.
"""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """After how many days without anything happening a leg is archived, closed or resolved, and an
    archived one is deleted; 0 = never.
    """

    closed_days: Days = 30.0
    resolved_days: Days = 90.0
    keep_days: Days = 0.0

    def rested_before(self, now: datetime) -> dict[Status, datetime]:
        """Before which moment something must have happened last to what is due, by its status."""
        days = {Status.CLOSED: self.closed_days, Status.RESOLVED: self.resolved_days}
        return {status: now - timedelta(days=many) for status, many in days.items() if many}

    @property
    def shortest_seconds(self) -> float:
        """How long anything rests at least before it is archived; inf: it never is."""
        days = (many for many in (self.closed_days, self.resolved_days) if many)
        return timedelta(days=1).total_seconds() * min(days, default=inf)


def rests_since(leg: Leg) -> datetime | None:
    """When something happened to it last; None for one that is not done."""
    return max(leg.status_at, leg.touched_at) if leg.status in RESTING else None


def is_due(leg: Leg, before: Mapping[Status, datetime]) -> bool:
    """`before`: of Terms.rested_before."""
    since, limit = rests_since(leg), before.get(leg.status)
    return since is not None and limit is not None and since <= limit
