"""From the bytes of a mail to the event that core understands. Pure: no clock, no network, no disk.

Every mail becomes an event. What is odd about it is listed in `lost`; only our own mail coming
back to us is no event at all.
"""

import re
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from adapters.email.account import Account, Delivered
from adapters.email.addresses import Mailbox, mailboxes, same_organisation
from adapters.email.identifiers import (
    MADE,
    capped,
    message_of,
    root_of,
    thread_of,
    verify_reply_address,
)
from adapters.email.incoming.automatic import automatic
from adapters.email.incoming.contents import Contents
from adapters.email.incoming.forwards import forwarded
from adapters.email.incoming.quotes import Answering
from adapters.email.incoming.report import Report, delivery_report
from adapters.email.incoming.senders import author_of, people
from adapters.email.incoming.threading import (
    cited_ids,
    dedup_of,
    exchange_root,
    is_our_own,
    message_id_of,
)
from adapters.email.mime.message import Message
from adapters.email.mime.parse import (
    PARSER_FAULTS,
    header,
    parse,
    sent_at,
)
from adapters.email.subjects import cited_number, is_answer, is_forward, topic
from core.errors import MalformedPayload
from core.model.content import Attachment, Media, MediaKind, Text, Unsupported
from core.model.event import Actor, ActorKind, Body, DeliveryReported, Inbound, MessageCreated
from core.model.ids import AttachmentId, EventId, ThreadRef
from core.model.message import Quote, Recipient, RecipientRole, SenderLevel

CHANNEL = "email"
CONTEXT_REFERENCES_LENGTH_MAX = 2000
SUBJECT_LENGTH_MAX = 1000
RECIPIENTS_MAX = 50
IN_JUNK = "the mail server took it for junk"
UNREADABLE = "This mail could not be read. It is attached as it came."


class Normalised(msgspec.Struct, frozen=True, kw_only=True):
    """`events` is empty when the mail is one of our own that came back; a report may tell of
    several recipients. `blobs` (sha256 -> bytes) have to be stored before the events are handed on.
    """

    events: tuple[Inbound, ...]
    blobs: dict[str, bytes] = {}


def normalise(raw: bytes, account: Account, delivered: Delivered) -> Normalised:
    """Raises MalformedPayload when the mail defeats the parser: then people get `unreadable`."""
    try:
        message = parse(raw)
        return _Mail(message, raw, account, delivered).read()
    except PARSER_FAULTS as error:
        raise MalformedPayload(
            f"a mail of {len(raw)} bytes, sha256 {sha256(raw).hexdigest()}, cannot be normalised: "
            f"{type(error).__name__}"
        ) from error


def unreadable(raw: bytes, account: Account, delivered: Delivered) -> Normalised:
    """A mail that nothing could be made of, as a message with the raw mail attached."""
    digest = sha256(raw).hexdigest()
    found = re.search(rb"^From:[^\r\n]{0,500}", raw[:65536], re.IGNORECASE | re.MULTILINE)
    line = found[0][5:].decode("ascii", "ignore") if found else ""
    sender = next(iter(mailboxes(line)), None)
    root = root_of(digest)
    remote = sender.address if sender else f"unknown-{root}"
    attachment = Attachment(
        id=AttachmentId(f"{digest[:24]}-raw"),
        name="mail.eml",
        declared_type="message/rfc822",
        media_type="message/rfc822",
        size_bytes=len(raw),
        remote=digest,
    )
    body = MessageCreated(
        remote=f"{MADE}{digest[:32]}@{account.domain}>",
        parts=(
            Unsupported(platform_kind="unreadable mail", summary=UNREADABLE),
            Media(media=MediaKind.FILE, attachment=attachment),
        ),
    )
    inbound = Inbound(
        id=delivered.event,
        thread=ThreadRef(channel=CHANNEL, account=account.name, thread=thread_of(root, remote)),
        dedup=f"m{digest[:38]}",
        actor=Actor(
            kind=ActorKind.CUSTOMER,
            remote=remote,
            name=sender.name if sender else "",
            level=SenderLevel.UNVERIFIED,
        ),
        body=body,
        origin=delivered.origin,
        occurred_at=delivered.received_at,
        received_at=delivered.received_at,
        lost=("the whole mail: it could not be read",),
        raw=f"blob:{digest}",
    )
    return Normalised(events=(inbound,))


class _Mail:
    """What one mail says, asked header by header."""

    def __init__(
        self, message: Message, raw: bytes, account: Account, delivered: Delivered
    ) -> None:
        self._message = message
        self._raw = raw
        self._account = account
        self._delivered = delivered
        self._raw_sha256 = sha256(raw).hexdigest()
        self._id = message_id_of(message, raw, account.domain)
        self._author = author_of(message)
        self._lost: list[str] = [*self._author.lost]

    def read(self) -> Normalised:
        full_size = self._delivered.full_size
        sender = self._author.mailbox
        if self._is_own_returning(sender):
            return Normalised(events=())
        if full_size > len(self._raw):
            self._lost.append(
                f"the end of the mail: of its {full_size} bytes only its beginning was taken"
            )
        if self._delivered.sent_by_us:
            return self._written_by_us(sender)
        report = delivery_report(self._message, sender.address if sender else "", self._account)
        if report is not None:
            return self._reported(report, sender)
        return self._written(sender)

    def _written(self, sender: Mailbox | None) -> Normalised:
        subject = self._subject()
        contents = Contents(
            self._message,
            self._raw_sha256,
            self._account.limits,
            answering=self._answering(subject),
            own_hosts=self._account.own_hosts,
        )
        address = sender.address if sender else ""
        forward = is_forward(subject)
        root = exchange_root(
            self._message, self._id, self._account, sender=address, forward=forward
        )
        remote = address or f"unknown-{root}"
        answered = cited_ids(self._message, "In-Reply-To")
        parts = tuple(contents.parts) or (Text(text=""),)
        body = MessageCreated(
            remote=self._id,
            parts=parts,
            forward=forwarded(self._message, parts) if forward else None,
            answers=Quote(remote=answered[0]) if answered else None,
            subject=subject,
            recipients=self._recipients(address),
            automatic=automatic(self._message, address, self._account),
            protection=contents.protection,
        )
        inbound = self._inbound(
            thread=thread_of(root, remote),
            actor=Actor(
                kind=ActorKind.CUSTOMER,
                remote=remote,
                name=sender.name if sender else "",
                handle=address,
                level=self._delivered.opinion.level,
                evidence=self._evidence(),
            ),
            body=body,
            title=topic(subject),
            exchange=root,
            claims=cited_number(subject),
            context=self._context(address, subject),
            lost=(*self._lost, *contents.lost),
        )
        return Normalised(events=(inbound,), blobs=contents.blobs)

    def _subject(self) -> str:
        whole = header(self._message, "Subject")
        if len(whole) > SUBJECT_LENGTH_MAX:
            self._lost.append("the end of a very long subject")
        return whole[:SUBJECT_LENGTH_MAX].rstrip()

    def _answering(self, subject: str) -> Answering | None:
        """Whether it answers a mail; None if it passes one on."""
        about = topic(subject)
        if is_forward(about):
            return None
        named = cited_ids(self._message, "In-Reply-To") or cited_ids(self._message, "References")
        return Answering(self._account.address, bool(named) or is_answer(subject))

    def _written_by_us(self, sender: Mailbox | None) -> Normalised:
        """What one of us sent with another mail program: our message in the conversation with its
        first recipient.
        """
        own = sender or Mailbox(self._account.address, self._account.name)
        for first in self._recipients(own.address)[:1]:
            as_theirs = self._written(Mailbox(first.address, first.name))
            [event] = as_theirs.events
            staff = Actor(kind=ActorKind.STAFF, remote=own.address, name=own.name)
            ours = msgspec.structs.replace(event, actor=staff, customer=event.actor)
            return Normalised(events=(ours,), blobs=as_theirs.blobs)
        return Normalised(events=())

    def _evidence(self) -> str:
        found = (self._delivered.opinion.evidence, IN_JUNK if self._delivered.junk else "")
        return "; ".join(filter(None, found))

    def _reported(self, report: Report, sender: Mailbox | None) -> Normalised:
        """An event for each whom it is about."""
        proof = report.proof
        actor = Actor(kind=ActorKind.PLATFORM, remote=sender.address if sender else "reporter")
        events = [
            self._inbound(
                thread=thread_of(proof.ours.root, proof.address),
                actor=actor,
                body=DeliveryReported(
                    remote=proof.remote,
                    state=outcome.state,
                    reason=outcome.reason,
                    recipient=outcome.recipient,
                    message=message_of(proof.ours.token),
                ),
                lost=tuple(self._lost),
            )
            for outcome in report.outcomes
        ]
        return Normalised(events=tuple(_numbered(event, n) for n, event in enumerate(events)))

    def _inbound(
        self,
        *,
        thread: str,
        actor: Actor,
        body: Body,
        lost: tuple[str, ...],
        title: str = "",
        exchange: str = "",
        claims: str = "",
        context: dict[str, str] | None = None,
    ) -> Inbound:
        received_at = self._delivered.received_at
        return Inbound(
            id=self._delivered.event,
            thread=ThreadRef(channel=CHANNEL, account=self._account.name, thread=thread),
            dedup=dedup_of(self._id, self._message, self._author.address),
            actor=actor,
            body=body,
            origin=self._delivered.origin,
            occurred_at=min(sent_at(self._message) or received_at, received_at),
            received_at=received_at,
            title=title,
            exchange=exchange,
            claims=claims,
            context=context or {},
            lost=tuple(dict.fromkeys(lost)),
            raw=f"blob:{self._raw_sha256}",
        )

    def _recipients(self, sender: str) -> tuple[Recipient, ...]:
        """Who else it is addressed to: nobody twice, neither the sender nor us."""
        found: dict[str, Recipient] = {}
        for name, role in (("To", RecipientRole.TO), ("Cc", RecipientRole.CC)):
            for mailbox in people(self._message, name):
                if len(found) < RECIPIENTS_MAX and not self._is_ours(mailbox.address):
                    one = Recipient(address=mailbox.address, name=mailbox.name, role=role)
                    found.setdefault(mailbox.address, one)
        found.pop(sender, None)
        return tuple(found.values())

    def _is_ours(self, address: str) -> bool:
        """The mailbox's own address, or a signed one that leads to it."""
        own, secret = self._account.address, self._account.secret
        return address == own or bool(verify_reply_address(address, secret=secret, address=own))

    def _is_own_returning(self, sender: Mailbox | None) -> bool:
        """We wrote it: our address, and an id that only we can sign for one of its recipients."""
        if sender is None or sender.address != self._account.address:
            return False
        return is_our_own(self._message, self._id, self._account.secret)

    def _context(self, sender: str, subject: str) -> dict[str, str]:
        """What the answer will need: what it answers, under which subject, and where it goes."""
        chain = capped(
            (*cited_ids(self._message, "References"), *cited_ids(self._message, "In-Reply-To")),
            self._account.limits.references_max,
        )
        while sum(map(len, chain)) > CONTEXT_REFERENCES_LENGTH_MAX:
            chain = chain[1:]
        context = {
            "message_id": self._id if not self._id.startswith(MADE) else "",
            "references": " ".join(chain),
            "subject": topic(subject),
            "reply_to": self._reply_to(sender),
            "raw": self._raw_sha256,
        }
        return {name: value for name, value in context.items() if value}

    def _reply_to(self, sender: str) -> str:
        """Another address of the sender's own organisation. Any other is only named, and any that
        is proven not to be the sender's wish: a forged mail would fetch the answer.
        """
        if self._delivered.sent_by_us:
            return ""
        forged = self._delivered.opinion.level is SenderLevel.FAILED
        for mailbox in people(self._message, "Reply-To")[:1]:
            if mailbox.address == sender:
                continue
            if sender and not forged and same_organisation(mailbox.address, sender):
                return mailbox.address
            self._lost.append(f"Reply-To {mailbox.address}: answers go to the sender's address")
        return ""


def _numbered(event: Inbound, n: int) -> Inbound:
    """One of several events of one mail."""
    if n == 0:
        return event
    return replace(event, id=EventId(f"{event.id}-{n}"), dedup=f"{event.dedup}-{n}")
