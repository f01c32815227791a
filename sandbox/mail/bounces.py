"""Mail that says that a mail did not arrive, in the forms in which hosts say so. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum

from sandbox.errors import ActError
from sandbox.mail.headers import header_values, split_header

HOST = "mx.post.example"
DAEMON = f"MAILER-DAEMON@{HOST}"
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Style(StrEnum):
    """Who says it, and how."""

    STANDARD = "standard"
    """RFC 3464, with the whole mail enclosed."""
    HEADERS = "headers"
    """RFC 3464, with the mail's header alone."""
    BARE = "bare"
    """RFC 3464 without the mail."""
    QMAIL = "qmail"
    """Words that begin as qmail's do, and a copy below a line."""
    EXCHANGE = "exchange"
    """Words alone, as old Exchange servers write them, with nothing of the mail but its subject."""
    WORDS = "words"
    """Words alone, with the mail's header below."""


class Action(StrEnum):
    """What became of the mail (RFC 3464 section 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


SUBJECTS = {
    Action.FAILED: "Undelivered Mail Returned to Sender",
    Action.DELAYED: "Delayed Mail (still being retried)",
    Action.DELIVERED: "Successful Mail Delivery Report",
    Action.RELAYED: "Mail Relayed to Another Host",
    Action.EXPANDED: "Mail Delivered to a List",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the mail for one recipient. Raises ActError for no status code."""

    recipient: str
    action: Action = Action.FAILED
    status: str = "5.1.1"
    words: str = "550 5.1.1 User unknown"

    def __post_init__(self) -> None:
        if not STATUS.fullmatch(self.status):
            raise ActError("'status' must be a code such as 5.1.1")


def bounce(raw: bytes, sender: str, fates: Sequence[Fate], style: Style, message_id: str) -> bytes:
    """The report to `sender` (the envelope's) about a mail."""
    match style:
        case Style.QMAIL:
            return _plain(raw, sender, "failure notice", _qmail(raw, fates), message_id)
        case Style.EXCHANGE:
            subject = next(iter(header_values(raw, "Subject")), "")
            text = _exchange(subject, fates)
            return _plain(raw, sender, f"Undeliverable: {subject}", text, message_id)
        case Style.WORDS:
            text = _words(fates) + "\nThe header of your mail:\n\n" + _text(split_header(raw)[0])
            return _plain(raw, sender, "Mail delivery failed", text, message_id)
        case _:
            return _report(raw, sender, fates, style, message_id)


def _report(raw: bytes, sender: str, fates: Sequence[Fate], style: Style, message_id: str) -> bytes:
    boundary = f"=_{message_id.strip('<>').partition('@')[0]}"
    kind = 'multipart/report; report-type=delivery-status; boundary="%s"'
    header = _header(sender, SUBJECTS[fates[0].action], message_id, kind % boundary)
    parts = [
        b"Content-Type: text/plain; charset=us-ascii\r\n\r\n" + _crlf(_words(fates)),
        b"Content-Type: message/delivery-status\r\n\r\n" + _crlf(_status(fates)),
    ]
    if style is Style.STANDARD:
        parts.append(b"Content-Type: message/rfc822\r\n\r\n" + raw)
    if style is Style.HEADERS:
        parts.append(b"Content-Type: text/rfc822-headers\r\n\r\n" + split_header(raw)[0])
    line = f"--{boundary}".encode()
    return header + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def _plain(raw: bytes, sender: str, subject: str, text: str, message_id: str) -> bytes:
    kind = "text/plain; charset=" + ("us-ascii" if raw.isascii() else "utf-8")
    return _header(sender, subject, message_id, kind) + _crlf(text)


def _header(sender: str, subject: str, message_id: str, content_type: str) -> bytes:
    lines = [
        "Return-Path: <>",
        f"Date: {format_datetime(datetime.now(UTC))}",
        f"From: Mail Delivery System <{DAEMON}>",
        f"To: {sender}",
        f"Subject: {subject}",
        f"Message-ID: {message_id}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
    ]
    return _crlf("\n".join([*lines, "", ""]))


def _words(fates: Sequence[Fate]) -> str:
    told = "\n".join(f"<{fate.recipient}>: {fate.words}" for fate in fates)
    if fates[0].action is Action.DELAYED:
        return f"Your mail waits at {HOST}. It is tried again; do not send it again.\n\n{told}\n"
    if fates[0].action is Action.FAILED:
        return f"{HOST} could not deliver your mail to everybody.\n\n{told}\n"
    return f"About your mail, from {HOST}:\n\n{told}\n"


def _status(fates: Sequence[Fate]) -> str:
    """A group about the mail, then one for each recipient."""
    arrived = format_datetime(datetime.now(UTC))
    groups = [f"Reporting-MTA: dns; {HOST}\nArrival-Date: {arrived}\n"]
    for fate in fates:
        group = (
            f"Final-Recipient: rfc822; {fate.recipient}\n"
            f"Original-Recipient: rfc822;{fate.recipient}\n"
            f"Action: {fate.action}\nStatus: {fate.status}\n"
        )
        if fate.action in (Action.FAILED, Action.DELAYED):
            group += f"Remote-MTA: dns; {HOST}\nDiagnostic-Code: smtp; {fate.words}\n"
        groups.append(group)
    return "\n".join(groups)


def _qmail(raw: bytes, fates: Sequence[Fate]) -> str:
    """The form by which readers of such mail know it (QSBMF): fixed first words, paragraphs, a
    line, the mail.
    """
    failures = "\n\n".join(f"<{fate.recipient}>:\n{fate.words}" for fate in fates)
    return (
        f"Hi. This is the program that carries mail at {HOST}.\n"
        "Some addresses could not be reached; nothing more will be tried.\n\n"
        f"{failures}\n\n--- Below this line is a copy of the message.\n\n{_text(raw)}"
    )


def _exchange(subject: str, fates: Sequence[Fate]) -> str:
    told = "".join(f"      {fate.recipient}\n            {fate.words}\n" for fate in fates)
    return (
        "Your message did not reach some or all of the intended recipients.\n\n"
        f"      Subject: {subject}\n\n"
        f"The following recipient(s) cannot be reached:\n\n{told}"
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
