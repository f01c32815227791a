"""The SMTP port: accepts connections, cuts them when told, ends them all at the end."""

import asyncio
from types import TracebackType
from typing import Self

from sandbox.feed import Signal
from sandbox.smtp.connection import Connection
from sandbox.world import World

LINE_BYTES_MAX = 1024 * 1024
"""What is read at once; a longer line ends the connection."""


class SubmissionServer:
    """Takes mail inside its `async with` block, where `port` is the real one."""

    def __init__(self, world: World, host: str, port: int) -> None:
        self.port = port
        self._world = world
        self._host = host
        self._connections: set[Connection] = set()
        self._left = Signal()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, self._host, self.port, limit=LINE_BYTES_MAX
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        while self._connections:
            await self._left.next_ring().wait()

    def cut(self) -> int:
        """Close every connection without a word; returns how many."""
        for connection in self._connections:
            connection.cut()
        return len(self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self._world, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            self._left.ring()
