"""A snapshot of a running Redis at one moment, as a replica gets it: an RDB file.

The server forks, so it goes on serving meanwhile; the moment is that of the fork. It sends the file
in one of two forms: with its length before it (written to its disk first), or, to who says that it
can take that (`capa eof`), as it is made, with forty random bytes behind it.

https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
"""

import asyncio
from asyncio import StreamReader
from typing import BinaryIO, Final

from redis._parsers import _AsyncRESP2Parser
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from core.errors import ConfigurationError, StoreUnavailable

MARK_BYTES: Final = 40
CHUNK_BYTES: Final = 256 * 1024
SILENCE_SECONDS: Final = 60.0
"""A server that is still preparing the file says so every second, by an empty line."""

REMEDY: Final = (
    "a backup needs the command SYNC: allow it to the user of redis.url (ACL +sync +replconf). A"
    " hosted server that has no SYNC is backed up by its provider"
)


async def snapshot(url: str, out: BinaryIO) -> int:
    """Write the server's data, as of one moment during the call; -> bytes.

    Raises StoreUnavailable, ConfigurationError.
    """
    # The library's connection knows passwords, TLS and sockets. Its own parser reads no further
    # than the line that it was asked for, which leaves the file to us.
    pool = Redis.from_url(url, protocol=2, parser_class=_AsyncRESP2Parser).connection_pool
    connection = pool.make_connection()  # type: ignore[no-untyped-call]
    try:
        return await _received(connection, out)
    except AuthenticationError as error:
        raise ConfigurationError("Redis refuses the password in redis.url: correct it") from error
    except ResponseError as error:
        raise ConfigurationError(f"Redis sends no copy of its data: {REMEDY}") from error
    except (RedisError, OSError, EOFError, TimeoutError) as error:
        raise StoreUnavailable(
            f"Redis did not send all of its data ({type(error).__name__})"
        ) from error
    finally:
        await connection.disconnect(nowait=True)


async def _received(connection: AbstractConnection, out: BinaryIO) -> int:
    async with asyncio.timeout(SILENCE_SECONDS):
        await connection.connect()  # type: ignore[no-untyped-call]
        # No replica that stays: nothing is kept for us behind the file, and WAIT does not count us.
        for words in (("rdb-only", "1"), ("capa", "eof")):
            await connection.send_command("REPLCONF", *words)
            await connection.read_response()
        await connection.send_command("SYNC")
    reader = connection._reader
    if reader is None:
        raise EOFError
    head = await _head(reader)
    if head.startswith(b"EOF:"):
        return await _until_mark(reader, out, head.removeprefix(b"EOF:"))
    return await _counted(reader, out, int(head))


async def _head(reader: StreamReader) -> bytes:
    """What is said before the file, `$1234` or `$EOF:...`; without the dollar."""
    while True:
        async with asyncio.timeout(SILENCE_SECONDS):
            line = (await reader.readuntil(b"\n")).strip()
        if line.startswith(b"$"):
            return line[1:]
        if line:
            raise ResponseError(line.decode(errors="replace"))


async def _counted(reader: StreamReader, out: BinaryIO, size_bytes: int) -> int:
    left = size_bytes
    while left:
        chunk = await _chunk(reader, min(left, CHUNK_BYTES))
        await asyncio.to_thread(out.write, chunk)
        left -= len(chunk)
    return size_bytes


async def _until_mark(reader: StreamReader, out: BinaryIO, mark: bytes) -> int:
    """The server sends nothing behind the mark until it is told that the file is there."""
    if len(mark) != MARK_BYTES:
        raise EOFError
    size_bytes, held = 0, b""
    while not held.endswith(mark):
        held += await _chunk(reader, CHUNK_BYTES)
        sure, held = held[:-MARK_BYTES], held[-MARK_BYTES:]
        await asyncio.to_thread(out.write, sure)
        size_bytes += len(sure)
    return size_bytes


async def _chunk(reader: StreamReader, size_bytes_max: int) -> bytes:
    async with asyncio.timeout(SILENCE_SECONDS):
        chunk = await reader.read(size_bytes_max)
    if not chunk:
        raise EOFError
    return chunk
