"""What a process of ours is told by its environment, whoever runs the tests."""

import os
from typing import Final

PREFIX: Final = "TRUNKLINE_"
SERVER: Final = "TRUNKLINE_REDIS_BIN"
"""Which Redis or Valkey is tried. The others that begin so are settings, and not of the test."""


def without_settings() -> dict[str, str]:
    """The environment, but for settings in it."""
    return {k: v for k, v in os.environ.items() if k == SERVER or not k.startswith(PREFIX)}
