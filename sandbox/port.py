"""The listening HTTP socket, which can be out of reach for a while, in several manners."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import cast

from aiohttp import web
from typing_extensions import override

from sandbox.spoiling import RESET_AT_ONCE

SHUTDOWN_SECONDS = 0.5


class Manner(StrEnum):
    """How a port is out of reach: for who has a connection, and for who wants one."""

    REFUSED = "refused"
    """The connection ends; nobody listens."""
    RESET = "reset"
    """The connection is reset; a new one is accepted, and reset before a byte is read."""
    SILENT = "silent"
    """Half open: the connection stays, and so does a new one; what comes is lost, for good."""


class HttpPort:
    """One socket of a running server; it stays at the same number when it is opened again."""

    def __init__(
        self, runner: web.AppRunner, host: str, number: int, tls: ssl.SSLContext | None
    ) -> None:
        self.number = number
        self._runner = runner
        self._host = host
        self._tls = tls
        self._closings: asyncio.Queue[tuple[float, Manner]] = asyncio.Queue()
        self._silent: set[asyncio.Transport] = set()

    def close_for(self, seconds: float, manner: Manner = Manner.REFUSED) -> None:
        """Be out of reach for so long, from the next moment on."""
        self._closings.put_nowait((seconds, manner))

    async def run(self) -> None:
        """Listen, and close when asked to, until cancelled."""
        try:
            while True:
                seconds, manner = await self._closings.get()
                await self._close(manner)
                await self._be_away(seconds, manner)
                await self.open()
        finally:
            for transport in tuple(self._silent):
                transport.abort()

    async def open(self) -> None:
        """Listen; the number is known afterwards when it was 0."""
        site = web.TCPSite(self._runner, self._host, self.number, ssl_context=self._tls)
        await site.start()
        self.number = self._runner.addresses[0][1]

    async def _close(self, manner: Manner) -> None:
        for site in list(self._runner.sites):
            await site.stop()
        server = self._runner.server
        for connection in server.connections if server else []:
            transport = connection.transport
            if isinstance(transport, asyncio.Transport) and not transport.is_closing():
                self._strike(transport, manner)

    async def _be_away(self, seconds: float, manner: Manner) -> None:
        if manner is Manner.REFUSED:
            await asyncio.sleep(seconds)
            return
        loop = asyncio.get_running_loop()
        door = await loop.create_server(
            lambda: _Door(self._strike, manner), self._host, self.number
        )
        try:
            await asyncio.sleep(seconds)
        finally:
            door.close()

    def _strike(self, transport: asyncio.Transport, manner: Manner) -> None:
        match manner:
            case Manner.REFUSED:
                transport.close()
            case Manner.RESET:
                line = transport.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
                transport.abort()
            case Manner.SILENT:
                self._silent.add(transport)
                transport.set_protocol(_Silence(transport, self._silent))


class _Silence(asyncio.Protocol):
    """Loses whatever comes, until the other side has enough. Whose connection it was is told of its
    end only.
    """

    def __init__(self, transport: asyncio.Transport, among: set[asyncio.Transport]) -> None:
        self._transport, self._among = transport, among
        self._before = cast("asyncio.Protocol", transport.get_protocol())

    @override
    def pause_writing(self) -> None:
        self._before.pause_writing()

    @override
    def resume_writing(self) -> None:
        self._before.resume_writing()

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._among.discard(self._transport)
        self._before.connection_lost(error)


class _Door(asyncio.Protocol):
    """Who comes while the port is out of reach."""

    def __init__(self, strike: Callable[[asyncio.Transport, Manner], None], manner: Manner) -> None:
        self._strike, self._manner = strike, manner

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._strike(cast("asyncio.Transport", transport), self._manner)


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
