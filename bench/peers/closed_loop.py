"""A queue under callers, each of which waits until its message is through before it sends the next.

    python -m bench.peers.queue_NAME URL CALLERS SECONDS HOPS TEXT [WAY]

With one hop a message is sent, handled and acknowledged; with two, its handler answers into a
second queue whose handler does nothing: a customer's message and an agent's reply.

Sender and worker are one process with uvloop, as ours are. What is counted goes on until the server
holds nothing any more that is unacknowledged. Prints one line of JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import uvloop
from redis.asyncio import Redis

WARM_UP_SECONDS = 0.3
POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Asked:
    url: str
    callers: int
    seconds: float
    hops: int
    text: str
    way: str

    @property
    def queues(self) -> tuple[str, ...]:
        return ("in", "out")[: self.hops]


def asked() -> Asked:
    url, callers, seconds, hops, text, *way = sys.argv[1:]
    return Asked(url, int(callers), float(seconds), int(hops), text, "".join(way))


class Trips:
    """Messages under way; a handler says when one is through, and so lets its caller go on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def begin(self, key: str) -> "tuple[str, asyncio.Future[None]]":
        """The message, and what is done when it is through."""
        self._waiting[key] = asyncio.get_running_loop().create_future()
        return f"{key} {self._text}", self._waiting[key]

    def end(self, message: str) -> None:
        self._waiting.pop(message.partition(" ")[0]).set_result(None)


async def measure(
    redis: "Redis",
    send: Callable[[str], Awaitable[None]],
    settled: Callable[[], Awaitable[bool]],
    *,
    at_once: int = 1,
) -> None:
    """`send` returns when the message of that key is through, or all of `at_once` that one call
    sends; `settled` says whether the server has nothing left to do.
    """
    callers = asked().callers // at_once
    await _loop(send, callers, WARM_UP_SECONDS)
    used, python, began = await _redis_seconds(redis), time.process_time(), time.perf_counter()
    messages = await _loop(send, callers, asked().seconds) * at_once
    while not await settled():  # noqa: ASYNC110 - the server does not tell
        await asyncio.sleep(POLL_SECONDS)
    taken = {
        "messages": messages,
        "wall_seconds": time.perf_counter() - began,
        "python_seconds": time.process_time() - python,
        "redis_seconds": await _redis_seconds(redis) - used,
    }
    print(json.dumps(taken), flush=True)


async def _loop(send: Callable[[str], Awaitable[None]], callers: int, seconds: float) -> int:
    """-> how often `send` was called."""
    end = time.perf_counter() + seconds
    calls = 0

    async def caller(n: int) -> None:
        nonlocal calls
        number = 0
        while time.perf_counter() < end:
            await send(f"{n}.{number}")
            number += 1
            calls += 1

    await asyncio.gather(*(caller(n) for n in range(callers)))
    return calls


async def acknowledged(redis: "Redis", streams: Sequence[str], group: str) -> bool:
    return not any([(await redis.xpending(stream, group))["pending"] for stream in streams])


async def _redis_seconds(redis: "Redis") -> float:
    used = await redis.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def run(main: Callable[[Asked], Awaitable[None]]) -> None:
    async def running() -> None:
        await main(asked())

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(running())
