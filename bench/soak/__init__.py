"""A gateway that works for long: what it holds when it has done a lot, and whether all is there."""

import os
from typing import Final

MINUTES: Final = float(os.environ.get("MINUTES") or 30)
