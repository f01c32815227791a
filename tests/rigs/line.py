"""A way to the server that breaks, or goes silent, when it is told to."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self


class Line:
    """What stands between the gateway and its server. It lets through so many bytes of what the
    server says, then it breaks, or goes silent; the next connection is whole. While `open` is not
    set, nothing of what the server says arrives.
    """

    def __init__(self, path: Path, to: Path) -> None:
        self.path, self.to = path, to
        self.lets_through: int | None = None
        self.breaks = True
        self.open = asyncio.Event()
        self.open.set()
        self.connections = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._carry, self.path)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        server_reader, server_writer = await asyncio.open_unix_connection(self.to)
        asking = asyncio.ensure_future(_copy(reader, server_writer))
        try:
            while said := await server_reader.read(65536):
                await self.open.wait()
                if self.lets_through is None:
                    writer.write(said)
                    continue
                writer.write(said[: self.lets_through])
                left, self.lets_through = self.lets_through - len(said), None
                if left >= 0:
                    self.lets_through = left
                elif self.breaks:
                    return
                else:
                    await asking
                    return
        finally:
            asking.cancel()
            writer.close()
            server_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while said := await reader.read(65536):
        writer.write(said)
    writer.close()
