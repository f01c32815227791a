"""The head of an outgoing mail: who, when, about what, and what it answers."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from adapters.email.account import Account
from adapters.email.identifiers import (
    MADE,
    MESSAGE_ID,
    RECIPIENT_HEADER,
    begun_id,
    capped,
    reply_address,
    taken_apart,
)
from adapters.email.outgoing.recipients import Recipients
from adapters.email.outgoing.wire import Mailbox, address_field, field, text_field
from adapters.email.subjects import answering, beginning
from core.model.message import SenderKind
from core.model.outbound import Outbound


def head(
    outbound: Outbound,
    account: Account,
    recipients: Recipients,
    *,
    name: str,
    message_id: str,
    at: datetime,
) -> bytes:
    """Every field but those about the body. `name` is shown as the sender."""
    subject = outbound.subject or outbound.context.get("subject") or outbound.title
    entitled = beginning if is_begun_by_us(outbound) else answering
    fields = [
        address_field("From", [Mailbox(name or outbound.sender.name, account.address)]),
        address_field("To", [Mailbox("", recipients.to)]),
        text_field("Subject", entitled(subject, outbound.number)),
        field("Date", format_datetime(at)),
        field("Message-ID", message_id),
        *_references(outbound, account, recipients.person),
        field("MIME-Version", "1.0"),
    ]
    if recipients.copies:
        fields.insert(2, address_field("Cc", recipients.copies))
    if account.plus_address:
        fields.append(address_field("Reply-To", [Mailbox("", _answer_to(outbound, account))]))
    if recipients.to != recipients.person:
        fields.append(field(RECIPIENT_HEADER, recipients.person))
    if is_automatic(outbound):
        fields += _automatic(account)
    return b"".join(fields)


def is_automatic(outbound: Outbound) -> bool:
    """A machine of ours wrote it."""
    return outbound.sender.kind in {SenderKind.BOT, SenderKind.SYSTEM}


def _answer_to(outbound: Outbound, account: Account) -> str:
    """Where answers find their exchange though a server on the way changed our Message-ID."""
    root, _ = taken_apart(outbound.thread.thread)
    return reply_address(secret=account.secret, root=root, address=account.address)


def answered_by(outbound: Outbound) -> str:
    """The id of the mail that it answers, "" for none."""
    return outbound.answers or outbound.context.get("message_id", "")


def is_begun_by_us(outbound: Outbound) -> bool:
    """Whether nothing has been heard yet in its exchange: a mail that came left a context."""
    return not (outbound.answers or outbound.context)


def _references(outbound: Outbound, account: Account, person: str) -> Iterator[bytes]:
    context, answered = outbound.context, answered_by(outbound)
    if is_begun_by_us(outbound):
        root, _ = taken_apart(outbound.thread.thread)
        begun = begun_id(secret=account.secret, root=root, recipient=person, domain=account.domain)
        yield field("References", begun)
        return
    chain = (context.get("references", ""), context.get("message_id", ""), answered)
    ids = [match[0] for value in chain for match in MESSAGE_ID.finditer(value)]
    if MESSAGE_ID.fullmatch(answered) and _is_given(answered):
        yield field("In-Reply-To", answered)
    if usable := capped((one for one in ids if _is_given(one)), account.limits.references_max):
        yield field("References", " ".join(usable))


def _is_given(message_id: str) -> bool:
    """Of a mail that came without an id nobody else knows the one that we made for it."""
    return message_id.isascii() and not message_id.startswith(MADE)


def _automatic(account: Account) -> Iterator[bytes]:
    """So that no other machine answers it, and a person knows how to have no more of them. A
    person's reply carries no such mark.
    """
    yield field("Auto-Submitted", "auto-replied")
    yield field("X-Auto-Response-Suppress", "All")
    yield field("Precedence", "bulk")
    address = quote(account.address, safe="@+")
    yield field("List-Unsubscribe", f"<mailto:{address}?subject=unsubscribe>")
