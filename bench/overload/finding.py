"""What a burst has shown: that nothing was lost, what gave way, and that agents were served."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from bench.measuring import Effort, percentile
from bench.overload import MINUTES
from bench.overload.crowd import BACKLOG_MAX
from bench.overload.run import AFTER, BEFORE, BURST, OF_WHAT_FITS, TIMES, Outcome, Plan, run
from bench.overload.watching import Seen
from bench.report.findings import Axis, Bound, Cell, Finding, Line, Plot, Table
from gateway.garbage import settled

MEMORY_MB_MAX: Final = 150.0
"""By which the gateway may be larger than before: all that waits in it has an end."""

PARTS: Final = 10
"""Of the burst."""

POINTS_MAX: Final = 200
"""Of a picture: it is no wider."""

SAYS: Final = f"""500 people write to six bots, four with webhooks and two that are asked, of an
emulated Telegram beside the gateway, on the same cores. What the gateway takes while there is
always more is tried first. An eighth of that is what it is used to; the burst is {TIMES} times as
much ({OF_WHAT_FITS * TIMES:.2f} of what fits), for {MINUTES:g} minutes, with agents who look ten
times as often. Agents answer, and are seen typing, five times a second throughout. Customers go by
a schedule, whether or not anybody keeps up, unless the platform keeps {BACKLOG_MAX} updates that
nobody has taken: what is not said then is told. At the end every message is looked for in its
thread, and each reply on its customer's screen."""


def measure(effort: Effort) -> Finding:
    minutes = effort.pick(MINUTES, 0.5)
    plan = Plan(before_seconds=30.0, burst_seconds=60 * minutes)
    settled()  # what the platform keeps is no garbage
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as directory:
        return finding_of(asyncio.run(run(Path(directory), plan)))


def finding_of(found: Outcome) -> Finding:
    return Finding(
        says=SAYS,
        tables=(_replies(found), _in_parts(found.burst_replies), _burst(found)),
        pictures=(
            _plot("memory", "Memory", "MB", found.seen, lambda one: one.gateway_mb),
            _plot("backlog", "Kept by the platform", "updates", found.seen, _backlog),
        ),
        bounds=_bounds(found),
    )


def _backlog(one: Seen) -> float:
    return one.backlog


def _bounds(found: Outcome) -> tuple[Bound, ...]:
    memory = [one.gateway_mb for one in found.seen]
    return (
        Bound(what="messages lost", measured=found.lost, bound=0),
        Bound(what="messages there twice", measured=found.doubled, bound=0),
        Bound(what="threads out of order", measured=found.disordered, bound=0),
        Bound(what="replies refused", measured=found.replies_refused, bound=0),
        Bound(what="refusals without Retry-After", measured=found.without_a_time, bound=0),
        Bound(
            what="the gateway's memory, more than before",
            measured=max(memory) - memory[0],
            bound=MEMORY_MB_MAX,
            unit="MB",
        ),
    )


def _replies(found: Outcome) -> Table:
    return Table(
        title="Agents' replies, ms",
        head=(
            "when",
            "replies",
            "by the gateway's clock, mean",
            "taken, p50",
            "taken, p99",
            "with the customer, p50",
            "with the customer, p99",
            "seen typing",
            "that was shown",
        ),
        rows=tuple(
            (
                phase,
                len(found.taken.get(phase, [])),
                _ms(found.answered.get(phase)),
                *_two(found.taken.get(phase, [])),
                *_two(found.arrived.get(phase, [])),
                found.typed.get(phase, 0),
                found.shown.get(phase, 0),
            )
            for phase in (BEFORE, BURST, AFTER)
        ),
    )


def _in_parts(replies: list[tuple[float, float]]) -> Table:
    """Whether agents wait longer the longer it lasts."""
    width = (replies[-1][0] + 1) / PARTS
    parts = [
        [seconds for at, seconds in replies if int(at / width) == part] for part in range(PARTS)
    ]
    return Table(
        title="Replies taken in the burst, ms",
        head=("from second", "replies", "p50", "slowest"),
        rows=tuple(
            (number * width, len(part), median(part) * 1e3, max(part) * 1e3)
            for number, part in enumerate(parts)
            if part
        ),
    )


def _burst(found: Outcome) -> Table:
    burst = [one for one in found.seen if one.phase == BURST]
    share = [one.share for one in burst]
    gateway, redis = ([one.gateway_mb for one in found.seen], [one.redis_mb for one in found.seen])
    rows: tuple[tuple[Cell, ...], ...] = (
        ("used to, messages a second", found.rate),
        ("burst, by its schedule", TIMES * found.rate),
        ("burst, taken", found.taken_in_burst),
        *((f"cores used in the burst: {name}", used) for name, used in found.cores.items()),
        ("messages said", found.said),
        ("not said, as the platform was full", found.unsaid),
        ("waiting on the platform, at most", found.backlog_max),
        ("nothing waits there any more, s after the burst", found.drained_seconds),
        ("nothing is held back any more, s after the burst", found.calm_seconds),
        ("share of its room that is given, least", min(share)),
        ("share of its room that is given, mean", sum(share) / len(share)),
        *((f"given up or turned away: {kind}", count) for kind, count in found.shed.items()),
        *((f"looks, {what}", count) for what, count in sorted(found.looks.items())),
        *((f"live feed, {what}", count) for what, count in sorted(found.live.items())),
        ("events that followers were not told of one by one", found.missed),
        ("gateway's memory before, MB", gateway[0]),
        ("gateway's memory, at most", max(gateway)),
        ("gateway's memory, at last", gateway[-1]),
        ("... MB a minute in the burst's second half", found.mb_a_minute),
        ("Redis' memory before, MB", redis[0]),
        ("Redis' memory, at most", max(redis)),
        ("this process was late by, s at most", max(one.late_seconds for one in burst)),
    )
    return Table(title="The burst", head=("what", "figure"), rows=rows)


def _ms(seconds: float | None) -> Cell:
    return None if seconds is None else seconds * 1e3


def _two(seconds: list[float]) -> tuple[Cell, Cell]:
    if len(seconds) < 2:
        return None, None
    return percentile(seconds, 50) * 1e3, percentile(seconds, 99) * 1e3


def _plot(
    name: str, title: str, unit: str, seen: list[Seen], what: Callable[[Seen], float]
) -> Plot:
    step = 1 + len(seen) // POINTS_MAX
    points = tuple((one.at / 60, what(one)) for one in seen[::step])
    return Plot(
        name=f"overload-{name}",
        title=title,
        x=Axis(label="minutes"),
        y=Axis(label=unit),
        lines=(Line(name=title.lower(), points=points),),
    )
