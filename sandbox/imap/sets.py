"""Sequence sets such as "2,4:7,9:*". Pure."""

from sandbox.imap.tokens import Bad


class NumberSet:
    """The numbers that a set names. `last` is what "*" stands for (0 when there is none)."""

    def __init__(self, text: str, last: int) -> None:
        self._ranges = [_range(part, last) for part in text.split(",")]

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self._ranges)


def looks_like_set(text: str) -> bool:
    """True for what can only be a sequence set."""
    return bool(text) and all(character in "0123456789:*," for character in text)


def _range(part: str, last: int) -> tuple[int, int]:
    """Low and high end. "7:*" holds the last message even if its number is below 7 (RFC 3501)."""
    ends = [_number(end, last) for end in part.split(":")]
    if len(ends) > 2:
        raise Bad("invalid sequence set")
    return min(ends), max(ends)


def _number(text: str, last: int) -> int:
    if text == "*":
        return last
    if not text.isdecimal() or int(text) == 0:
        raise Bad("invalid sequence set")
    return int(text)
