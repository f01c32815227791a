"""Where Python's processor time goes: stacks, looked at as often as the system's clock allows.

By a timer of the process and its signal, so that what is measured runs as it is. The time of
something written in C counts for the function that called it.
"""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from bench.report.findings import Frame

EVERY_SECONDS: Final = 0.001
DEPTH_MAX: Final = 60
Stack = tuple[str, ...]
"""Functions as `module:name`, the outermost first."""


@contextmanager
def sampling() -> Iterator[Counter[Stack]]:
    """Counts stacks while the block runs; in the main thread only."""
    seen = Counter[Stack]()

    def look(_: int, frame: FrameType | None) -> None:
        seen[_stack(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
    try:
        yield seen
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stack(frame: FrameType | None) -> Stack:
    names: list[str] = []
    while frame and len(names) < DEPTH_MAX:
        names.append(f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_qualname}")
        frame = frame.f_back
    return tuple(reversed(names))


def tree(seen: Counter[Stack], name: str, shown: Callable[[str], bool]) -> Frame:
    """What called what; functions that are not `shown` are left out, not what they called."""
    counted = Counter[Stack]()
    for stack, samples in seen.items():
        counted[tuple(one for one in stack if shown(one))] += samples
    return _frame(name, counted)


def _frame(name: str, stacks: Counter[Stack]) -> Frame:
    inside: dict[str, Counter[Stack]] = {}
    for stack, samples in stacks.items():
        if stack:
            inside.setdefault(stack[0], Counter())[stack[1:]] += samples
    calls = tuple(_frame(called, rest) for called, rest in inside.items())
    return Frame(name=name, samples=stacks.total(), calls=calls)


def by_module(seen: Counter[Stack]) -> Counter[str]:
    """Samples of each module's own functions, whoever called them."""
    found = Counter[str]()
    for stack, samples in seen.items():
        found[stack[-1].partition(":")[0] if stack else "?"] += samples
    return found
