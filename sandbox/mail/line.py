"""One connection of a mail program: read from, written to, and spoilt as a fault says."""

import asyncio
import socket
import ssl
import struct

from sandbox.faults import Fault, Kind

PIECES = 20
RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: on, no seconds. Closing then sends a reset instead of an end."""
HUNG_SECONDS_MAX = 3600.0
HANDSHAKE_SECONDS = 10.0


class Cut(Exception):
    """The connection ends here, without a word."""


class Line:
    """Bytes in and out. What is written goes out at the next flush, as well as the fault lets it.

    Every method that waits raises Cut when the connection is lost.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._queued = bytearray()
        self._fault: Fault | None = None
        self._let_through = 0
        self._ended = asyncio.Event()

    def write(self, data: bytes) -> None:
        """Queue bytes, line end included."""
        self._queued += data

    def take_queued(self) -> bytes:
        """What was queued and not yet flushed; the queue is empty then."""
        data, self._queued = bytes(self._queued), bytearray()
        return data

    async def flush(self) -> None:
        """Send what is queued, and wait until the other side has room for it."""
        data = self.take_queued()
        match self._fault.kind if self._fault and data else None:
            case Kind.CUT:
                await self._send(data[: self._let_through])
                self._let_through -= len(data)
                if self._let_through <= 0:
                    self.writer.close()
                    raise Cut
            case Kind.TRICKLE if self._fault:
                await self._trickle(data, self._fault.seconds)
            case _:
                await self._send(data)

    async def read_line(self, seconds: float | None = None) -> bytes:
        """A line with its end; TimeoutError when none comes within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                return await self.reader.readuntil(b"\n")
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise Cut from error

    async def read_bytes(self, count: int) -> bytes:
        """Exactly so many bytes."""
        try:
            return await self.reader.readexactly(count)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise Cut from error

    def spoil(self, fault: Fault | None) -> None:
        """Let the fault decide over what is flushed from now on; None: nothing is wrong."""
        self._fault = fault
        self._let_through = fault.after_bytes if fault else 0

    async def break_before(self, fault: Fault) -> None:
        """End or freeze the connection if the fault does so before anything took effect."""
        match fault.kind:
            case Kind.DROP_BEFORE:
                raise Cut
            case Kind.RESET:
                await self.reset(fault.seconds)
            case Kind.HANG:
                await self.hang()
            case _:
                pass

    async def break_after(self, fault: Fault) -> None:
        """The same for a fault that comes when it took effect, before the answer is flushed."""
        match fault.kind:
            case Kind.DROP_AFTER:
                raise Cut
            case Kind.SLOW_AFTER:
                await asyncio.sleep(fault.seconds)
            case _:
                pass

    async def reset(self, seconds: float) -> None:
        """Close so that the other side sees "connection reset by peer". Always raises Cut."""
        await asyncio.sleep(seconds)
        line = self.writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        raise Cut

    async def hang(self) -> None:
        """Neither read nor write until the host cuts the connection. Always raises Cut."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]
        try:
            async with asyncio.timeout(HUNG_SECONDS_MAX):
                await self._ended.wait()
        except TimeoutError:
            pass
        raise Cut

    async def encrypt(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        try:
            await self.writer.start_tls(context, ssl_handshake_timeout=HANDSHAKE_SECONDS)
        except OSError as error:
            raise Cut from error

    def cut(self) -> None:
        """Close at once; what is queued is lost."""
        self._ended.set()
        self.writer.transport.abort()

    async def _send(self, data: bytes) -> None:
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError as error:
            raise Cut from error

    async def _trickle(self, data: bytes, seconds: float) -> None:
        """In odd pieces, so that lines and literals are torn where nobody expects it."""
        size = max(len(data) // PIECES, 1)
        for start in range(0, len(data), size):
            await self._send(data[start : start + size])
            await asyncio.sleep(seconds / PIECES)
