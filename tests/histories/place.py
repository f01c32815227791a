"""An installation of which every process can be killed, stopped, and told a wrong time."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

import aiohttp
from redis.asyncio import Redis

from gateway.data_dir import prepare
from gateway.redis_server import ServerDirectory
from gateway.scopes import ALL
from gateway.tokens import PER_MINUTE_MAX, Tokens
from tests.histories.nursery import Nursery
from tests.histories.plan import LEASE_SECONDS, WHOLE, Plan, Server
from tests.histories.room import Room
from tests.rigs.gateway import HEAD, secret
from tests.rigs.ports import free_port
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

TEND_SECONDS: Final = 0.05
READY_SECONDS: Final = 60.0
END_SECONDS: Final = 20.0
MISCONFIGURED: Final = 2
"""How a gateway ends that finds no Redis when it starts; whoever tends it starts it again."""


class Store(Protocol):
    """A redis-server that can be struck. `home` is where its files are."""

    home: Path

    @property
    def url(self) -> str: ...

    @property
    def pid(self) -> int: ...

    def kill(self) -> None: ...

    async def start(self) -> None: ...

    async def tend(self) -> None:
        """Start it again if it ended by itself."""


class Own:
    """One that the operator runs. Who forces every write to the disk ends when that is full."""

    def __init__(self, server: RedisServer) -> None:
        self._server, self.home, self.url = server, server.home, server.url

    @property
    def pid(self) -> int:
        return self._server.pid

    def kill(self) -> None:
        self._server.kill()

    async def start(self) -> None:
        await asyncio.to_thread(self._server.start)

    async def tend(self) -> None:
        if self._server.has_ended:
            await self.start()


class Embedded:
    """One that the gateway runs, and starts again by itself."""

    def __init__(self, data_dir: Path) -> None:
        self._directory = ServerDirectory(prepare(data_dir))
        self.home = self._directory.path

    @property
    def url(self) -> str:
        owner = self._directory.owner()
        assert owner, "there is no server yet"
        return owner.url

    @property
    def pid(self) -> int:
        owner = self._directory.owner()
        assert owner
        assert owner.pid, "the server has not answered yet"
        return owner.pid

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    async def start(self) -> None:
        """Somebody who uses it does it."""

    async def tend(self) -> None:
        """The same."""


class Place:
    """The processes by their roles. What ends is started again, as an operator's system does it;
    `ended` says what did so unbidden: role and exit code.
    """

    token: str

    def __init__(
        self, directory: Path, plan: Plan, nursery: Nursery, settings: str, own: RedisServer | None
    ) -> None:
        self.directory, self.data_dir = directory, directory / "data"
        self.store: Store = Own(own) if own else Embedded(self.data_dir)
        self.roles, self._nursery = plan.processes, nursery
        self.ended: list[tuple[str, int]] = []
        self._pids: dict[str, int] = {}
        self._silence: dict[str, int] = {}
        """How long the log of each was when its process was born, which had said nothing yet."""
        self._wanted: set[str] = set()
        self._turn = asyncio.Lock()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._settings = directory / "trunkline.toml"
        head = HEAD.format(port=port, lease_seconds=LEASE_SECONDS)
        head += "[redis]\n" + (f"url = {secret(directory, 'redis-url', own.url)}\n" if own else "")
        self._settings.write_text(head + settings)

    def pid(self, role: str) -> int | None:
        """Of its process, if that runs."""
        pid = self._pids.get(role)
        return None if pid is None or pid in self._nursery.codes else pid

    def signal(self, role: str, number: signal.Signals) -> None:
        if pid := self.pid(role):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    async def start(self, role: str) -> None:
        """Unless it runs."""
        async with self._turn:
            if self.pid(role):
                return
            only = () if role in WHOLE else ("--only", role)
            words = ("--config", str(self._settings), "up", *only)
            log = self.log(role)
            self._silence[role] = log.stat().st_size if log.exists() else 0
            self._pids[role] = await self._nursery.born(words, log)
            self._wanted.add(role)

    async def kill(self, role: str) -> None:
        self._wanted.discard(role)
        self.signal(role, signal.SIGKILL)
        await eventually(lambda: self.pid(role) is None, timeout_seconds=END_SECONDS)

    def log(self, role: str) -> Path:
        return self.directory / f"{role.replace(',', '-')}.log"

    async def tend(self) -> None:
        while True:
            await asyncio.sleep(TEND_SECONDS)
            await self.store.tend()
            for role in self._note_ended():
                await self.start(role)

    def _note_ended(self) -> list[str]:
        """-> those that ended unbidden."""
        codes = {role: self._nursery.codes.get(self._pids[role]) for role in self._wanted}
        found = [(role, code) for role, code in codes.items() if code is not None]
        self.ended += found
        return [role for role, _ in found]

    async def ready(self) -> None:
        """Every inbox runs, as whoever has the role web sees it."""
        async with aiohttp.ClientSession() as http:

            async def is_ready() -> bool:
                try:
                    async with (
                        asyncio.timeout(2.0),
                        http.get(f"{self.url}/readyz") as answer,
                    ):
                        health = await answer.json()
                except (aiohttp.ClientError, TimeoutError):
                    return False
                states = {one["state"] for one in health["inboxes"]}
                return answer.status == 200 and states == {"running"}

            await eventually(is_ready, timeout_seconds=READY_SECONDS)

    @asynccontextmanager
    async def redis(self) -> AsyncIterator[Redis]:
        """A connection of our own, for what is done to the server."""
        async with Redis.from_url(self.store.url, socket_timeout=5.0) as redis:
            yield redis

    async def stop(self) -> list[tuple[str, int]]:
        """As systemd does it; -> the roles that did not end as they should, with their codes. Who
        is started again just then, and has not begun yet, ends by the signal itself.
        """
        self._wanted -= set(self._note_ended())  # just now: nobody starts them again
        wanted, self._wanted = self._wanted, set()
        unborn = {role for role in wanted if self.log(role).stat().st_size == self._silence[role]}
        for role in wanted:
            self.signal(role, signal.SIGTERM)
        with suppress(TimeoutError):
            await eventually(
                lambda: not any(self.pid(one) for one in wanted), timeout_seconds=END_SECONDS
            )
        await self._tell_stacks(wanted)
        codes = {role: self._nursery.codes.get(self._pids[role], -1) for role in wanted}
        return [
            (role, code)
            for role, code in codes.items()
            if code != 0 and not (role in unborn and code == -signal.SIGTERM)
        ]

    async def _tell_stacks(self, roles: Iterable[str]) -> None:
        """Of those that do not come to their end, what each task waits for."""
        for role in roles:
            self.signal(role, signal.SIGUSR1)
            if self.pid(role):
                await asyncio.sleep(1.0)

    async def clean_up(self) -> None:
        for role in self.roles:
            self.signal(role, signal.SIGCONT)
        await self._tell_stacks(self._wanted)  # of a history that broke off
        for role in self.roles:
            with suppress(TimeoutError):
                await self.kill(role)
        with suppress(AssertionError, ProcessLookupError):
            if isinstance(self.store, Embedded):
                os.kill(self.store.pid, signal.SIGCONT)
                self.store.kill()


@asynccontextmanager
async def placed(directory: Path, plan: Plan, room: Room, channels: str) -> AsyncIterator[Place]:
    """The installation of a plan, ready; whatever becomes of it, nothing of it is left."""
    nursery, own = (
        await room.nursery(fakes_clock=plan.fakes_clock, hides_names=plan.hides_names),
        None,
    )
    if plan.server is Server.OWN:
        own = RedisServer(
            "--appendfsync", plan.fsync, environ=room.environ(fakes_clock=plan.fakes_clock)
        )
        own.start()
    durable = 'durability = "disk"\n' if plan.fsync == "always" else ""
    place = Place(directory, plan, nursery, durable + channels, own)
    tending = asyncio.create_task(place.tend())
    try:
        for role in place.roles:
            await place.start(role)
        await place.ready()
        place.token = Tokens(place.data_dir).create("Kim", ALL, per_minute=PER_MINUTE_MAX)
        yield place
    finally:
        tending.cancel()
        await place.clean_up()
        if own:
            own.close()
