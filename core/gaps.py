"""What was said and could not be read: on record, and told to the agents whom it concerns."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from core.ids import derived_ulid
from core.model.content import System
from core.model.conversation import Leg, Status
from core.model.ids import MessageId, ThreadRef
from core.model.message import Direction, Message, Sender, SenderKind
from core.ports import Gap, RecordsGaps
from core.store.store import Store

WRITER = Sender(kind=SenderKind.SYSTEM, id="system:gap")


class KnownGap(msgspec.Struct, frozen=True, kw_only=True):
    """A gap of an account, as operators see it; `recorded_at` is when it was noticed."""

    account: str
    thread: ThreadRef | None
    since: datetime
    until: datetime
    reason: str
    recorded_at: datetime


class Gaps:
    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    def recorder(self, account: str) -> RecordsGaps:
        """The `RecordsGaps` port for one account."""

        async def record(gap: Gap, /) -> None:
            await self._store.gaps.record(account, gap)
            for leg in await self._concerned(gap.thread):
                await self._store.legs.note(leg.id, self._line(account, gap), "activity")

        return record

    async def latest(self, accounts: Iterable[str], limit: int) -> tuple[KnownGap, ...]:
        """Of these accounts, recorded last first."""
        found = [
            KnownGap(account=account, recorded_at=one.at, **msgspec.structs.asdict(one.gap))
            for account in accounts
            for one in await self._store.gaps.latest(account, limit)
        ]
        return tuple(sorted(found, key=lambda one: one.recorded_at, reverse=True)[:limit])

    async def _concerned(self, thread: ThreadRef | None) -> list[Leg]:
        """Legs on which something may be missing now."""
        if thread is None:
            return []
        heads = await self._store.legs.heads(await self._store.threads.legs_of(thread))
        return [one for one in heads if one and one.status is not Status.CLOSED]

    def _line(self, account: str, gap: Gap) -> Message:
        """One a leg, however often the gap is recorded."""
        where = str(gap.thread)
        return Message(
            id=MessageId(derived_ulid("gap", account, where, *map(str, (gap.since, gap.until)))),
            direction=Direction.ACTIVITY,
            sender=WRITER,
            at=self._now(),
            parts=(System(code="gap", text=_words(gap)),),
        )


def _words(gap: Gap) -> str:
    since, until = (f"{one:%Y-%m-%d %H:%M:%S}" for one in (gap.since, gap.until))
    return f"what was written here from {since} to {until} UTC may be missing: {gap.reason}"
