"""What systemd is told, on a real socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.sd_notify import Systemd


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(str(tmp_path / "notify"))
        one.settimeout(5)
        yield one


def test_systemd_is_told_when_the_gateway_is_ready_and_when_it_ends(
    listening: socket.socket,
) -> None:
    """Units that wait for it would start too early, or be killed for not starting."""
    systemd = Systemd({"NOTIFY_SOCKET": listening.getsockname()})

    systemd.ready()
    systemd.reloading()
    systemd.stopping()

    told = [listening.recv(200).decode() for _ in range(3)]
    assert (told[0], told[2]) == ("READY=1", "STOPPING=1")
    assert told[1].startswith("RELOADING=1\nMONOTONIC_USEC=")


def test_nobody_is_told_who_did_not_ask() -> None:
    """Most run it by hand."""
    Systemd({}).ready()
    Systemd({"NOTIFY_SOCKET": "/nowhere/at/all"}).ready()


async def test_the_watchdog_hears_of_a_loop_that_runs(listening: socket.socket) -> None:
    """A gateway that hangs is started again."""
    mine = {"NOTIFY_SOCKET": listening.getsockname(), "WATCHDOG_USEC": "20000"}
    alive = asyncio.create_task(Systemd({**mine, "WATCHDOG_PID": str(os.getpid())}).watchdog())
    await asyncio.to_thread(listening.recv, 200)
    await asyncio.to_thread(listening.recv, 200)
    alive.cancel()

    await Systemd({**mine, "WATCHDOG_PID": "1"}).watchdog()  # another process' watchdog
