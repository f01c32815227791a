"""How much one person may bring in: so many events a minute in the long run, some more at once.

Counted is when a thing happened, not when we heard of it: what a platform has kept for us over an
outage is no flood. Where senders date what they send, it is when their post office had it.
"""

from typing import Final, NamedTuple

from core.model.event import ActorKind, DeliveryReported, Inbound, MessageCreated, Origin
from core.model.flooding import Allowance
from core.model.message import Audience, Automatic, SenderLevel

MINUTE_SECONDS: Final = 60.0
ROUNDING_SECONDS: Final = 1e-4
"""What moments as floats may be wrong by."""

Level = tuple[float, float]
"""Until when what was drawn is spent, and the newest moment at which there was a draw; seconds."""

UNSPENT: Final[Level] = (0.0, 0.0)

# Before Python 3.12 an enum's member is found by a function in Python, which every event pays for.
_CUSTOMER, _BOT, _LIVE = ActorKind.CUSTOMER, ActorKind.BOT, Origin.LIVE


class Limit(NamedTuple):
    """An allowance as it is reckoned with: what one event costs, and how far ahead one may be."""

    interval_seconds: float
    room_seconds: float
    dated_by_sender: bool = False


def limit_of(allowance: Allowance) -> Limit | None:
    """None: any amount."""
    if not allowance.per_minute_max:
        return None
    interval = MINUTE_SECONDS / allowance.per_minute_max
    room = allowance.burst_max * interval + ROUNDING_SECONDS
    return Limit(interval, room, allowance.dated_by_sender)


def is_theirs(event: Inbound) -> bool:
    """Whether somebody outside did it, not one of us nor the platform. What becomes of our own
    messages is told in whoever's name.
    """
    kind = event.actor.kind
    return (kind is _CUSTOMER or kind is _BOT) and type(event.body) is not DeliveryReported


def counts(event: Inbound) -> bool:
    """Whether it draws on what its person may bring in: history and replays do not."""
    return event.origin is _LIVE


def has_date(event: Inbound, *, dated_by_sender: bool) -> bool:
    """Whether it is known when it happened. What is not, a pressed button, happens for us as we
    hear of it: beside it, what a platform kept for us over an outage would all be of now.
    """
    return not dated_by_sender and event.occurred_at < event.received_at


def moment_of(event: Inbound, *, dated_by_sender: bool) -> float:
    """When it happened, in seconds; never later than we have heard of it."""
    occurred, received = event.occurred_at, event.received_at
    return (received if dated_by_sender or received < occurred else occurred).timestamp()


def drawn(level: Level, moment: float, limit: Limit) -> Level | None:
    """The level after one more event; None if that is too much.

    One that is older than the newest counts as that: it may be told late, or be about old things.
    """
    spent, newest = level
    if moment > newest:
        newest = moment
    spent = (max(newest, spent)) + limit.interval_seconds
    return None if spent - newest > limit.room_seconds else (spent, newest)


def given_back(level: Level, limit: Limit) -> Level:
    """The level as if there had been one event less."""
    return level[0] - limit.interval_seconds, level[1]


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
