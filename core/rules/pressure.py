"""How much a process takes in, by how long what it has begun waits already.

One number is moved, the share: which part of its usual room what comes from outside is given. It
falls at once and grows slowly, and every level is a stretch of it, so nothing swings.
"""

import math
from enum import StrEnum
from typing import Final

import msgspec

SHARE_MIN: Final = 1 / 32
"""So much is always taken in: whoever takes in nothing never learns that there is room again."""

GROWS: Final = 1 / 32
"""Of the whole, at a look: from least to whole it takes 31 of them."""

FALLS: Final = 0.8
DIVES: Final = 0.5
"""What is left of the share after a look at which what waits waits too long, or far too long."""

EASY: Final = 0.5
"""A strain below which more is taken in. Between that and 1 everything stays as it is."""

FAR_TOO_MUCH: Final = 4.0

AGAIN_SECONDS: Final = 2
AGAIN_SECONDS_MAX: Final = 10


class Level(StrEnum):
    CALM = "calm"
    BUSY = "busy"
    OVERLOADED = "overloaded"


class Bearing(msgspec.Struct, frozen=True, kw_only=True):
    """How a process bears its load."""

    share: float = 1.0
    level: Level = Level.CALM


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen since the last look: how late the event loop was by work of its own, and which
    part of the threads that may wait to be filed do.

    How long the store takes is none: with less in each of its round trips a slow store would only
    be slower.
    """

    late_seconds: float = 0.0
    waiting: float = 0.0


def strain(signs: Signs, turn_seconds_max: float) -> float:
    """1: as much as may be."""
    return max(signs.late_seconds / turn_seconds_max, signs.waiting)


def bearing(before: Bearing, strain: float) -> Bearing:
    """After one more look."""
    share = before.share
    if strain >= FAR_TOO_MUCH:
        share *= DIVES
    elif strain >= 1.0:
        share *= FALLS
    elif strain < EASY:
        share += GROWS
    share = min(1.0, max(SHARE_MIN, share))
    return Bearing(share=share, level=_level(before.level, share))


def _level(before: Level, share: float) -> Level:
    """Left later than it was entered: calm is only who holds nothing back."""
    if share == 1.0:
        return Level.CALM
    if share <= 0.25 or (before is Level.OVERLOADED and share < 0.5):
        return Level.OVERLOADED
    if before is Level.CALM and share > 0.75:
        return Level.CALM
    return Level.BUSY


def again_seconds(share: float, chance: float) -> int:
    """What whoever was turned away is told to wait: longer the less is taken in, and not all of
    them as long. `chance` is from 0 to 1.
    """
    longest = AGAIN_SECONDS + (AGAIN_SECONDS_MAX - AGAIN_SECONDS) * (1.0 - share)
    return AGAIN_SECONDS + math.floor(chance * (longest - AGAIN_SECONDS + 0.999))
