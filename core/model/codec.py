"""How values become bytes: one format byte, then msgpack maps."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from core.errors import StoreError

FORMAT = b"\x01"
"""The format of every blob that is stored. A reader refuses what it does not know instead of
guessing.
"""

T = TypeVar("T")
_encoder = msgspec.msgpack.Encoder()


def encode(value: msgspec.Struct) -> bytes:
    return FORMAT + _encoder.encode(value)


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """A function that reads what `encode` wrote. Raises StoreError for an unknown format or
    damaged bytes.
    """
    decode = msgspec.msgpack.Decoder(kind).decode

    def read(blob: bytes) -> T:
        if blob[:1] != FORMAT:
            raise StoreError(
                f"stored {kind.__name__} has format {blob[:1].hex()}, this version reads "
                f"{FORMAT.hex()}: run the version of Trunkline that wrote it"
            )
        try:
            return decode(memoryview(blob)[1:])
        except msgspec.DecodeError as error:
            raise StoreError(f"stored {kind.__name__} cannot be read: {error}") from error

    return read
