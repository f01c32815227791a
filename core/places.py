"""Where a message that a platform speaks of is kept, and where to tell of what is no message."""

import structlog

from core.model.event import Inbound
from core.model.ids import LegId, MessageId
from core.model.message import Audience
from core.rules.incoming import as_activity
from core.rules.routing import Bound
from core.store.store import Store

log = structlog.get_logger()

Place = tuple[LegId, int]
"""A leg and a position in its log."""


class Places:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(
        self, event: Inbound, bound: Bound | None, remote: str, ours: MessageId | None = None
    ) -> Place | None:
        """Where a message of this thread is: on the actor's leg or, in a group, on anybody's.

        `ours`: what we call it. That is known before the platform has said what it calls it.
        """
        threads, leg = self._store.threads, bound.leg if bound else None
        found = await threads.find(leg, remote)
        if not found and ours:
            found = await threads.written(leg, ours)
        if found or event.audience is Audience.PRIVATE:
            return found
        return await threads.find(await threads.placed(event.thread, remote), remote)

    async def show(self, event: Inbound, leg: LegId | None) -> None:
        """As a line that agents see; of somebody without a conversation, as one in the log."""
        if leg:
            await self._store.legs.note(leg, as_activity(event), "activity")
        else:
            kind = event.body.__struct_config__.tag
            log.info("event without a conversation", account=event.thread.account, kind=kind)
