"""What the process that runs an inbox tells the others of it: known only as long as it is told."""

from collections.abc import Sequence

from core.store.commit import GroupCommit, binary
from core.store.keys import Keys
from core.store.reading import Reader


class Announced:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys) -> None:
        self._read, self._commit, self._keys = read, commit, keys

    async def tell(self, account: str, told: bytes, seconds: float) -> None:
        """Known to everybody for so long."""
        key, partition = self._keys.announced(account), self._keys.of(account)
        await self._commit.call(partition, "announce", (key,), binary(told), int(seconds * 1000))

    async def heard(self, accounts: Sequence[str]) -> list[bytes | None]:
        """What was told last of each of these; None: no process runs it, or none has for long."""
        return await self._read.many([("GET", self._keys.announced(one)) for one in accounts])
