"""Whose mail a forwarded mail passes on, as far as it says."""

from adapters.email.addresses import mailboxes
from adapters.email.incoming.attributions import label
from adapters.email.mime.charsets import printable, raw_text
from adapters.email.mime.message import Message
from adapters.email.mime.parse import WHOLE_MAILS, children, content_type, sent_at, unfolded, walk
from core.model.content import Forward, Part, Text

LINES_MAX = 200
LINE_LENGTH_MAX = 500
BLOCK_LINES = 6
DEPTH_MAX = 5
NAME_LENGTH_MAX = 200


def forwarded(message: Message, parts: tuple[Part, ...]) -> Forward:
    """The author of the mail that is enclosed, else of the first block of headers in the text.
    Empty where neither is there.
    """
    for node in walk(message, DEPTH_MAX):
        inner = children(node.part) if content_type(node.part) in WHOLE_MAILS else []
        if inner:
            return _author(unfolded(inner[0], "From"), inner[0])
    for part in parts:
        if isinstance(part, Text):
            return _author(_from_line(part.text))
    return Forward()


def _from_line(text: str) -> str:
    """What follows "From:", in any language, where other such labels are near."""
    lines = [line[:LINE_LENGTH_MAX] for line in text.split("\n", LINES_MAX)[:LINES_MAX]]
    for number, line in enumerate(lines):
        if label(line) != "from":
            continue
        near = {label(other) for other in lines[number + 1 : number + 1 + BLOCK_LINES]}
        if len(near & {"sent", "to", "subject"}) > 1:
            return line.replace("：", ":").partition(":")[2].strip(" *")
    return ""


def _author(written: str, enclosed: Message | None = None) -> Forward:
    found = mailboxes(written.replace("[mailto:", "<").replace("]", ">"))
    at = sent_at(enclosed) if enclosed else None
    if found:
        return Forward(name=found[0].name, remote=found[0].address, at=at)
    return Forward(name=printable(raw_text(written))[:NAME_LENGTH_MAX], at=at)
