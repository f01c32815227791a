"""From an outgoing message to the bytes of a mail. Pure: the same arguments give the same bytes."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from typing import NamedTuple

from typing_extensions import override

from adapters.email.account import Account
from adapters.email.identifiers import (
    MESSAGE_ID,
    RECIPIENT_HEADER,
    capped,
    own_message_id,
    taken_apart,
)
from adapters.email.outgoing.markup import Passage, to_html, to_plain
from adapters.email.outgoing.recipients import mailbox, recipients_of
from adapters.email.subjects import answering
from core.errors import UnsupportedFeature
from core.model.content import (
    Attachment,
    Buttons,
    Card,
    Choice,
    ContactCard,
    Location,
    Media,
    Poll,
    System,
    Text,
    Unsupported,
)
from core.model.message import SenderKind
from core.model.outbound import Outbound

TOKEN = re.compile(r"[0-9a-z]{1,40}")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")
IDS = frozenset({"message-id", "in-reply-to", "references"})


class RenderedMail(NamedTuple):
    """`recipient` and `copies` are the envelope's; `message_id` is in angle brackets. `notes`, in
    words: what is not as the agent wanted it.
    """

    message_id: str
    recipient: str
    content: bytes
    copies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class MailPolicy(EmailPolicy):
    """Ids one a line: the standard library would turn long ones into encoded words."""

    @override
    def fold(self, name: str, value: str) -> str:
        if name.lower() in IDS:
            return f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n"
        return str(super().fold(name, value))

    @override
    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in IDS:
            return self.fold(name, value).encode("ascii", "replace")
        return super().fold_binary(name, value)


POLICY = MailPolicy(linesep="\r\n", max_line_length=76)


def render(
    outbound: Outbound,
    account: Account,
    *,
    name: str,
    at: datetime,
    files: Mapping[str, bytes],
) -> RenderedMail:
    """`name` is shown as the sender, `files` holds the attachments' bytes by their sha256.

    Raises PermanentDeliveryError when there is no address to write to, UnsupportedFeature for
    content that a mail cannot carry.
    """
    recipients = recipients_of(outbound, account)
    message_id = message_id_for(outbound, account)
    mail = EmailMessage(policy=POLICY)
    mail["From"] = mailbox(name or outbound.sender.name, account.address)
    mail["To"] = mailbox("", recipients.to)
    if recipients.copies:
        mail["Cc"] = recipients.copies
    mail["Subject"] = answering(
        outbound.subject or outbound.context.get("subject", ""), outbound.number
    )
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    if recipients.to != recipients.person:
        mail[RECIPIENT_HEADER] = recipients.person
    _refer(mail, outbound, account.limits.references_max)
    _mark_automatic(mail, outbound.sender.kind)
    _fill(mail, outbound, files)
    return RenderedMail(
        message_id=message_id,
        recipient=recipients.to,
        content=mail.as_bytes(),
        copies=tuple(copy.addr_spec for copy in recipients.copies),
        notes=recipients.notes,
    )


def message_id_for(outbound: Outbound, account: Account) -> str:
    """The same for every attempt to send this piece, without rendering it."""
    root, address = taken_apart(outbound.thread.thread)
    return own_message_id(
        secret=account.secret,
        root=root,
        token=_token(outbound),
        recipient=address,
        domain=account.domain,
    )


def attachments_of(outbound: Outbound) -> tuple[Attachment, ...]:
    """Whose bytes `render` will want."""
    return tuple(part.attachment for part in outbound.parts if isinstance(part, Media))


def _token(outbound: Outbound) -> str:
    message = outbound.message.lower()
    if not TOKEN.fullmatch(message):
        message = sha256(outbound.message.encode()).hexdigest()[:26]
    return f"{message}-{outbound.piece}" if outbound.piece else message


def _refer(mail: EmailMessage, outbound: Outbound, references_max: int) -> None:
    context = outbound.context
    answered = outbound.answers or context.get("message_id", "")
    chain = (context.get("references", ""), context.get("message_id", ""), answered)
    ids = [match[0] for value in chain for match in MESSAGE_ID.finditer(value)]
    usable = capped((i for i in ids if i.isascii()), references_max)
    if MESSAGE_ID.fullmatch(answered) and answered.isascii():
        mail["In-Reply-To"] = answered
    if usable:
        mail["References"] = " ".join(usable)


def _mark_automatic(mail: EmailMessage, kind: SenderKind) -> None:
    """So that no other machine answers it. A person's reply carries no such mark."""
    if kind in {SenderKind.BOT, SenderKind.SYSTEM}:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["Precedence"] = "bulk"


def _fill(mail: EmailMessage, outbound: Outbound, files: Mapping[str, bytes]) -> None:
    passages = _passages(outbound)
    seed = sha256(outbound.key.encode()).hexdigest()[:24]
    mail.set_content(_encodable(to_plain(passages)), cte="quoted-printable")
    mail.add_alternative(_encodable(to_html(passages)), subtype="html", cte="quoted-printable")
    # "=_" occurs in no encoded body (RFC 2045 section 6.7).
    mail.set_boundary(f"=_alternative-{seed}")
    attached = attachments_of(outbound)
    for attachment in attached:
        _attach(mail, attachment, files[attachment.sha256])
    if attached:
        mail.set_boundary(f"=_mixed-{seed}")


def _passages(outbound: Outbound) -> tuple[Passage, ...]:
    passages = []
    for part in outbound.parts:
        match part:
            case Text():
                passages.append(Passage(part.text, part.spans))
            case Media():
                passages.append(Passage(part.caption, part.spans))
            case (
                Location()
                | ContactCard()
                | Poll()
                | Buttons()
                | Choice()
                | Card()
                | System()
                | Unsupported()
            ):
                raise UnsupportedFeature(
                    f"a mail cannot carry a {type(part).__name__} as it is; message "
                    f"{outbound.message} has to be planned for the channel first"
                )
    return tuple(passage for passage in passages if passage.text)


def _attach(mail: EmailMessage, attachment: Attachment, data: bytes) -> None:
    kind = (attachment.media_type or attachment.declared_type).lower()
    if not MEDIA_TYPE.fullmatch(kind) or kind.startswith(("message/", "multipart/")):
        kind = "application/octet-stream"  # RFC 2046 forbids base64 for the other two
    maintype, subtype = kind.split("/")
    shown = "".join(c if c.isprintable() else " " for c in attachment.name)
    mail.add_attachment(
        data, maintype=maintype, subtype=subtype, filename=_encodable(shown) or "attachment"
    )


def _encodable(text: str) -> str:
    """Without lone surrogates, which no charset has."""
    return text.encode("utf-8", "replace").decode("utf-8")
