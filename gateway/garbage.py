"""When Python looks for cycles in what it holds: not at what lasts, and seldom at what passes."""

import gc
from typing import Final

YOUNG_MAX: Final = 10_000
"""Objects that came and did not go since Python looked last. By its own measure, 700 or 2000 by its
version, it looks with every flight to the store: through all that waits for the flight, and finds
nothing.
Messages make no cycles, so what is kept for longer by this is what failures leave.
"""


def settled() -> None:
    """What a process has by now lasts until it ends, and is looked at no more: to be said once, as
    it has started. What goes before that still goes, unless it refers to itself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX)
