"""Delivery reports: believed when they enclose a mail that we signed, shown as mail otherwise."""

from datetime import UTC, datetime

import pytest

from adapters.email.account import Account, Delivered
from adapters.email.identifiers import own_message_id
from adapters.email.incoming.normalise import normalise
from core.model.event import ActorKind, DeliveryReported, Inbound, MessageCreated
from core.model.ids import EventId
from core.model.message import Automatic, DeliveryState

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
SECRET = b"k" * 32
ACCOUNT = Account(name="support", address="support@acme.example", secret=SECRET)
ROOT = "0123456789abcdef"
OURS = own_message_id(
    secret=SECRET, root=ROOT, token="01k9aaa", recipient="ines@kunde.example", domain="acme.example"
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

Final-Recipient: rfc822; ines@kunde.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 No such user
    here

--cut
Content-Type: {enclosed}

From: support@acme.example
To: {to}
Message-ID: {message_id}

--cut--
"""


@pytest.mark.parametrize(
    ("action", "status", "state"),
    [
        ("failed", "5.1.1", DeliveryState.FAILED),
        ("delayed", "4.4.1", DeliveryState.SENT),
        ("delivered", "2.0.0", DeliveryState.DELIVERED),
    ],
)
def test_a_report_about_our_mail_says_what_became_of_it(
    action: str, status: str, state: DeliveryState
) -> None:
    event = read(action=action, status=status)

    assert event.thread.thread == f"{ROOT}/ines@kunde.example"
    assert event.actor.kind is ActorKind.PLATFORM
    assert isinstance(event.body, DeliveryReported)
    assert (event.body.remote, event.body.state) == (OURS, state)
    assert event.body.reason == f"{action} {status} 550 5.1.1 No such user here"


def test_headers_alone_are_enough() -> None:
    """Many servers return no more than these."""
    event = read(enclosed="text/rfc822-headers")

    assert isinstance(event.body, DeliveryReported)


def test_the_recipient_of_the_report_serves_when_the_mail_names_none() -> None:
    event = read(to="undisclosed-recipients:;")

    assert isinstance(event.body, DeliveryReported)


def test_a_forged_report_is_a_mail_like_any_other() -> None:
    """Anybody can write a bounce; nobody else can sign our ids."""
    event = read(message_id=OURS.replace("01k9aaa", "01k9bbb"))

    assert isinstance(event.body, MessageCreated)
    assert event.body.automatic is Automatic.REPORT


def read(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    enclosed: str = "message/rfc822",
    to: str = "ines@kunde.example",
    message_id: str = OURS,
) -> Inbound:
    raw = REPORT.format(
        action=action, status=status, enclosed=enclosed, to=to, message_id=message_id
    ).encode()
    event = normalise(raw, ACCOUNT, DELIVERED).events[0]
    assert event is not None
    return event
