"""What Discord's markdown is made of: marks, and what stands for something else. Pure.

The rules are those of Discord's own clients, as far as they can be seen from outside: leftmost
first, a mark without its counterpart is a character like others.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final

from core.model.content import Style


class Kind(StrEnum):
    """What is mentioned, by what stands before its id."""

    USER = "@"
    ROLE = "@&"
    CHANNEL = "#"


Names = Callable[[Kind, str], str]
"""What something is called that is known by its id; empty if nobody knows."""

FENCE: Final = "```"
MARKS: Final = {
    "**": Style.BOLD,
    "*": Style.ITALIC,
    "__": Style.UNDERLINE,
    "_": Style.ITALIC,
    "~~": Style.STRIKE,
    "||": Style.SPOILER,
}
HEADINGS: Final = {"#": "1", "##": "2", "###": "3"}
"""A heading's mark → its value as a span: the level, 1 is the largest."""

EVERYONE: Final = ("everyone", "here")
SHRUG: Final = r"¯\_(ツ)_/¯"
"""Here alone a backslash that could hide what follows it is meant."""

NAVIGATION: Final = {
    "customize": "Channels & Roles",
    "browse": "Browse Channels",
    "guide": "Server Guide",
    "linked-roles": "Linked Roles",
}
"""Places of a guild, which `<id:customize>` and the like lead to, and what they are called."""

_URL: Final = re.compile(r"https?://[^\s<>]*[^\s<>.,:;\"'\]]", re.IGNORECASE)
ADDRESS: Final = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{0,30}:/[^\s<>]+)>")
HREF: Final = re.compile(
    r"\(\s{0,8}(?P<open><?)(?P<url>https?://(?:\([^()\s]*\)|\\.|[^\s\\()<>])+)>?"
    r"(?:\s{1,8}(?:\"[^\"]*\"|'[^']*'))?\s{0,8}\)",
    re.IGNORECASE,
)
"""What follows the text of a masked link. Sought within `HREF_MAX` characters."""
HREF_MAX: Final = 4096

MENTION: Final = re.compile(r"<(@[!&]?|#)([0-9]{1,20})>")
EMOJI: Final = re.compile(r"<(a?):([A-Za-z0-9_]{1,32}):([0-9]{1,20})>")
COMMAND: Final = re.compile(r"</([^\s:<>][^:<>\n]{0,100}):([0-9]{1,20})>")
TIME: Final = re.compile(r"<t:(-?[0-9]{1,17})(?::([tTdDfFsSR]))?>")
PLACE: Final = re.compile(r"<id:(customize|browse|guide|linked-roles)(?::[0-9]{1,20})?>")

EMOJI_TEXT: Final = re.compile(r":[A-Za-z0-9_]{1,32}:")
EMOJI_VALUE: Final = re.compile(r"(?:a:)?[0-9]{1,20}")
"""The value of a span: the id, after `a:` if it moves."""
MENTION_VALUE: Final = re.compile(r"(&|#|)([0-9]{1,20})")
"""The value of a span: a user's id; a role's after `&`, a channel's after `#`."""
COMMAND_VALUE: Final = re.compile(r"[^\s:<>][^:<>\n]{0,100}:[0-9]{1,20}")
PLACE_VALUE: Final = re.compile(r"id:(?:customize|browse|guide|linked-roles(?::[0-9]{1,20})?)")
LANGUAGE: Final = re.compile(r"[A-Za-z0-9_+\-.#]{1,40}")

QUOTED_LINES: Final = re.compile(r"(?: *> [^\n]*(?:\n|$))+")
QUOTE_MARK: Final = re.compile(r"^ *> ", re.MULTILINE)
QUOTED_REST: Final = re.compile(r" *>>> ")
HEADING: Final = re.compile(r" *(#{1,3})[^\S\n]+(?=[^\n])")
SMALL: Final = re.compile(r" *-# +(?=[^\s])")
ESCAPED: Final = re.compile(r"\\([^0-9A-Za-z\s])")


def address_at(text: str, start: int, end: int) -> str:
    """The address that stands there as it is, empty if none does. A bracket that was opened before
    it is no part of it.
    """
    found = _URL.match(text, start, end)
    if found is None:
        return ""
    address = found[0]
    surplus = address.count(")") - address.count("(")
    while surplus > 0 and address.endswith(")"):
        address = address[:-1]
        surplus -= 1
    return address


def addresses(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """All of them, and where they begin."""
    while found := _URL.search(text, start, end):
        address = address_at(text, found.start(), end)
        yield found.start(), address
        start = found.start() + len(address)
