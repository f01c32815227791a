"""How frames are packed: one stream of compressed bytes per connection, each frame flushed."""

import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard
from typing_extensions import override


class Packing(Protocol):
    """Packs the frames of one connection, in order."""

    def pack(self, text: str) -> str | bytes:
        """The text is sent as a text message, bytes as a binary one."""


class Plain(Packing):
    """Frames as they are."""

    @override
    def pack(self, text: str) -> str:
        return text


class ZlibStream(Packing):
    """Each message ends with the four bytes of a sync flush."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    @override
    def pack(self, text: str) -> bytes:
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream(Packing):
    """Each message ends with a whole block of the one frame that the stream is."""

    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor().compressobj()

    @override
    def pack(self, text: str) -> bytes:
        packed = self._stream.compress(text.encode())
        return packed + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


PACKINGS: dict[str, Callable[[], Packing]] = {
    "": Plain,
    "zlib-stream": ZlibStream,
    "zstd-stream": ZstdStream,
}
"""By what a client asks for as `compress`."""
