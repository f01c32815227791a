"""Faults: which call goes wrong, and how.

A fault names a platform ("telegram", "discord", "smtp", "imap", "oauth", "dns") and a method
("sendMessage", "create_message", "DATA", "FETCH", "token", "TXT", or "*" for any), and fires on
calls number `nth` to `nth + count - 1` that match it, counted from the moment it was added.
`target` narrows it further:
a chat id on Telegram, an address in mail, a grant type, a domain name.

Discord's methods are called as its OpenAPI description calls them ("create_message"), and "cdn" is
the download of a file; `target` is the channel, guild, or token that the address begins with.

Telegram has three methods that are no Bot API methods: "download" (of a file), "webhook" (a post to
it) and "update" (one is queued). Mail has two that are no commands: "connect", and "body" (the
bytes of a mail on their way to the host: after SMTP's DATA, in IMAP's APPEND). "*" means the calls,
not what Telegram does by itself, and not "body".

On Discord "*" means REST. What its gateway sends has methods of its own: "gateway." and the name of
an event, "HELLO", "HEARTBEAT_ACK", or "*" for any of these; "gateway.connect" is a client that
connects, "gateway.RESUME" one that wants to go on with its session.

A storm lets faults happen by chance; the same seed strikes the same calls.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random

from sandbox.errors import ActError

ANY = "*"
QUEUED = "update"
"""The moment in which an update is queued."""
POSTED = "webhook"
"""A post to a webhook."""
BODY = "body"
"""The bytes of a mail, while the mail host receives them."""
GATEWAY = "gateway."
"""How the methods of Discord's gateway begin."""
CONNECTED = "gateway.connect"
RESUMED = "gateway.RESUME"
KEPT_STRIKES_MAX = 50_000


class Kind(StrEnum):
    """What goes wrong."""

    RATE_LIMIT = "rate_limit"
    """Refused: 429 with `retry_after` seconds, or without a hint when that is 0, as a page when
    `html`. On Discord with `scope` "user", "shared" or "global" by the API itself; without `via`,
    or as a page, by Cloudflare before it."""
    SERVER_ERROR = "server_error"
    """Refused without effect: `status`, as HTML when `html`; as HTML also 200, by a proxy that is
    mistaken."""
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
    """Not in mail: it took effect; the answer is complete with half a JSON object in it."""
    CUT = "cut"
    """It took effect; the connection is closed in the middle of the answer: in mail after
    `after_bytes` of it."""
    TRICKLE = "trickle"
    """It took effect; the answer comes in small pieces over `seconds`."""
    DUPLICATE = "duplicate"
    """Method "update", and the gateway: it is delivered twice. "gateway.RESUME": what the client
    had already is replayed too."""
    REORDER = "reorder"
    """Method "update": the next update of the same chat is delivered before this one. Gateway: the
    next frame overtakes this one, which is sent after `seconds` at the latest."""
    REPLY = "reply"
    """Mail only: the server answers `reply` as it is, for example "450 4.2.0 Greylisted"; several
    lines are separated by "\\n"."""
    HANG = "hang"
    """The connection stays open, and nothing is read or written any more; nothing took effect."""
    NOISE = "noise"
    """IMAP only: untagged responses that nobody asked for come before and between the others."""
    NIL = "nil"
    """FETCH only: texts are NIL."""
    WRONG_SIZE = "wrong_size"
    """FETCH only: RFC822.SIZE is not the size."""
    VANISH = "vanish"
    """FETCH only: the mails are expunged by somebody else just before, so that none is answered."""
    OMIT = "omit"
    """FETCH: of several mails only the last is answered, and all is said to be well. Gateway: the
    frame is not sent."""
    RENUMBER = "renumber"
    """SELECT only: the folder has just got new UIDs, under a new UIDVALIDITY."""
    DEAF = "deaf"
    """IDLE only: what happens meanwhile is never told."""
    CLOSE = "close"
    """Gateway only, like the rest: the connection is closed with `code` instead of the frame."""
    RECONNECT = "reconnect"
    """Op 7 instead of the frame: the client is to come again and to resume."""
    INVALID_SESSION = "invalid_session"
    """Op 9 instead of the frame; unless `resumable` the session is gone."""
    LOST = "lost"
    """The connection is dropped before the frame and the session is gone, which the client learns
    when it resumes. "gateway.RESUME": the session turns out to be gone."""
    MISSING = "missing"
    """The frame is sent without what it has at `key` ("s", "d.author.id"; by default "d")."""
    WRONG_TYPE = "wrong_type"
    """The frame is sent with something of another type at `key`."""
    DAMAGED = "damaged"
    """Bytes of the frame are changed after it was compressed, which breaks the whole stream."""
    UNKNOWN_OP = "unknown_op"
    """A frame with an opcode that nobody knows comes before the frame."""
    UNKNOWN_EVENT = "unknown_event"
    """An event that nobody knows comes after the frame."""


OF_UPDATES = frozenset({Kind.DUPLICATE, Kind.REORDER})
OF_POSTS = frozenset({Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.SLOW_AFTER})
OF_BODIES = frozenset({Kind.DROP_BEFORE, Kind.RESET, Kind.HANG})
OF_METHODS = {
    Kind.NIL: "FETCH",
    Kind.WRONG_SIZE: "FETCH",
    Kind.VANISH: "FETCH",
    Kind.OMIT: "FETCH",
    Kind.RENUMBER: "SELECT",
    Kind.DEAF: "IDLE",
}
"""IMAP kinds that one command alone can have."""
MAIL = frozenset({"smtp", "imap"})
PLACES = {
    Kind.REPLY: MAIL,
    Kind.HANG: MAIL | {"telegram", "discord", "oauth"},
    Kind.GARBLED: frozenset({"telegram", "discord", "oauth", "dns"}),
    Kind.NOISE: frozenset({"imap"}),
    **dict.fromkeys(OF_METHODS, frozenset({"imap"})),
}
"""Kinds that are not for every platform."""
ONLY_GATEWAY = frozenset(
    {
        Kind.CLOSE,
        Kind.RECONNECT,
        Kind.INVALID_SESSION,
        Kind.LOST,
        Kind.MISSING,
        Kind.WRONG_TYPE,
        Kind.DAMAGED,
        Kind.UNKNOWN_OP,
        Kind.UNKNOWN_EVENT,
    }
)
OF_GATEWAY = ONLY_GATEWAY | {
    Kind.DROP_BEFORE,
    Kind.DROP_AFTER,
    Kind.RESET,
    Kind.HANG,
    Kind.SLOW_AFTER,
    Kind.DUPLICATE,
    Kind.REORDER,
    Kind.OMIT,
    Kind.GARBLED,
}
OF_REST = frozenset(
    {
        Kind.RATE_LIMIT,
        Kind.SERVER_ERROR,
        Kind.DROP_BEFORE,
        Kind.DROP_AFTER,
        Kind.SLOW_AFTER,
        Kind.UNAUTHORISED,
        Kind.BLOCKED,
        Kind.RESET,
        Kind.HANG,
        Kind.GARBLED,
        Kind.CUT,
        Kind.TRICKLE,
    }
)
"""What Discord's API and its files can have."""
SCOPES = ("user", "shared", "global")
OF_CONNECTING = frozenset(
    {Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.RESET, Kind.SERVER_ERROR, Kind.RATE_LIMIT}
)
OF_RESUMING = frozenset({Kind.DUPLICATE, Kind.LOST})


@dataclass(slots=True)
class Fault:
    """One rule. `count` 0 means: until it is cleared. Raises ActError for one without effect."""

    platform: str
    method: str
    kind: Kind
    nth: int = 1
    count: int = 1
    target: str | None = None
    retry_after: float = 1
    seconds: float = 1.0
    status: int = 502
    html: bool = False
    scope: str = "user"
    via: bool = True
    reply: str = ""
    after_bytes: int = 8
    code: int = 4000
    key: str = ""
    resumable: bool = False
    id: int = 0
    seen: int = field(default=0)
    fired: int = field(default=0)

    def __post_init__(self) -> None:
        if self.platform == "discord" and self.method.lower().startswith(GATEWAY):
            self._check_gateway()
        else:
            self._check_calls()

    def _check_gateway(self) -> None:
        own = {CONNECTED: OF_CONNECTING, RESUMED: OF_RESUMING}
        kinds = own.get(self.method, OF_GATEWAY)
        if self.kind not in kinds:
            raise ActError(f"method {self.method!r} takes {', '.join(sorted(kinds))}")

    def _check_calls(self) -> None:
        if self.kind in ONLY_GATEWAY:
            raise ActError(f"{self.kind.value!r} goes with methods {GATEWAY + ANY!r} of discord")
        if self.platform not in (places := PLACES.get(self.kind, (self.platform,))):
            raise ActError(f"{self.kind.value!r} happens on {', '.join(sorted(places))} only")
        if self.method.upper() != OF_METHODS.get(self.kind, self.method.upper()):
            raise ActError(f"{self.kind.value!r} goes with method {OF_METHODS[self.kind]!r} only")
        if self.platform == "telegram" or self.kind in OF_UPDATES:
            self._check_telegram()
        if self.platform == "discord" and self.kind not in OF_REST:
            raise ActError(f"discord's calls take {', '.join(sorted(OF_REST))}")
        if self.scope not in SCOPES:
            raise ActError(f"'scope' must be one of {', '.join(SCOPES)}")
        if self.platform in MAIL and self.method == BODY and self.kind not in OF_BODIES:
            raise ActError(f"method {BODY!r} takes {', '.join(sorted(OF_BODIES))}")

    def _check_telegram(self) -> None:
        if self.platform != "telegram":
            raise ActError(f"{self.kind.value!r} happens on telegram only")
        if (self.kind in OF_UPDATES) != (self.method == QUEUED):
            raise ActError(f"{', '.join(sorted(OF_UPDATES))} go with method {QUEUED!r}, others not")
        if self.method == POSTED and self.kind not in OF_POSTS:
            raise ActError(f"method {POSTED!r} takes {', '.join(sorted(OF_POSTS))}")

    def matches(self, platform: str, method: str, target: str | None) -> bool:
        """True when the call is one that this rule counts."""
        return (
            self.platform == platform
            and (self.method.lower() == method.lower() or self._any_call(method))
            and self.target in (None, target)
        )

    def _any_call(self, method: str) -> bool:
        if method.startswith(GATEWAY):
            return self.method == GATEWAY + ANY and method not in (CONNECTED, RESUMED)
        return self.method == ANY and method not in (QUEUED, POSTED, BODY)

    def due(self) -> bool:
        """True when the call just counted is one that goes wrong."""
        return self.seen >= self.nth and (self.count == 0 or self.seen < self.nth + self.count)


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely one call that matches `fault` (its `nth` and `count` aside) goes wrong, 0 to 1."""

    fault: Fault
    probability: float

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ActError("'probability' must be 0 to 1")


@dataclass(frozen=True, slots=True)
class Strike:
    """What a storm did: to the `call`-th call of this method (1 is the first) since it began."""

    platform: str
    method: str
    call: int
    target: str | None
    kind: Kind


class Storm:
    """Lets calls go wrong by chance. The first chance that comes up wins.

    Whether a call is struck depends on the seed, its method and its number among the calls of that
    method only, so that calls running beside each other do not change what happens. `calls` is
    after how many calls of a method it is over for that method; 0 means it goes on until calmed
    or cleared.
    """

    def __init__(self, seed: int, chances: Sequence[Chance], calls: int = 0) -> None:
        self.seed = seed
        self.struck: deque[Strike] = deque(maxlen=KEPT_STRIKES_MAX)
        self._chances = tuple(chances)
        self._calls = calls
        self._seen: Counter[tuple[str, str]] = Counter()
        self._calm = False

    def calm(self) -> None:
        """Strike no more; what was struck can still be read."""
        self._calm = True

    def count(self) -> Counter[str]:
        """How often it struck, by "platform.method kind"."""
        return Counter(f"{one.platform}.{one.method} {one.kind}" for one in self.struck)

    def take(self, platform: str, method: str, target: str | None) -> Fault | None:
        """Count the call; the fault that strikes it, if any."""
        self._seen[platform, method] += 1
        call = self._seen[platform, method]
        if self._calm or (self._calls and call > self._calls):
            return None
        luck = Random(f"{self.seed} {platform}.{method} {call}")  # noqa: S311  to be repeatable
        for chance in self._chances:
            strikes = luck.random() < chance.probability
            if strikes and chance.fault.matches(platform, method, target):
                kind = chance.fault.kind
                self.struck.append(Strike(platform, method, call, target, kind))
                return replace(chance.fault, seen=0, fired=0)
        return None


class Faults:
    """The rules in force, in the order in which they were added, and the storms."""

    def __init__(self) -> None:
        self.storms: list[Storm] = []
        self._faults: dict[int, Fault] = {}
        self._last_id = 0

    def add(self, fault: Fault) -> Fault:
        """Put a rule in force and give it its id."""
        self._last_id += 1
        fault.id = self._last_id
        self._faults[fault.id] = fault
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        """Take one rule out of force, or all of them and the storms too."""
        if fault_id is None:
            self._faults.clear()
            self.storms.clear()
        else:
            self._faults.pop(fault_id, None)

    def take(self, platform: str, method: str, target: str | None = None) -> Fault | None:
        """Count the call on every rule that matches; the first one that is due wins.

        Where no rule does, the storms decide.
        """
        chosen: Fault | None = None
        for fault in self._faults.values():
            if fault.matches(platform, method, target):
                fault.seen += 1
                if chosen is None and fault.due():
                    chosen = fault
        if chosen is not None:
            chosen.fired += 1
        for storm in self.storms:
            chosen = storm.take(platform, method, target) if chosen is None else chosen
        return chosen

    def all(self) -> list[Fault]:
        """Every rule in force, spent ones included."""
        return list(self._faults.values())
