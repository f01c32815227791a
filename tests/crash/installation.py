"""An installation in a storm, in one process or in many: what can be done to it, and its store."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from gateway.redis_server import ServerDirectory
from gateway.scopes import ALL
from gateway.tokens import PER_MINUTE_MAX, Tokens
from tests.rigs.gateway import DISCORD, MAIL, TELEGRAM, Gateway
from tests.rigs.nursery import completed
from tests.rigs.redis_server import RedisServer
from tests.rigs.split import Split

LEASE_SECONDS: Final = 2.5
COMMAND_SECONDS: Final = 60
ROLES: Final = ("web", "worker", f"adapter:{TELEGRAM}", f"adapter:{MAIL}", f"adapter:{DISCORD}")


class Installation(Protocol):
    """`kill` some process of it and start it anew, `kill_redis` likewise; `reload` the settings."""

    url: str
    directory: Path
    data_dir: Path
    settings: Path

    async def kill(self, rng: random.Random) -> None: ...
    async def kill_redis(self) -> None: ...
    def reload(self) -> None: ...
    async def stop(self) -> None: ...
    def redis_url(self) -> str: ...


class Whole:
    """One process, with a Redis of the operator's own."""

    def __init__(self, gateway: Gateway, redis: RedisServer) -> None:
        self._gateway, self._redis = gateway, redis
        self.url, self.directory = gateway.url, gateway.directory
        self.data_dir, self.settings = gateway.data_dir, gateway.settings

    async def kill(self, _rng: random.Random) -> None:
        await self._gateway.kill()
        self._gateway.start()
        await self._gateway.ready()

    async def kill_redis(self) -> None:
        self._redis.kill()
        await asyncio.to_thread(self._redis.start)

    def reload(self) -> None:
        self._gateway.signal(signal.SIGHUP)

    async def stop(self) -> None:
        assert await self._gateway.stop() == 0

    def redis_url(self) -> str:
        return self._redis.url


class Parts:
    """A process for each role, with an embedded Redis."""

    def __init__(self, split: Split) -> None:
        self._split = split
        self.url, self.directory = split.url, split.directory
        self.data_dir, self.settings = split.data_dir, split.settings

    async def kill(self, rng: random.Random) -> None:
        role = rng.choice(ROLES)
        await self._split.kill(role)
        self._split.start(role)
        await self._split.ready()

    async def kill_redis(self) -> None:
        owner = ServerDirectory(self.data_dir).owner()
        assert owner
        assert owner.pid
        os.kill(owner.pid, signal.SIGKILL)

    def reload(self) -> None:
        for role in ROLES:
            self._split.signal(role, signal.SIGHUP)

    async def stop(self) -> None:
        for role in ROLES:
            await self._split.kill(role)

    def redis_url(self) -> str:
        return embedded_url(self.data_dir)


def embedded_url(data_dir: Path) -> str:
    """Of the server that runs on this directory."""
    owner = ServerDirectory(data_dir).owner()
    assert owner
    return owner.url


@asynccontextmanager
async def whole(directory: Path, channels: str) -> AsyncIterator[Installation]:
    durable = 'durability = "disk"\n'  # behind the address of the server
    with RedisServer("--appendfsync", "always") as redis:
        async with Gateway(
            directory, durable + channels, redis_url=redis.url, lease_seconds=LEASE_SECONDS
        ) as gateway:
            yield Whole(gateway, redis)


@asynccontextmanager
async def parts(directory: Path, channels: str) -> AsyncIterator[Installation]:
    durable = '[redis]\ndurability = "disk"\n'
    async with Split(directory, durable + channels, *ROLES, lease_seconds=LEASE_SECONDS) as split:
        yield Parts(split)


def token_of(place: Installation) -> str:
    return Tokens(place.data_dir).create("Kim", ALL, per_minute=PER_MINUTE_MAX)


async def trunkline(place: Installation, *words: str) -> None:
    """Run a command beside it, to its end."""
    arguments = ("--config", str(place.settings), *words)
    done = await asyncio.to_thread(
        completed, arguments, timeout_seconds=COMMAND_SECONDS, environ=os.environ
    )
    assert done.returncode == 0, done.stderr
