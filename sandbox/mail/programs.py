"""What a person does in their mail program: write, reply, read."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import format_datetime, formataddr, make_msgid

from sandbox.errors import ActError, UnknownThing
from sandbox.mail.headers import header_values
from sandbox.mail.mailboxes import Mailbox, StoredMail
from sandbox.mail.results import FORGED, HONEST, results_line, stamped
from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.world import World

FORGER = "nobody@elsewhere.example"
"""Whose server mail comes from that is not from whom it says."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file to send along."""

    name: str
    content: bytes
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a person writes. `in_reply_to` is a Message-ID of a mail in their mailbox, or any.

    `to` empty means the support address. `verified` says whether the receiving host vouches for
    the sender (an Authentication-Results header with pass), as it does for honest mail. `forged`:
    somebody else wrote it in the person's name; the host says so, above what the forger claims it
    says. `signed`: with a DKIM signature, whose key is in the sandbox's DNS.
    """

    text: str
    subject: str = ""
    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    html: str | None = None
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    enclosures: Sequence[Enclosure] = ()
    verified: bool = True
    forged: bool = False
    signed: bool = False


class MailPrograms:
    """Acts as the persons of the world, each in their own mailbox."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, person_key: str, letter: Letter) -> str:
        """Write and send; returns the Message-ID."""
        person = self._world.person(person_key)
        recipients = list(letter.to) or [self._world.mail.support.address]
        message_id = make_msgid(domain=person.address.partition("@")[2])
        raw = self._compose(person, recipients, letter, message_id).as_bytes()
        if letter.signed:
            raw = self._world.signers.sign(raw, person.address.partition("@")[2])
        self.send_raw(person_key, self._vouched(raw, person, letter), [*recipients, *letter.cc])
        return message_id

    def send_raw(self, person_key: str, raw: bytes, recipients: Sequence[str] = ()) -> None:
        """Send bytes exactly as they are, to the support address unless told otherwise."""
        person = self._world.person(person_key)
        mail = self._world.mail
        addresses = list(recipients) or [mail.support.address]
        for address in addresses:
            if refusal := mail.refusal(address):
                raise ActError(refusal)
        self._world.post.carry(person.address, addresses, raw)
        mail.keep_sent(mail.host(person.address), raw)

    def read(self, address: str) -> list[Json]:
        """Every mail of a mailbox, received and sent, oldest first."""
        mailbox = self._world.mail.mailboxes.get(address)
        if mailbox is None:
            raise UnknownThing(f"no mailbox {address!r}")
        views = [
            letter_view(mail, folder.name)
            for folder in mailbox.folders.values()
            for mail in folder.messages
        ]
        return sorted(views, key=lambda view: str(view["at"]))

    def mailbox(self, person_key: str) -> Mailbox:
        """The person's own mailbox."""
        return self._world.mail.host(self._world.person(person_key).address)

    def _compose(
        self, person: Person, recipients: list[str], letter: Letter, message_id: str
    ) -> EmailMessage:
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = formataddr((person.name, person.address))
        message["To"] = ", ".join(recipients)
        if letter.cc:
            message["Cc"] = ", ".join(letter.cc)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = message_id
        if letter.in_reply_to:
            message["In-Reply-To"] = letter.in_reply_to
            message["References"] = " ".join(self._references(person, letter))
        _fill(message, letter)
        return message

    def _vouched(self, raw: bytes, person: Person, letter: Letter) -> bytes:
        """What the receiving host writes on top, and what a forger wrote below it."""
        settings, address = self._world.mail.settings, person.address
        if letter.forged:
            claim = results_line(settings.authserv_id, HONEST, address, address)
            raw = stamped(raw, claim)
        if not letter.verified or not settings.adds_results:
            return raw
        verdicts, sender = (FORGED, FORGER) if letter.forged else (HONEST, address)
        return stamped(raw, results_line(settings.authserv_id, verdicts, sender, address))

    def _references(self, person: Person, letter: Letter) -> list[str]:
        """The chain of the mail that is answered, then its own id, as mail programs write it."""
        answered = letter.in_reply_to or ""
        if letter.references:
            return [*letter.references, answered]
        mailbox = self._world.mail.host(person.address)
        for folder in mailbox.folders.values():
            for mail in folder.messages:
                if answered in header_values(mail.raw, "Message-ID"):
                    return [*" ".join(header_values(mail.raw, "References")).split(), answered]
        return [answered]


def letter_view(mail: StoredMail, folder: str) -> Json:
    """A mail as a reader sees it, plus the headers that threading needs. Takes any bytes."""
    message = message_from_bytes(mail.raw)
    return {
        "uid": mail.uid,
        "folder": folder,
        "at": mail.at.isoformat(),
        "flags": sorted(mail.flags),
        "envelope_from": mail.sender,
        "from": _decoded(mail.raw, "From"),
        "to": _decoded(mail.raw, "To"),
        "cc": _decoded(mail.raw, "Cc"),
        "reply_to": _decoded(mail.raw, "Reply-To"),
        "subject": _decoded(mail.raw, "Subject"),
        "message_id": _first(mail.raw, "Message-ID"),
        "in_reply_to": _first(mail.raw, "In-Reply-To"),
        "references": " ".join(header_values(mail.raw, "References")).split(),
        "text": _body(message, "text/plain"),
        "html": _body(message, "text/html"),
        "attachments": [
            {
                "name": part.get_filename() or "",
                "media_type": part.get_content_type(),
                "size_bytes": len(_payload(part)),
            }
            for part in _attachments(message)
        ],
    }


def attachment(mail: StoredMail, position: int) -> bytes | None:
    """The bytes of one attachment, None when there is no such."""
    parts = _attachments(message_from_bytes(mail.raw))
    return _payload(parts[position]) if position < len(parts) else None


def _fill(message: EmailMessage, letter: Letter) -> None:
    message.set_content(letter.text)
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html")
    for enclosure in letter.enclosures:
        guessed = mimetypes.guess_type(enclosure.name)[0] or "application/octet-stream"
        main, _, sub = (enclosure.media_type or guessed).partition("/")
        message.add_attachment(
            enclosure.content, maintype=main, subtype=sub or "plain", filename=enclosure.name
        )


def _first(raw: bytes, name: str) -> str:
    return next(iter(header_values(raw, name)), "")


def _decoded(raw: bytes, name: str) -> str:
    """Encoded words decoded; as it stands when they are broken."""
    value = _first(raw, name)
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, ValueError, LookupError):
        return value


def _body(message: Message, media_type: str) -> str:
    """The first text of this type that is no attachment, decoded as well as it can be."""
    for part in message.walk():
        if part.get_content_type() == media_type and not _is_attachment(part):
            return _text(part)
    return ""


def _text(part: Message) -> str:
    charset = part.get_content_charset() or "utf-8"
    try:
        return _payload(part).decode(charset, "replace")
    except LookupError:
        return _payload(part).decode("utf-8", "replace")


def _attachments(message: Message) -> list[Message]:
    return [part for part in message.walk() if not part.is_multipart() and _is_attachment(part)]


def _is_attachment(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
