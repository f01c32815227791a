"""Live events at 1 000 clients of one gateway: how late the last one hears, and what each costs.

The gateway is a process of its own, as `trunkline up` starts it, on a private Redis. The clients
are another one: plain sockets that speak HTTP, for whatever a library did would be measured with
them. An agent notes something on a conversation; the time runs from before that request until the
last client has the event. So it holds the request, Redis, the relay and the stream. Some clients
read nothing at all, and must slow nobody.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Final, cast

import aiohttp
import psutil
import uvloop
from typing_extensions import override

from bench.measuring import Effort, percentile
from bench.report.findings import Bound, Finding, Table
from core.store.store import StoreSettings, open_store
from sandbox.server import Sandbox
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.gateway import Gateway, bot_channel
from tests.rigs.redis_server import RedisServer

LATE_MS_MAX: Final = 150.0
KB_MAX: Final = 40.0
READY_SECONDS: Final = 120.0
PAUSE_SECONDS: Final = 0.2
CONNECTING_MAX: Final = 50
IDLE: Final = 20
SAYS: Final = f"""Clients of one gateway, in a process of their own, and {IDLE} who read nothing:
from before an agent's request to the moment at which the last client has its event."""


class Client(asyncio.Protocol):
    """One listener. `heard` is told of each event by its id."""

    def __init__(self, crowd: "Crowd", *, reads: bool) -> None:
        self._crowd, self._reads = crowd, reads
        self._rest = b""
        self.here = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not of the class
        self._transport.write(self._crowd.request)

    @override
    def data_received(self, data: bytes) -> None:
        if not self.here.done():
            if not data.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(data[:300])
            self.here.set_result(None)
            if not self._reads:
                self._transport.pause_reading()
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                self._crowd.heard(str(json.loads(line[6:])["position"]))


class Crowd:
    """`count` clients that read, and `idle` ones that do not. Tells of an event on stdout when the
    last one that reads has it: its id and the time.
    """

    def __init__(self, port: int, token: str, count: int, idle: int) -> None:
        self._port, self._count, self._idle = port, count, idle
        self._heard: dict[str, int] = {}
        self.request = (
            f"GET /api/v1/live HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()

    def heard(self, event: str) -> None:
        self._heard[event] = count = self._heard.get(event, 0) + 1
        if count == self._count:
            print(json.dumps({"id": event, "at": time.monotonic()}), flush=True)

    async def run(self) -> None:
        gate = asyncio.Semaphore(CONNECTING_MAX)
        loop = asyncio.get_running_loop()

        async def connect(*, reads: bool) -> asyncio.BaseTransport:
            async with gate:
                made = await loop.create_connection(
                    lambda: Client(self, reads=reads), "127.0.0.1", self._port
                )
                await made[1].here
                return made[0]

        kept = await asyncio.gather(
            *(connect(reads=True) for _ in range(self._count)),
            *(connect(reads=False) for _ in range(self._idle)),
        )
        print(json.dumps({"id": "ready", "at": time.monotonic()}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for transport in kept:
            transport.close()


class Listening:
    """The other process, from here."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._lines = cast("asyncio.StreamReader", process.stdout)
        self._at: dict[str, float] = {}

    async def when(self, event: str) -> float:
        """When the last client had it."""
        async with asyncio.timeout(READY_SECONDS):
            while event not in self._at:
                found = json.loads(await self._lines.readline())
                self._at[found["id"]] = found["at"]
        return self._at[event]


@asynccontextmanager
async def listening(gateway: Gateway, count: int, idle: int) -> AsyncIterator[Listening]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sse", str(gateway.port), str(count), str(idle)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "BENCH_TOKEN": gateway.token},
    )
    try:
        found = Listening(process)
        await found.when("ready")
        yield found
    finally:
        process.kill()
        await process.wait()


async def _with_gateway(clients: int, idle: int, events: int) -> Finding:
    with RedisServer() as redis, tempfile.TemporaryDirectory() as name:
        async with open_store(StoreSettings(url=redis.url)) as store:
            line = Assembly(store, {})
            await line.dispatcher.accept(says(thread("mei"), "mei", "Hello"))
            await line.settle()
            reference = (await line.conversation_of(thread("mei"))).number
        limits = f"[limits]\nlive_listeners_max = {clients + idle + 10}\n"
        async with (
            Sandbox() as sandbox,
            Gateway(
                Path(name),
                limits + bot_channel(sandbox, Path(name)),
                redis_url=redis.url,
                is_executed=True,
            ) as gateway,
        ):
            return await _measured(gateway, reference, clients, idle, events)


async def _measured(
    gateway: Gateway, reference: str, clients: int, idle: int, events: int
) -> Finding:
    process = psutil.Process(gateway.pid)
    url = f"{gateway.url}/api/v1/conversations/{reference}/notes"
    headers = {"Authorization": f"Bearer {gateway.token}"}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as http:
        for number in range(20):  # what a process takes once is no client's
            await (await http.post(url, json={"text": f"warm {number}"})).read()
        before = process.memory_info().rss
        async with listening(gateway, clients, idle) as crowd:
            each_kb = (process.memory_info().rss - before) / 1024 / (clients + idle)
            spent = process.cpu_times()
            late_ms = [await _late(http, url, crowd, n) * 1000 for n in range(events)]
            used = process.cpu_times()
            grown_kb = (process.memory_info().rss - before) / 1024 / (clients + idle)
    cpu_ms = (used.user + used.system - spent.user - spent.system) * 1000 / events
    p95 = percentile(late_ms, 95)
    rows = (
        (f"event to the last of {clients} clients, median ms", median(late_ms)),
        ("... p95 ms", p95),
        ("... worst ms", max(late_ms)),
        ("processor time of an event, ms", cpu_ms),
        ("... for each client, µs", cpu_ms * 1000 / clients),
        ("memory of a client when connected, KB", each_kb),
        ("... at the end, KB", grown_kb),
    )
    return Finding(
        says=SAYS,
        tables=(Table(head=("what", "measured"), rows=rows),),
        bounds=(
            Bound(
                what=f"a live event, p95 of the last of {clients} clients",
                measured=p95,
                bound=LATE_MS_MAX,
                unit="ms",
                by_clock=True,
            ),
            Bound(what="memory of a live client", measured=grown_kb, bound=KB_MAX, unit="KB"),
        ),
    )


async def _late(http: aiohttp.ClientSession, url: str, crowd: Listening, number: int) -> float:
    """Seconds from before the request until the last client has the note's event."""
    await asyncio.sleep(PAUSE_SECONDS)
    async with http.get(url.rpartition("/api/")[0] + "/api/v1/health"):
        pass  # the connection is open and the clock starts at the request
    began = time.monotonic()
    async with http.post(url, json={"text": f"note {number}"}) as answer:
        position = (await answer.json())["position"]
    return await crowd.when(str(position)) - began


def measure(effort: Effort) -> Finding:
    clients, events = effort.pick((1000, 40), (100, 10))
    _allow_connections(clients + IDLE)
    return uvloop.run(_with_gateway(clients, IDLE, events))


def _allow_connections(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 200)), hard))


def _listen(port: int, clients: int, idle: int) -> None:
    """Be the clients of this port."""
    _allow_connections(clients + idle)
    uvloop.run(Crowd(port, os.environ["BENCH_TOKEN"], clients, idle).run())


if __name__ == "__main__":
    _listen(*map(int, sys.argv[1:]))
