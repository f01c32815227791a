"""What an agent has split: which edges between legs do not count."""

from collections.abc import Iterable

from core.model.conversation import Leg
from core.model.ids import LegId


def edges_of(leg: Leg) -> tuple[LegId, ...]:
    """The legs with which this one is one conversation. A split outweighs every join by contact,
    and the merges that were made before it; whoever merges later has the last word.
    """
    joined = (other for other in leg.joined if other not in leg.apart)
    merged = (other for other, place in leg.merged.items() if place > _split_at(leg, other))
    return (*joined, *merged)


def inherited(a: Leg, b: Leg) -> tuple[int, ...]:
    """The splits that keep two legs apart which are about to be joined: what was taken out of a
    conversation does not come back by somebody's new leg that is joined with both sides.
    """
    return tuple(sorted(set(a.split_off) ^ set(b.split_off)))


def between(these: Iterable[Leg], those: Iterable[Leg]) -> dict[int, tuple[LegId, LegId]]:
    """The splits that keep two conversations apart, each with a leg of both."""
    found: dict[int, tuple[LegId, LegId]] = {}
    far = {leg.id for leg in those}
    for leg in these:
        for other in sorted(far & set(leg.apart)):
            for place in leg.apart[other]:
                found.setdefault(place, (leg.id, other))
    return found


def _split_at(leg: Leg, other: LegId) -> int:
    return max(leg.apart.get(other, ()), default=0)
