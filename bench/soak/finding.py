"""What a long day has shown: whether what the gateway holds is as much as before."""

from collections.abc import Callable
from typing import Final

import msgspec

from bench.report.findings import Axis, Bound, Finding, Line, Plot, Table
from bench.soak.slopes import Slope, slope
from bench.soak.watching import Sample, by_minute

MB_AN_HOUR: Final = 2.0
POINTS_MIN: Final = 4
"""Of which there is a slope."""
SAYS: Final = f"""One gateway with the emulated Telegram, Discord and mail host and an embedded
Redis, as `trunkline up` starts it. Customers write on all lines and are answered; what is answered
is closed and archived at once; searches, webhooks of which some are refused and tried again, live
feeds that come and go. Before and after there is a rest in which nobody is there and nothing waits.
At the end everything that was said is looked for: each message once, in order, in its own thread;
each reply once on its customer's screen; each message told by webhook.

The slope is the median of those between every two minutes (Theil and Sen). Before it there is a
warm-up of a fifth of the time in which three times as many come, and of which the rise is told: by
then SQLite has its pages (6 MiB), the index the terms that it knows (twice 4096) and the API the
addresses that it has taken apart (1024). The interval holds the slope nine times of ten, if what is
left over is independent. It is too much if even its lower end is above {MB_AN_HOUR:.0f} MB an hour.
What fills up later counts: messages that Discord may tell of again (50 000), threads whose leg is
remembered (50 000). Redis holds claims for 16 days, so its memory rises with what is written: it is
told."""
FIGURES: Final[tuple[tuple[str, Callable[[Sample], float]], ...]] = (
    ("gateway, resident", lambda one: one.memory),
    ("... heap of the main thread", lambda one: one.heap),
    ("... other pages", lambda one: one.pages),
    ("... files", lambda one: one.files),
    ("Redis, resident", lambda one: one.redis),
    ("Redis, data", lambda one: one.data),
)
PLOTTED: Final = (FIGURES[0], FIGURES[4])


class Soaked(msgspec.Struct, frozen=True, kw_only=True):
    """`started` is before anybody came. `before` and `after` the time that counts are moments of
    rest: nobody is there, nothing waits.
    """

    started: Sample
    before: Sample
    during: list[Sample]
    after: Sample
    keys: dict[str, int]
    replies: int
    heard: int
    missed: int
    told: int
    gateway_seconds: float
    redis_seconds: float


def finding_of(day: Soaked) -> Finding:
    return Finding(
        says=SAYS,
        tables=(_slopes(day), _at_rest(day), _work(day)),
        pictures=(_plot(day),),
        bounds=(
            Bound(
                what="the gateway's memory rises by, at least",
                measured=rise(day.during, lambda one: one.memory).least,
                bound=MB_AN_HOUR,
                unit="MB/h",
            ),
            *(
                Bound(
                    what=f"{name} at rest, more than before",
                    measured=max(0, getattr(day.after, name) - getattr(day.before, name)),
                    bound=0,
                )
                for name in ("descriptors", "threads", "tasks")
            ),
        ),
    )


def rise(samples: list[Sample], what: Callable[[Sample], float]) -> Slope:
    """An hour."""
    return slope([(minute / 60, value) for minute, value in by_minute(samples, what)])


def _slopes(day: Soaked) -> Table:
    late = [one for one in day.during if one.minute >= day.during[-1].minute / 2]
    found = [(name, rise(day.during, what)) for name, what in FIGURES]
    if len(by_minute(late, FIGURES[0][1])) >= POINTS_MIN:
        found.append(("gateway, second half", rise(late, FIGURES[0][1])))
    return Table(
        title="How memory rises",
        head=("what", "MB/h", "at least", "at most", "noise MB"),
        rows=tuple((name, one.likely, one.least, one.most, one.noise) for name, one in found),
    )


def _at_rest(day: Soaked) -> Table:
    names = (
        "memory",
        "heap",
        "pages",
        "files",
        "redis",
        "data",
        "descriptors",
        "threads",
        "tasks",
        "keys",
    )
    moments = (day.started, day.before, day.after)
    return Table(
        title="At rest (memory in MB)",
        head=("what", "started", "warm", "after"),
        rows=tuple((name, *(float(getattr(one, name)) for one in moments)) for name in names),
    )


def _work(day: Soaked) -> Table:
    minutes = day.during[-1].minute
    rows = (
        ("minutes", minutes),
        ("messages of customers", float(day.after.messages - day.before.messages)),
        ("... in the warm-up", float(day.before.messages)),
        ("replies, each read once, warm-up included", float(day.replies)),
        ("... messages told by webhook", float(day.told)),
        ("... events heard by live feeds", float(day.heard)),
        ("... live feeds told to look at everything again", float(day.missed)),
        ("gateway's processor time, % of a core", day.gateway_seconds / minutes / 0.6),
        ("Redis' processor time, % of a core", day.redis_seconds / minutes / 0.6),
        *((f"keys left: {kind}", float(count)) for kind, count in sorted(day.keys.items())),
    )
    return Table(title="What was done", head=("what", "figure"), rows=rows)


def _plot(day: Soaked) -> Plot:
    return Plot(
        name="soak",
        title="Memory while it works",
        x=Axis(label="minutes"),
        y=Axis(label="MB"),
        lines=tuple(
            Line(name=name, points=tuple(by_minute(day.during, what))) for name, what in PLOTTED
        ),
    )
