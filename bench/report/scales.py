"""From figures to places on an axis, and the round figures that are written beside it."""

from collections.abc import Sequence
from itertools import count, takewhile
from math import ceil, floor, log10

import msgspec


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Of figures from `low` to `high`, onto pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def at(self, figure: float) -> float:
        low, high = self.low, self.high
        if self.log:
            figure, low, high = log10(max(figure, self.low)), log10(low), log10(high)
        return self.start + (figure - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        if not self.log:
            step = _step(self.high - self.low)
            first = ceil(self.low / step)
            found = (n * step for n in count(first))
            return list(takewhile(lambda one: one <= self.high * 1.0001, found))
        decades = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        steps = (1,) if len(decades) > 3 else (1, 2, 5)
        every = (step * 10.0**power for power in decades for step in steps)
        return [one for one in every if self.low * 0.999 <= one <= self.high * 1.001]


def scale(figures: Sequence[float], start: float, end: float, *, log: bool) -> Scale:
    """Which shows all of these; from zero on, unless it is a logarithmic one."""
    high = max(figures, default=1.0) or 1.0
    if log:
        low = min(one for one in figures if one > 0)
        return Scale(low=low, high=max(high, low * 2), start=start, end=end, log=True)
    return Scale(low=0.0, high=high * 1.05, start=start, end=end, log=False)


def _step(width: float) -> float:
    """1, 2 or 5 of a power of ten, so that there are four to nine of them."""
    power = 10.0 ** floor(log10(width / 4))
    return next(step * power for step in (5, 2, 1) if width / (step * power) >= 4)
