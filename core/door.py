"""Who is let in: looked at before anything of an event is stored."""

from collections.abc import Mapping

from core.blocking import Blocking
from core.floods import Floods
from core.model.event import Inbound
from core.model.ids import IdentityId
from core.model.taking import Takes
from core.rules.floods import is_theirs
from core.rules.taking import taken


class Door:
    """What is not let in is acknowledged like everything else, counted, and that is all."""

    def __init__(
        self, blocking: Blocking, floods: Floods, takes: Mapping[str, Takes] | None = None
    ) -> None:
        """`takes` by account; of an account without it, everything."""
        self._blocking, self._floods, self._takes = blocking, floods, takes or {}

    def admits(self, event: Inbound, person: IdentityId) -> bool:
        """Whether this event of a person may be kept."""
        if not is_theirs(event):
            return True
        return not self._blocking.keeps_out(event, person) and self._floods.admits(event, person)

    def trimmed(self, event: Inbound) -> Inbound:
        """What is taken of an event that may be kept."""
        takes = self._takes.get(event.thread.account)
        return taken(event, takes) if takes and is_theirs(event) else event

    def give_back(self, event: Inbound, person: IdentityId) -> None:
        """What was admitted could not be kept, or is known: it was not one more."""
        if is_theirs(event):
            self._floods.give_back(event, person)
