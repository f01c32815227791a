"""One mailbox as a channel: mail in by IMAP, replies out by SMTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from typing_extensions import override

from adapters.email.account import Account, Delivered
from adapters.email.addresses import normalise_address, organisation_of
from adapters.email.capabilities import capabilities
from adapters.email.earlier import Earlier
from adapters.email.identifiers import root_of, thread_of
from adapters.email.incoming.attachments import bytes_at
from adapters.email.incoming.earlier import earlier_mail
from adapters.email.incoming.normalise import CHANNEL, normalise
from adapters.email.incoming.replaying import BLOB, read_reference
from adapters.email.line.broken import ConnectionBroken
from adapters.email.line.diagnosing import diagnose
from adapters.email.line.examining import Examiner
from adapters.email.line.intake import Intake
from adapters.email.line.oauth import Tokens
from adapters.email.line.sent import SentFolder
from adapters.email.line.smtp import Pool
from adapters.email.line.tls import client_context
from adapters.email.line.transaction import Envelope
from adapters.email.outgoing.render import RenderedMail, attachments_of, message_id_for, render
from adapters.email.settings import EmailSettings
from adapters.email.signing import Signer
from core.errors import (
    ConfigurationError,
    MalformedPayload,
    NotFound,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from core.ids import new_ulid
from core.model.capabilities import Capabilities
from core.model.content import Attachment
from core.model.ids import EventId, ThreadRef
from core.model.outbound import Outbound, Receipt
from core.ports import (
    Adapter,
    Deliver,
    Diagnoses,
    FetchesAttachments,
    Finding,
    OpenedThread,
    OpensThreads,
    Replayed,
    Replays,
    Surroundings,
)

CHUNK_BYTES = 64 * 1024
MAY_ARRIVE_TWICE = "it was sent again after an attempt that may have arrived: it may arrive twice"
COPIES_NOT_KNOWN = (
    "it was sent when the connection was lost: whether each copy was taken is not known"
)


@contextlib.asynccontextmanager
async def open_adapter(
    settings: EmailSettings, surroundings: Surroundings
) -> AsyncIterator["EmailAdapter"]:
    """The adapter of one mailbox. Connections are opened when they are needed, and closed here.
    Raises ConfigurationError.
    """
    for line in (settings.imap, settings.smtp):
        if line.tls != "none":
            await asyncio.to_thread(client_context, line.ca_file)
    account = Account(
        name=surroundings.account,
        address=settings.mailbox,
        secret=surroundings.secret,
        limits=settings.limits,
        own_hosts=surroundings.own_hosts,
        plus_address=settings.plus_address,
    )
    # The list of public suffixes is read once: now, rather than when the first mail is there.
    await asyncio.to_thread(organisation_of, account.domain)
    tokens = _tokens(settings, surroundings)
    imap_tokens = tokens if settings.imap.password is None else None
    pool = Pool(settings.smtp, tokens)
    sent = SentFolder(settings.imap, account.name, imap_tokens)
    try:
        yield EmailAdapter(settings, account, surroundings, pool, sent, imap_tokens)
    finally:
        await sent.close()
        await pool.close()


class EmailAdapter(Adapter, FetchesAttachments, OpensThreads, Replays, Diagnoses):
    """Made by `open_adapter`."""

    def __init__(
        self,
        settings: EmailSettings,
        account: Account,
        surroundings: Surroundings,
        pool: Pool,
        sent: SentFolder,
        imap_tokens: Tokens | None,
    ) -> None:
        self._settings = settings
        self._account = account
        self._surroundings = surroundings
        self._pool = pool
        self._imap_tokens = imap_tokens
        self._sent = sent
        self._signer = Signer(settings.dkim) if settings.dkim else None

    @property
    @override
    def capabilities(self) -> Capabilities:
        return capabilities(self._settings.limits)

    @override
    async def run(self, deliver: Deliver) -> None:
        intake = Intake(
            self._settings.imap,
            self._account,
            self._surroundings,
            Examiner(self._settings.trust),
            self._imap_tokens,
        )
        await intake.run(deliver)

    @override
    def replay(self, payload: bytes, at: datetime) -> Replayed:
        """Of a mail that is read once more nobody says anew that it comes from who it names."""
        reference = read_reference(payload)
        raw = payload
        if reference:
            try:
                path = self._surroundings.blobs.path(reference.mail.removeprefix(BLOB))
            except NotFound as error:
                raise MalformedPayload(f"the mail itself is gone: {error}") from error
            raw = path.read_bytes()
        delivered = Delivered(
            event=EventId(new_ulid()),
            received_at=at,
            full_size=len(raw),
            junk=reference is not None and reference.junk,
            sent_by_us=reference is not None and reference.sent,
        )
        found = normalise(raw, self._account, delivered)
        return Replayed(events=found.events, files=(raw, *found.blobs.values()))

    @override
    async def diagnose(self) -> tuple[Finding, ...]:
        return await diagnose(self._settings, self._account, self._pool, self._imap_tokens)

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        if outbound.attempted and await self._was_sent(outbound):
            notes = (COPIES_NOT_KNOWN,) if outbound.recipients else ()
            return Receipt(remotes=(message_id_for(outbound, self._account),), notes=notes)
        rendered = await asyncio.to_thread(self._rendered, outbound)
        nobody = rendered.automatic and self._settings.smtp.null_sender_for_automatic
        sender = "" if nobody else self._account.address
        envelope = Envelope(sender, rendered.recipient, rendered.copies)
        try:
            refused = await self._pool.send(envelope, rendered.content)
        except UnknownOutcome as error:
            if outbound.attempted:
                raise UnknownOutcome(f"{error}; {MAY_ARRIVE_TWICE}") from error
            raise
        await self._sent.keep(rendered.message_id, rendered.content)
        twice = (MAY_ARRIVE_TWICE,) if outbound.attempted else ()
        return Receipt(remotes=(rendered.message_id,), notes=(*rendered.notes, *refused, *twice))

    @override
    async def open_thread(self, remote: str, name: str = "") -> OpenedThread:
        """A new exchange with this address, the same for the same name. Nobody is asked: whether
        there is such a mailbox is known when mail to it comes back.

        Raises PermanentDeliveryError for what is no address of somebody else.
        """
        address = normalise_address(remote)
        if address is None or not address.isascii():
            raise PermanentDeliveryError("this is no address of a mailbox", code="nobody")
        if address == self._account.address:
            raise PermanentDeliveryError("this is the inbox's own address", code="nobody")
        root = root_of(f"begun {self._account.address} {address} {name}")
        thread = ThreadRef(
            channel=CHANNEL, account=self._account.name, thread=thread_of(root, address)
        )
        return OpenedThread(thread=thread, remote=address, exchange=root)

    @override
    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The decoded part of the raw mail; the whole mail for a reference without a part."""
        digest, _, number = attachment.remote.partition("#")
        path = self._surroundings.blobs.path(digest)
        data = await asyncio.to_thread(path.read_bytes)
        if number:
            data = await asyncio.to_thread(self._part, data, number)
        for start in range(0, len(data), CHUNK_BYTES):
            yield data[start : start + CHUNK_BYTES]

    def _part(self, raw: bytes, place: str) -> bytes:
        found = bytes_at(raw, place, self._account.limits.depth_max)
        if found is None:
            raise NotFound(f"part {place} of the stored mail does not exist")
        return found

    def _rendered(self, outbound: Outbound) -> RenderedMail:
        now = datetime.now(UTC)
        rendered = render(
            outbound,
            self._account,
            name=self._settings.name,
            at=now,
            files=self._files(outbound),
            earlier=self._earlier(outbound, now) if self._settings.quote_history else None,
        )
        if self._signer is None:
            return rendered
        return rendered._replace(content=self._signer.signed(rendered.content, now))

    def _earlier(self, outbound: Outbound, now: datetime) -> Earlier | None:
        """The mail that is answered, if it is the newest of the thread and still stored."""
        context = outbound.context
        if outbound.answers not in {"", context.get("message_id")} or outbound.piece:
            return None
        try:
            raw = self._surroundings.blobs.path(context.get("raw", "")).read_bytes()
            return earlier_mail(raw, self._account, now=now)
        except (NotFound, MalformedPayload):
            return None

    def _files(self, outbound: Outbound) -> dict[str, bytes]:
        """The attachments' bytes by sha256. A mail is one string of bytes: they have to fit."""
        paths, size = {}, 0
        for attachment in attachments_of(outbound):
            try:
                paths[attachment.sha256] = self._surroundings.blobs.path(attachment.sha256)
            except NotFound as error:
                raise PermanentDeliveryError(
                    f"attachment {attachment.id} is not stored: attach it again", code="attachment"
                ) from error
            size += paths[attachment.sha256].stat().st_size
        allowed = self._settings.limits.outgoing_size_bytes_max
        if size > allowed:
            raise PermanentDeliveryError(
                f"the attachments have {size} bytes, {allowed} are allowed in a mail",
                code="too_large",
            )
        return {digest: path.read_bytes() for digest, path in paths.items()}

    async def _was_sent(self, outbound: Outbound) -> bool:
        """Whether an earlier attempt, whose outcome is unknown, left a copy among the sent mail."""
        try:
            return await self._sent.contains(message_id_for(outbound, self._account))
        except (ConnectionBroken, ConfigurationError) as error:
            raise TemporaryDeliveryError(
                f"cannot look among the sent mail whether {outbound.message} was sent", code="sent"
            ) from error


def _tokens(settings: EmailSettings, surroundings: Surroundings) -> Tokens | None:
    if settings.oauth is None:
        return None
    return Tokens(
        settings.oauth, surroundings.account, surroundings.checkpoints, surroundings.secret
    )
