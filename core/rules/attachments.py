"""Where the bytes of a message's attachments are, and what follows when they cannot be had."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from core.errors import (
    DeliveryError,
    NotFound,
    Refused,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from core.model.content import Attachment, AttachmentState, Card, Media, Part
from core.model.message import Message

REASON_MAX: Final = 500
ATTEMPTS_MAX: Final = 40
"""Then an attachment has failed that could not be had "just now" each time: after half an hour."""

WAITS_SECONDS: Final = (1.0, 3.0, 10.0, 30.0, 60.0)
"""Waits after the first, second ... failed attempt; the last one repeats. What comes later in the
same thread waits so long, too.
"""


def attachments_of(parts: tuple[Part, ...]) -> Iterator[Attachment]:
    for part in parts:
        if isinstance(part, Media):
            yield part.attachment
        elif isinstance(part, Card) and part.image:
            yield part.image


def is_wanted(attachment: Attachment) -> bool:
    """Whether its bytes are to be had and are not here."""
    waiting = attachment.state in (AttachmentState.REMOTE, AttachmentState.FETCHING)
    return waiting and bool(attachment.remote) and not attachment.sha256


def wants_bytes(message: Message, before: Message | None = None) -> bool:
    """Whether a message has attachments to be fetched that it did not have before."""
    wanted = [one.id for one in attachments_of(message.parts) if is_wanted(one)]
    if not wanted:  # as in most messages, and every one is asked about
        return False
    known = {one.id for one in attachments_of(before.parts)} if before else set()
    return not known.issuperset(wanted)


def find(message: Message | None, attachment_id: str) -> Attachment | None:
    found = attachments_of(message.parts) if message else iter(())
    return next((one for one in found if one.id == attachment_id), None)


def with_attachment(message: Message, attachment: Attachment) -> Message | None:
    """The message with what is known now of one of its attachments; None if nothing changes: it is
    no longer there, or what became of it is settled.
    """
    now = find(message, attachment.id)
    if now is None or now == attachment or not is_wanted(now):
        return None
    return replace(message, parts=tuple(_with(part, attachment) for part in message.parts))


def after_failure(attachment: Attachment, error: DeliveryError | Refused) -> Attachment:
    """The attachment after an attempt to fetch it. In FETCHING another attempt follows."""
    attempts = attachment.attempts + 1
    match error:
        case NotFound():
            state = AttachmentState.EXPIRED
        case TemporaryDeliveryError() | UnknownOutcome() if attempts < ATTEMPTS_MAX:
            state = AttachmentState.FETCHING
        case _:
            state = AttachmentState.FAILED
    reason = " ".join(str(error).split())[:REASON_MAX]
    return replace(attachment, state=state, attempts=attempts, reason=reason)


def _with(part: Part, attachment: Attachment) -> Part:
    match part:
        case Media(attachment=own) if own.id == attachment.id:
            return replace(part, attachment=attachment)
        case Card(image=own) if own and own.id == attachment.id:
            return replace(part, image=attachment)
        case _:
            return part
