"""The conversation as a piece of work: its status, priority, tags, assignee, and when it is due."""

from collections.abc import Callable
from datetime import datetime

from core.model.conversation import Conversation, Status
from core.model.ids import MessageId
from core.model.message import Direction, Message, Sender
from core.model.triage import Triage as Change
from core.rules.triage import for_each, lines
from core.store.store import Store
from core.store.triage import Version


class Triage:
    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    async def change(
        self,
        conversation: Conversation,
        sender: Sender,
        change: Change,
        activity: MessageId,
        *,
        unchanged: bool = False,
    ) -> None:
        """Change every leg of a conversation, all of it or nothing a leg; a leg that cannot take a
        status is let be if another can. `activity` is the id of the line that tells of it.

        `unchanged`: only legs that are still as they were read. Of several people who ask so at
        once one gets through: everybody begins with the first leg.

        Raises NotFound, Conflict (`stale`: not as they were read), InvalidRequest.
        """
        asked = for_each(change, conversation.legs)
        for leg, part in zip(conversation.legs, asked, strict=True):
            line = Message(
                id=MessageId(f"{activity}.{leg.id}"),
                direction=Direction.ACTIVITY,
                sender=sender,
                at=self._now(),
                parts=lines(part, leg),
            )
            expected = Version(leg.rev, leg.length) if unchanged else None
            await self._store.triage.change(leg.id, part, line, expected)

    async def set_status(
        self, conversation: Conversation, sender: Sender, status: Status, activity: MessageId
    ) -> None:
        await self.change(conversation, sender, Change(status=status), activity)
