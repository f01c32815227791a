"""What is written down of a history: by the platforms, by the clients, by the installation.

Every message has a token of its own in its words ("c2m7", "a1r3"), by which the three logs are
compared. Moments are seconds since the history began, by the clock of whoever watches.
"""

from enum import StrEnum

import msgspec


class Changed(StrEnum):
    """Whether agents read a message as its customer has it by now."""

    NO = "no"
    SURELY = "surely"
    PERHAPS = "perhaps"
    """The platform may not have told us."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a customer, in a `thread` of theirs. `files` are the sha256 of what is in it."""

    token: str
    who: str
    thread: str
    at: float
    changed: Changed = Changed.NO
    files: tuple[str, ...] = ()


class Got(msgspec.Struct, frozen=True, kw_only=True):
    """A message of ours on a customer's side; `changed` once it was said otherwise."""

    token: str
    who: str
    thread: str
    changed: bool = False


class Outcome(StrEnum):
    """What a program knows of what it asked for."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """No answer came, and it does not ask any more."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent asked for: "reply", "note", or "edit" of the message `of`; meant for `who`.

    `at` is when it was asked first, `until` when the last answer came, or none. `leg` and
    `position` are what the acknowledgement said.
    """

    token: str
    by: str
    what: str
    who: str
    outcome: Outcome
    at: float
    until: float
    leg: str = ""
    position: int = 0
    of: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An agent has read an entry, and which `state` its delivery was in."""

    by: str
    at: float
    leg: str
    position: int
    token: str
    state: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a leg's log at the end. `told_twice`: it says that it may have arrived twice."""

    leg: str
    position: int
    direction: str
    token: str
    who: str
    thread: str
    changed: bool = False
    deleted: bool = False
    state: str = ""
    told_twice: bool = False
    files: tuple[str, ...] = ()
    """sha256 of each file, or the state in which it is without."""
    change_of: int = 0
    """The position of the message that this entry changes."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the live feed."""

    id: str
    kind: str
    leg: str
    position: int


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a listener was told, from the event `first` to the event `last`.

    `gaps`: between these it was told that it has missed something.
    """

    by: str
    events: tuple[str, ...]
    first: str
    last: str
    gaps: tuple[tuple[str, str], ...] = ()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API tells an entry: an entry in two conversations has two of these."""

    conversation: str
    leg: str
    position: int


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """The store's file lost its end: what was written after `noted_at` may be gone.

    `known`: the tokens that were stored at `noted_at`.
    """

    noted_at: float
    cut_at: float
    known: frozenset[str] = frozenset()


class Logs(msgspec.Struct, frozen=True, kw_only=True):
    """All of a history. `feed` is the store's own log of events; `gaps` the threads of which it was
    said that something could not be read, "" for a whole account; `flaws` are what does not fit
    together among the store's keys; `surprises` what nobody foresaw: a process that ended by
    itself, a traceback in a log, something that never came to its end.
    """

    said: tuple[Said, ...] = ()
    got: tuple[Got, ...] = ()
    asked: tuple[Asked, ...] = ()
    seen: tuple[Seen, ...] = ()
    lines: tuple[Line, ...] = ()
    places: tuple[Place, ...] = ()
    feed: tuple[Event, ...] = ()
    heard: tuple[Heard, ...] = ()
    gaps: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    flaws: tuple[str, ...] = ()
    surprises: tuple[str, ...] = ()
