"""What the plan strikes an installation and its platforms with, each until it is over again."""

import asyncio
import os
import resource
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from sandbox.faults import Fault
from sandbox.faults import Kind as Wrong
from sandbox.mail.mailboxes import INBOX
from sandbox.port import Manner
from sandbox.server import Sandbox
from tests.crash.books import read_books, stored
from tests.histories.agents import token_of
from tests.histories.logs import Cut
from tests.histories.people import Clock
from tests.histories.place import Place
from tests.histories.plan import Blow, Kind
from tests.histories.room import Room
from tests.histories.storms import STORMS, of_mail, twice
from tests.rigs.needs import clock_is_missing, names_are_missing
from tests.rigs.redis_server import when_written

PATIENCE_SECONDS: Final = 15.0
"""For a server that is away to be there, so that it can be struck, or healed."""
SYNCED_TRIES: Final = 200


class Blows:
    """Strikes; `cuts` are what was cut off the store's file, `missed` what did not come to pass."""

    def __init__(self, place: Place, sandbox: Sandbox, clock: Clock, room: Room) -> None:
        self._place, self._sandbox, self._clock = place, sandbox, clock
        self._room = room
        self.cuts: list[Cut] = []
        self.missed: list[Kind] = []
        self._ways: dict[Kind, Callable[[Blow], Awaitable[None]]] = {
            Kind.KILL: self._kill,
            Kind.STOP: self._stop,
            Kind.STOP_LONG: self._stop,
            Kind.STALL: self._stall,
            Kind.REDIS_KILL: self._kill_redis,
            Kind.REDIS_GONE: self._kill_redis,
            Kind.REDIS_STOP: self._stop_redis,
            Kind.REDIS_SLOW: self._slow_redis,
            Kind.REDIS_FULL: self._fill_redis,
            Kind.REDIS_READ_ONLY: self._demote_redis,
            Kind.REDIS_CUT: self._cut_redis,
            Kind.REDIS_DISK_FULL: self._fill_redis_disk,
            Kind.DISK_FULL: self._fill_disk,
            Kind.CLOCK: self._set_clock,
            Kind.TELEGRAM_STORM: self._storm,
            Kind.MAIL_STORM: self._storm,
            Kind.DISCORD_STORM: self._storm,
            Kind.LIMITS: self._storm,
            Kind.PAGES: self._storm,
            Kind.TOLD_TWICE: self._tell_twice,
            Kind.PLATFORMS_CLOSED: self._close,
            Kind.PLATFORMS_RESET: self._reset,
            Kind.PLATFORMS_SILENT: self._silence,
            Kind.NAMES_GONE: self._hide_names,
        }

    async def strike(self, blow: Blow) -> None:
        """-> once it is over."""
        try:
            await self._ways[blow.kind](blow)
        except (RedisError, AssertionError, TimeoutError, ProcessLookupError):
            self.missed.append(blow.kind)

    # --- the gateway

    async def _kill(self, blow: Blow) -> None:
        await self._place.kill(blow.target)
        await asyncio.sleep(blow.seconds)
        await self._place.start(blow.target)

    async def _stop(self, blow: Blow) -> None:
        self._place.signal(blow.target, signal.SIGSTOP)
        await asyncio.sleep(blow.seconds)
        self._place.signal(blow.target, signal.SIGCONT)

    async def _stall(self, blow: Blow) -> None:
        rng, end = Random(blow.seed), self._clock() + blow.seconds
        while self._clock() < end:
            self._place.signal(blow.target, signal.SIGSTOP)
            await asyncio.sleep(rng.uniform(0.02, 0.15))
            self._place.signal(blow.target, signal.SIGCONT)
            await asyncio.sleep(rng.uniform(0.0, 0.05))

    async def _fill_disk(self, blow: Blow) -> None:
        if pid := self._place.pid(blow.target):
            await _limited(pid, blow.seconds)

    async def _set_clock(self, blow: Blow) -> None:
        if clock_is_missing():
            self.missed.append(blow.kind)
        self._room.set_clock(blow.amount)

    # --- the store

    async def _kill_redis(self, blow: Blow) -> None:
        await when_written(self._place.store.url)
        self._place.store.kill()
        await asyncio.sleep(blow.seconds)
        await self._place.store.start()

    async def _stop_redis(self, blow: Blow) -> None:
        pid = self._place.store.pid
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(blow.seconds)
        os.kill(pid, signal.SIGCONT)

    async def _slow_redis(self, blow: Blow) -> None:
        rng, end = Random(blow.seed), self._clock() + blow.seconds
        while self._clock() < end:
            ms = rng.randint(20, 300)
            await self._tell(partial(_pause, ms=ms))
            await asyncio.sleep(ms / 1000 + rng.uniform(0.0, 0.1))

    async def _fill_redis(self, blow: Blow) -> None:
        await self._tell(lambda redis: redis.config_set("maxmemory", 1))
        await asyncio.sleep(blow.seconds)
        await self._tell(lambda redis: redis.config_set("maxmemory", 0))

    async def _demote_redis(self, blow: Blow) -> None:
        await self._tell(lambda redis: redis.replicaof("127.0.0.1", "1"))
        await asyncio.sleep(blow.seconds)
        await self._tell(lambda redis: redis.replicaof("NO", "ONE"))

    async def _fill_redis_disk(self, blow: Blow) -> None:
        await _limited(self._place.store.pid, blow.seconds)

    async def _cut_redis(self, blow: Blow) -> None:
        """As after a power cut: what was not on the disk yet is gone, from some byte on."""
        place = self._place
        async with stored(place.store.url, place.data_dir) as store:
            books = await read_books(store)
        known = frozenset(token_of(one) for log in books.logs.values() for one in log)
        noted_at, file = await self._synced()
        at_least = file.stat().st_size
        await asyncio.sleep(blow.seconds)
        pid = place.store.pid
        os.kill(pid, signal.SIGSTOP)
        size = file.stat().st_size
        os.truncate(file, Random(blow.seed).randint(at_least, max(at_least, size)))
        place.store.kill()
        self.cuts.append(Cut(noted_at=noted_at, cut_at=self._clock(), known=known))
        await place.store.start()

    async def _synced(self) -> tuple[float, Path]:
        """-> a moment before which everything is in the file, and the file."""
        at = self._clock()
        async with self._place.redis() as redis:
            for _ in range(SYNCED_TRIES):
                at = self._clock()
                info: dict[str, Any] = await redis.info("persistence")
                if not info["aof_buffer_length"]:
                    break
        files = list(self._place.store.home.glob("**/*.incr.aof"))
        return at, max(files, key=lambda one: one.stat().st_mtime)

    async def _tell(self, what: Callable[[Redis], Awaitable[object]]) -> None:
        """As soon as the server can be told."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                with suppress(RedisError, OSError, AssertionError):
                    async with self._place.redis() as redis:
                        await what(redis)
                        return
                await asyncio.sleep(0.05)

    # --- the platforms

    async def _storm(self, blow: Blow) -> None:
        storm = STORMS[blow.kind](blow.seed)
        self._sandbox.world.faults.storms.append(storm)
        await asyncio.sleep(blow.seconds)
        storm.calm()

    async def _tell_twice(self, blow: Blow) -> None:
        await self._wrong(twice(), blow.seconds)
        mail = self._sandbox.world.mail
        for one in reversed(tuple(mail.support.folders[INBOX].messages)):
            mail.deliver(mail.support.address, one.raw, one.sender)

    async def _close(self, blow: Blow) -> None:
        self._be_away(blow.seconds, Manner.REFUSED)
        await asyncio.sleep(blow.seconds)

    async def _reset(self, blow: Blow) -> None:
        self._be_away(blow.seconds, Manner.RESET)
        await self._wrong(of_mail(Wrong.RESET), blow.seconds)

    async def _silence(self, blow: Blow) -> None:
        self._be_away(blow.seconds, Manner.SILENT)
        await self._wrong(of_mail(Wrong.HANG), blow.seconds)

    async def _hide_names(self, blow: Blow) -> None:
        if names_are_missing():
            self.missed.append(blow.kind)
        self._room.set_names(found=False)
        await self._place.kill(blow.target)
        await self._place.start(blow.target)
        await asyncio.sleep(blow.seconds)
        self._room.set_names(found=True)

    def _be_away(self, seconds: float, manner: Manner) -> None:
        self._sandbox.close_for(seconds, manner=manner)
        self._sandbox.close_for(seconds, discord=True, manner=manner)

    async def _wrong(self, faults: Sequence[Fault], seconds: float) -> None:
        rules = [self._sandbox.world.faults.add(one) for one in faults]
        await asyncio.sleep(seconds)
        for one in rules:
            self._sandbox.world.faults.clear(one.id)


async def _pause(redis: Redis, ms: int) -> None:
    await redis.client_pause(ms)


async def _limited(pid: int, seconds: float) -> None:
    """No file of this process can grow for so long."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        await asyncio.sleep(seconds)
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
