"""What a mailbox does by itself when mail arrives: answer, pass on, bounce. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, getaddresses, make_msgid
from enum import StrEnum

from sandbox.mail.bounces import DAEMON, Fate, Style, bounce
from sandbox.mail.headers import header_values, split_header
from sandbox.mail.results import (
    CHANGED_ON_THE_WAY,
    FORWARDED,
    FORWARDED_SIGNED,
    HONEST,
    Verdicts,
)

FOOTER = b"\r\n-- \r\nYou get this as a member of the list.\r\n"
LIMIT = 100
REPLY = re.compile(r"re:", re.IGNORECASE)


class HabitKind(StrEnum):
    """What it does."""

    OUT_OF_OFFICE = "out_of_office"
    """Answers politely (RFC 3834), never an automatic mail."""
    OUTLOOK = "outlook"
    """Answers as Exchange does: X-Auto-Response-Suppress, no Auto-Submitted."""
    VACATION = "vacation"
    """Answers as old programs do: Precedence and X-Autoreply."""
    RUDE = "rude"
    """Answers everything in the thread, with nothing that tells that no human wrote it."""
    RUDE_NEW = "rude_new"
    """The same as a new mail each time."""
    REPLY_ALL = "reply_all"
    """A human who answers everybody in To and Cc."""
    FORWARD = "forward"
    """Passes the mail on as it is."""
    LIST = "list"
    """A mailing list: passes it on changed, in its own name if it `rewrites` From."""
    BOUNCE = "bounce"
    """Takes the mail and reports later that it could not be delivered."""


ANSWERS = frozenset(
    {
        HabitKind.OUT_OF_OFFICE,
        HabitKind.OUTLOOK,
        HabitKind.VACATION,
        HabitKind.RUDE,
        HabitKind.RUDE_NEW,
        HabitKind.REPLY_ALL,
    }
)
POLITE = frozenset({HabitKind.OUT_OF_OFFICE, HabitKind.OUTLOOK, HabitKind.VACATION})
MARKS = {
    HabitKind.OUT_OF_OFFICE: {"Auto-Submitted": "auto-replied"},
    HabitKind.OUTLOOK: {
        "X-Auto-Response-Suppress": "All",
        "X-MS-Exchange-Inbox-Rules-Loop": "{address}",
    },
    HabitKind.VACATION: {"Precedence": "bulk", "X-Autoreply": "yes"},
}
"""What such programs write so that others do not answer."""


@dataclass(slots=True)
class Habit:
    """`recipients` are whom mail is passed on to. It acts at most `limit` times; 0: always."""

    kind: HabitKind
    text: str = "I am out of the office."
    recipients: tuple[str, ...] = ()
    limit: int = LIMIT
    rewrites: bool = True
    style: Style = Style.STANDARD
    fate: Fate = field(default_factory=lambda: Fate(""))
    acted: int = 0


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail in a mailbox: at which address, of whom, and from whom by its envelope."""

    address: str
    name: str
    sender: str
    raw: bytes

    def first(self, header: str) -> str:
        """A header's value, "" when there is none."""
        return next(iter(header_values(self.raw, header)), "")

    def addresses(self, *headers: str) -> list[str]:
        """Every address in these headers."""
        values = [value for name in headers for value in header_values(self.raw, name)]
        return [address for _, address in getaddresses(values) if "@" in address]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail that leaves because another one arrived."""

    sender: str
    recipients: Sequence[str]
    raw: bytes
    verdicts: Verdicts = HONEST


def act(habit: Habit, arrived: Arrived) -> Outgoing | None:
    """What is sent, None when the habit lets this mail be."""
    if habit.limit and habit.acted >= habit.limit:
        return None
    if habit.kind in ANSWERS:
        return _answer(habit, arrived)
    match habit.kind:
        case HabitKind.FORWARD:
            signed = FORWARDED_SIGNED if arrived.first("DKIM-Signature") else FORWARDED
            return Outgoing(arrived.sender, habit.recipients, arrived.raw, signed)
        case HabitKind.LIST:
            return _list(habit, arrived)
        case _:
            return _bounce(habit, arrived)


def _answer(habit: Habit, arrived: Arrived) -> Outgoing | None:
    polite = habit.kind in POLITE
    if polite and (not arrived.sender or arrived.first("Auto-Submitted") not in ("", "no")):
        return None
    recipients = [arrived.sender] if polite else arrived.addresses("Reply-To")[:1]
    recipients = recipients or arrived.addresses("From")[:1]
    copies: list[str] = []
    if habit.kind is HabitKind.REPLY_ALL:
        known = {arrived.address, *recipients}
        copies = [one for one in arrived.addresses("To", "Cc") if one.lower() not in known]
    if not recipients:
        return None
    raw = _written(habit, arrived, recipients[0], copies).as_bytes()
    return Outgoing("" if polite else arrived.address, [*recipients, *copies], raw)


def _written(habit: Habit, arrived: Arrived, to: str, copies: list[str]) -> EmailMessage:
    message, subject = EmailMessage(policy=policy.SMTP), arrived.first("Subject")
    message["From"] = formataddr((arrived.name, arrived.address))
    message["To"] = to
    if copies:
        message["Cc"] = ", ".join(copies)
    message["Subject"] = _subject(habit.kind, subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=arrived.address.partition("@")[2])
    if habit.kind is not HabitKind.RUDE_NEW and (answered := arrived.first("Message-ID")):
        message["In-Reply-To"] = answered
        message["References"] = f"{arrived.first('References')} {answered}".strip()
    for name, value in MARKS.get(habit.kind, {}).items():
        message[name] = value.format(address=arrived.address)
    message.set_content(habit.text)
    return message


def _subject(kind: HabitKind, subject: str) -> str:
    if kind in POLITE:
        return f"Automatic reply: {subject}"
    if kind is HabitKind.RUDE_NEW:
        return "We have received your message"
    return subject if REPLY.match(subject) else f"Re: {subject}"


def _list(habit: Habit, arrived: Arrived) -> Outgoing:
    """With a footer, so that signatures break, and headers as lists write them (RFC 2369)."""
    local, _, domain = arrived.address.partition("@")
    message = message_from_bytes(arrived.raw, policy=policy.compat32)
    author = arrived.first("From")
    new = {
        "List-Id": f"<{local}.{domain}>",
        "List-Unsubscribe": f"<mailto:{local}-leave@{domain}>",
        "Precedence": "list",
        "Subject": f"[{local}] {arrived.first('Subject')}",
    }
    if habit.rewrites:
        name = getaddresses([author])[0][0] or author.partition("@")[0]
        new["From"] = formataddr((f"{name} via {local}", arrived.address))
        new["Reply-To"] = author
    for header, value in new.items():
        del message[header]
        message[header] = value
    whole = message.as_bytes(policy=policy.compat32.clone(linesep="\r\n"))
    changed = split_header(whole)[0] + split_header(arrived.raw)[1] + FOOTER
    verdicts = HONEST if habit.rewrites else CHANGED_ON_THE_WAY
    return Outgoing(f"{local}-bounces@{domain}", habit.recipients, changed, verdicts)


def _bounce(habit: Habit, arrived: Arrived) -> Outgoing | None:
    """To whom the envelope names; never about mail that is itself automatic."""
    if not arrived.sender:
        return None
    fate = Fate(arrived.address, habit.fate.action, habit.fate.status, habit.fate.words)
    message_id = make_msgid(domain=DAEMON.partition("@")[2])
    report = bounce(arrived.raw, arrived.sender, [fate], habit.style, message_id)
    return Outgoing("", [arrived.sender], report)
