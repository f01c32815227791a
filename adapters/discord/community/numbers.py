"""Numbers of conversations as people type them. Pure."""

from typing import Final

_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


def same_number(one: str, other: str) -> bool:
    """Whether both mean the same conversation: case, dashes and characters that look alike do not
    matter, nor whether the T at the beginning is there.
    """
    return _plain(one) == _plain(other) != ""


def _plain(number: str) -> str:
    bare = number.strip().upper().removeprefix("T-")
    compact = bare.translate(_ALIKE)
    return compact[1:] if len(compact) > _SHORTEST and compact.startswith("T") else compact


_SHORTEST: Final = 5
"""Four characters and the check character."""
