"""Workers who do not come to an end, among others who do."""

import asyncio
import gc
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.histories import crew
from tests.histories.stacks import awaited

HANGS, WAITS, GOES = 2, 3, 4
SECONDS = 3.0


def test_a_history_that_does_not_end_is_told_of_and_the_others_go_on() -> None:
    """Three hundred would wait for one, and nobody would know for which."""
    told = list(crew.each((1, HANGS, 5), _lives, SECONDS, _lost))

    assert [seed for seed, _ in told] == [1, HANGS, 5]
    assert [why for _, why in told][::2] == ["", ""]
    assert "did not end within" in told[1][1]
    assert "in _hang" in told[1][1]


def test_who_waits_for_ever_says_for_what() -> None:
    """Whoever has to find out why would have to do it again, and wait."""
    ((_, why),) = crew.each((WAITS,), _lives, SECONDS, _lost)

    assert "nobody comes\n" in why
    assert "_wait_for_nobody" in why


def test_a_worker_that_is_gone_costs_one_history() -> None:
    """A crash would be taken for the end of all."""
    told = list(crew.each((GOES, 5), _lives, SECONDS, _lost))

    assert told == [(GOES, "its process ended by itself with 7"), (5, "")]


def _lives(seeds: Sequence[int], _below: Path, tell: Callable[[Any], None]) -> None:
    for seed in seeds:
        if seed == HANGS:
            _hang()
        if seed == WAITS:
            asyncio.run(_wait_for_nobody())
        if seed == GOES:
            os._exit(7)
        tell((seed, ""))


def _hang() -> None:
    threading.Event().wait()


async def _wait_for_nobody() -> None:
    task = asyncio.create_task(asyncio.Event().wait(), name="nobody comes")
    await task


def _lost(seed: int, _below: Path, why: str) -> tuple[int, str]:
    return seed, why


async def test_who_waits_since_the_start_is_told_of_too() -> None:
    """A gateway sets aside what it has as it starts: those are the tasks of which it consists."""
    waiting = asyncio.create_task(asyncio.Event().wait(), name="since the start")
    await asyncio.sleep(0)
    gc.collect()
    gc.freeze()

    told = list(awaited())
    waiting.cancel()

    assert any(one.startswith("since the start") for one in told)
