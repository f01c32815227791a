"""Which conversations somebody wants listed."""

import msgspec

from core.model.conversation import Conversation, Priority, Status
from core.model.message import Audience


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is stated has to be so. `inbox`, `channel` and `audience` are those of any
    leg; `unassigned` is stated by True alone.
    """

    status: Status | None = None
    priority: Priority | None = None
    assignee: str | None = None
    unassigned: bool = False
    tag: str | None = None
    inbox: str | None = None
    channel: str | None = None
    audience: Audience | None = None

    def passes(self, one: Conversation) -> bool:
        return (
            self.status in (None, one.status)
            and self.priority in (None, one.priority)
            and self.assignee in (None, one.assignee)
            and not (self.unassigned and one.assignee)
            and (self.tag is None or self.tag in one.tags)
            and (self.inbox is None or any(leg.thread.account == self.inbox for leg in one.legs))
            and (
                self.channel is None or any(leg.thread.channel == self.channel for leg in one.legs)
            )
            and (self.audience is None or any(leg.audience is self.audience for leg in one.legs))
        )


EVERYTHING = Filter()
