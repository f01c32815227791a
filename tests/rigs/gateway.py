"""The real gateway as a process: `trunkline up` with a settings file of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import aiohttp
import msgspec

from gateway.desk import Health
from gateway.embedded import embedded
from gateway.scopes import ALL
from gateway.tokens import PER_MINUTE_MAX, Tokens
from sandbox.server import Sandbox
from tests.rigs.environ import without_settings
from tests.rigs.nursery import ROOT, Born, born, completed
from tests.rigs.ports import free_port
from tests.rigs.waiting import START_SECONDS, eventually

END_SECONDS: Final = 30.0
TELEGRAM, MAIL, DISCORD = "tg", "mail", "dc"
"""The inboxes of `channels`, and that of `discord_channel`."""

HEAD: Final = """\
[app]
data_dir = "data"
[web]
bind = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
[workers]
lease_seconds = {lease_seconds}
"""

Process = subprocess.Popen[bytes] | Born


class Gateway:
    """A gateway in a directory of its own, which `async with` starts and ends.

    `lease_seconds` is how long the work of a killed gateway waits for the next one. Whatever has
    become of it, at the end neither the process nor an embedded server is left. It is born in the
    nursery unless it `is_executed`: then it is a Python of its own, as on an operator's machine.
    """

    token: str
    """For the API."""

    def __init__(
        self,
        directory: Path,
        channels: str,
        *,
        redis_url: str = "",
        lease_seconds: float = 3.0,
        verbose: bool = False,
        is_executed: bool = False,
    ) -> None:
        self._is_executed = is_executed
        self._flags = ("--verbose",) if verbose else ()
        self.directory, self.data_dir = directory, directory / "data"
        self.settings, self.log = directory / "trunkline.toml", directory / "gateway.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: Process | None = None
        text = HEAD.format(port=self.port, lease_seconds=lease_seconds)
        if redis_url:
            text += f"[redis]\nurl = {secret(directory, 'redis-url', redis_url)}\n"
        self.settings.write_text(text + channels)

    @property
    def pid(self) -> int:
        return self._running().pid

    def start(self) -> None:
        """Does not wait; see `ready`."""
        with self.log.open("ab") as log:
            self._process = self._popen(log, "up")

    async def ready(self, *, timeout_seconds: float = START_SECONDS) -> None:
        """Once it accepts messages, with every inbox receiving."""
        async with aiohttp.ClientSession() as http:
            await eventually(lambda: self._is_ready(http), timeout_seconds=timeout_seconds)

    async def health(self) -> tuple[int, Health]:
        """What /readyz says, and with which status."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/readyz") as answer:
            return answer.status, msgspec.json.decode(await answer.read(), type=Health)

    async def inbox_state(self, account: str) -> str:
        _, health = await self.health()
        return next(one.state for one in health.inboxes if one.account == account)

    def signal(self, number: signal.Signals) -> None:
        self._running().send_signal(number)

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        code = await asyncio.to_thread(self._running().wait, END_SECONDS)
        self._process = None
        return code

    async def kill(self) -> None:
        """kill -9: nothing is finished, nothing is said."""
        self.signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """As systemd does it; -> the exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    def begin(self, *words: str) -> Process:
        """Start `trunkline` with these words and the same settings; its log is the gateway's."""
        with self.log.open("ab") as log:
            return self._popen(log, *words)

    async def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `trunkline` with these words and the same settings, to its end."""
        return await asyncio.to_thread(self._command, words)

    async def __aenter__(self) -> Self:
        self.start()
        try:
            await self.ready()
            self.token = Tokens(self.data_dir).create("Kim", ALL, per_minute=PER_MINUTE_MAX)
        except BaseException:
            await self._clean_up()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._clean_up()

    def _running(self) -> Process:
        assert self._process, "the gateway is not running"
        return self._process

    async def _is_ready(self, http: aiohttp.ClientSession) -> bool:
        if (code := self._running().poll()) is not None:
            raise AssertionError(f"it ended with code {code}:\n{self.log.read_text()[-3000:]}")
        try:
            async with http.get(f"{self.url}/readyz") as answer:
                health = await answer.json()
        except aiohttp.ClientError:
            return False
        return answer.status == 200 and all(one["state"] == "running" for one in health["inboxes"])

    def _popen(self, output: IO[bytes], *words: str) -> Process:
        words = self._words(words)
        if not self._is_executed:
            return born(words, stdout=output, environ=without_settings())
        return subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=without_settings(),
        )

    def _command(self, words: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
        return completed(
            self._words(words), timeout_seconds=START_SECONDS, environ=without_settings()
        )

    def _words(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return ("--config", str(self.settings), *self._flags, *words)

    async def _clean_up(self) -> None:
        if self._process:
            self._process.kill()
            await self.ended()
        if (self.data_dir / "owner.json").exists():
            async with embedded(self.data_dir, environ=os.environ):
                pass  # its last user stops it


def channels(sandbox: Sandbox, directory: Path) -> str:
    """A Telegram bot and a mailbox of the sandbox, asked again soon after a fault."""
    return bot_channel(sandbox, directory) + mail_channel(sandbox, directory)


def mail_channel(
    sandbox: Sandbox,
    directory: Path,
    *,
    imap: Mapping[str, object] = {},
    smtp: Mapping[str, object] = {},
) -> str:
    """The support mailbox of the sandbox, which holds a copy of what was sent, so that no mail has
    to be sent twice after a crash. `imap` and `smtp` are settings of the two.
    """
    password = secret(directory, "mail-password", sandbox.mail_password)
    place = {"host": sandbox.host, "tls": "none", "user": sandbox.mail_user}
    reading = {
        "port": sandbox.imap_port,
        "sent_folder": "Sent",
        "reconnect_seconds_min": 0.1,
        "reconnect_seconds_max": 0.5,
        "store_retry_seconds": 0.1,
    }
    return f"""
[[channel]]
id = "{MAIL}"
kind = "email"
address = "{sandbox.support_address}"
name = "Acme Support"
[channel.imap]
password = {password}
{_lines({**place, **reading, **imap})}
[channel.smtp]
password = {password}
{_lines({**place, "port": sandbox.smtp_port, **smtp})}
"""


def bot_channel(
    sandbox: Sandbox,
    directory: Path,
    *,
    account: str = TELEGRAM,
    token: str = "",
    **options: object,
) -> str:
    """A Telegram bot of the sandbox, the first unless a `token` says another. `options` are
    settings of its inbox.
    """
    settings = {
        "api_url": sandbox.http_url,
        "back_off_seconds_min": 0.1,
        "back_off_seconds_max": 0.5,
    } | options
    return f"""
[[channel]]
id = "{account}"
kind = "telegram"
token = {secret(directory, f"{account}-token", token or sandbox.bot_token)}
{_lines(settings)}
"""


def discord_channel(sandbox: Sandbox, directory: Path, **options: object) -> str:
    """The first Discord bot of the sandbox. `options` are settings of its inbox."""
    settings = {
        "route_to": sandbox.discord_route,
        "authority": sandbox.discord_authority,
        "back_off_seconds_min": 0.1,
        "back_off_seconds_max": 0.5,
        "identify_seconds": 0.1,
    } | options
    return f"""
[[channel]]
id = "{DISCORD}"
kind = "discord"
token = {secret(directory, f"{DISCORD}-token", sandbox.discord_token)}
{_lines(settings)}
"""


def secret(directory: Path, name: str, text: str) -> str:
    """A secret in a file beside the settings, as a value of them."""
    (directory / name).touch(mode=0o600)
    (directory / name).write_text(text + "\n")
    return f'{{ file = "{name}" }}'


def _lines(settings: Mapping[str, object]) -> str:
    """As TOML has them."""
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
