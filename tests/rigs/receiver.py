"""A program that is told by webhooks: a real web server, which checks signatures as the reference
library of Standard Webhooks does.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from aiohttp import web
from standardwebhooks.webhooks import Webhook

Answer = Callable[["Told"], Awaitable[web.StreamResponse | None]]

OK: Final = 204


class Told(msgspec.Struct, frozen=True):
    """A request that came, whatever was answered."""

    id: str
    body: dict[str, Any]
    headers: dict[str, str]
    raw: str

    @property
    def words(self) -> str:
        """What the message says that it is about."""
        parts = self.body["data"]["entry"]["message"]["parts"]
        return str(parts[0]["text"])


class Receiver:
    """`told` are all requests in order, `taken` those that were answered with success. What
    `answer` returns is answered, None is success. With `secret` every signature is checked.
    """

    def __init__(self) -> None:
        self.url = ""
        self.told: list[Told] = []
        self.taken: list[Told] = []
        self.secret = ""
        self.answer: Answer = thanks

    @property
    def types(self) -> list[str]:
        return [one.body["type"] for one in self.taken]

    def once(self) -> list[Told]:
        """What was taken, each id the first time."""
        return list({one.id: one for one in reversed(self.taken)}.values())[::-1]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        headers = dict(request.headers)
        if self.secret:
            Webhook(self.secret).verify(raw, headers)
        told = Told(headers["webhook-id"], msgspec.json.decode(raw), headers, raw)
        self.told.append(told)
        found = await self.answer(told)
        if found is None or 200 <= found.status < 300:
            self.taken.append(told)
        return found or web.Response(status=OK)


async def thanks(_told: Told) -> None:
    return None


def refuses(status: int, text: str = "", **headers: str) -> Answer:
    async def answer(_told: Told) -> web.Response:
        return web.Response(status=status, text=text, headers=headers)

    return answer


async def never(_told: Told) -> None:
    """No answer, as long as anybody waits."""
    await asyncio.Event().wait()


@asynccontextmanager
async def receiving(port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
        await site.start()
        host, bound = runner.addresses[0][:2]
        receiver.url = f"{'https' if tls else 'http'}://{host}:{bound}/hook"
        yield receiver
    finally:
        await runner.cleanup()
