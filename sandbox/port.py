"""The listening HTTP socket, which can be closed for a while: connections are then refused."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

SHUTDOWN_SECONDS = 0.5


class HttpPort:
    """One socket of a running server; it stays at the same number when it is opened again."""

    def __init__(
        self, runner: web.AppRunner, host: str, number: int, tls: ssl.SSLContext | None
    ) -> None:
        self.number = number
        self._runner = runner
        self._host = host
        self._tls = tls
        self._closings: asyncio.Queue[float] = asyncio.Queue()

    def close_for(self, seconds: float) -> None:
        """Hang up on everyone and refuse connections for so long, from the next moment on."""
        self._closings.put_nowait(seconds)

    async def run(self) -> None:
        """Listen, and close when asked to, until cancelled."""
        while True:
            seconds = await self._closings.get()
            await self._close()
            await asyncio.sleep(seconds)
            await self.open()

    async def open(self) -> None:
        """Listen; the number is known afterwards when it was 0."""
        site = web.TCPSite(self._runner, self._host, self.number, ssl_context=self._tls)
        await site.start()
        self.number = self._runner.addresses[0][1]

    async def _close(self) -> None:
        for site in list(self._runner.sites):
            await site.stop()
        server = self._runner.server
        for connection in server.connections if server else []:
            if connection.transport is not None:
                connection.transport.close()


@asynccontextmanager
async def serving(
    app: web.Application, host: str, number: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[HttpPort]:
    """Serve `app` while the block runs, over TLS if there is something to show; number 0 picks a
    free port.
    """
    runner = web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        port = HttpPort(runner, host, number, tls)
        await port.open()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(port.run())
            try:
                yield port
            finally:
                running.cancel()
    finally:
        await runner.cleanup()
