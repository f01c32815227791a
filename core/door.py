"""Who is let in: looked at before anything of an event is stored."""

from core.blocking import Blocking
from core.floods import Floods
from core.model.event import Inbound
from core.model.ids import IdentityId
from core.rules.floods import is_theirs


class Door:
    """What is not let in is acknowledged like everything else, counted, and that is all."""

    def __init__(self, blocking: Blocking, floods: Floods) -> None:
        self._blocking, self._floods = blocking, floods

    def admits(self, event: Inbound, person: IdentityId) -> bool:
        """Whether this event of a person may be kept."""
        if not is_theirs(event):
            return True
        return not self._blocking.keeps_out(event, person) and self._floods.admits(event, person)

    def give_back(self, event: Inbound, person: IdentityId) -> None:
        """What was admitted could not be kept, or is known: it was not one more."""
        if is_theirs(event):
            self._floods.give_back(event, person)
