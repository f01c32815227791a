"""How far each account has been read: an adapter's own notes."""

from typing import Final

from core.errors import InvalidRequest
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.reading import Reader, text_of

VALUE_MAX: Final = 4096


class AccountCheckpoints:
    """The `Checkpoints` port for one account. `held`: the key and the token of the hold under which
    it writes, if it writes only as long as that lasts.
    """

    def __init__(
        self,
        read: Reader,
        commit: GroupCommit,
        keys: Keys,
        account: str,
        held: tuple[str, str] | None = None,
    ) -> None:
        self._read, self._commit, self._keys, self._account = read, commit, keys, account
        self._held = held

    async def load(self, name: str) -> str | None:
        return text_of(await self._read.one("HGET", self._keys.checkpoint(self._account), name))

    async def save(self, name: str, value: str) -> None:
        """Durable when it returns. Raises InvalidRequest for what is no short note, Stale when the
        hold is not ours any more.
        """
        if len(value.encode()) > VALUE_MAX:
            raise InvalidRequest(f"a checkpoint holds at most {VALUE_MAX} bytes")
        key, partition = self._keys.checkpoint(self._account), self._keys.of(self._account)
        if self._held is None:
            await self._commit.call(partition, "checkpoint", (key,), name, value)
        else:
            hold, token = self._held
            await self._commit.call(partition, "checkpoint", (key, hold), name, value, token)
