"""Who is blocked: one small map for the whole installation, read as a whole by every process."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from core.errors import Conflict
from core.model.ids import IdentityId
from core.model.people import Block
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.reading import Reader

NAME: Final = "blocks"
"""Of their audit."""

BLOCKED_MAX: Final = 100_000

_REV: Final = b"rev"
"""Counts the changes; no identity is called so."""

_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(Block).decode


class Blocks:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys) -> None:
        self._read, self._commit, self._keys = read, commit, keys

    async def change(
        self,
        marks: Mapping[IdentityId, Block],
        gone: Sequence[IdentityId],
        record: Mapping[str, str],
    ) -> bool:
        """Block these and unblock those; `record` goes into the audit. Who is blocked already stays
        as they are. -> whether anything has changed. Raises Conflict when there are too many.
        """
        flat = [value for who, mark in marks.items() for value in (who, _write(mark).decode())]
        audit = [value for pair in record.items() for value in pair]
        touched = (self._keys.blocked, self._keys.audit(NAME))
        answer = await self._commit.call(
            self._keys.of(NAME), "block", touched, flat, tuple(gone), BLOCKED_MAX, audit
        )
        if isinstance(answer, list):
            raise Conflict(f"{BLOCKED_MAX} identities are blocked: unblock some first")
        return bool(answer)

    async def of(self, identities: Sequence[IdentityId]) -> list[Block | None]:
        if not identities:
            return []
        found = await self._read.one("HMGET", self._keys.blocked, *identities)
        return [_read(mark) if mark else None for mark in found]

    async def rev(self) -> int:
        """Another number: something has changed."""
        return int(await self._read.one("HGET", self._keys.blocked, _REV) or 0)

    async def all(self) -> tuple[int, dict[IdentityId, Block]]:
        """With the `rev` at which they are so."""
        fields = await self._read.one("HGETALL", self._keys.blocked)
        rev = int(fields.pop(_REV, 0))
        return rev, {IdentityId(who.decode()): _read(mark) for who, mark in fields.items()}
