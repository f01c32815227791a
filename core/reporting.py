"""What a platform, or a mail system on the way, reports of a message that we sent.

A report about the person of the thread is the message's delivery. One about somebody who got a
copy, or one that it takes longer, is a line that agents see.
"""

from core.model.event import DeliveryReported, Inbound
from core.model.message import DeliveryState
from core.places import Places
from core.rules.routing import Bound
from core.store.store import Store


class Reporting:
    def __init__(self, store: Store, places: Places) -> None:
        self._store, self._places = store, places

    async def take(self, event: Inbound, bound: Bound | None, told: DeliveryReported) -> None:
        """Done twice, nothing more."""
        found = await self._places.find(event, bound, told.remote, told.message)
        failed, late = told.state is DeliveryState.FAILED, told.state is DeliveryState.SENDING
        if found is None:
            # Only a failure is worth an agent's look if nobody knows what has failed.
            return await self._places.show(event, bound.leg if bound and failed else None)
        if late or (told.recipient and failed):
            await self._places.show(event, found[0])
        if not told.recipient:
            state = DeliveryState.SENT if late else told.state  # whoever delays it has it
            await self._store.outbox.report(*found, state, told.reason, told.remote)
        return None
