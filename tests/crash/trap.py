"""Stops the line at one exact call, so that a process can be killed in that moment."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from typing_extensions import override

from sandbox.faults import Fault, Kind, Storm

AFTER_SECONDS: Final = 0.3
"""So long an answer is held back of what took effect: a kill takes less."""


class Step(NamedTuple):
    """The n-th call of a method of a mail host."""

    platform: Literal["imap", "smtp"]
    method: str
    nth: int = 1


class Trap(Storm):
    """Springs once, at `step`: before it takes effect, or with the effect and without an answer."""

    def __init__(self, step: Step, *, after: bool) -> None:
        super().__init__(0, ())
        self.sprung = asyncio.Event()
        self.seen: Counter[tuple[str, str]] = Counter()
        kind = Kind.SLOW_AFTER if after else Kind.HANG
        self._step = step
        self._fault = Fault(step.platform, step.method, kind, seconds=AFTER_SECONDS)

    @override
    def take(self, platform: str, method: str, target: str | None) -> Fault | None:
        self.seen[platform, method] += 1
        if (platform, method, self.seen[platform, method]) != self._step:
            return None
        self.sprung.set()
        return replace(self._fault)
