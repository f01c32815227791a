"""Where Redis and the archive meet: what is not in Redis is found there, and brought back.

Redis is asked first, always. What is written goes to Redis only: a leg that is not there comes back
(thaws) before it is written on. Its number, and its place among its person's legs, stay with the
archive, whose row is kept as long as the leg is anywhere.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from core.model.ids import LegId, ThreadRef
from core.store.commit import GroupCommit, binary
from core.store.compact import tightened
from core.store.keys import Keys
from core.store.reading import Reader
from core.store.shelf import Fields, Frozen, Shelf

T = TypeVar("T")

TRIES_MAX: Final = 2
"""A leg that has come back stays for longer than one try."""


class Cold:
    def __init__(
        self,
        shelf: Shelf,
        read: Reader,
        commit: GroupCommit,
        keys: Keys,
        patience_seconds: float,
    ) -> None:
        self.shelf = shelf
        self._patience_ms = int(patience_seconds * 1000)
        self._read, self._commit, self._keys = read, commit, keys

    async def leg(self, leg: LegId) -> Frozen | None:
        """An archived leg; ask only for what is not in Redis."""
        return (await self.shelf.legs((leg,)))[0]

    async def warm(
        self, leg: LegId, do: Callable[[], Awaitable[T]], missing: Callable[[T], bool]
    ) -> T:
        """Do something to a leg; if it is missing, again once it has come back. What is missing
        though the leg is here is told after a few tries.
        """
        answer = await do()
        return await self.again(leg, do, missing, answer) if missing(answer) else answer

    async def again(
        self,
        leg: LegId,
        do: Callable[[], Awaitable[T]],
        missing: Callable[[T], bool],
        answer: T,
    ) -> T:
        """Again, once what was missing has come back. Apart, for who does it to every message: the
        first time costs them no waiting for somebody who waits.
        """
        for _ in range(TRIES_MAX):
            if not missing(answer) or not await self.thaw(leg):
                break
            answer = await do()
        return answer

    async def thaw(self, leg: LegId) -> bool:
        """Have this leg in Redis; False: it is nowhere. One that is in Redis stays as it is.

        Raises StoreError.
        """
        while True:
            asked_ms, here = await self._since("EXISTS", self._keys.leg(leg))
            found = None if here else await self.leg(leg)
            if here or not found:
                return bool(here)
            if await self._thaw(leg, found, asked_ms, None):
                return True

    async def bind(self, ref: ThreadRef, author: str) -> bool:
        """Have a thread that goes to no leg go to the archived one that began last in it for this
        author; -> whether it goes to one.
        """
        keys, thread = self._keys, str(ref)
        while True:
            asked_ms, bound = await self._since("HGET", keys.thread(thread), f"b:{author}")
            leg = None if bound else await self.shelf.newest(thread, author)
            if bound or not leg:
                return bool(bound)
            _, here = await self._since("EXISTS", keys.leg(leg))
            found = None if here else await self.leg(leg)
            if await self._thaw(leg, found, asked_ms, (thread, author)):
                return True

    async def _since(self, *command: str) -> tuple[int, Any]:
        """An answer of Redis, and a moment (its ms) since when that has been so at least."""
        (seconds, micros), answer = await self._read.many((("TIME",), command))
        return seconds * 1000 + micros // 1000, answer

    async def _thaw(
        self, leg: LegId, found: Frozen | None, asked_ms: int, bound: tuple[str, str] | None
    ) -> bool:
        """False: look again."""
        keys, partition = self._keys, self._keys.of_leg(leg)
        thread, author = bound or (found.field("thread") if found else "", None)
        answer = await self._commit.call(
            partition,
            "thaw",
            (
                *keys.whole(leg),
                keys.thread(thread),
                keys.events(partition),
                *keys.inboxes(partition),
            ),
            leg,
            flat(found.head) if found else (),
            [binary(tightened(one)) for one in found.log] if found else (),
            flat(found.refs) if found else (),
            flat(found.sends) if found else (),
            asked_ms,
            self._patience_ms,
            False if author is None else author,
        )
        return bool(answer)


def flat(fields: Fields) -> Sequence[object]:
    """A hash as a script takes it."""
    return [binary(one) for pair in fields.items() for one in pair]


def fields_from(values: Sequence[bytes]) -> Fields:
    """A hash as a script tells it."""
    return dict(zip(values[::2], values[1::2], strict=True))
