"""`trunkline demo` as a newcomer starts it: a process that prints its addresses."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from gateway.embedded import embedded
from tests.rigs.waiting import START_SECONDS, eventually

END_SECONDS: Final = 15.0
ADDRESS: Final = re.compile(r"side by side +(http://\S+)")


@asynccontextmanager
async def demo(directory: Path) -> AsyncIterator[str]:
    """-> the address of the page with customers and agent. Nothing of it is left afterwards."""
    log = directory / "demo.log"
    process = _start(directory, log)
    try:
        await eventually(lambda: _has_started(process, log), timeout_seconds=START_SECONDS)
        found = ADDRESS.search(log.read_text())
        assert found
        yield found[1]
    finally:
        await asyncio.to_thread(_end, process)
        for data_dir in _left_over(directory):
            async with embedded(data_dir, environ=os.environ):
                pass  # its last user stops the server


def _start(directory: Path, log: Path) -> "subprocess.Popen[bytes]":
    words = (sys.executable, "-m", "gateway.cli", "demo", "--port", "0", "--sandbox-port", "0")
    with log.open("wb") as output:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"TMPDIR": str(directory)},
        )


def _has_started(process: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert process.poll() is None, log.read_text()[-3000:]
    return ADDRESS.search(log.read_text()) is not None


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _left_over(directory: Path) -> list[Path]:
    """Where a demo that did not end well has left its server."""
    return [owner.parent for owner in directory.glob("trunkline-demo-*/owner.json")]
