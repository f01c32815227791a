"""Work that fails again and again must not hold up what stands behind it.

It is tried again after growing waits. When that has not helped it is laid aside, where an operator
finds it, and its thread goes on; nothing of it is lost. A message that was to be sent ends there
with a state that its agent sees.
"""

from collections import Counter
from typing import Final

import msgspec
import structlog

from core.errors import mistake
from core.model.message import DeliveryState
from core.recent import Recent
from core.store.lanes import Lease
from core.store.outbox import in_front
from core.store.store import Store

FAILING_MAX: Final = 4096
"""Lanes of which this process knows that they fail."""

log = structlog.get_logger()


class BurialLimits(msgspec.Struct, frozen=True, kw_only=True):
    """`attempts_max`: then it is laid aside; at least 2, as the first may have failed by another
    entry that was worked on with it. `letters_max`: of one account in one partition; what finds no
    room goes on waiting in its lane.
    """

    attempts_max: int = 8
    letters_max: int = 1000


class Burials:
    """One a process."""

    def __init__(self, store: Store, limits: BurialLimits) -> None:
        self._store, self._limits = store, limits
        self._failing = Recent[tuple[str, str], bool](FAILING_MAX)
        self.buried: Counter[str] = Counter()
        """Entries laid aside, by account, since the process began."""

    def is_failing(self, lease: Lease) -> bool:
        """Whether this lane failed here of late: its entries are then worked on one by one, so that
        it is known which of them it is.
        """
        return (lease.kind, lease.key) in self._failing

    async def failed(self, lease: Lease, error: BaseException) -> None:
        """Its first entry waits, or is laid aside. Raises Stale, StoreError."""
        reason, limits = mistake(error), self._limits
        self._failing.note((lease.kind, lease.key), True)
        found = await self._store.letters.failed(
            lease, reason, limits.attempts_max, limits.letters_max
        )
        said = {"kind": lease.kind, "account": lease.account, "attempts": found.attempts}
        if found.full:
            log.error("dead letters are full: look at them, then revive or remove some", **said)
        elif not found.final:
            log.warning("work in a lane failed and is tried again", reason=reason, **said)
        elif lease.kind == "out":
            await self._give_up_sending(lease, reason)
            log.error("a message cannot be sent", reason=reason, **said)
        else:
            self.buried[lease.account] += 1
            log.error("laid aside as a dead letter", reason=reason, **said)

    async def _give_up_sending(self, lease: Lease, reason: str) -> None:
        """Nobody knows how far it had come if it was being sent."""
        lease, outbox = self._store.lanes.newest(lease), self._store.outbox
        one = in_front(lease)
        before = (await outbox.begin(lease, one)).state
        begun = before is DeliveryState.SENDING
        state = DeliveryState.UNKNOWN if begun else DeliveryState.FAILED
        await outbox.sent(lease, one, state, reason=reason)
        await self._store.lanes.postpone(lease, 0)
