"""A process that ends or stops itself at a step: begun, and waited for."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def start_receiving(
    url: str, directory: Path, channel: str, where: Sequence[object], *step: object
) -> "subprocess.Popen[bytes]":
    """Whoever receives there until the step; see `intake_victim`."""
    words = [url, str(directory), channel, json.dumps(where), *map(str, step)]
    command = (sys.executable, "-m", "tests.crash.intake_victim", *words)
    with (directory / "victim.log").open("wb") as log:
        root = Path(__file__).parents[2]
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=root)


async def until_lost(victim: "subprocess.Popen[bytes]", sort: str) -> None:
    """Until the victim has reached the step: a victim that never does would prove nothing."""
    if sort == "STOP":
        _, status = await asyncio.to_thread(os.waitpid, victim.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "the victim never came to this step"
    else:
        code = await asyncio.to_thread(victim.wait, 30)
        assert code == -signal.SIGKILL, "the victim never came to this step"
