"""How soon `trunkline` is there, and what it costs while nobody writes.

Starts the gateway as an operator would, with a Telegram and a mail channel against the sandbox.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from bench.measuring import Effort
from bench.report.findings import Bound, Finding, Table
from sandbox.server import Sandbox
from tests.rigs.ports import free_port

TRUNKLINE = Path(sys.executable).with_name("trunkline")
HELP_ROUNDS = 5
START_ROUNDS = 3
SETTLE_SECONDS = 5.0
IDLE_SECONDS = 30.0
QUICK_IDLE_SECONDS = 5.0
TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.02

BOUNDS = {
    "help, s": 0.3,
    "check, s": 0.4,
    "ready, s": 4.0,
    "resident, MB": 130.0,
    "idle, % of a core": 1.0,
    "idle server, %": 1.0,
}
"""Processor time is the gateway's own; that of its embedded server is told beside it."""
BY_CLOCK = frozenset({"help, s", "check, s", "ready, s"})
SAYS = f"""As an operator starts it, with a Telegram and a mail channel: the best of {HELP_ROUNDS}
commands, of {START_ROUNDS} starts. Then it is left alone; processor time is of one core."""

SETTINGS = """
[app]
data_dir = "data"
[web]
bind = "127.0.0.1:{port}"
[[channel]]
id = "tg"
kind = "telegram"
token = "{bot_token}"
api_url = "{api_url}"
[[channel]]
id = "mail"
kind = "email"
address = "{support_address}"
imap = {{ host = "{imap_host}", port = {imap_port}, tls = "none", user = "{mail_user}", password = "{mail_password}" }}
smtp = {{ host = "{smtp_host}", port = {smtp_port}, tls = "none", user = "{mail_user}", password = "{mail_password}" }}
"""  # noqa: E501


def measure(effort: Effort) -> Finding:
    figures = asyncio.run(_measured(effort.pick(IDLE_SECONDS, QUICK_IDLE_SECONDS)))
    return Finding(
        says=SAYS,
        tables=(Table(head=("what", "measured"), rows=tuple(figures.items())),),
        bounds=tuple(
            Bound(what=name, measured=figure, bound=BOUNDS[name], by_clock=name in BY_CLOCK)
            for name, figure in figures.items()
        ),
    )


async def _measured(idle_seconds: float) -> dict[str, float]:
    figures = {"help, s": fastest("--help")}
    async with Sandbox() as sandbox:
        with tempfile.TemporaryDirectory() as directory:
            write_settings(Path(directory), sandbox, free_port())
            figures["check, s"] = fastest("check", cwd=directory)
        starts = (idle_seconds, *[0.0] * (START_ROUNDS - 1))
        rounds = [await up(sandbox, idle_seconds=seconds) for seconds in starts]
    return rounds[0] | figures | {"ready, s": min(one["ready, s"] for one in rounds)}


def fastest(*words: str, cwd: str = ".") -> float:
    """Seconds of a command, the best of some."""
    return min(seconds_of(words, cwd) for _ in range(HELP_ROUNDS))


def seconds_of(words: tuple[str, ...], cwd: str) -> float:
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run([TRUNKLINE, *words], cwd=cwd, check=True, stdout=quiet, stderr=quiet)
    return time.perf_counter() - began


async def up(sandbox: Sandbox, *, idle_seconds: float) -> dict[str, float]:
    """-> figures of one start; also of memory and processor, if it is left alone so long."""
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        write_settings(Path(directory), sandbox, port)
        began = time.perf_counter()
        async with gateway(Path(directory)) as process:
            await until_ready(port, process)
            figures = {"ready, s": time.perf_counter() - began}
            if idle_seconds:
                await asyncio.sleep(SETTLE_SECONDS)
                figures |= await while_idle(process.pid, server_of(Path(directory)), idle_seconds)
            return figures


def write_settings(directory: Path, sandbox: Sandbox, port: int) -> None:
    api_url = sandbox.telegram_base_url.removesuffix("/bot")
    text = SETTINGS.format(port=port, api_url=api_url, **sandbox.describe())
    (directory / "trunkline.toml").write_text(text)


@asynccontextmanager
async def gateway(directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        TRUNKLINE, "up", cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await ended(process)


async def ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise RuntimeError(f"trunkline up did not end within {TIMEOUT_SECONDS:.0f} s") from None


async def until_ready(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not await asyncio.to_thread(is_ready, port):
            if process.returncode is not None:
                raise RuntimeError(f"trunkline up ended with code {process.returncode}")
            await asyncio.sleep(POLL_SECONDS)


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def server_of(directory: Path) -> int:
    """The process id of the embedded server."""
    return int(json.loads((directory / "data" / "owner.json").read_text())["pid"])


async def while_idle(gateway_pid: int, server_pid: int, seconds: float) -> dict[str, float]:
    processes = {
        "idle, % of a core": psutil.Process(gateway_pid),
        "idle server, %": psutil.Process(server_pid),
    }
    before = {name: used_seconds(process) for name, process in processes.items()}
    await asyncio.sleep(seconds)
    busy = {
        name: 100 * (used_seconds(process) - before[name]) / seconds
        for name, process in processes.items()
    }
    return busy | {"resident, MB": psutil.Process(gateway_pid).memory_info().rss / 1e6}


def used_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
