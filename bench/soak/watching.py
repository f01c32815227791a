"""What a gateway and its Redis hold, looked at from outside now and then."""

import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from statistics import median
from typing import Final

import aiohttp
import msgspec
import psutil
from redis.asyncio import Redis

SAMPLE_SECONDS: Final = 5.0
MB: Final = 1e6
PARTS_MIN: Final = 6
TASKS: Final = re.compile(r"^trunkline_tasks (\S+)$", re.MULTILINE)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """`minute` since `run` began, `messages` that customers had written by then. MB are 10^6
    bytes; `memory` and `redis` are resident, `data` is what Redis says that it holds. Of `memory`
    `heap` is the allocator's of what is written in C, as it is used by the main thread (SQLite's
    pages are taken by threads, whose own are in `pages`, with Python's objects), `files` are
    programs and what is shared. Of the gateway's `descriptors` those to
    Redis are not counted: their pool has an end, and keeps them.
    """

    minute: float
    messages: int
    memory: float
    heap: float
    pages: float
    files: float
    redis: float
    data: float
    descriptors: int
    threads: int
    tasks: int
    keys: int


class Watch:
    """`look` once, or `run` until cancelled: then `samples` grow."""

    def __init__(
        self, gateway: int, server: int, redis: Redis, figures: str, messages: Callable[[], int]
    ) -> None:
        self._gateway, self._server = psutil.Process(gateway), psutil.Process(server)
        self._redis, self._figures, self._messages = redis, figures, messages
        self._began = time.monotonic()
        self.samples: list[Sample] = []

    async def run(self) -> None:
        self._began = time.monotonic()
        while True:
            self.samples.append(await self.look())
            await asyncio.sleep(SAMPLE_SECONDS)

    async def look(self) -> Sample:
        async with aiohttp.ClientSession() as http, http.get(self._figures) as answer:
            (tasks,) = TASKS.findall(await answer.text())
        clients = await self._redis.info("clients")
        parts = self._parts()
        return Sample(
            minute=(time.monotonic() - self._began) / 60,
            messages=self._messages(),
            memory=self._gateway.memory_info().rss / MB,
            heap=parts["heap"],
            pages=parts["pages"],
            files=parts["files"],
            redis=self._server.memory_info().rss / MB,
            data=(await self._redis.info("memory"))["used_memory"] / MB,
            descriptors=self._gateway.num_fds() - clients["connected_clients"],
            threads=self._gateway.num_threads(),
            tasks=int(float(tasks)),
            keys=await self._redis.dbsize(),
        )

    def _parts(self) -> dict[str, float]:
        """Of the gateway's resident memory, in MB."""
        found = dict.fromkeys(("heap", "pages", "files"), 0.0)
        for one in self._gateway.memory_maps():
            kind = {"[heap]": "heap", "[anon]": "pages"}.get(one.path, "files")
            found[kind] += one.rss / MB
        return found

    def seconds_used(self) -> tuple[float, float]:
        """Processor time of the gateway and of Redis since they began."""
        times = self._gateway.cpu_times(), self._server.cpu_times()
        return times[0].user + times[0].system, times[1].user + times[1].system


async def kinds_of(redis: Redis) -> Counter[str]:
    """How many keys there are, by the first word after the tag."""
    return Counter(
        [re.split("[:}]", key.decode())[1] or "other" async for key in redis.scan_iter(count=1000)]
    )


def by_minute(samples: list[Sample], what: Callable[[Sample], float]) -> list[tuple[float, float]]:
    """The median of each minute, of a short time's parts: a peak of a moment is no growth."""
    width = min(1.0, samples[-1].minute / PARTS_MIN)
    parts = defaultdict[int, list[float]](list)
    for one in samples:
        parts[int(one.minute / width)].append(what(one))
    return [((part + 0.5) * width, median(values)) for part, values in sorted(parts.items())]
