"""The gateway's frames, from what came over the wire. Pure, but for the state of a stream.

A connection is compressed as one stream, or not at all, and a server may do otherwise than it was
asked to. So how it is compressed is read from its first bytes.
"""

import zlib
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec
import zstandard

FRAME_BYTES_MAX: Final = 64 * 1024 * 1024
"""The largest guilds are told in a few megabytes."""

_ZSTD: Final = zstandard.FRAME_HEADER
_PIECE_BYTES: Final = 1024
"""So much stands for 32 MiB at most: four bytes can be a block of 128 KiB."""
_FLUSHED: Final = b"\x00\x00\xff\xff"
_NOTHING: Final = msgspec.Raw(b"null")
T = TypeVar("T", bytes, bytearray)


class Damaged(Exception):
    """Nothing that comes on this connection can be read any more."""


class Illegible(Exception):
    """This frame cannot be read; the next one may be. Holds none of its words."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """What the gateway says at once. `d` is JSON, as it came. A dispatch (`op` 0) has a kind `t`
    and the number `s` that it has in its session.
    """

    op: int
    d: msgspec.Raw = _NOTHING
    s: int | None = None
    t: str | None = None


_FRAME = msgspec.json.Decoder(Frame)


def read_frame(text: bytes | str) -> Frame:
    """Raises Illegible."""
    try:
        return _FRAME.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Illegible(f"no frame of the gateway ({type(error).__name__})") from None


class Inflating:
    """What comes on one connection, as JSON."""

    def __init__(self, size_bytes_max: int = FRAME_BYTES_MAX) -> None:
        self._size_bytes_max = size_bytes_max
        self._read: Callable[[bytes], bytes | None] | None = None

    def read(self, data: bytes | str) -> bytes | str | None:
        """-> the JSON of one frame; None where the rest of it is still to come. Raises Damaged."""
        if isinstance(data, str):
            return data
        if self._read is None:
            self._read = _reading_of(data, self._size_bytes_max)
        try:
            return self._read(data)
        except (zlib.error, zstandard.ZstdError, _TooMuch) as error:
            raise Damaged(f"the gateway's stream cannot be read on ({error})") from None


def _reading_of(first: bytes, size_bytes_max: int) -> Callable[[bytes], bytes | None]:
    if first.startswith(_ZSTD):
        return _Zstd(size_bytes_max).read
    if first[:1] == b"{":
        return bytes
    return _Zlib(size_bytes_max).read


class _TooMuch(Exception):
    def __init__(self, size_bytes_max: int) -> None:
        super().__init__(f"a frame of more than {size_bytes_max} bytes")


class _Zstd:
    """Each message is a frame. Fed in small pieces, so that it is bounded while it grows: a few
    bytes can stand for a great many.
    """

    def __init__(self, size_bytes_max: int) -> None:
        self._stream = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)
        self._size_max = size_bytes_max

    def read(self, data: bytes) -> bytes:
        if len(data) <= _PIECE_BYTES:
            return self._within(self._stream.decompress(data))
        whole, rest = bytearray(), memoryview(data)
        while rest:
            whole += self._stream.decompress(rest[:_PIECE_BYTES])
            self._within(whole)
            rest = rest[_PIECE_BYTES:]
        return bytes(whole)

    def _within(self, whole: T) -> T:
        if len(whole) > self._size_max:
            raise _TooMuch(self._size_max)
        return whole


class _Zlib:
    """A frame may come in several messages; the last ends with a flush."""

    def __init__(self, size_bytes_max: int) -> None:
        self._stream, self._size_max = zlib.decompressobj(), size_bytes_max
        self._waiting = bytearray()

    def read(self, data: bytes) -> bytes | None:
        self._waiting += data
        if len(self._waiting) > self._size_max:
            raise _TooMuch(self._size_max)
        if not data.endswith(_FLUSHED):
            return None
        whole = self._stream.decompress(self._waiting, self._size_max + 1)
        if len(whole) > self._size_max:
            raise _TooMuch(self._size_max)
        self._waiting.clear()
        return whole
