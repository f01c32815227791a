"""Waits for a process that ends or stops itself at a step."""

import asyncio
import os
import signal
import subprocess


async def until_lost(victim: "subprocess.Popen[bytes]", sort: str) -> None:
    """Until the victim has reached the step: a victim that never does would prove nothing."""
    if sort == "STOP":
        _, status = await asyncio.to_thread(os.waitpid, victim.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "the victim never came to this step"
    else:
        code = await asyncio.to_thread(victim.wait, 30)
        assert code == -signal.SIGKILL, "the victim never came to this step"
