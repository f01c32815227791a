"""What the contract suite needs from a channel: somebody to play the platform and its people.

A new channel gets one class that implements `Harness`; the suite itself knows no platform.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from core.model.content import MediaKind, Style
from core.ports import Adapter, Surroundings
from tests.contract.cells import Cell
from tests.contract.surroundings import Lent

BOLD = "𝕾o bold"
"""What is written in bold where formatting is tried, behind an emoji."""
LARGE = "The large one"
"""The part that is quoted where quoting a part is tried."""


class Trouble(Enum):
    """What the platform does with the next send."""

    BUSY = auto()
    """Refused for now, nothing has left."""
    REFUSED = auto()
    """Refused for good."""
    SILENT = auto()
    """Taken, then the connection is lost before the answer."""


@dataclass(frozen=True)
class Person:
    """A customer: `key` in the sandbox, `remote` as the adapter has to call them."""

    key: str
    remote: str
    name: str


@dataclass(frozen=True)
class Got:
    """One message as the customer sees it. `styled` maps a style to the texts that carry it.

    `kind` is what its file is shown as, where the channel tells kinds apart. Messages of one
    `album` are shown as one. `place` is latitude and longitude, `card` a name and a number,
    `poll` a question and its answers. What is shown in a frame is part of the text.
    """

    text: str
    answers: str = ""
    quotes: str = ""
    styled: Mapping[Style, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[tuple[str, bytes], ...] = ()
    kind: MediaKind | None = None
    album: str = ""
    buttons: tuple[tuple[str, ...], ...] = ()
    place: tuple[float, float] | None = None
    card: tuple[str, str] | None = None
    poll: tuple[str, tuple[str, ...]] | None = None
    silent: bool = False


class Harness(Protocol):
    """One account of the platform, and its customers."""

    channel: str
    people_can: frozenset[Cell]
    """What customers can do there so that we hear of it. The rest the platform does not have, or
    does not tell.
    """

    text_length_max: int
    retry_after_seconds: float | None
    """How long the platform says to wait when it is busy; None: it does not say."""

    tells_kinds: bool
    """Whether customers see a file as what it is, rather than as one that is attached."""

    async def begin(self, lent: Lent) -> None:
        """What the inbox has behind it before anybody writes: where a platform keeps nothing for
        who was never connected, the first connection.
        """
        ...

    def person(self, key: str) -> Person: ...

    def adapter(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Adapter]: ...

    def locked_out(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Adapter]:
        """The adapter with credentials that the platform refuses."""
        ...

    def write(self, who: Person, text: str, *, after: str = "") -> str:
        """The customer writes; -> the message's id as the adapter has to call it. `after`: it goes
        on from their own message with this id.
        """
        ...

    def write_file(self, who: Person, name: str, content: bytes) -> None: ...

    def write_poison(self, who: Person) -> None:
        """Something that no adapter can be expected to understand."""
        ...

    def answer(self, who: Person, remote: str, text: str) -> None:
        """The customer answers what they got under this id."""
        ...

    def does(self, who: Person, cell: Cell, remote: str = "", *, undone: bool = False) -> None:
        """The customer does this, to the message with this id where it is done to one. Each time
        THREAD is done a person writes into another thread.
        """
        ...

    def threads(self, who: Person) -> list[list[str]]:
        """The texts of the threads into which THREAD was done, ours included, oldest first."""
        ...

    def received(self, who: Person) -> list[Got]: ...

    def reaction(self, who: Person, remote: str) -> str:
        """The emoji that the customer sees from us on their message; empty for none."""
        ...

    def saw_typing(self, who: Person) -> bool: ...

    def trouble(self, kind: Trouble) -> None: ...
