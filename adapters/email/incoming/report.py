"""Delivery reports (RFC 3464) and read receipts (RFC 8098): what became of a mail that we sent.

A report is believed only when an id is found in it which we signed for the one whom it is about, or
whose mail was copied to them; anybody can write a bounce. What is not believed is a mail like any
other.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from adapters.email.account import Account
from adapters.email.addresses import mailboxes, normalise_address
from adapters.email.identifiers import MESSAGE_ID, RECIPIENT_HEADER, OurId, verify_own
from adapters.email.incoming import bounces
from adapters.email.incoming.threading import signed_recipients
from adapters.email.mime.message import Message, cut_blocks
from adapters.email.mime.parse import children, content, content_type, parse, unfolded, walk
from core.model.message import DeliveryState

DEPTH_MAX: Final = 5
RECIPIENTS_MAX: Final = 50
REASON_LENGTH_MAX: Final = 300
STATES: Final = {
    "failed": DeliveryState.FAILED,
    "delayed": DeliveryState.SENDING,
    "relayed": DeliveryState.SENT,
    "expanded": DeliveryState.DELIVERED,
    "delivered": DeliveryState.DELIVERED,
}
WORST_FIRST: Final = tuple(STATES.values())
STATUS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
RECEIPT: Final = frozenset(
    {"message/disposition-notification", "message/global-disposition-notification"}
)
MAIL: Final = frozenset(
    {
        *("message/rfc822", "message/global"),
        *("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"),
    }
)


class Proof(NamedTuple):
    """An id of ours (`remote`), and the person for whom it was signed."""

    ours: OurId
    remote: str
    address: str


class Outcome(NamedTuple):
    """`recipient`: who got a copy; "" for the person of the thread."""

    recipient: str
    state: DeliveryState
    reason: str


class Report(NamedTuple):
    """What became of one mail of ours, a line for each whom it is about."""

    proof: Proof
    outcomes: tuple[Outcome, ...]


class _Parts(NamedTuple):
    """What a report consists of."""

    status: list[Message]
    receipt: Message | None
    enclosed: Message | None


def delivery_report(message: Message, sender: str, account: Account) -> Report | None:
    """The report about one of our mails, or None: then it is a mail like any other.

    `sender` is the From address, "" if there is none.
    """
    if content_type(message) == "multipart/report":
        parts = _taken_apart(message)
        if parts.receipt is not None:
            return _receipt(parts, sender, account)
        if parts.status:
            return _report(message, parts, account)
    return _guessed(message, sender, account)


def _taken_apart(message: Message) -> _Parts:
    status: list[Message] = []
    receipt: Message | None = None
    enclosed: Message | None = None
    for node in walk(message, DEPTH_MAX):
        kind = content_type(node.part)
        if kind in STATUS:
            status = status or [one for one in _fields(node.part) if one.get("Action")]
        elif kind in RECEIPT:
            receipt = receipt or next(iter(_fields(node.part)), None)
        elif kind in MAIL:
            enclosed = enclosed or _enclosed(node.part)
    return _Parts(status[:RECIPIENTS_MAX], receipt, enclosed)


def _fields(part: Message) -> list[Message]:
    """The groups of fields that a machine-readable part holds."""
    return cut_blocks(content(part)[0], 1 + RECIPIENTS_MAX)


def _enclosed(part: Message) -> Message:
    """A whole mail, or its headers alone."""
    return next(iter(children(part)), None) or parse(content(part)[0])


# --- RFC 3464


def _report(message: Message, parts: _Parts, account: Account) -> Report | None:
    recipients = [_recipient(fields) for fields in parts.status]
    proof = _proof(message, parts.enclosed, recipients, account)
    if proof is None:
        return None
    copied = _copied(parts.enclosed, proof.address)
    outcomes: dict[str, Outcome] = {}
    for recipient, fields in zip(recipients, parts.status, strict=True):
        about = recipient if recipient in copied else ""
        state, reason = _outcome(fields)
        known = outcomes.get(about)
        if known is None or _is_worse(state, known.state):
            outcomes[about] = Outcome(about, state, reason)
    return Report(proof, tuple(outcomes.values()))


def _is_worse(state: DeliveryState, than: DeliveryState) -> bool:
    return WORST_FIRST.index(state) < WORST_FIRST.index(than)


def _copied(enclosed: Message | None, person: str) -> frozenset[str]:
    """To whom else our mail was addressed. It may have gone to the person's Reply-To instead."""
    if enclosed is None:
        return frozenset()
    to, cc = (mailboxes(unfolded(enclosed, name)) for name in ("To", "Cc"))
    instead = to[:1] if enclosed.get(RECIPIENT_HEADER) else ()
    return frozenset(one.address for one in (*to, *cc)) - {
        person,
        *(one.address for one in instead),
    }


def _recipient(fields: Message) -> str:
    """`rfc822; ann@example.test` of a per-recipient block."""
    for name in ("Original-Recipient", "Final-Recipient"):
        address = normalise_address(unfolded(fields, name).rpartition(";")[2].strip(" <>"))
        if address:
            return address
    return ""


def _outcome(fields: Message) -> tuple[DeliveryState, str]:
    action = unfolded(fields, "Action").strip().lower()
    status = unfolded(fields, "Status").strip()
    diagnostic = unfolded(fields, "Diagnostic-Code").partition(";")[2]
    reason = " ".join(_shown((action, status, diagnostic)))
    return STATES.get(action, DeliveryState.FAILED), reason[:REASON_LENGTH_MAX]


def _shown(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        printable = re.sub(r"[^\x20-\x7e]+", " ", value).strip()
        if printable:
            yield " ".join(printable.split())


# --- RFC 8098


def _receipt(parts: _Parts, sender: str, account: Account) -> Report | None:
    """The person has seen our mail, or their program has thrown it away unseen."""
    fields = parts.receipt
    if fields is None:
        return None
    cited = MESSAGE_ID.search(unfolded(fields, "Original-Message-ID"))
    proof = _signed(cited[0] if cited else "", (_recipient(fields), sender), account)
    if proof is None:
        return None
    done = unfolded(fields, "Disposition").rpartition(";")[2].strip().lower()
    state = DeliveryState.READ if done.startswith("displayed") else DeliveryState.DELIVERED
    return Report(proof, (Outcome("", state, ""),))


# --- bounces of mail systems that know neither


def _guessed(message: Message, sender: str, account: Account) -> Report | None:
    """What flufl.bounce makes of it, if the mail quotes an id that proves it."""
    if not bounces.may_be_one(message, sender):
        return None
    found = bounces.failures(message)
    enclosed = _taken_apart(message).enclosed
    proof = _proof(message, enclosed, [*found.permanent, *found.temporary], account)
    if proof is None or not (found.permanent or found.temporary):
        return None
    copied = _copied(enclosed, proof.address)
    outcomes = {}
    for recipients, state in (
        (found.temporary, DeliveryState.SENDING),
        (found.permanent, DeliveryState.FAILED),
    ):
        for recipient in recipients[:RECIPIENTS_MAX]:
            about = recipient if recipient in copied else ""
            outcomes[about] = Outcome(about, state, bounces.reason(message))
    return Report(proof, tuple(outcomes.values()))


# --- why it is believed


def _proof(
    message: Message, enclosed: Message | None, recipients: Iterable[str], account: Account
) -> Proof | None:
    """An id of ours in the mail that is enclosed or, where none is, in the words of the report."""
    persons = [*(signed_recipients(enclosed) if enclosed is not None else ()), *recipients]
    if enclosed is not None and (found := MESSAGE_ID.search(unfolded(enclosed, "Message-ID"))):
        return _signed(found[0], persons, account)
    for quoted in bounces.ids_in(message):
        if proof := _signed(quoted, persons, account):
            return proof
    return None


def _signed(remote: str, persons: Iterable[str], account: Account) -> Proof | None:
    for person in dict.fromkeys(persons):
        ours = verify_own(remote, secret=account.secret, recipient=person) if person else None
        if ours is not None:
            return Proof(ours, remote, person)
    return None
