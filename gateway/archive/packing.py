"""How a leg becomes a few bytes: msgpack, then zstd. The first byte says which form this is."""

from typing import Final

import msgspec
import zstandard

from core.errors import StoreError
from core.store.shelf import Fields, Frozen

PACKED: Final = b"\x01"
LEVEL: Final = 9
_encode = msgspec.msgpack.Encoder().encode
_read_leg = msgspec.msgpack.Decoder(Frozen).decode
_read_fields = msgspec.msgpack.Decoder(Fields).decode


class Packer:
    """For use by one thread at a time."""

    def __init__(self) -> None:
        self._compress = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress
        self._decompress = zstandard.ZstdDecompressor().decompress

    def pack(self, leg: Frozen) -> bytes:
        return PACKED + self._compress(_encode(leg))

    def unpack(self, blob: bytes) -> Frozen:
        """Raises StoreError for what an unknown version wrote, or damaged bytes."""
        if blob[:1] != PACKED:
            raise StoreError(
                f"an archived leg has the form {blob[:1].hex()}, this version reads"
                f" {PACKED.hex()}: run the version of Trunkline that wrote it"
            )
        try:
            return _read_leg(self._decompress(memoryview(blob)[1:]))
        except (zstandard.ZstdError, msgspec.DecodeError) as error:
            raise StoreError(f"an archived leg cannot be read: {error}") from error


def pack_fields(fields: Fields) -> bytes:
    return _encode(fields)


def unpack_fields(blob: bytes) -> Fields:
    return _read_fields(blob)
