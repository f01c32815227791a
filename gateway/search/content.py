"""What of a message can be searched: everything that agents can read of it."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from core.model.content import (
    Buttons,
    Card,
    Choice,
    ContactCard,
    Location,
    Media,
    Part,
    Poll,
    System,
    Text,
    Unsupported,
)
from core.model.message import Direction, Message
from gateway.search.terms import name

TEXT_LENGTH_MAX: Final = 32_000
"""Code points of one message; what is behind them is not found."""

REMOTE_LENGTH_MIN: Final = 15
"""Of a platform's id by which a message is found: shorter ones are also other things' numbers."""


class Document(msgspec.Struct, frozen=True, gc=False):
    """`text` is searched and quoted, `sender` is who wrote it, as words; `ids` are its own, each
    found as a whole only.
    """

    text: str
    sender: str
    ids: tuple[str, ...]


def is_searched(message: Message) -> bool:
    """Lines that tell what happened, and orders to change another message, say nothing."""
    return message.direction is not Direction.ACTIVITY and message.change is None


def document(message: Message) -> Document:
    """Of a message that agents can read, deleted or not, with what it said before it was edited."""
    lines = dict.fromkeys(_lines(message))
    sender = message.sender
    remotes = (name(_composed(remote)) for remote in message.refs)
    return Document(
        text=_composed("\n".join(line for line in lines if line))[:TEXT_LENGTH_MAX],
        sender=_composed(sender.name),
        ids=(
            message.id.lower(),
            name(_composed(sender.id)),
            *(one for one in remotes if len(one) >= REMOTE_LENGTH_MIN),
        ),
    )


def arrived_ms(message: Message) -> int:
    """The moment by which messages are in order."""
    return int((message.received_at or message.at).timestamp() * 1000)


def lines_of(texts: Iterable[str]) -> str:
    """What is known of somebody or something, each thing once."""
    return _composed("\n".join(dict.fromkeys(text for text in texts if text)))


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _lines(message: Message) -> Iterator[str]:
    yield message.subject
    yield from _said(message.parts)
    for recipient in message.recipients:
        yield f"{recipient.name} {recipient.address}".strip()
    if message.forward:
        yield message.forward.name
    for before in reversed(message.history):
        yield from _said(before.parts)


def _said(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        match part:
            case Text() | System():
                yield part.text
            case Media():
                yield from (part.caption, part.attachment.name)
            case Location():
                yield from (part.title, part.address)
            case ContactCard():
                yield from (part.name, part.phone, part.email)
            case Card():
                yield from (part.title, part.text, part.url)
            case Unsupported():
                yield part.summary
            case Poll() | Buttons() | Choice():
                yield from _offered(part)


def _offered(part: Poll | Buttons | Choice) -> Iterator[str]:
    match part:
        case Poll():
            yield from (part.question, *(option.text for option in part.options))
        case Buttons():
            yield from (button.label for row in part.rows for button in row)
        case Choice():
            yield part.label or part.value
