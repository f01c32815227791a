"""Tells systemd how a service of `Type=notify` is, when it asked to be told.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import asyncio
import os
import socket
import time
from collections.abc import Mapping
from typing import Final

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
ALIVE: Final = "WATCHDOG=1"


class Systemd:
    """Outside of systemd every method does nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        for_us = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        usec = environ.get("WATCHDOG_USEC", "")
        self._watchdog_seconds = int(usec) / 1e6 if for_us and usec.isdigit() else 0.0

    def ready(self) -> None:
        self._tell(READY)

    def reloading(self) -> None:
        """To be followed by `ready`."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._tell(STOPPING)

    async def watchdog(self) -> None:
        """Say that the event loop runs, twice as often as is asked for, until cancelled."""
        while self._watchdog_seconds:
            self._tell(ALIVE)
            await asyncio.sleep(self._watchdog_seconds / 2)

    def _tell(self, state: str) -> None:
        """A datagram; one that cannot be sent costs a restart by systemd at worst."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one:
            one.setblocking(False)
            try:
                one.sendto(state.encode(), address)
            except OSError:
                return
