"""What a process remembers of late: a map that forgets the oldest for the newest."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar, overload

from typing_extensions import override

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
D = TypeVar("D")


class Recent(Mapping[K, V]):
    """At most `kept_max` entries, those that were noted last. In memory only."""

    def __init__(self, kept_max: int) -> None:
        self._kept_max = kept_max
        self._known: OrderedDict[K, V] = OrderedDict()

    def note(self, key: K, value: V) -> None:
        self._known[key] = value
        self._known.move_to_end(key)
        if len(self._known) > self._kept_max:
            self._known.popitem(last=False)

    def take(self, key: K) -> V | None:
        """What is known, which is forgotten by it."""
        return self._known.pop(key, None)

    @override
    def __getitem__(self, key: K) -> V:
        return self._known[key]

    @overload
    def get(self, key: K, /) -> V | None: ...

    @overload
    def get(self, key: K, /, default: V | D) -> V | D: ...

    @override
    def get(self, key: K, /, default: V | D | None = None) -> V | D | None:
        """Asked of every event, so not by way of an exception, as a mapping would."""
        return self._known.get(key, default)

    @override
    def __iter__(self) -> Iterator[K]:
        return iter(self._known)

    def __reversed__(self) -> Iterator[K]:
        """The newest first."""
        return reversed(self._known)

    @override
    def __len__(self) -> int:
        return len(self._known)
