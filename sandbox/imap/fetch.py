"""FETCH: which items are asked for, and how a message is written in them. Pure.

Understood: UID FLAGS INTERNALDATE RFC822.SIZE RFC822 RFC822.HEADER RFC822.TEXT, BODY[...] and
BODY.PEEK[...] with an empty section, HEADER, TEXT, HEADER.FIELDS (...) or HEADER.FIELDS.NOT (...),
each with <offset.length>. ENVELOPE and BODYSTRUCTURE are not: gateways parse the bytes themselves.
"""

import re
from dataclasses import dataclass

from sandbox.faults import Kind
from sandbox.imap.dates import format_internal_date
from sandbox.imap.tokens import Argument, Bad
from sandbox.mail.headers import header_fields, split_header
from sandbox.mail.mailboxes import StoredMail

BODY = re.compile(
    r"BODY(?P<peek>\.PEEK)?\[(?P<section>.*)\](?:<(?P<offset>\d+)\.(?P<length>\d+)>)?"
)
HEADER_FIELDS = re.compile(r"HEADER\.FIELDS(?P<other>\.NOT)? \((?P<names>[^)]*)\)")
SIMPLE = frozenset({"UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE"})
OLD_NAMES = {
    "RFC822": ("", False),
    "RFC822.HEADER": ("HEADER", True),
    "RFC822.TEXT": ("TEXT", False),
}
FAST = ("FLAGS", "INTERNALDATE", "RFC822.SIZE")
WRONG_BY_BYTES = 1000
"""How much a size is wrong that a fault makes wrong."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to write. `section` None means a plain attribute; `peek` leaves \\Seen alone."""

    label: str
    section: str | None = None
    peek: bool = True
    offset: int = 0
    length: int | None = None


def parse_items(token: Argument, *, by_uid: bool) -> list[Item]:
    """The items asked for; UID FETCH always answers the UID too. Raises Bad."""
    names = token if isinstance(token, list) else [token]
    items: list[Item] = []
    for name in names:
        if not isinstance(name, str):
            raise Bad("fetch item expected")
        items.extend(_items(name.upper()))
    if by_uid and all(item.label != "UID" for item in items):
        items.insert(0, Item("UID"))
    return items


def render(mail: StoredMail, items: list[Item], wrong: Kind | None = None) -> bytes:
    """What stands between the parentheses of the FETCH response; `wrong` spoils it."""
    return b" ".join(item.label.encode() + b" " + _value(mail, item, wrong) for item in items)


def _items(name: str) -> list[Item]:
    if name == "FAST":
        return [Item(one) for one in FAST]
    if name in SIMPLE:
        return [Item(name)]
    if name in OLD_NAMES:
        section, peek = OLD_NAMES[name]
        return [Item(name, section, peek)]
    match = BODY.fullmatch(name)
    if match is None:
        raise Bad(f"unsupported fetch item {name}")
    offset = match["offset"]
    label = f"BODY[{match['section']}]" + (f"<{int(offset)}>" if offset else "")
    length = int(match["length"]) if match["length"] else None
    return [Item(label, match["section"], bool(match["peek"]), int(offset or 0), length)]


def _value(mail: StoredMail, item: Item, wrong: Kind | None) -> bytes:
    if item.section is not None and wrong is Kind.NIL:
        return b"NIL"
    if item.section is not None:
        text = _section(mail.raw, item.section)
        end = None if item.length is None else item.offset + item.length
        part = text[item.offset : end]
        return b"{%d}\r\n%b" % (len(part), part)
    match item.label:
        case "UID":
            return str(mail.uid).encode()
        case "FLAGS":
            return b"(" + " ".join(sorted(mail.flags)).encode() + b")"
        case "INTERNALDATE":
            return f'"{format_internal_date(mail.at)}"'.encode()
        case _:
            return str(len(mail.raw) + WRONG_BY_BYTES * (wrong is Kind.WRONG_SIZE)).encode()


def _section(raw: bytes, section: str) -> bytes:
    header, body = split_header(raw)
    whole = {"": raw, "HEADER": header, "TEXT": body}
    if section in whole:
        return whole[section]
    match = HEADER_FIELDS.fullmatch(section)
    if match is None:
        raise Bad(f"unsupported section {section}")
    names = {name.strip('"').lower() for name in match["names"].split()}
    kept = [
        lines
        for name, lines in header_fields(raw)
        if (name.decode("latin-1").lower() in names) != bool(match["other"])
    ]
    return b"".join(kept) + b"\r\n"
