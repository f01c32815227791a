"""Codes by which somebody proves on a second line who they are on the first: `L-7KQ4-MXR2-9TWA`.

Eleven characters of chance (55 bits) and a check character, in the alphabet of the numbers.
"""

import re
from hashlib import sha256
from typing import Final

from core.model.content import Text
from core.model.message import Message
from core.rules.choices import own_words
from core.rules.numbers import ALPHABET, check_character, plain

CHANCE: Final = 32**11
"""How many codes there are."""

_WIDTH: Final = 11
_LENGTH_MAX: Final = 40
"""Of a message that is a code, with what a client adds to it."""

_DASHED: Final = re.compile(r"L-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", re.IGNORECASE)

_COMMAND: Final = re.compile(r"^/link\s+", re.IGNORECASE)
"""As it is given on a channel that has such a command; elsewhere people write it all the same."""


def written(chance: int) -> str:
    """The code for a number below `CHANCE`."""
    body = "".join(ALPHABET[chance >> 5 * place & 31] for place in reversed(range(_WIDTH)))
    groups = body + check_character(body)
    return f"L-{groups[:4]}-{groups[4:8]}-{groups[8:]}"


def parse(text: str) -> str | None:
    """The code as it is written, however it was typed; None if it cannot be one."""
    said = text.strip()
    groups = plain(said[1:]) if said[:1] in ("L", "l") else ""
    if len(groups) != _WIDTH + 1 or check_character(groups[:_WIDTH]) != groups[_WIDTH]:
        return None
    return f"L-{groups[:4]}-{groups[4:8]}-{groups[8:]}"


def said(message: Message) -> str:
    """What of a message is a code, or was meant to be one; "" if nothing else is said there."""
    match message.parts:
        case (Text() as text,) if text.text.lstrip()[:1] in ("L", "l", "/"):
            words = _COMMAND.sub("", own_words(text).strip())
        case _:
            return ""
    is_one = len(words) <= _LENGTH_MAX and (_DASHED.fullmatch(words) or parse(words))
    return words if is_one else ""


def fingerprint(code: str) -> str:
    """What is kept of a code: it cannot be told from it."""
    return sha256(code.encode()).hexdigest()
