"""Discord's ids, which tell when they were made and always grow."""

from collections.abc import Callable
from typing import Final

EPOCH_MS: Final = 1_420_070_400_000
FOUNDED_MS: Final = 1_672_574_400_000
"""When the world's first people, guilds and bots came to be: 1 January 2023, noon."""
FIRST: Final = (FOUNDED_MS - EPOCH_MS) << 22


class Snowflakes:
    """Gives ids. `now` is unix seconds; ids grow even when it stands still or goes back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = 0
        self._founding = FIRST

    def take(self) -> int:
        """The id of what is made now."""
        self._last = max(self._last + 1, (int(self._now() * 1000) - EPOCH_MS) << 22)
        return self._last

    def take_old(self) -> int:
        """The id of what has been there from the beginning: the same in every world."""
        self._founding += (1 << 22) * 60_000 + 37
        return self._founding


def made_at(snowflake: int) -> float:
    """When what has this id was made, unix seconds."""
    return ((snowflake >> 22) + EPOCH_MS) / 1000
