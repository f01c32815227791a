"""Delivery reports: believed when they quote a mail that we signed, shown as mail otherwise."""

import time
from datetime import UTC, datetime

import pytest

from adapters.email.account import Account, Delivered
from adapters.email.identifiers import RECIPIENT_HEADER, own_message_id
from adapters.email.incoming.normalise import normalise
from core.model.event import ActorKind, DeliveryReported, Inbound, MessageCreated
from core.model.ids import EventId
from core.model.message import Automatic, DeliveryState

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
SECRET = b"k" * 32
ACCOUNT = Account(name="support", address="support@acme.example", secret=SECRET)
ROOT, MESSAGE = "0123456789abcdef", "01K9AAA00000000000000000AA"
INES, BO = "ines@kunde.example", "bo@steuer.example"
OURS = own_message_id(
    secret=SECRET, root=ROOT, token=MESSAGE.lower(), recipient=INES, domain="acme.example"
)
REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.acme.example>
To: support@acme.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn-1@mx.acme.example>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut

I'm sorry.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

{blocks}

--cut
Content-Type: {enclosed}

From: support@acme.example
{addressed}
Message-ID: {message_id}

--cut--
"""
RECEIPT = """\
From: Ines <{sender}>
To: support@acme.example
Subject: Gelesen: Ihre Bestellung
Message-ID: <mdn-1@kunde.example>
Content-Type: multipart/report; report-type=disposition-notification; boundary="cut"

--cut

Your message was read.

--cut
Content-Type: message/disposition-notification

Reporting-UA: mail.kunde.example; Reader 1.0
Final-Recipient: rfc822; {sender}
Original-Message-ID: {message_id}
Disposition: manual-action/MDN-sent-manually; {disposition}

--cut--
"""
QMAIL = """\
From: MAILER-DAEMON@mx.kunde.example
To: support@acme.example
Subject: failure notice
Return-Path: <>

Hi. This is the qmail-send program at mx.kunde.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{failed}>:
{words}

--- Below this line is a copy of the message.

Return-Path: <support@acme.example>
From: support@acme.example
To: {failed}
Subject: Ihre Bestellung
Message-ID: {message_id}

Hallo
"""
EXCHANGE = """\
From: System Administrator <postmaster@kunde.example>
To: support@acme.example
Subject: Undeliverable: Ihre Bestellung
Content-Type: multipart/mixed; boundary="cut"

--cut
Content-Type: text/plain

Your message did not reach some or all of the intended recipients.

      Subject:  Ihre Bestellung
      Sent:     21.11.2025 12:00

The mail did not reach the following recipient(s):

{failed} on 21.11.2025 12:00
    Nobody here is called so: 550 5.1.1 unknown user
    MSEXCH:IMS:KUNDE:MX:MX 3550

--cut
Content-Type: message/rfc822

From: support@acme.example
To: {failed}
Message-ID: {message_id}

Hallo
--cut--
"""


@pytest.mark.parametrize(
    ("action", "status", "state"),
    [
        ("failed", "5.1.1", DeliveryState.FAILED),
        ("failed", "4.4.1", DeliveryState.FAILED),
        ("delayed", "4.4.1", DeliveryState.SENDING),
        ("relayed", "2.0.0", DeliveryState.SENT),
        ("expanded", "2.0.0", DeliveryState.DELIVERED),
        ("delivered", "2.0.0", DeliveryState.DELIVERED),
    ],
)
def test_a_report_about_our_mail_says_what_became_of_it(
    action: str, status: str, state: DeliveryState
) -> None:
    (event,) = read(block(action=action, status=status))

    assert event.thread.thread == f"{ROOT}/{INES}"
    assert event.actor.kind is ActorKind.PLATFORM
    told = told_by(event)
    assert (told.remote, told.message, told.state, told.recipient) == (OURS, MESSAGE, state, "")
    assert told.reason == f"{action} {status} 550 5.1.1 No such user here"


@pytest.mark.parametrize("enclosed", ["text/rfc822-headers", "message/global-headers"])
def test_headers_alone_are_enough(enclosed: str) -> None:
    """Many servers return no more than these."""
    assert told_by(read(block(), enclosed=enclosed)[0]).state is DeliveryState.FAILED


def test_the_recipient_of_the_report_serves_when_the_mail_names_none() -> None:
    assert told_by(read(block(), addressed="To: undisclosed-recipients:;")[0]).message == MESSAGE


def test_each_recipient_is_told_of_by_itself() -> None:
    """The customer has the mail; that a copy did not arrive is not their message's failure."""
    person, copy = read(
        f"{block(action='delivered', status='2.0.0')}\n\n{block(BO)}",
        addressed=f"To: {INES}\nCc: Bo <{BO}>",
    )

    assert (told_by(person).recipient, told_by(person).state) == ("", DeliveryState.DELIVERED)
    assert (told_by(copy).recipient, told_by(copy).state) == (BO, DeliveryState.FAILED)
    assert person.thread == copy.thread
    assert (person.id, person.dedup) != (copy.id, copy.dedup)


def test_a_forwarding_that_fails_is_the_persons() -> None:
    """Their provider names an address that we have never heard of."""
    (event,) = read(block("ines.private@mail.example"))

    assert (told_by(event).recipient, told_by(event).state) == ("", DeliveryState.FAILED)


def test_the_worst_of_several_counts() -> None:
    blocks = f"{block('one@x.example', 'delivered')}\n\n{block('two@x.example')}"

    assert [told_by(one).state for one in read(blocks)] == [DeliveryState.FAILED]


def test_a_mail_to_the_persons_other_address_is_the_persons() -> None:
    """It went to their Reply-To, and the report knows only that."""
    (event,) = read(
        block("desk@kunde.example"), addressed=f"To: desk@kunde.example\n{RECIPIENT_HEADER}: {INES}"
    )

    assert event.thread.thread == f"{ROOT}/{INES}"
    assert told_by(event).recipient == ""


def test_a_report_without_the_mail_is_believed_by_the_id_in_its_words() -> None:
    raw = render(block(), enclosed="text/plain")

    assert told_by(normalise(raw, ACCOUNT, DELIVERED).events[0]).state is DeliveryState.FAILED


@pytest.mark.parametrize(
    ("message_id", "addressed"),
    [
        (OURS.replace("01k9aaa", "01k9bbb"), f"To: {INES}"),
        (OURS.replace(ROOT, "f" * 16), f"To: {INES}"),
        (OURS[:-20] + "a" * 6 + OURS[-14:], f"To: {INES}"),
        ("<something@else.example>", f"To: {INES}"),
        ("", f"To: {INES}"),
    ],
    ids=["message", "root", "signature", "foreign", "none"],
)
def test_a_forged_report_is_a_mail_like_any_other(message_id: str, addressed: str) -> None:
    """Anybody can write a bounce; nobody else can sign our ids."""
    (event,) = read(block(), message_id=message_id, addressed=addressed)

    assert isinstance(event.body, MessageCreated)
    assert event.body.automatic is Automatic.REPORT


def test_a_report_about_somebody_else_proves_nothing() -> None:
    """An id that was signed for one person says nothing of another's mail."""
    (event,) = read(block("otto@kunde.example"), addressed="To: otto@kunde.example")

    assert isinstance(event.body, MessageCreated)


# --- read receipts


@pytest.mark.parametrize(
    ("disposition", "state"),
    [
        ("displayed", DeliveryState.READ),
        ("deleted", DeliveryState.DELIVERED),
        ("dispatched/error", DeliveryState.DELIVERED),
    ],
)
def test_a_receipt_of_the_person_is_believed(disposition: str, state: DeliveryState) -> None:
    (event,) = receipt(disposition=disposition)

    told = told_by(event)
    assert (told.state, told.message, told.recipient) == (state, MESSAGE, "")


def test_a_receipt_of_somebody_else_is_a_mail() -> None:
    """Whoever got the mail forwarded has read it; the customer has not."""
    (event,) = receipt(sender="otto@kunde.example")

    assert isinstance(event.body, MessageCreated)


# --- mail systems that know no reports


def test_an_old_bounce_in_words_is_understood() -> None:
    (event,) = bounce(QMAIL)

    told = told_by(event)
    assert (told.state, told.message) == (DeliveryState.FAILED, MESSAGE)
    assert told.reason == "550 5.1.1 sorry, no mailbox here by that name."


def test_exchanges_old_bounces_are_understood() -> None:
    assert told_by(bounce(EXCHANGE)[0]).state is DeliveryState.FAILED


@pytest.mark.parametrize("form", [QMAIL, EXCHANGE], ids=["qmail", "Exchange"])
@pytest.mark.parametrize(
    "message_id",
    [OURS.replace("01k9aaa", "01k9bbb"), "<a@b.example>"],
    ids=["forged", "foreign"],
)
def test_a_bounce_in_words_needs_the_proof_as_well(form: str, message_id: str) -> None:
    (event,) = bounce(form, message_id=message_id)

    assert isinstance(event.body, MessageCreated)
    assert event.body.automatic is Automatic.REPORT


def test_a_bounce_that_returns_a_long_mail_is_understood() -> None:
    (event,) = bounce(QMAIL + "aGVsbG8gd29ybGQ\n" * 20_000)

    assert told_by(event).state is DeliveryState.FAILED


@pytest.mark.parametrize("line", ["a", "a@", "5.1.1 ", "<", '"', "did not reach the following "])
def test_a_bounce_made_to_take_long_does_not(line: str) -> None:
    """One mail must not stop a mailbox."""
    began = time.process_time()

    bounce(QMAIL + line * (1_000_000 // len(line)))

    assert time.process_time() - began < 2


def test_a_person_who_forwards_a_bounce_reports_nothing() -> None:
    """ "Look what I got": it comes from a person, and is theirs."""
    raw = QMAIL.replace("MAILER-DAEMON@mx.kunde.example", INES).replace("Return-Path: <>\n", "")

    (event,) = bounce(raw)

    assert isinstance(event.body, MessageCreated)


def block(recipient: str = INES, action: str = "failed", status: str = "5.1.1") -> str:
    return (
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user\n    here"
    )


def render(
    blocks: str,
    enclosed: str = "message/rfc822",
    addressed: str = f"To: {INES}",
    message_id: str = OURS,
) -> bytes:
    return REPORT.format(
        blocks=blocks, enclosed=enclosed, addressed=addressed, message_id=message_id
    ).encode()


def read(
    blocks: str,
    enclosed: str = "message/rfc822",
    addressed: str = f"To: {INES}",
    message_id: str = OURS,
) -> tuple[Inbound, ...]:
    raw = render(blocks, enclosed, addressed, message_id)
    return normalise(raw, ACCOUNT, DELIVERED).events


def receipt(sender: str = INES, disposition: str = "displayed") -> tuple[Inbound, ...]:
    raw = RECEIPT.format(sender=sender, disposition=disposition, message_id=OURS)
    return normalise(raw.encode(), ACCOUNT, DELIVERED).events


def bounce(form: str, message_id: str = OURS) -> tuple[Inbound, ...]:
    words = "550 5.1.1 sorry, no mailbox here by that name."
    raw = form.format(failed=INES, words=words, message_id=message_id)
    return normalise(raw.encode(), ACCOUNT, DELIVERED).events


def told_by(event: Inbound) -> DeliveryReported:
    assert isinstance(event.body, DeliveryReported)
    return event.body
