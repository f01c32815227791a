"""A webhook's server as a gateway would run it, which answers what a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Answer = Callable[[dict[str, Any]], Awaitable[web.StreamResponse]]


class Receiver:
    """Keeps what was posted, in order; `answer` decides what is said to it."""

    def __init__(self) -> None:
        self.url = ""
        self.posted: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.open = 0
        self.open_max = 0
        self.answer: Answer = _ok
        self.hangs_up = False

    @property
    def texts(self) -> list[str]:
        """The texts of the messages that were posted, repeated ones too."""
        return [update["message"]["text"] for update in self.posted]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        update = await request.json()
        self.posted.append(update)
        self.headers.append(dict(request.headers))
        if self.hangs_up and request.transport is not None:
            request.transport.abort()
        self.open += 1
        self.open_max = max(self.open, self.open_max)
        try:
            return await self.answer(update)
        finally:
            self.open -= 1


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """Listen on loopback while the block runs."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield receiver
    finally:
        await runner.cleanup()


def answering(*statuses: int, headers: dict[str, str] | None = None) -> Answer:
    """Answer with these statuses one after the other, then with 200."""
    left = list(statuses)

    async def answer(_update: dict[str, Any]) -> web.StreamResponse:
        if left:
            return web.Response(status=left.pop(0), headers=headers)
        return web.Response()

    return answer


def holding(released: asyncio.Event) -> Answer:
    """Answer once the event is set."""

    async def answer(_update: dict[str, Any]) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    return answer


async def _ok(_update: dict[str, Any]) -> web.StreamResponse:
    return web.Response()
