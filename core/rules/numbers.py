"""Conversation numbers: short, speakable, and wrong ones are recognised.

`T-7KQ4-M`: Crockford's base 32 (no I, L, O, U), at least four characters, and a check character.
The check is Luhn's algorithm over 32 characters: it finds every single wrong character and nearly
every swap of neighbours. A number says which conversation is meant; it never proves anything.
"""

from core.errors import InvalidRequest
from core.model.ids import Number

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {character: value for value, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_WIDTH_MIN = 4
_MULTIPLIER = 0x9E375  # odd, so that multiplying is a bijection of every width's space


def number(count: int) -> Number:
    """The number of the `count`-th conversation (from 0). Neighbours look unlike one another."""
    width = _WIDTH_MIN
    offset = 0
    while count - offset >= 32**width:
        offset += 32**width
        width += 1
    scrambled = (count - offset) * _MULTIPLIER % 32**width
    body = "".join(ALPHABET[scrambled >> 5 * place & 31] for place in reversed(range(width)))
    return Number(f"T-{body}-{check_character(body)}")


def parse(text: str) -> Number:
    """The number as it is written; accepts lower case, O for 0, I and L for 1, missing dashes.

    Raises InvalidRequest when it cannot be one.
    """
    compact = text.strip().upper().replace("-", "").replace(" ", "")
    if len(compact) > _WIDTH_MIN + 1:
        compact = compact.removeprefix("T")
    body, check = compact[:-1], compact[-1:]
    if len(body) < _WIDTH_MIN or any(character not in _VALUE for character in compact):
        raise InvalidRequest(f"{text!r} is not a conversation number such as T-7KQ4-M")
    body = "".join(ALPHABET[_VALUE[character]] for character in body)
    if check_character(body) != ALPHABET[_VALUE[check]]:
        raise InvalidRequest(f"{text!r} has a wrong check character: it was mistyped")
    return Number(f"T-{body}-{check_character(body)}")


def plain(text: str) -> str:
    """What was meant by characters that people mistake for one another, without what stands
    between them; "" if one of them is in no number.
    """
    compact = "".join(text.upper().replace("-", " ").split())
    known = all(character in _VALUE for character in compact)
    return "".join(ALPHABET[_VALUE[character]] for character in compact) if known else ""


def check_character(body: str) -> str:
    """Of characters of the alphabet."""
    total = 0
    for place, character in enumerate(reversed(body)):
        doubled = _VALUE[character] * (2 if place % 2 == 0 else 1)
        total += doubled // 32 + doubled % 32
    return ALPHABET[-total % 32]
