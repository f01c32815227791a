"""How far each account has been read: an adapter's own notes."""

from typing import Final

from core.errors import InvalidRequest
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.reading import Reader, text_of

VALUE_MAX: Final = 4096


class AccountCheckpoints:
    """The `Checkpoints` port for one account."""

    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys, account: str) -> None:
        self._read, self._commit, self._keys, self._account = read, commit, keys, account

    async def load(self, name: str) -> str | None:
        return text_of(await self._read.one("HGET", self._keys.checkpoint(self._account), name))

    async def save(self, name: str, value: str) -> None:
        """Durable when it returns. Raises InvalidRequest for what is no short note."""
        if len(value.encode()) > VALUE_MAX:
            raise InvalidRequest(f"a checkpoint holds at most {VALUE_MAX} bytes")
        key = self._keys.checkpoint(self._account)
        await self._commit.call(self._keys.of(self._account), "checkpoint", (key,), name, value)
