"""What was said on each account that nobody here could read."""

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from core.ports import Gap
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.legs import moment
from core.store.reading import Reader

GAPS_MAX: Final = 500
"""Of one account that are known: those recorded last."""

_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(Gap).decode


class Recorded(NamedTuple):
    at: datetime
    gap: Gap


class Gaps:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys) -> None:
        self._read, self._commit, self._keys = read, commit, keys

    async def record(self, account: str, gap: Gap) -> bool:
        """-> whether it was not known yet."""
        key, partition = self._keys.gaps(account), self._keys.of(account)
        stored = _write(gap).decode()
        return bool(await self._commit.call(partition, "gap", (key,), stored, GAPS_MAX))

    async def latest(self, account: str, limit: int) -> list[Recorded]:
        """Recorded last first."""
        found = await self._read.one(
            "ZRANGE", self._keys.gaps(account), 0, limit - 1, "REV", "WITHSCORES"
        )
        return [
            Recorded(moment(at), _read(stored))
            for stored, at in zip(found[::2], found[1::2], strict=True)
        ]
