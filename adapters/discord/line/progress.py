"""How far a stream of events is stored, of which many are under way at once. Pure."""

from collections import OrderedDict
from typing import Generic, TypeVar

P = TypeVar("P")
Ticket = int


class Progress(Generic[P]):
    """`stored` is the last position of which it and all before it are done. Whatever is lost with
    this process comes again, to whoever goes on behind it.

    Holds as many positions as are under way, however many are done behind the oldest of them.
    """

    def __init__(self, stored: P) -> None:
        self._last = stored
        self._begun = 0
        self._before: OrderedDict[Ticket, P] = OrderedDict()
        """Of each that is under way, where the one before it stood."""

    @property
    def stored(self) -> P:
        return next(iter(self._before.values())) if self._before else self._last

    @property
    def under_way(self) -> int:
        return len(self._before)

    def begin(self, position: P) -> Ticket:
        """Positions come in their order. -> what `done` wants to know."""
        self._begun += 1
        self._before[self._begun] = self._last
        self._last = position
        return self._begun

    def done(self, ticket: Ticket) -> None:
        """In any order; a second time is no error."""
        self._before.pop(ticket, None)
