"""A gateway at ten times what it is used to: what is lost, who waits, how it ends."""

import os
from typing import Final

MINUTES: Final = float(os.environ.get("MINUTES") or 10)
"""Of the burst."""
