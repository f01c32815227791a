"""A port of the mail host: accepts connections, cuts them when told, ends them all at the end."""

import asyncio
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar

from sandbox.feed import Signal

LINE_BYTES_MAX: Final = 64 * 1024
"""What is read at once, unless a server says otherwise; a longer line ends the connection."""


class Served(Protocol):
    """One client's connection."""

    async def run(self) -> None: ...

    def cut(self) -> None:
        """Close it without a word."""


Connection = TypeVar("Connection", bound=Served)


class Listener(Generic[Connection]):
    """Serves inside its `async with` block, where `port` is the real one. `begin` makes the
    connection of a client.
    """

    def __init__(
        self,
        host: str,
        port: int,
        begin: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Connection],
        *,
        line_bytes_max: int = LINE_BYTES_MAX,
    ) -> None:
        self.port = port
        self._host = host
        self._begin = begin
        self._line_bytes_max = line_bytes_max
        self._connections: set[Connection] = set()
        self._left = Signal()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, self._host, self.port, limit=self._line_bytes_max
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
        self._cut(self._connections)
        while self._connections:
            await self._left.next_ring().wait()

    def _cut(self, connections: Collection[Connection]) -> int:
        for connection in connections:
            connection.cut()
        return len(connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._begin(reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            self._left.ring()
