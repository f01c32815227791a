"""Faults: which call goes wrong, and how.

A fault names a platform ("telegram", "smtp", "imap") and a method ("sendMessage", "DATA", "FETCH",
or "*" for any), and fires on calls number `nth` to `nth + count - 1` that match it, counted from
the moment it was added. `target` narrows it further: a chat id on Telegram, an address in mail.
"""

from dataclasses import dataclass, field
from enum import StrEnum

ANY = "*"


class Kind(StrEnum):
    """What goes wrong."""

    RATE_LIMIT = "rate_limit"
    """Refused: 429 with `retry_after` seconds."""
    SERVER_ERROR = "server_error"
    """Refused without effect: `status`, as HTML when `html`."""
    DROP_BEFORE = "drop_before"
    """The connection is closed before the request takes effect."""
    DROP_AFTER = "drop_after"
    """The request takes effect, then the connection is closed without an answer."""
    SLOW_AFTER = "slow_after"
    """The request takes effect, and the answer comes `seconds` later."""
    UNAUTHORISED = "unauthorised"
    """Refused: 401, SMTP 535, IMAP authentication failure."""
    BLOCKED = "blocked"
    """Refused: 403, the person has blocked the bot."""
    CONFLICT = "conflict"
    """Refused: 409, another poller."""
    RESET = "reset"
    """The connection is reset after `seconds`, and nothing took effect: a long poll that dies."""
    GARBLED = "garbled"
    """It took effect; the answer is complete HTTP with half a JSON object in it."""
    CUT = "cut"
    """It took effect; the connection is closed in the middle of the answer."""
    TRICKLE = "trickle"
    """It took effect; the answer comes in small pieces over `seconds`."""
    DUPLICATE = "duplicate"
    """Method "update" only: the update is delivered twice."""
    REORDER = "reorder"
    """Method "update" only: the next update of the same chat is delivered before this one."""
    REPLY = "reply"
    """Mail only: the server answers `reply` as it is, for example "450 4.2.0 Greylisted"."""


@dataclass(slots=True)
class Fault:
    """One rule. `count` 0 means: until it is cleared."""

    platform: str
    method: str
    kind: Kind
    nth: int = 1
    count: int = 1
    target: str | None = None
    retry_after: int = 1
    seconds: float = 1.0
    status: int = 502
    html: bool = False
    reply: str = ""
    id: int = 0
    seen: int = field(default=0)
    fired: int = field(default=0)

    def matches(self, platform: str, method: str, target: str | None) -> bool:
        """True when the call is one that this rule counts."""
        return (
            self.platform == platform
            and self.method.lower() in (ANY, method.lower())
            and self.target in (None, target)
        )

    def due(self) -> bool:
        """True when the call just counted is one that goes wrong."""
        return self.seen >= self.nth and (self.count == 0 or self.seen < self.nth + self.count)


class Faults:
    """The rules in force, in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._last_id = 0

    def add(self, fault: Fault) -> Fault:
        """Put a rule in force and give it its id."""
        self._last_id += 1
        fault.id = self._last_id
        self._faults[fault.id] = fault
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        """Take one rule out of force, or all of them."""
        if fault_id is None:
            self._faults.clear()
        else:
            self._faults.pop(fault_id, None)

    def take(self, platform: str, method: str, target: str | None = None) -> Fault | None:
        """Count the call on every rule that matches; the first one that is due wins."""
        chosen: Fault | None = None
        for fault in self._faults.values():
            if fault.matches(platform, method, target):
                fault.seen += 1
                if chosen is None and fault.due():
                    chosen = fault
        if chosen is not None:
            chosen.fired += 1
        return chosen

    def all(self) -> list[Fault]:
        """Every rule in force, spent ones included."""
        return list(self._faults.values())
