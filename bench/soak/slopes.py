"""How fast a figure rises over time, and how sure that is: Theil and Sen's slope."""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt
from statistics import median
from typing import Final

import msgspec

CERTAINTY: Final = 1.645
"""Nine of ten such intervals hold the true slope, if what is left over is independent."""


class Slope(msgspec.Struct, frozen=True, kw_only=True):
    """In units of y a unit of x. `noise` is how far off the line half of the points are."""

    least: float
    likely: float
    most: float
    noise: float


def slope(points: Sequence[tuple[float, float]]) -> Slope:
    """The median of the slopes between every two points: a few odd ones do not matter. Its interval
    is Sen's, by the ranks of these slopes. Raises ValueError for fewer than four points.
    """
    if (count := len(points)) < 4:
        raise ValueError(f"{count} points have no slope worth the name")
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2))
    reach = CERTAINTY * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    least = max(0, round((len(slopes) - reach) / 2))
    likely = median(slopes)
    level = median(y - likely * x for x, y in points)
    return Slope(
        least=slopes[least],
        likely=likely,
        most=slopes[len(slopes) - 1 - least],
        noise=median(abs(y - level - likely * x) for x, y in points),
    )
