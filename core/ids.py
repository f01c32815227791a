"""Where new ids come from. Passed in, so that pure code needs neither clock nor chance.

An event has one or two of them, so they are made by hand: a library's ULID object takes several
times as long as all else that is done to a message on its way in.
"""

from functools import lru_cache
from hashlib import sha256
from os import register_at_fork
from random import Random
from time import time_ns
from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = tuple(first + second for first in _DIGITS for second in _DIGITS)
"""Two digits at a time: what ten bits are written as."""
_DIGIT_OF_BYTE: Final = _DIGITS.encode() * 8
"""Each digit stands for as many bytes as any other."""

_chance: Final = Random()  # noqa: S311 - ids are no secrets; seeded by the system
register_at_fork(after_in_child=_chance.seed)


def new_ulid() -> str:
    """A ULID: 26 characters that sort by the moment (in ms) of their making.

    128 bits, of which the digits hold 130: 48 of time and 80 of chance.
    """
    ms = time_ns() // 1_000_000
    chance = _chance.getrandbits(128).to_bytes(16, "big").translate(_DIGIT_OF_BYTE).decode()
    return f"{_era(ms >> 20)}{_PAIRS[ms >> 10 & 1023]}{_PAIRS[ms & 1023]}{chance}"


@lru_cache(maxsize=1)
def _era(number: int) -> str:
    """The first six digits, which stay the same for 17 minutes."""
    return f"{_PAIRS[number >> 20]}{_PAIRS[number >> 10 & 1023]}{_PAIRS[number & 1023]}"


def derived_ulid(*names: str) -> str:
    """An id of the same form that says nothing of a moment: the same for the same names, so that
    what is done again makes nothing new.
    """
    digest = sha256("\n".join(names).encode()).digest()
    return _DIGITS[digest[0] & 7] + "".join(_DIGITS[one & 31] for one in digest[1:26])
