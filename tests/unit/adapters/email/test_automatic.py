"""Machines' mail: told apart from people's, because it must not reopen or be answered."""

from datetime import UTC, datetime

import pytest

from adapters.email.account import Account, Delivered
from adapters.email.identifiers import own_message_id
from adapters.email.incoming.normalise import normalise
from core.model.event import MessageCreated
from core.model.ids import EventId
from core.model.message import Automatic

SECRET = b"k" * 32
ACCOUNT = Account(name="support", address="support@acme.example", secret=SECRET)
INES = "ines@kunde.example"
OURS = own_message_id(
    secret=SECRET, root="0123456789abcdef", token="01k9aaa", recipient=INES, domain="acme.example"
)

ABSENCES = {
    "Exchange": (
        "X-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: ines@kunde.example\n"
        "Auto-Submitted: auto-generated"
    ),
    "Exchange, by its subject": (
        "X-Auto-Response-Suppress: DR, OOF, AutoReply\nSubject: Automatic reply: your order"
    ),
    "Sieve": "Auto-Submitted: auto-replied (vacation)\nSubject: Auto: Ihre Bestellung",
    "Zimbra": "Auto-Submitted: auto-replied (zimbra; vacation)\nPrecedence: bulk",
    "iCloud": 'Auto-Submitted: auto-replied; owner-email="ines@kunde.example"',
    "Gmail": "X-Autoreply: yes\nPrecedence: bulk\nAuto-Submitted: auto-replied\nSubject: Re: Hallo",
    "German": "Auto-Submitted: auto-replied\nSubject: =?utf-8?q?Nicht_im_B=C3=BCro?= bis Montag",
    "Russian": "Auto-Submitted: auto-replied\nSubject: =?utf-8?b?0JDQstGC0L7QvtGC0LLQtdGC?=: order",
    "Chinese": "Auto-Submitted: auto-replied\nSubject: =?utf-8?b?6Ieq5Yqo5Zue5aSN?=: order",
}
ANSWERS = {
    "a desk's receipt": "Auto-Submitted: auto-replied\nSubject: We have received your mail",
    "an old responder": "Precedence: bulk\nIn-Reply-To: <a@acme.example>",
    "another": "X-Autorespond: your mail",
    "a third": "Precedence: auto_reply",
    "one that wants no bounces": "Return-Path: <>",
    "what we wrote, come back": f"Message-ID: {OURS}\nTo: {INES}",
}
BULK = {
    "a newsletter": "List-Unsubscribe: <https://news.example/out>\nPrecedence: bulk",
    "a list": "List-Id: <talk.lists.example>\nPrecedence: list",
    "a notification": "Auto-Submitted: auto-generated",
    "a web form": "Auto-Submitted: auto-generated\nReply-To: mia@haus.example",
}
PEOPLE = {
    "nothing said": "Subject: Hallo",
    "said to be no machine": "Auto-Submitted: no",
    "a customer of Proton": "Feedback-ID: 12345678:user:proton",
    "a customer of Fastmail": "Feedback-ID: i56a146a5:Fastmail",
    "passed on by procmail": "X-Loop: ines@kunde.example",
    "away, in person": "Subject: I am out of the office from Monday, please hurry",
    "a list's member who answers us": f"In-Reply-To: {OURS}\nList-Id: <talk.lists.example>",
    "a provider's footer": f"In-Reply-To: {OURS}\nList-Unsubscribe: <https://free.example>",
    "a reply all to two": f"To: {INES}, support@acme.example\nMessage-ID: <x@kunde.example>",
}


@pytest.mark.parametrize("headers", ABSENCES.values(), ids=ABSENCES)
def test_an_out_of_office_notice_is_one(headers: str) -> None:
    assert kind_of(headers) is Automatic.ABSENCE


@pytest.mark.parametrize("headers", ANSWERS.values(), ids=ANSWERS)
def test_an_answering_machine_is_one(headers: str) -> None:
    """Two of them that take each other for people write for ever."""
    assert kind_of(headers) is Automatic.REPLY


@pytest.mark.parametrize("headers", BULK.values(), ids=BULK)
def test_what_goes_to_many_or_comes_from_a_program_is_bulk(headers: str) -> None:
    assert kind_of(headers) is Automatic.BULK


@pytest.mark.parametrize("headers", PEOPLE.values(), ids=PEOPLE)
def test_a_person_is_a_person(headers: str) -> None:
    """A mistake here would leave a customer's question where nobody looks."""
    assert kind_of(headers) is Automatic.NO


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("MAILER-DAEMON@mx.kunde.example", Automatic.REPORT),
        ("postmaster@kunde.example", Automatic.REPORT),
        ("noreply@shop.example", Automatic.BULK),
        ("orders-no-reply@shop.example", Automatic.BULK),
        ("do_not_reply@shop.example", Automatic.BULK),
        ("bounces+17=x@shop.example", Automatic.BULK),
        ("support@acme.example", Automatic.BULK),
        ("noreplica@kunde.example", Automatic.NO),
        ("postmasterson@kunde.example", Automatic.NO),
        ("bouncer@club.example", Automatic.NO),
    ],
)
def test_some_addresses_are_nobodys(sender: str, kind: Automatic) -> None:
    assert kind_of("Subject: Hallo", sender) is kind


def test_a_list_that_cites_what_we_wrote_to_somebody_else_is_a_list() -> None:
    """Only for whom the id was signed does it speak."""
    headers = f"In-Reply-To: {OURS}\nList-Id: <talk.lists.example>"

    assert kind_of(headers, "otto@kunde.example") is Automatic.BULK


def kind_of(headers: str, sender: str = INES) -> Automatic:
    raw = f"From: {sender}\n{headers}\n\nHallo\n".encode()
    delivered = Delivered(event=EventId("E"), received_at=datetime(2025, 11, 21, tzinfo=UTC))
    (event,) = normalise(raw, ACCOUNT, delivered).events
    assert isinstance(event.body, MessageCreated)
    return event.body.automatic
