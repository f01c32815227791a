"""Turns on request: how a peer's script is asked for one figure after another.

Each line on its standard input names, as JSON, a file of payloads, one a line. The script takes
them all and answers with a line of JSON: the seconds of processor time that took, and how many came
to the handler. It ends with its standard input.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop


class Handled:
    """The handler: it counts, and does nothing else."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, *_: object, **__: object) -> None:
        self.count += 1


Take = Callable[[list[bytes]], Awaitable[None]]
"""Takes raw payloads, one after another, until each has been handled or given up."""


async def turns(take: Take, handled: Handled) -> None:
    for line in sys.stdin:
        payloads = Path(json.loads(line)).read_bytes().splitlines()  # noqa: ASYNC240 - nothing else runs
        before = handled.count
        gc.collect()
        began = time.process_time()
        await take(payloads)
        seconds = time.process_time() - began
        print(json.dumps({"seconds": seconds, "handled": handled.count - before}), flush=True)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def working() -> None:
        await work()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(working())
