"""Codes that were given out, and what they led to: each ends by itself."""

from typing import Final, NamedTuple

from core.model.ids import IdentityId
from core.store.commit import GroupCommit
from core.store.keys import Keys

CODE_MS: Final = 600_000
ASKED_MS: Final = 3_600_000


class Used(NamedTuple):
    """Whose code it is, and who gave it first; "" if nobody has."""

    of: IdentityId
    by: str


class Proofs:
    def __init__(self, commit: GroupCommit, keys: Keys) -> None:
        self._commit, self._keys = commit, keys

    async def tally(self, identity: IdentityId, what: str, within_seconds: int) -> int:
        """How often this person has done it within that time, now included."""
        key, partition = self._keys.tally(identity, what), self._keys.of(identity)
        count: int = await self._commit.call(partition, "tally", (key,), within_seconds * 1000)
        return count

    async def issue(self, fingerprint: str, identity: IdentityId) -> None:
        """A code is valid from now on, for ten minutes."""
        await self._lend(self._keys.code(fingerprint), fingerprint, "of", identity, CODE_MS)

    async def use(self, fingerprint: str, by: str) -> Used | None:
        """Somebody gives a code; None if it is not valid. The first who does, and is not whose it
        is, has used it up; asked again, the same is said to them.
        """
        found = await self._spent(self._keys.code(fingerprint), fingerprint, "of", "by", by, True)
        return Used(IdentityId(found[0]), found[1]) if found else None

    async def ask(self, name: str, asked: str) -> None:
        """Somebody is asked to confirm it, within an hour."""
        await self._lend(self._keys.proof(name), name, "asked", asked, ASKED_MS)

    async def answer(self, name: str, answer: str) -> tuple[str, str] | None:
        """What was asked and what the first answer to it is; None if it has ended."""
        key = self._keys.proof(name)
        return await self._spent(key, name, "asked", "answer", answer, False)

    async def _lend(self, key: str, name: str, field: str, value: str, life_ms: int) -> None:
        await self._commit.call(self._keys.of(name), "lend", (key,), field, value, life_ms)

    async def _spent(
        self, key: str, name: str, field: str, taken: str, by: str, refuses: bool
    ) -> tuple[str, str] | None:
        answer = await self._commit.call(
            self._keys.of(name), "spent", (key,), field, taken, by, refuses
        )
        if not answer:
            return None
        value, holder = answer
        return value.decode(), holder.decode()
