"""The IMAP port: accepts connections, cuts them when told, ends them all at the end."""

import asyncio
from types import TracebackType
from typing import Self

from sandbox.feed import Signal
from sandbox.imap import account, login, selected
from sandbox.imap.connection import CommandFunction, Connection
from sandbox.world import World

COMMANDS: dict[str, CommandFunction] = {
    "CAPABILITY": account.capability,
    "NOOP": account.noop,
    "LOGOUT": account.logout,
    "ID": account.identify,
    "NAMESPACE": account.namespace,
    "LOGIN": login.login,
    "AUTHENTICATE": login.authenticate,
    "LIST": account.list_folders,
    "LSUB": account.list_folders,
    "CREATE": account.create,
    "STATUS": account.status,
    "SELECT": account.select,
    "EXAMINE": account.select,
    "APPEND": account.append,
    "FETCH": selected.fetch,
    "SEARCH": selected.search,
    "STORE": selected.store,
    "EXPUNGE": selected.expunge,
    "COPY": selected.copy,
    "MOVE": selected.move,
    "CHECK": selected.check,
    "CLOSE": selected.close,
    "UNSELECT": selected.close,
    "IDLE": selected.idle,
}


class ImapServer:
    """Serves the world's mailboxes inside its `async with` block, where `port` is the real one."""

    def __init__(self, world: World, host: str, port: int) -> None:
        self.port = port
        self._world = world
        self._host = host
        self._connections: set[Connection] = set()
        self._left = Signal()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, self.port)
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

    def cut(self, address: str | None = None) -> int:
        """Close every connection, or those to one mailbox, without a word; returns how many."""
        chosen = [
            connection
            for connection in self._connections
            if address is None
            or (connection.mailbox is not None and connection.mailbox.address == address)
        ]
        for connection in chosen:
            connection.cut()
        return len(chosen)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self._world, COMMANDS, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            self._left.ring()
