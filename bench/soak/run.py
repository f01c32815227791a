"""A real gateway on three lines, half an hour of an ordinary day, and what it holds afterwards.

MINUTES=5 makes it shorter, RATE=4 busier (visits a second).
"""

import asyncio
import os
import random
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis

from bench.measuring import Effort
from bench.report.findings import Finding
from bench.soak import MINUTES
from bench.soak.finding import Soaked, finding_of
from bench.soak.office import Office, unless_refused
from bench.soak.people import People, Spoilt
from bench.soak.watching import Sample, Watch, kinds_of
from gateway.redis_server import ServerDirectory
from sandbox.server import Sandbox
from tests.crash.books import read_books, stored
from tests.rigs.api import api
from tests.rigs.gateway import Gateway, bot_channel, discord_channel, mail_channel
from tests.rigs.ports import free_port, listens
from tests.rigs.receiver import receiving
from tests.rigs.waiting import eventually

RATE: Final = float(os.environ.get("RATE") or 2)
SEED: Final = 7
WARM_PART: Final = 0.2
WARM_TIMES: Final = 3
"""For a fifth of the time, before it counts, so many times as many come: caches fill by what is
done and not by the hour, and the allocator finds its size.
"""
REST_SECONDS: Final = 300.0
STILL_SECONDS: Final = 45.0
"""Longer than connections that nobody uses are kept; webhooks' for up to twice 20 s."""

SETTINGS: Final = """
[archive]
closed_days = 0.000001
resolved_days = 0.000001
[limits]
events_max = 1000
live_max = 1000
audit_max = 1000
[journal]
size_bytes_max = 1000000
[webhooks]
allow_hosts = ["127.0.0.1"]
[metrics]
bind = "127.0.0.1:{port}"
"""


def measure(effort: Effort) -> Finding:
    return finding_of(asyncio.run(soak(60 * effort.pick(MINUTES, 3))))


async def soak(seconds: float) -> Soaked:
    """Raises Spoilt if anything that anybody said is lost, doubled or somewhere else."""
    rng = random.Random(SEED)  # noqa: S311 - makes up a day, no secret
    with tempfile.TemporaryDirectory(prefix="trunkline-soak-") as home:
        directory, port = Path(home), free_port()
        async with Sandbox(seed=SEED) as box:
            channels = [one(box, directory) for one in (bot_channel, mail_channel, discord_channel)]
            settings = SETTINGS.format(port=port) + "".join(channels)
            async with Gateway(directory, settings, lease_seconds=15, is_executed=True) as gateway:
                await eventually(lambda: any(one.session for one in box.discord_gateway.lines))
                await eventually(lambda: listens(port))
                day = Day(gateway, People(box, rng, RATE), rng, f"http://127.0.0.1:{port}/metrics")
                return await day.passes(seconds)


class Day:
    """Of a gateway: it warms up, rests, works, and rests."""

    def __init__(self, gateway: Gateway, people: People, rng: random.Random, figures: str) -> None:
        self._gateway, self._people, self._rng, self._figures = gateway, people, rng, figures

    async def passes(self, seconds: float) -> Soaked:
        owner = ServerDirectory(self._gateway.data_dir).owner()
        if not owner or not owner.pid:
            raise Spoilt("the embedded server is not there")
        async with Redis.from_url(owner.url) as redis, receiving() as receiver:
            watch = Watch(
                self._gateway.pid, owner.pid, redis, self._figures, lambda: self._people.said
            )
            async with api(self._gateway.url, self._gateway.token) as agent:
                office = Office(agent, receiver, self._rng)
                webhook = await office.subscribe()
            started = await watch.look()
            warm = seconds * WARM_PART
            before = await self._works(warm, WARM_TIMES, office, redis, webhook, watch)
            used = watch.seconds_used()
            async with _going(watch.run()):
                after = await self._works(seconds, 1, office, redis, webhook, watch)
            spent = watch.seconds_used()
            await self._check(owner.url, office)
            return Soaked(
                started=started,
                before=before,
                during=[one for one in watch.samples if one.minute <= seconds / 60],
                after=after,
                keys=dict(await kinds_of(redis)),
                replies=office.replied.total(),
                heard=office.heard,
                missed=office.missed,
                told=len(office.told),
                gateway_seconds=spent[0] - used[0],
                redis_seconds=spent[1] - used[1],
            )

    async def _works(
        self,
        seconds: float,
        times: float,
        office: Office,
        redis: Redis,
        webhook: str,
        watch: Watch,
    ) -> Sample:
        """-> what is held once everything is done and everybody has gone."""
        async with api(self._gateway.url, self._gateway.token) as agent:
            office.agent = agent
            async with _going(office.work()):
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._people.come(times)

                async def all_is_done() -> bool:
                    waiting = True
                    with unless_refused():
                        async with agent.http.get(webhook) as answer:
                            waiting = (await answer.json()).get("waiting")
                    kinds = await kinds_of(redis)
                    return not waiting and not kinds["leg"] and not kinds["lane"]

                await eventually(all_is_done, timeout_seconds=REST_SECONDS)
        await asyncio.sleep(STILL_SECONDS)
        return await watch.look()

    async def _check(self, url: str, office: Office) -> None:
        async with stored(url, self._gateway.data_dir) as store:
            books = await read_books(store)
        self._people.check(books)
        read, owed = self._people.read(), office.replied
        if read != owed:
            raise Spoilt(f"never read: {list(owed - read)[:3]}, not sent: {list(read - owed)[:3]}")
        heard = {f"{one.leg} {one.position}" for log in books.heard().values() for one in log}
        if office.told != heard:
            raise Spoilt(f"not told by webhook: {list(heard - office.told)[:3]}")


@asynccontextmanager
async def _going(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """While this is open it goes on; if it fails, so does what is inside."""
    async with asyncio.TaskGroup() as tasks:
        going = tasks.create_task(work)
        yield
        going.cancel()
