"""Where new ids come from. Passed in, so that pure code needs neither clock nor chance.

An event has one or two of them, so they are made by hand: a library's ULID object takes several
times as long as all else that is done to a message on its way in.
"""

from os import register_at_fork
from random import Random
from time import time_ns
from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = tuple(first + second for first in _DIGITS for second in _DIGITS)
"""Two digits at a time: what ten bits are written as."""

_chance: Final = Random()  # noqa: S311 - ids are no secrets; seeded by the system
register_at_fork(after_in_child=_chance.seed)


def new_ulid() -> str:
    """A ULID: 26 characters that sort by the moment (in ms) of their making.

    128 bits, of which the digits hold 130: 48 of time and 80 of chance.
    """
    ms, high, low = time_ns() // 1_000_000, _chance.getrandbits(40), _chance.getrandbits(40)
    return (
        f"{_PAIRS[ms >> 40]}{_PAIRS[ms >> 30 & 1023]}{_PAIRS[ms >> 20 & 1023]}"
        f"{_PAIRS[ms >> 10 & 1023]}{_PAIRS[ms & 1023]}"
        f"{_PAIRS[high >> 30]}{_PAIRS[high >> 20 & 1023]}{_PAIRS[high >> 10 & 1023]}"
        f"{_PAIRS[high & 1023]}"
        f"{_PAIRS[low >> 30]}{_PAIRS[low >> 20 & 1023]}{_PAIRS[low >> 10 & 1023]}"
        f"{_PAIRS[low & 1023]}"
    )
