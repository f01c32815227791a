"""How messages lie in logs: one format byte, then msgpack in a zstd frame made with a dictionary.

Messages are short, and alike in all but their words: by itself none of them has much that repeats.
The dictionary holds what they share: names of fields, the form of ids, and what people write to a
support desk in many languages. `python -m scripts.dictionary` makes it. The format byte stands for
the dictionary, so a later one has another format.
"""

import threading
from importlib.resources import files
from typing import Final

import msgspec
import zstandard

from core.errors import StoreError
from core.model import codec
from core.model.message import Message

FORMAT: Final = b"\x02"
"""Of every message in a log. A reader refuses what it does not know instead of guessing."""

PLAIN: Final = codec.FORMAT
"""Of a message that is not compressed, because a whole leg is, in the archive."""

STRATEGY: Final = zstandard.STRATEGY_FAST
MATCH_BYTES_MIN: Final = 4
HASH_LOG: Final = 13
"""What is in the dictionary is found by a table of 2^13 places, which stays in the cache beside all
else. More, or a slower strategy, spares a few bytes and takes twice the time.
"""
WINDOW_LOG: Final = 14

PLAIN_BYTES_MAX: Final = 128 * 1024 * 1024
"""Of a message as msgpack: no adapter makes one so large, and damaged bytes that claim to be larger
get no memory.
"""

MARK_BYTES: Final = 4
"""A frame ends with the checksum of what is in it (the lower half of its XXH64), which does not
depend on how, or by which version of zstd, it was compressed. By this mark a change in Redis knows
the message again that it was decided on (prelude.lua). That another is taken for it needs somebody
else to have changed the message meanwhile, and is one chance in four thousand million then.
"""

_BARE: Final = zstandard.FORMAT_ZSTD1_MAGICLESS
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode

_parameters = zstandard.ZstdCompressionParameters(
    format=_BARE,
    strategy=STRATEGY,
    min_match=MATCH_BYTES_MIN,
    hash_log=HASH_LOG,
    chain_log=HASH_LOG,
    search_log=1,
    window_log=WINDOW_LOG,
    write_content_size=True,
    write_checksum=True,
    write_dict_id=False,
)
_data = files("core.store").joinpath("message.dictionary").read_bytes()
_dictionary = zstandard.ZstdCompressionDict(_data)
_dictionary.precompute_compress(compression_params=_parameters)


class _Press(threading.local):
    """Compressors are for one thread at a time, and let others run meanwhile."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(
            dict_data=_dictionary, compression_params=_parameters
        ).compress
        self.decompress = zstandard.ZstdDecompressor(dict_data=_dictionary, format=_BARE).decompress


_press = _Press()


def compact(message: Message) -> bytes:
    """A message as it lies in a log. Raises StoreError for one that is too large."""
    return pressed(_encode(message))


def read_message(blob: bytes) -> Message:
    """What `compact` wrote, loosened or not. Raises StoreError for other formats, damaged bytes."""
    try:
        return _decode(plain(blob))
    except msgspec.DecodeError as error:
        raise StoreError(f"a stored message cannot be read: {error}") from error


def mark_of(message: Message) -> bytes:
    """By what its stored form is known, whoever wrote it."""
    return compact(message)[-MARK_BYTES:]


def loosened(blob: bytes) -> bytes:
    """The same message uncompressed, which `read_message` reads, too: packed together, many of them
    take less than packed one by one. What cannot be read stays as it is.
    """
    try:
        return PLAIN + plain(blob)
    except StoreError:
        return blob


def tightened(blob: bytes) -> bytes:
    """What `loosened` undoes."""
    return pressed(blob[1:]) if blob[:1] == PLAIN else blob


def pressed(data: bytes) -> bytes:
    """A message's msgpack as it lies in a log."""
    if len(data) > PLAIN_BYTES_MAX:
        raise StoreError(f"a message of {len(data)} bytes: {PLAIN_BYTES_MAX} can be stored")
    return FORMAT + _press.compress(data)


def plain(blob: bytes) -> bytes:
    """The msgpack in a stored message. Raises StoreError as `read_message` does."""
    if blob[:1] == PLAIN:
        return blob[1:]
    if blob[:1] != FORMAT:
        raise StoreError(
            f"a stored message has format {blob[:1].hex()}, this version reads {FORMAT.hex()}: "
            "run the version of Trunkline that wrote it"
        )
    frame = blob[1:]
    try:
        if zstandard.get_frame_parameters(frame, _BARE).content_size > PLAIN_BYTES_MAX:
            raise StoreError("a stored message cannot be read: its length is damaged")
        return _press.decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise StoreError(f"a stored message cannot be read: {error}") from error
