"""What a process remembers of late and updates do not repeat: topics, albums, groups it met.

In memory only: after a restart a reaction to an older message of a forum is told without its place.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

from typing_extensions import override

KEPT_MAX: Final = 20_000
V = TypeVar("V")


class Recent(Mapping[str, V]):
    """By the platform's ids. The oldest is forgotten for the newest."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, V] = OrderedDict()

    def note(self, remote: str, value: V) -> None:
        self._known[remote] = value
        self._known.move_to_end(remote)
        if len(self._known) > KEPT_MAX:
            self._known.popitem(last=False)

    @override
    def __getitem__(self, remote: str) -> V:
        return self._known[remote]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    @override
    def __len__(self) -> int:
        return len(self._known)
