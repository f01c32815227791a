"""Which legs stand in one exchange: threads of several people that a platform tells apart."""

from typing import Final

from core.model.ids import LegId
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.reading import Reader

LEGS_MAX: Final = 64
"""Of one exchange that are known, the newest."""

LIFE_MS: Final = 90 * 86_400_000
"""How long an exchange is known after a leg has begun in it."""


class Exchanges:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys) -> None:
        self._read, self._commit, self._keys = read, commit, keys

    async def enter(self, account: str, exchange: str, leg: LegId) -> int:
        """A leg is about to begin there; -> how many others are known."""
        key, partition = self._keys.exchange(account, exchange), self._keys.of(exchange)
        others: int = await self._commit.call(partition, "exchange", (key,), leg, LEGS_MAX, LIFE_MS)
        return others

    async def legs(self, account: str, exchange: str) -> list[LegId]:
        """Oldest first, of none none. Some may never have come to be."""
        if not exchange:
            return []
        found = await self._read.one("ZRANGE", self._keys.exchange(account, exchange), 0, -1)
        return [LegId(leg.decode()) for leg in found]
