"""The second wall before a log: what must not be there is taken out, should anything write it.

The first wall is that nothing does. This one knows secrets, addresses and numbers by their looks,
so it finds no customer's words; those are kept out by the first.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

HIDDEN: Final = "[hidden]"
NESTED_MAX: Final = 8
TEXT_LENGTH_MAX: Final = 20_000
"""Of one value; what is behind it is cut off. A traceback has fewer."""

INTEGER_MAX: Final = 10**9
"""Larger whole numbers are ids of people and chats rather than counts."""

KEPT: Final = frozenset({"timestamp", "level", "request"})
"""What we wrote ourselves, in a form of our own. A request's id is checked where it comes in."""

_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # Each begins where a word does and never looks twice at what it has passed: a log must not
        # cost the square of its length, which others may choose.
        # Authorization and its like: the word stays, so that one sees what was there.
        r"(?i)(?<=\bbearer )\S+|(?<=\bbasic )\S+|(?<=\bbot )\S{20,}|(?<=\bxoauth2 )\S+",
        r"(?i)(?<=authorization: )[^\r\n]+|(?<=\bauth plain )\S+|(?<=\bauth login )\S+",
        r"(?<=://)[^\s/@:]*:[^\s/@]*(?=@)",  # a user and a password in an address
        r"(?i)(?<=password=)[^\s&\"']+|(?<=token=)[^\s&\"']+|(?<=secret=)[^\s&\"']+",
        r"\btl_[0-9a-f]{8}_[\w-]+",  # ours
        r"\bwhsec_[\w+/=-]+",  # a webhook's secret
        r"(?<!\d)\d{6,}:[\w-]{25,}",  # a Telegram bot's
        r"(?<![\w-])[\w-]{18,}\.[\w-]{5,8}\.[\w-]{20,}",  # a Discord bot's
        r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*",  # a JWT
        r"\bya29\.[\w-]+",  # an OAuth token of Google
        r"(?<![^\s@<>\"'(),:;\[\]])[^\s@<>\"'(),:;\[\]]+@[^\s@<>\"'(),:;\[\]]+",  # e-mail
        r"\+\d[\d ()-]{6,}\d",  # a telephone number
        r"(?<![\w.])-?\d{7,}+(?![\w.]*\w)",  # an account's, a chat's
    )
)


def redacted(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: the last one before an event becomes text."""
    for key, value in event.items():
        if key not in KEPT:
            event[key] = clean(value)
    return event


def clean(value: Any, depth: int = 0) -> Any:
    """The same without what is hidden; what is neither text nor number nor a collection of them
    becomes text.
    """
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -INTEGER_MAX < value < INTEGER_MAX else HIDDEN
    if depth < NESTED_MAX and isinstance(value, Mapping):
        return {clean(str(key)): clean(one, depth + 1) for key, one in value.items()}
    if depth < NESTED_MAX and isinstance(value, list | tuple | set | frozenset):
        return [clean(one, depth + 1) for one in value]
    return clean_text(value if isinstance(value, str) else str(value))


def clean_text(text: str) -> str:
    text = text[:TEXT_LENGTH_MAX]
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text
