"""How far along each leg is shown to be on its platform: until it is closed there, too."""

import asyncio
from collections.abc import Sequence
from typing import Final

from core.model.conversation import Status
from core.model.ids import LegId
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.reading import Reader

PAGE: Final = 500


class Shown:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys) -> None:
        self._read, self._commit, self._keys = read, commit, keys

    async def of(self, account: str, legs: Sequence[LegId]) -> list[Status | None]:
        """What was shown last of each of these; None: nothing that is known."""
        if not legs:
            return []
        found = await self._read.one("HMGET", self._keys.shown(account), *legs)
        return [Status(one.decode()) if one else None for one in found]

    async def page(self, account: str, cursor: int) -> tuple[int, list[LegId]]:
        """Legs of which something is or is to be shown; some of them twice. -> the cursor of the
        next page, 0 behind the last.
        """
        key = self._keys.shown(account)
        following, found = await self._read.one("HSCAN", key, cursor, "COUNT", PAGE)
        return int(following), [LegId(leg.decode()) for leg in found]

    async def owe(self, account: str, legs: Sequence[LegId]) -> None:
        """These are to be shown; on record when it returns."""
        await asyncio.gather(*(self._note(account, leg, None, last=False) for leg in legs))

    async def note(self, account: str, leg: LegId, status: Status) -> None:
        """This is what is shown now. What is closed changes no more."""
        await self._note(account, leg, status, last=status is Status.CLOSED)

    async def forget(self, account: str, leg: LegId) -> None:
        await self._note(account, leg, None, last=True)

    async def _note(self, account: str, leg: LegId, status: Status | None, *, last: bool) -> None:
        partition, touched = self._keys.of(account), (self._keys.shown(account),)
        await self._commit.call(partition, "shown", touched, leg, status or False, last)
