"""How much one person may bring in: so many events a minute in the long run, some more at once.

Counted is when a thing happened, not when we heard of it: what a platform has kept for us over an
outage is no flood. Where senders date what they send, it is when their post office had it.
"""

from typing import Final

from core.model.event import ActorKind, DeliveryReported, Inbound, MessageCreated, Origin
from core.model.message import Audience, Automatic, SenderLevel

ROUNDING_SECONDS: Final = 1e-4
"""What moments as floats may be wrong by."""

OURS: Final = frozenset({ActorKind.STAFF, ActorKind.OURSELVES, ActorKind.PLATFORM})
"""Who is never too much, nor kept out."""

Level = tuple[float, float]
"""Until when what was drawn is spent, and the newest moment at which there was a draw; seconds."""

UNSPENT: Final[Level] = (0.0, 0.0)


def is_theirs(event: Inbound) -> bool:
    """Whether somebody outside did it. What becomes of our own messages is told by the platform,
    in whoever's name.
    """
    return event.actor.kind not in OURS and not isinstance(event.body, DeliveryReported)


def counts(event: Inbound) -> bool:
    """Whether it draws on what its person may bring in: history and replays do not."""
    return event.origin is Origin.LIVE


def moment_of(event: Inbound, *, dated_by_sender: bool) -> float:
    """When it happened, in seconds; never later than we have heard of it."""
    received = event.received_at.timestamp()
    return received if dated_by_sender else min(event.occurred_at.timestamp(), received)


def drawn(level: Level, moment: float, interval_seconds: float, burst_max: int) -> Level | None:
    """The level after one more event; None if that is too much.

    One that is older than the newest counts as that: it may be told late, or be about old things.
    """
    spent, newest = level
    newest = max(newest, moment)
    spent = max(spent, newest) + interval_seconds
    too_much = spent - newest > burst_max * interval_seconds + ROUNDING_SECONDS
    return None if too_much else (spent, newest)


def given_back(level: Level, interval_seconds: float) -> Level:
    """The level as if there had been one event less."""
    return level[0] - interval_seconds, level[1]


def may_be_told(event: Inbound) -> bool:
    """Whether its person can be told of a limit: alone, and only if that is no machine, nor
    somebody whom the channel takes for somebody else.
    """
    automatic = isinstance(event.body, MessageCreated) and event.body.automatic is not Automatic.NO
    return (
        event.audience is Audience.PRIVATE
        and event.actor.kind is ActorKind.CUSTOMER
        and event.actor.level is not SenderLevel.FAILED
        and not automatic
    )
