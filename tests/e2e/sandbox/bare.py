"""Bare lines to a mail port, to see exactly what is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.rigs.waiting import PATIENCE_SECONDS


class Bare:
    """One connection; every wait ends after some seconds with TimeoutError."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, text: str) -> None:
        """Send a line."""
        self._writer.write(text.encode() + b"\r\n")
        await self._writer.drain()

    async def line(self, seconds: float = 5) -> bytes:
        """The next line, its end included; empty at the end."""
        async with asyncio.timeout(seconds):
            return await self._reader.readline()

    async def ask(self, text: str, tag: str = "") -> bytes:
        """Send an IMAP command; everything up to its tagged answer."""
        await self.say(text)
        begin = (tag or text.split(" ")[0]).encode() + b" "
        told = bytearray()
        while line := await self.line():
            told += line
            if line.startswith(begin):
                break
        return bytes(told)

    async def reply(self, text: str | None = None) -> str:
        """Send an SMTP command if there is one; its whole reply, lines separated by "\\n"."""
        if text is not None:
            await self.say(text)
        lines = []
        while line := (await self.line()).decode():
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                break
        return "\n".join(lines)

    async def rest(self, *, ignore_reset: bool = False) -> bytes:
        """Everything until the other side closes."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                return await self._reader.read()
            except ConnectionResetError:
                if ignore_reset:
                    return b""
                raise

    def close(self) -> None:
        """Hang up."""
        self._writer.transport.abort()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Bare]:
    """A connection of which the greeting has been read."""
    line = Bare(*await asyncio.open_connection("127.0.0.1", port))
    await line.reply()
    try:
        yield line
    finally:
        line.close()
