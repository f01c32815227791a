"""Bounces in words: of mail systems that write no RFC 3464 report.

What flufl.bounce recognises is an opinion about whose mail has failed, no more; `report` decides
whether it is believed.
"""

import re
from collections.abc import Iterator
from email.message import Message as LibraryMessage
from typing import Final, NamedTuple

from flufl.bounce import all_failures

from adapters.email.addresses import normalise_address
from adapters.email.identifiers import MESSAGE_ID, OURS
from adapters.email.mime.message import Message
from adapters.email.mime.parse import (
    PARSER_FAULTS,
    content_type,
    header,
    is_container,
    text,
    unfolded,
    walk,
)

MAIL_SYSTEM: Final = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|mdaemon)(?:[+@-]|$)")
DEPTH_MAX: Final = 5
IDS_MAX: Final = 10
TEXT_LENGTH_MAX: Final = 200_000
SHOWN_LENGTH_MAX: Final = 100_000
SHOWN_LINE_LENGTH_MAX: Final = 500
"""What flufl.bounce is shown: some of its expressions take time with the square of a line."""

REASON_LENGTH_MAX: Final = 300
STATUS_CODE: Final = re.compile(r"\b(?:[45]\d\d[ -])?[45]\.\d{1,3}\.\d{1,3}\b[^\r\n]{0,200}")
REPLY_CODE: Final = re.compile(r"\b[45]\d\d[ -][^\r\n]{3,200}")


class Failures(NamedTuple):
    """Addresses to which mail could not be brought, yet or at all."""

    temporary: tuple[str, ...]
    permanent: tuple[str, ...]


def may_be_one(message: Message, sender: str) -> bool:
    """Whether a mail system wrote it, or something that wants no answer."""
    nobody = unfolded(message, "Return-Path").strip() == "<>"
    return nobody or bool(MAIL_SYSTEM.match(sender))


def failures(message: Message) -> Failures:
    try:
        temporary, permanent = all_failures(_shortened(message))
    except PARSER_FAULTS:
        return Failures((), ())
    return Failures(_addresses(temporary), _addresses(permanent))


def ids_in(message: Message) -> Iterator[str]:
    """What looks like an id of ours anywhere in its words, each once."""
    found: dict[str, None] = {}
    for piece in _texts(message):
        for match in MESSAGE_ID.finditer(piece):
            if len(found) < IDS_MAX and OURS.match(match[1].lower()):
                found[match[0]] = None
    yield from found


def reason(message: Message) -> str:
    """The line with the status, else the subject."""
    for expression in (STATUS_CODE, REPLY_CODE):
        for piece in _texts(message):
            if found := expression.search(piece[:TEXT_LENGTH_MAX]):
                return " ".join(found[0].split())[:REASON_LENGTH_MAX]
    return header(message, "Subject")[:REASON_LENGTH_MAX]


def _shortened(message: Message) -> LibraryMessage:
    """The mail's beginning, with its texts only, as the library wants it."""
    short = LibraryMessage()
    for name, value in message.items():
        if name.lower() != "content-transfer-encoding":  # it is undone already
            short[name] = value.encode("ascii", "replace").decode()  # 8-bit would not be a string
    if not is_container(message):
        short.set_payload(_beginning(message, SHOWN_LENGTH_MAX))
        return short
    left = SHOWN_LENGTH_MAX
    for node in walk(message, DEPTH_MAX):
        if content_type(node.part).startswith("text/") and left > 0:
            piece = LibraryMessage()
            piece["Content-Type"] = content_type(node.part)
            piece.set_payload(_beginning(node.part, left))
            left -= len(str(piece.get_payload()))
            short.attach(piece)
    return short


def _beginning(part: Message, length_max: int) -> str:
    lines = text(part)[0][:length_max].split("\n")
    return "\n".join(line[:SHOWN_LINE_LENGTH_MAX] for line in lines)


def _texts(message: Message) -> Iterator[str]:
    for node in walk(message, DEPTH_MAX):
        if content_type(node.part).startswith("text/"):
            yield text(node.part)[0][:TEXT_LENGTH_MAX]


def _addresses(found: object) -> tuple[str, ...]:
    raw = sorted(found) if isinstance(found, set | frozenset) else ()
    spelt = (normalise_address(one.decode("ascii", "replace")) for one in raw)
    return tuple(dict.fromkeys(one for one in spelt if one))
