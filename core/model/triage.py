"""What an agent changes of a piece of work."""

from datetime import datetime

import msgspec

from core.model.conversation import Priority, Status


class Triage(msgspec.Struct, frozen=True, kw_only=True):
    """All of it at once; None, and no tags, are left as they are.

    `tags` replaces them all, then come `add_tags` and `remove_tags`. `assignee` "" is nobody.
    `snoozed_until` goes with the status `snoozed`, which ends then. `wake`: what is snoozed is open
    again.
    """

    status: Status | None = None
    priority: Priority | None = None
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    assignee: str | None = None
    snoozed_until: datetime | None = None
    wake: bool = False
    spam: bool | None = None
