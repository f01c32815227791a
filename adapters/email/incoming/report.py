"""Delivery reports (RFC 3464): what became of a mail that we sent.

A report is believed only when the mail that it encloses carries an id which we signed for the
recipient that it names; anybody can write a bounce.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from adapters.email.addresses import normalise_address
from adapters.email.identifiers import MESSAGE_ID, OurId, verify_own
from adapters.email.incoming.threading import signed_recipients
from adapters.email.mime.message import Message
from adapters.email.mime.parse import children, content_type, parse, text, unfolded, walk
from core.errors import MalformedPayload
from core.model.message import DeliveryState

DEPTH_MAX = 5
STATES = {
    "failed": DeliveryState.FAILED,
    "delivered": DeliveryState.DELIVERED,
    "expanded": DeliveryState.DELIVERED,
    "relayed": DeliveryState.SENT,
    "delayed": DeliveryState.SENT,
}
REASON_LENGTH_MAX = 300


class Report(NamedTuple):
    """`remote` is the Message-ID that we gave, `recipient` the address it was signed for."""

    ours: OurId
    remote: str
    recipient: str
    state: DeliveryState
    reason: str


def delivery_report(message: Message, *, secret: bytes) -> Report | None:
    """The report about one of our mails, or None: then it is a mail like any other."""
    if content_type(message) != "multipart/report":
        return None
    status: list[Message] = []
    enclosed: Message | None = None
    for node in walk(message, DEPTH_MAX):
        kind = content_type(node.part)
        if kind in {"message/delivery-status", "message/global-delivery-status"}:
            status = children(node.part)
        elif kind in {"message/rfc822", "message/global", "text/rfc822-headers"}:
            enclosed = enclosed or _enclosed(node.part)
    return _report(status, enclosed, secret) if enclosed is not None else None


def _report(status: list[Message], enclosed: Message, secret: bytes) -> Report | None:
    found = MESSAGE_ID.search(unfolded(enclosed, "Message-ID"))
    if found is None:
        return None
    recipients = [_recipient(fields) for fields in status]
    for candidate in (*signed_recipients(enclosed), *recipients):
        ours = verify_own(found[0], secret=secret, recipient=candidate)
        if ours is not None:
            about = (fields for fields in status if _recipient(fields) == candidate)
            any_at_all = (fields for fields in status if fields.get("Action"))
            fields = next(about, None) or next(any_at_all, None)
            state, reason = _outcome(fields)
            return Report(ours, found[0], candidate, state, reason)
    return None


def _enclosed(part: Message) -> Message | None:
    inner = children(part)
    if inner:
        return inner[0]
    try:
        return parse(text(part)[0].encode("utf-8", "replace"))
    except MalformedPayload:
        return None


def _recipient(fields: Message) -> str:
    """`rfc822; ann@example.test` of a per-recipient block."""
    for name in ("Original-Recipient", "Final-Recipient"):
        address = normalise_address(unfolded(fields, name).rpartition(";")[2].strip(" <>"))
        if address:
            return address
    return ""


def _outcome(fields: Message | None) -> tuple[DeliveryState, str]:
    if fields is None:
        return DeliveryState.FAILED, "the mail system gave no details"
    action = unfolded(fields, "Action").strip().lower()
    status = unfolded(fields, "Status").strip()
    diagnostic = unfolded(fields, "Diagnostic-Code").rpartition(";")[2]
    reason = " ".join(_shown((action, status, diagnostic)))
    return STATES.get(action, DeliveryState.FAILED), reason[:REASON_LENGTH_MAX]


def _shown(values: tuple[str, ...]) -> Iterator[str]:
    for value in values:
        printable = re.sub(r"[^\x20-\x7e]+", " ", value).strip()
        if printable:
            yield " ".join(printable.split())
