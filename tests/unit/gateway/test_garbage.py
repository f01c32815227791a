"""A process that has started looks for garbage seldom, and finds it all the same."""

import subprocess
import sys

from gateway.garbage import YOUNG_MAX

LEAVES_RINGS = f"""
import gc, weakref
from gateway.garbage import settled

class Ring:
    def __init__(self):
        self.itself = self

lasting = [[n] for n in range(1000)]
settled()
seen = [weakref.ref(Ring()) for _ in range(3 * {YOUNG_MAX})]
print(gc.get_freeze_count() > len(lasting), sum(one() is not None for one in seen))
"""


def test_what_failures_leave_in_rings_does_not_stay_for_good() -> None:
    """An operator whose gateway meets errors for weeks would see its memory grow."""
    run = (sys.executable, "-c", LEAVES_RINGS)

    told = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()

    assert told[0] == "True"  # what was there is set aside: it is not looked through again
    assert int(told[1]) <= YOUNG_MAX
