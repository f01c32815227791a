"""From an outgoing message to the bytes of a mail. Pure: the same arguments give the same bytes."""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from adapters.email.account import Account
from adapters.email.earlier import Earlier
from adapters.email.identifiers import own_marker, own_message_id, taken_apart
from adapters.email.outgoing.body import body
from adapters.email.outgoing.content import content_of
from adapters.email.outgoing.headers import head, is_automatic
from adapters.email.outgoing.markup import document, to_plain
from adapters.email.outgoing.recipients import recipients_of
from core.model.content import Attachment, Media
from core.model.outbound import Outbound

TOKEN = re.compile(r"[0-9a-z]{1,40}")


class RenderedMail(NamedTuple):
    """`recipient` and `copies` are the envelope's; `message_id` is in angle brackets. `notes`, in
    words: what is not as the agent wanted it. `automatic`: a machine of ours wrote it.
    """

    message_id: str
    recipient: str
    content: bytes
    copies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    automatic: bool = False


def render(
    outbound: Outbound,
    account: Account,
    *,
    name: str,
    at: datetime,
    files: Mapping[str, bytes],
    earlier: Earlier | None = None,
) -> RenderedMail:
    """`name` is shown as the sender, `files` holds the attachments' bytes by their sha256,
    `earlier` is quoted below.

    Raises PermanentDeliveryError when there is no address to write to, UnsupportedFeature for
    content that a mail cannot carry.
    """
    recipients = recipients_of(outbound, account)
    message_id = message_id_for(outbound, account)
    seed = sha256(outbound.key.encode()).hexdigest()[:24]
    content = content_of(outbound, account, files, earlier, seed=seed)
    root, _ = taken_apart(outbound.thread.thread)
    marker = own_marker(secret=account.secret, root=root, recipient=recipients.person)
    html = document(content.blocks, content.history, marker=marker)
    plain = to_plain((*content.blocks, *content.history))
    fields = head(outbound, account, recipients, name=name, message_id=message_id, at=at)
    tree = body(plain, html, content.enclosed, seed=seed)
    return RenderedMail(
        message_id=message_id,
        recipient=recipients.to,
        content=fields + tree.content,
        copies=tuple(copy.address for copy in recipients.copies),
        notes=recipients.notes,
        automatic=is_automatic(outbound),
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
