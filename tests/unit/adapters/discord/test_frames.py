"""Frames from bytes: however they are compressed, and whatever is wrong with them."""

import json
import zlib
from collections.abc import Callable

import pytest
import zstandard

from adapters.discord.line.frames import Damaged, Illegible, Inflating, read_frame

TEXTS = [json.dumps({"op": 0, "t": "X", "s": n, "d": {"words": "ä" * n}}) for n in range(1, 60)]


def _zlib(texts: list[str]) -> list[bytes]:
    stream = zlib.compressobj()
    return [stream.compress(one.encode()) + stream.flush(zlib.Z_SYNC_FLUSH) for one in texts]


def _zstd(texts: list[str]) -> list[bytes]:
    stream = zstandard.ZstdCompressor().compressobj()
    flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return [stream.compress(one.encode()) + stream.flush(flush) for one in texts]


@pytest.mark.parametrize("packed", [_zlib(TEXTS), _zstd(TEXTS)], ids=["zlib", "zstd"])
def test_a_stream_is_read_as_the_server_compressed_it(packed: list[bytes]) -> None:
    """A server that compresses otherwise than it was asked to would not be understood."""
    inflating = Inflating()

    texts = [inflating.read(one) for one in packed]

    assert [bytes(one or b"").decode() for one in map(_bytes, texts)] == TEXTS


@pytest.mark.parametrize("pack", [_zlib, _zstd], ids=["zlib", "zstd"])
@pytest.mark.parametrize("size", [131_071, 131_072, 140_000, 524_288, 3_000_000])
def test_a_frame_is_whole_however_large_it_is(
    pack: Callable[[list[str]], list[bytes]], size: int
) -> None:
    """A large guild would be told in parts, and the connection not understood from then on."""
    texts = ["0" * size, "ab" * (size // 2), TEXTS[0]]
    inflating = Inflating()

    read = [_bytes(inflating.read(one)).decode() for one in pack(texts)]

    assert [len(one) for one in read] == [len(one) for one in texts]
    assert read == texts


def test_plain_text_is_read_as_it_is() -> None:
    """A server that does not compress at all would not be understood."""
    inflating = Inflating()

    assert inflating.read(TEXTS[0]) == TEXTS[0]
    assert inflating.read(TEXTS[1].encode()) == TEXTS[1].encode()


def test_a_frame_may_come_in_pieces() -> None:
    """A large guild's channels would be lost with its frame."""
    whole = _zlib(TEXTS[-1:])[0]
    inflating = Inflating()

    assert inflating.read(whole[:9]) is None
    assert _bytes(inflating.read(whole[9:])).decode() == TEXTS[-1]


@pytest.mark.parametrize("packed", [_zlib(TEXTS), _zstd(TEXTS)], ids=["zlib", "zstd"])
def test_a_damaged_stream_is_noticed(packed: list[bytes]) -> None:
    """Whatever came after the damage would be read as something else."""
    inflating = Inflating()
    inflating.read(packed[0])
    spoilt = bytes(byte ^ 0xFF for byte in packed[1][:-4]) + packed[1][-4:]

    with pytest.raises(Damaged):
        [inflating.read(one) for one in (spoilt, *packed[2:])]


@pytest.mark.parametrize("pack", [_zlib, _zstd], ids=["zlib", "zstd"])
def test_a_few_bytes_that_stand_for_very_many_are_refused(
    pack: Callable[[list[str]], list[bytes]],
) -> None:
    """A kilobyte could fill the memory of the whole gateway."""
    bomb = pack(["x" * 10_000_000])[0]

    with pytest.raises(Damaged, match="more than 100000 bytes"):
        Inflating(100_000).read(bomb)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "1", '{"op":"x"}', '{"op":0,"s":"7"}', '{"op":0,"t":1}', "[" * 9999, '{"d":1}'],
)
def test_what_is_no_frame_is_said_to_be_none(text: str) -> None:
    """One broken frame would end the connection, and with it everybody's messages."""
    with pytest.raises(Illegible):
        read_frame(text)


def test_bad_utf8_is_no_frame_or_stays_within_its_event() -> None:
    """One broken name would end the connection."""
    with pytest.raises(Illegible):
        read_frame(b'{"op":0,"t":"\xff"}')


def _bytes(text: bytes | str | None) -> bytes:
    return text.encode() if isinstance(text, str) else text or b""
