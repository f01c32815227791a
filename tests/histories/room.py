"""Where histories are lived through one after another: what they share is made once."""

import os
import resource
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from tests.histories.nursery import Nursery
from tests.rigs.needs import clock_is_missing, clock_library, clockless_server


class Room:
    """Gateways are born here; those of which the clock is to be set have one that is wrong by what
    `set_clock` says.
    """

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._nurseries: dict[bool, Nursery] = {}
        self.clock = Path()

    async def nursery(self, *, fakes_clock: bool) -> Nursery:
        if fakes_clock not in self._nurseries:
            made = Nursery(self.environ(fakes_clock=fakes_clock))
            self._nurseries[fakes_clock] = await self._stack.enter_async_context(made)
        return self._nurseries[fakes_clock]

    def environ(self, *, fakes_clock: bool) -> dict[str, str]:
        """Without settings of whoever runs this. Where a clock is to be set, with a server that
        bears it: one that takes its memory from jemalloc does not start so.
        """
        usual = {
            name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")
        }
        if not fakes_clock or clock_is_missing():
            return usual
        return usual | {
            "TRUNKLINE_REDIS_BIN": str(clockless_server()),
            "LD_PRELOAD": str(clock_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    @property
    def cpu_seconds(self) -> float:
        """Of this process, and of the gateways and servers that have ended. Without servers that
        the gateways ran.
        """
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        born = sum(one.cpu_seconds for one in self._nurseries.values())
        return sum(one.ru_utime + one.ru_stime for one in used) + born

    async def __aenter__(self) -> Self:
        directory = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="tl-room-"))
        self.clock = Path(directory) / "clock"
        self.set_clock(0.0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def set_clock(self, seconds: float) -> None:
        self.clock.write_text(f"{seconds:+.1f}\n")
