"""Where histories are lived through one after another: what they share is made once."""

import os
import resource
import shlex
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Self

from tests.histories.nursery import Nursery
from tests.rigs.needs import (
    clock_is_missing,
    clock_library,
    clockless_server,
    names_are_missing,
)

TELEGRAM, MAIL, DISCORD = NAMES = ("telegram.test", "mail.test", "discord.test")
"""Of the platforms, for gateways from whom they can be taken away."""
NOBODY: Final = "127.0.0.1"
"""Where no name server answers."""


class Room:
    """Gateways are born here; those of which the clock is to be set have one that is wrong by what
    `set_clock` says, and those from whom names are taken away find what `set_names` lets them.
    """

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._nurseries: dict[tuple[bool, bool], Nursery] = {}
        self.clock, self._hosts, self._resolving = Path(), Path(), Path()

    async def nursery(self, *, fakes_clock: bool, hides_names: bool) -> Nursery:
        kind = fakes_clock, hides_names
        if kind not in self._nurseries:
            within = self._without_names() if hides_names else ()
            made = Nursery(self.environ(fakes_clock=fakes_clock), within)
            self._nurseries[kind] = await self._stack.enter_async_context(made)
        return self._nurseries[kind]

    def _without_names(self) -> tuple[str, ...]:
        """How to run a program for which names are found in our file, or nowhere."""
        if names_are_missing():
            return ()
        mounts = (
            f"mount --bind {shlex.quote(str(ours))} {theirs}"
            for ours, theirs in (
                (self._hosts, "/etc/hosts"),
                (self._resolving, "/etc/resolv.conf"),
            )
        )
        return ("unshare", "--mount", "sh", "-c", " && ".join((*mounts, 'exec "$0" "$@"')))

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
        self._hosts, self._resolving = Path(directory) / "hosts", Path(directory) / "resolv.conf"
        self._resolving.write_text(f"nameserver {NOBODY}\n")
        self.set_clock(0.0)
        self.set_names(found=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def set_names(self, *, found: bool) -> None:
        """In place: it is this very file that is mounted."""
        self._hosts.write_text(f"127.0.0.1 localhost {' '.join(NAMES)}\n" if found else "")

    def set_clock(self, seconds: float) -> None:
        self.clock.write_text(f"{seconds:+.1f}\n")
