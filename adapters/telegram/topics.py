"""In which topic a message of a forum is: a reaction does not say, and belongs to its thread.

Of the latest messages that this process has seen or sent, in memory only: after a restart a
reaction to an older one is told without its place.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final

from typing_extensions import override

KEPT_MAX: Final = 20_000


class Topics(Mapping[str, int]):
    """The platform's id of a message → its topic. Shared by one account's sender and receiver."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, int] = OrderedDict()

    def note(self, remote: str, topic: int) -> None:
        self._known[remote] = topic
        self._known.move_to_end(remote)
        if len(self._known) > KEPT_MAX:
            self._known.popitem(last=False)

    @override
    def __getitem__(self, remote: str) -> int:
        return self._known[remote]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    @override
    def __len__(self) -> int:
        return len(self._known)
