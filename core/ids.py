"""Where new ids come from. Passed in, so that pure code needs neither clock nor chance."""

from ulid import ULID


def new_ulid() -> str:
    """26 characters that sort by the moment of their making."""
    return str(ULID())
