"""Whether a message in a channel is the one that we wanted to send. Pure.

Discord forgets a message's nonce within minutes. After that a message of ours is told by what it
says and by the files that it has.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec


class _Author(msgspec.Struct, frozen=True):
    id: str = ""


class _File(msgspec.Struct, frozen=True):
    size: int = -1


class Said(msgspec.Struct, frozen=True):
    """A message as a channel's history gives it."""

    id: str
    author: _Author = _Author()
    content: str = ""
    attachments: tuple[_File, ...] = ()
    embeds: tuple[dict[str, Any], ...] = ()
    poll: dict[str, Any] | None = None


def is_it(said: Said, body: Any, sizes_bytes: Sequence[int]) -> bool:
    """`body` is what was sent, with files of these sizes, in their order. Discord trims texts, puts
    a card's picture into the card, and makes cards of links by itself.
    """
    if not isinstance(body, dict) or _words(said.content) != _words(body.get("content")):
        return False
    if cards := body.get("embeds"):
        return _cards(said.embeds) == _cards(cards)
    if poll := body.get("poll"):
        return said.poll is not None and said.poll.get("question") == poll["question"]
    return [file.size for file in said.attachments] == list(sizes_bytes)


def _cards(embeds: Iterable[dict[str, Any]]) -> list[tuple[list[str], list[str]]]:
    return [(_words(one.get("title")), _words(one.get("description"))) for one in embeds]


def _words(text: object) -> list[str]:
    return str(text or "").split()
