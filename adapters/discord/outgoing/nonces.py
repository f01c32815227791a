"""What a send is called, so that Discord takes it once and its echo is known again. Pure.

The same author saying the same nonce again within minutes gets the message that is there already.
"""

import base64
import re
from typing import Final, NamedTuple

from core.model.ids import MessageId

PIECES_MAX: Final = 64 * 64
FORMS_MAX: Final = 64

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's, of which ids are made."""
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}
_SIXTY_FOUR: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ULID: Final = re.compile(f"[0-7][{_DIGITS}]{{25}}")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{25}")


class Said(NamedTuple):
    """`form`: the first is 0; each plainer one, which says something else, is a send of its own."""

    message: MessageId
    piece: int
    form: int


def nonce_of(message: MessageId, piece: int = 0, form: int = 0) -> str:
    """25 characters. Raises ValueError for what is no ULID, or has too many pieces or forms."""
    if not _ULID.fullmatch(message):
        raise ValueError(f"{message} is no ULID")
    if not (0 <= piece < PIECES_MAX and 0 <= form < FORMS_MAX):
        raise ValueError(f"{message} has no piece {piece} in form {form}: there are too many")
    number = 0
    for digit in message:
        number = number * 32 + _VALUES[digit]
    name = base64.urlsafe_b64encode(number.to_bytes(16, "big")).rstrip(b"=").decode()
    return f"{name}{_SIXTY_FOUR[piece // 64]}{_SIXTY_FOUR[piece % 64]}{_SIXTY_FOUR[form]}"


def said(nonce: str) -> Said | None:
    """What we sent under it; None for what is no nonce of `nonce_of`."""
    if not _NONCE.fullmatch(nonce):
        return None
    number = int.from_bytes(base64.urlsafe_b64decode(f"{nonce[:22]}=="), "big")
    digits = "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))
    high, low, form = (_SIXTY_FOUR.index(character) for character in nonce[22:])
    found = Said(MessageId(digits), high * 64 + low, form)
    return found if nonce_of(*found) == nonce else None
