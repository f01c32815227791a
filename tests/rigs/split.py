"""An installation whose roles are spread over several processes: `trunkline up --only`."""

import asyncio
import os
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from gateway.embedded import embedded
from gateway.tokens import Tokens
from tests.rigs.environ import without_settings
from tests.rigs.gateway import END_SECONDS, HEAD
from tests.rigs.nursery import Born, born
from tests.rigs.ports import free_port
from tests.rigs.waiting import START_SECONDS, eventually

RUNNING = ("Running.", "Agent page and API: ")
"""What a process says when it has started."""


class Split:
    """One process for each of `roles` (as --only takes them); `async with` starts and ends all.

    `url` and `token` are for the API of the one that has the role web.
    """

    token: str

    def __init__(
        self, directory: Path, channels: str, *roles: str, lease_seconds: float = 2.0
    ) -> None:
        self.directory, self.data_dir, self._roles = directory, directory / "data", roles
        self.settings, port = directory / "trunkline.toml", free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._processes: dict[str, Born] = {}
        self._begins: dict[str, int] = {}
        """Where in its log the words of a role's newest process begin."""
        self.settings.write_text(HEAD.format(port=port, lease_seconds=lease_seconds) + channels)

    def start(self, role: str, *options: str) -> None:
        words = ("up", "--only", role, *options)
        with self.log(role).open("ab") as log:
            self._begins[role] = log.tell()
            self._processes[role] = born(
                ("--config", str(self.settings), *words),
                stdout=log,
                environ=without_settings(),
            )

    def log(self, role: str) -> Path:
        return self.directory / f"{role.replace(':', '-')}.log"

    async def kill(self, role: str) -> None:
        """kill -9: nothing is finished, nothing is said."""
        self._check_lives(role)
        process = self._processes.pop(role)
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait, END_SECONDS)

    def signal(self, role: str, number: signal.Signals) -> None:
        self._processes[role].send_signal(number)

    async def states(self) -> dict[str, str]:
        """What the web process says of the inboxes; {} while it does not answer."""
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{self.url}/readyz") as answer:
                health = await answer.json()
        except aiohttp.ClientError:
            return {}
        return {one["account"]: one["state"] for one in health["inboxes"]}

    async def runs(self) -> bool:
        """Whether every process has started, and every inbox runs, as the web process sees it: it
        goes by what was told of them, so one that was killed has been running for a while yet.
        """
        for role in self._processes:
            self._check_lives(role)
        return all(map(self._has_started, self._processes)) and (
            set((await self.states()).values()) == {"running"}
        )

    def _check_lives(self, role: str) -> None:
        if (code := self._processes[role].poll()) is not None:
            words = self.log(role).read_text()[-3000:]
            raise AssertionError(f"{role} ended with code {code}:\n{words}")

    def _has_started(self, role: str) -> bool:
        said = self.log(role).read_bytes()[self._begins[role] :].decode()
        return any(line.startswith(RUNNING) for line in said.splitlines())

    async def ready(self) -> None:
        await eventually(self.runs, timeout_seconds=START_SECONDS)

    async def __aenter__(self) -> Self:
        try:
            for role in self._roles:
                self.start(role)
            await self.ready()
            self.token = Tokens(self.data_dir).create("Kim")
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

    async def _clean_up(self) -> None:
        for process in self._processes.values():
            process.kill()
            await asyncio.to_thread(process.wait, END_SECONDS)
        if (self.data_dir / "owner.json").exists():
            async with embedded(self.data_dir, environ=os.environ):
                pass  # its last user stops it
