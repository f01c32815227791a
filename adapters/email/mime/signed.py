"""What an opaque S/MIME signature encloses (RFC 8551 section 3.5.2): the mail inside, taken out of
its ASN.1 without checking the signature. In one pass, with a fixed depth.
"""

DEPTH_MAX = 8
PIECES_MAX = 100_000

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
ENVELOPED_DATA = bytes.fromhex("06092a864886f70d010703")
DATA = bytes.fromhex("06092a864886f70d010701")
HEAD = 64

_OCTETS, _OCTETS_IN_PIECES, _CONTEXT_0 = 0x04, 0x24, 0xA0


def is_signed_data(der: bytes) -> bool:
    return SIGNED_DATA in der[:HEAD]


def signed_content(der: bytes) -> bytes | None:
    """The bytes that were signed; None when they are not in it."""
    if not is_signed_data(der):
        return None
    at = der.find(DATA)
    if at < 0:
        return None
    try:
        tag, start, end = _element(der, at + len(DATA), len(der))
        if tag != _CONTEXT_0:
            return None
        pieces: list[bytes] = []
        _collect(der, start, end, pieces)
    except IndexError:
        return None
    return b"".join(pieces) if pieces else None  # none: it is signed from outside


def _collect(der: bytes, start: int, end: int, pieces: list[bytes], depth: int = 0) -> int:
    """-> where the elements end: at `end`, or after an end-of-contents mark."""
    position = start
    while position < end and len(pieces) < PIECES_MAX:
        if der[position : position + 2] == b"\x00\x00":
            return position + 2
        tag, inner, inner_end = _element(der, position, end)
        if tag == _OCTETS:
            pieces.append(der[inner:inner_end])
            position = inner_end
        elif tag == _OCTETS_IN_PIECES and depth < DEPTH_MAX:
            position = _collect(der, inner, inner_end, pieces, depth + 1)
        else:
            return position
    return position


def _element(der: bytes, position: int, end: int) -> tuple[int, int, int]:
    """-> tag, where its content starts and ends. Of indefinite length: `end`."""
    tag, length = der[position], der[position + 1]
    start = position + 2
    if length == 0x80:
        return tag, start, end
    if length > 0x80:
        count = length & 0x7F
        if count > 4:
            raise IndexError
        length = int.from_bytes(der[start : start + count], "big")
        start += count
    if start + length > end:
        raise IndexError
    return tag, start, start + length
