"""What happens in a history, and when: a function of its seed. Pure."""

from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import Final

import msgspec

LEASE_SECONDS: Final = 2.0
NOISE_SECONDS: Final = 3.0
"""So long everybody talks; whatever goes wrong is over soon after."""
LONG_SECONDS: Final = 60.0


class Form(StrEnum):
    """How an installation is spread over processes."""

    WHOLE = "whole"
    PARTS = "parts"


class Server(StrEnum):
    """Whose Redis it is."""

    OWN = "own"
    EMBEDDED = "embedded"


class Kind(StrEnum):
    """What goes wrong. Of what lasts, `Blow.seconds` says how long."""

    KILL = "kill"
    """kill -9 of a process of the gateway, which is started again after `seconds`."""
    STOP = "stop"
    """SIGSTOP of a process for less than a lease."""
    STOP_LONG = "stop_long"
    """The same for longer than a lease: others have taken its work when it goes on."""
    STALL = "stall"
    """Many short stops, one after another: an event loop that is held up."""
    REDIS_KILL = "redis_kill"
    REDIS_GONE = "redis_gone"
    """Killed, and not there for `seconds`."""
    REDIS_STOP = "redis_stop"
    """SIGSTOP: connections stay open, and nothing is answered."""
    REDIS_SLOW = "redis_slow"
    """It answers late, again and again."""
    REDIS_FULL = "redis_full"
    REDIS_READ_ONLY = "redis_read_only"
    """It becomes a replica of nobody."""
    REDIS_CUT = "redis_cut"
    """kill -9, and its file has lost some of its end."""
    REDIS_DISK_FULL = "redis_disk_full"
    DISK_FULL = "disk_full"
    """No file of a process of the gateway can grow."""
    CLOCK = "clock"
    """The wall clock of all processes jumps by `amount` seconds and stays there."""
    TELEGRAM_STORM = "telegram_storm"
    MAIL_STORM = "mail_storm"
    DISCORD_STORM = "discord_storm"
    LIMITS = "limits"
    """Most calls are refused for their number: with a hint when to come again, without, as a
    page."""
    PAGES = "pages"
    """Most calls are answered with a page, with status 200 or 502."""
    TOLD_TWICE = "told_twice"
    """Updates and frames come two times; at the end every mail once more, the newest first."""
    PLATFORMS_CLOSED = "platforms_closed"
    """Telegram and Discord refuse connections, and end those there are."""
    PLATFORMS_RESET = "platforms_reset"
    """All reset connections: those there are, and new ones once they are accepted."""
    PLATFORMS_SILENT = "platforms_silent"
    """Half-open connections: they stay, what is sent is lost, and nothing is answered."""
    NAMES_GONE = "names_gone"
    """No platform's name is found, and a process starts meanwhile."""


SECONDS: Final[dict[Kind, tuple[float, float]]] = {
    Kind.KILL: (0.0, 1.5),
    Kind.STOP: (0.2, 0.6 * LEASE_SECONDS),
    Kind.STOP_LONG: (LEASE_SECONDS + 0.3, LEASE_SECONDS + 1.0),
    Kind.STALL: (0.5, 1.5),
    Kind.REDIS_KILL: (0.0, 0.0),
    Kind.REDIS_GONE: (0.5, 2.5),
    Kind.REDIS_STOP: (0.3, 2.0),
    Kind.REDIS_SLOW: (0.5, 1.5),
    Kind.REDIS_FULL: (0.5, 2.0),
    Kind.REDIS_READ_ONLY: (0.3, 1.5),
    Kind.REDIS_CUT: (0.3, 1.0),
    Kind.REDIS_DISK_FULL: (0.5, 1.5),
    Kind.DISK_FULL: (0.5, 1.5),
    Kind.CLOCK: (0.0, 0.0),
    Kind.TELEGRAM_STORM: (1.0, 3.0),
    Kind.MAIL_STORM: (1.0, 3.0),
    Kind.DISCORD_STORM: (1.0, 3.0),
    Kind.LIMITS: (1.0, 3.0),
    Kind.PAGES: (0.5, 2.0),
    Kind.TOLD_TWICE: (0.5, 2.0),
    Kind.PLATFORMS_CLOSED: (0.3, 1.5),
    Kind.PLATFORMS_RESET: (0.3, 1.5),
    Kind.PLATFORMS_SILENT: (0.3, 2.0),
    Kind.NAMES_GONE: (0.5, 3.0),
}
WEIGHTS: Final[dict[Kind, int]] = {
    Kind.KILL: 4,
    Kind.STOP_LONG: 3,
    Kind.REDIS_KILL: 3,
    Kind.REDIS_GONE: 3,
    Kind.REDIS_CUT: 2,
}
"""How often each is chosen; else 1."""
OF_REDIS: Final = frozenset(one for one in Kind if one.startswith("redis"))
"""One of these at a time."""
OWN_ONLY: Final = frozenset({Kind.REDIS_GONE})
"""Who runs an embedded server starts it again at once."""
CLOCK_JUMPS: Final = (-3.0, -0.8, 2.0, 30.0, 3600.0, 9 * 86400.0)
PARTS: Final = ("web,worker", "worker,adapter", "adapter")
"""The processes of an installation in parts: two workers, and two to whom an inbox may go."""
WHOLE: Final = ("all",)
CUSTOMERS: Final = ("tg1", "tg2", "ml1", "dc1")
VERBS: Final = {"tg": ("say", "say", "say", "edit", "correct", "file"),
                "ml": ("say", "say", "file"),
                "dc": ("say", "say", "post", "post", "edit", "file")}  # fmt: skip
AGENTS: Final = ("a1", "a2")
AGENTS_VERBS: Final = ("reply", "reply", "reply", "reply", "note", "edit", "close", "look", "look")
PATIENCE: Final = (1, 2, 1000)
"""After so many tries an agent does not ask any more."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody does something, `at` so many seconds; agents `to` a customer."""

    at: float
    who: str
    verb: str
    to: str = ""
    tries: int = 1

    def shown(self) -> str:
        return f"{self.who} {self.verb} {self.to}".rstrip()


class Blow(msgspec.Struct, frozen=True, kw_only=True):
    """A fault. `target` is a process of the gateway, `seed` what further chance is drawn from."""

    at: float
    kind: Kind
    seconds: float = 0.0
    target: str = ""
    amount: float = 0.0
    seed: int = 0

    def shown(self) -> str:
        by = f" by {self.amount:+.1f} s" if self.amount else ""
        return f"** {self.kind}{by} for {self.seconds:.2f} s, {self.target}"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`fakes_clock`: all processes have a clock that can be set; `hides_names`: they look names up
    where we can take them away.
    """

    seed: int
    form: Form
    server: Server
    fsync: str
    acts: tuple[Act, ...]
    blows: tuple[Blow, ...]

    @property
    def processes(self) -> tuple[str, ...]:
        return PARTS if self.form is Form.PARTS else WHOLE

    @property
    def hides_names(self) -> bool:
        return any(one.kind is Kind.NAMES_GONE for one in self.blows)

    @property
    def fakes_clock(self) -> bool:
        return any(one.kind is Kind.CLOCK for one in self.blows)

    def shown(self) -> str:
        """A line for each thing that happens, in its order."""
        head = f"seed {self.seed}: {self.form}, {self.server} server, fsync {self.fsync}"
        lines = [head]
        things: list[Act | Blow] = [*self.acts, *self.blows]
        lines += [f"{one.at:6.2f}  {one.shown()}" for one in sorted(things, key=lambda one: one.at)]
        return "\n".join(lines)


def plan_of(seed: int, *, long: bool = False) -> Plan:
    """The history of this seed; `long`: in it the store is gone for a whole minute."""
    rng = Random(f"history {seed}")
    form = rng.choices(tuple(Form), (3, 1))[0]
    server = rng.choice(tuple(Server))
    fsync = "everysec" if server is Server.EMBEDDED else rng.choice(("everysec", "always"))
    processes = PARTS if form is Form.PARTS else WHOLE
    blows = _blows(rng, processes, server, fsync)
    if long:
        gone = Blow(at=1.0, kind=Kind.REDIS_GONE, seconds=LONG_SECONDS)
        beside = [one for one in blows if one.kind not in OF_REDIS]
        blows, server = [gone, *beside], Server.OWN
    acts = [*_customers_acts(rng), *_agents_acts(rng)]
    return Plan(
        seed=seed, form=form, server=server, fsync=fsync, acts=tuple(acts), blows=tuple(blows)
    )


def _blows(rng: Random, processes: Sequence[str], server: Server, fsync: str) -> list[Blow]:
    """Two to four, one of which is about Redis at most."""
    kinds = [one for one in Kind if server is Server.OWN or one not in OWN_ONLY]
    if len(processes) > 1:  # libfaketime fails who sleeps in turns, as they do when they start
        kinds.remove(Kind.CLOCK)
    if fsync == "always":  # whoever forces everything to the disk loses nothing of it
        kinds.remove(Kind.REDIS_CUT)
    chosen: list[Kind] = []
    for _ in range(rng.choice((2, 3, 3, 4))):
        kind = rng.choices(kinds, [WEIGHTS.get(one, 1) for one in kinds])[0]
        chosen.append(kind)
        if kind in OF_REDIS:
            kinds = [one for one in kinds if one not in OF_REDIS]
        elif kind is not Kind.KILL:
            kinds.remove(kind)
    return [
        Blow(
            at=round(rng.uniform(0.2, NOISE_SECONDS - 0.5), 2),
            kind=kind,
            seconds=round(rng.uniform(*SECONDS[kind]), 2),
            target=rng.choice(processes),
            amount=rng.choice(CLOCK_JUMPS) if kind is Kind.CLOCK else 0.0,
            seed=rng.randrange(1 << 30),
        )
        for kind in chosen
    ]


def _customers_acts(rng: Random) -> list[Act]:
    acts = []
    for who in CUSTOMERS:
        acts.append(Act(at=0.0, who=who, verb="say"))
        for _ in range(rng.randint(4, 8)):
            at = round(rng.uniform(0.1, NOISE_SECONDS), 2)
            acts.append(Act(at=at, who=who, verb=rng.choice(VERBS[who[:2]])))
    return acts


def _agents_acts(rng: Random) -> list[Act]:
    return [
        Act(
            at=round(rng.uniform(0.3, NOISE_SECONDS), 2),
            who=who,
            verb=rng.choice(AGENTS_VERBS),
            to=rng.choice(CUSTOMERS),
            tries=rng.choice(PATIENCE),
        )
        for who in AGENTS
        for _ in range(rng.randint(6, 10))
    ]
