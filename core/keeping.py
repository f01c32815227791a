"""Bytes that come in, from an agent or from a platform: stored, measured and looked at."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from core.ports import Blobs
from core.rules.sniffing import HEAD_BYTES, sniffed


class Kept(NamedTuple):
    """A file in the blob store; `media_type` is what its bytes look like."""

    sha256: str
    size_bytes: int
    media_type: str


async def keep(blobs: Blobs, chunks: AsyncIterator[bytes], size_bytes_max: int) -> Kept:
    """Store a stream, all of it or nothing. Raises InvalidRequest when it is too long, and what
    the stream raises.
    """
    head = bytearray()
    sha256, size_bytes = await blobs.put(_noting_head(chunks, head), size_bytes_max=size_bytes_max)
    return Kept(sha256, size_bytes, sniffed(bytes(head)))


async def _noting_head(chunks: AsyncIterator[bytes], head: bytearray) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        head.extend(chunk[: HEAD_BYTES - len(head)])
        yield chunk
