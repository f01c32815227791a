"""Whose conversation a mail belongs to; above all, whose it does not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.account import Account, Delivered
from adapters.email.identifiers import (
    capped,
    own_marker,
    own_message_id,
    reply_address,
    root_of,
    verify_own,
)
from adapters.email.incoming.normalise import normalise
from core.model.content import Forward
from core.model.event import Inbound, MessageCreated
from core.model.ids import EventId

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
SECRET = b"k" * 32
ACCOUNT = Account(name="support", address="support@acme.example", secret=SECRET)
INES, PAUL, EVE = "ines@kunde.example", "paul@kunde.example", "eve@evil.example"
ROOT = "0123456789abcdef"
OURS = own_message_id(
    secret=SECRET, root=ROOT, token="01k9aaa", recipient=INES, domain="acme.example"
)


def test_an_answer_to_our_mail_joins_its_thread() -> None:
    assert thread(INES, in_reply_to=OURS) == f"{ROOT}/{INES}"


def test_our_id_further_back_in_the_references_is_found() -> None:
    """The customer answers their own mail, or a mailer drops In-Reply-To."""
    found = thread(INES, references=f"<other@kunde.example> {OURS} <later@kunde.example>")

    assert found == f"{ROOT}/{INES}"


def test_a_stranger_who_cites_our_id_gets_a_thread_of_their_own() -> None:
    """A forwarded mail hands out our ids: they open nobody's conversation."""
    found = thread(EVE, in_reply_to=OURS, references=OURS)

    assert found.endswith(f"/{EVE}")
    assert ROOT not in found


def test_a_changed_signature_is_no_signature() -> None:
    forged = OURS.replace(".01k9aaa.", ".01k9bbb.")

    assert verify_own(forged, secret=SECRET, recipient=INES) is None
    assert not thread(INES, in_reply_to=forged).startswith(ROOT)


def test_a_mailer_that_changes_the_case_of_ids_is_forgiven() -> None:
    assert thread(INES, in_reply_to=OURS.upper()) == f"{ROOT}/{INES}"


def test_the_first_reference_names_the_thread_when_nothing_is_ours() -> None:
    """Their own exchange, of which we see every mail or only some."""
    first = thread(INES, message_id="<a@kunde.example>")
    second = thread(INES, in_reply_to="<a@kunde.example>", references="<a@kunde.example>")
    third = thread(
        INES, in_reply_to="<b@kunde.example>", references="<a@kunde.example> <b@kunde.example>"
    )

    assert first == second == third


def test_the_answered_mail_names_the_thread_when_there_are_no_references() -> None:
    assert thread(INES, message_id="<a@kunde.example>") == thread(
        INES, in_reply_to="<a@kunde.example>"
    )


def test_two_mails_that_cite_nothing_are_two_threads() -> None:
    assert thread(INES, message_id="<a@x.example>") != thread(INES, message_id="<b@x.example>")


def test_people_who_answer_one_newsletter_are_not_merged() -> None:
    """They share the id that they answer, and nothing else."""
    one = thread(INES, in_reply_to="<news@shop.example>")
    other = thread(EVE, in_reply_to="<news@shop.example>")

    assert one != other


def test_our_own_mail_coming_back_is_no_event() -> None:
    """A loop, or a mailbox that gets a copy of everything: never a new conversation."""
    raw = mail("support@acme.example", message_id=OURS, to=INES)

    assert normalise(raw, ACCOUNT, DELIVERED).events == ()


def test_a_mail_under_our_address_without_our_signature_is_shown() -> None:
    """A web form that sends as us, or somebody who pretends: an agent should see either."""
    event = read(mail("support@acme.example", message_id="<form@acme.example>", to="x@y.example"))

    assert event.actor.remote == "support@acme.example"


def test_a_chain_of_references_keeps_its_first_and_its_newest() -> None:
    chain = [f"<{number}@x>" for number in range(50)]

    kept = capped(chain, 20)

    assert len(kept) == 20
    assert kept[0] == "<0@x>"
    assert kept[1:] == tuple(chain[-19:])


def test_who_was_copied_and_answers_all_claims_the_exchange() -> None:
    """Their answer belongs to what was said, in a thread of their own."""
    event = read(mail(PAUL, in_reply_to=OURS, to=f"support@acme.example, {INES}"))

    assert event.thread.thread == f"{ROOT}/{PAUL}"
    assert event.exchange == ROOT


def test_who_was_copied_and_answers_only_us_claims_it_too() -> None:
    """Our answer's chain begins with the customer's own mail, which named the exchange."""
    first = read(mail(INES, message_id="<a@kunde.example>"))
    ours = own_message_id(
        secret=SECRET, root=first.exchange, token="t", recipient=INES, domain="acme.example"
    )

    copied = read(mail(PAUL, in_reply_to=ours, references=f"<a@kunde.example> {ours}"))

    assert copied.exchange == first.exchange
    assert copied.thread.thread == f"{first.exchange}/{PAUL}"


def test_an_id_signed_for_the_sender_goes_before_one_signed_for_somebody_named() -> None:
    own = own_message_id(
        secret=SECRET, root="f" * 16, token="t", recipient=PAUL, domain="acme.example"
    )

    event = read(mail(PAUL, in_reply_to=OURS, references=f"{own} {OURS}", to=INES))

    assert event.exchange == "f" * 16


@pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"])
def test_a_signed_address_goes_before_all_ids(header: str) -> None:
    """Some providers give our mails other Message-IDs: what answers cite says nothing to us."""
    written_to = reply_address(secret=SECRET, root=ROOT, address=ACCOUNT.address)
    raw = f"{header}: {written_to.upper()}\n".encode() + mail(INES, references="<x@x.example>")

    event = read(raw)

    assert event.thread.thread == f"{ROOT}/{INES}"
    assert isinstance(event.body, MessageCreated)
    assert event.body.recipients == ()


@pytest.mark.parametrize("prefix", ["", "x_", "m_-314gmail-"])
def test_a_quoted_mark_of_ours_names_the_exchange(prefix: str) -> None:
    """Where a provider gave our mail another id, and the customer's mailer cites that one only."""
    marker = own_marker(secret=SECRET, root=ROOT, recipient=INES)
    html = f'<p>Thanks</p><blockquote><div class="{prefix}{marker}">Hello</div></blockquote>'

    assert marked(INES, html) == f"{ROOT}/{INES}"
    assert ROOT not in marked(EVE, html)


def test_an_address_that_is_too_long_is_left_as_it_is() -> None:
    """Servers refuse local parts of more than 64 characters."""
    long = "customer-care-and-complaints-desk@acme.example"

    assert reply_address(secret=SECRET, root=ROOT, address=long) == long


def test_an_orphan_and_the_answers_to_it_are_one_exchange() -> None:
    """Their first mails went elsewhere; we see the third, and what follows it."""
    before = "<a@kunde.example> <b@kunde.example>"
    orphan = read(mail(INES, message_id="<c@kunde.example>", references=before))

    later = read(
        mail(PAUL, in_reply_to="<c@kunde.example>", references=f"{before} <c@kunde.example>")
    )

    assert orphan.exchange == later.exchange


@pytest.mark.parametrize("mark", ["Fwd:", "FW:", "WG:", "TR:", "RV:", "转发：", "Пересл:"])
def test_a_forwarded_mail_begins_an_exchange_of_its_own(mark: str) -> None:
    """It cites what is passed on: filing it there would show it to the wrong people."""
    event = read(mail(INES, in_reply_to=OURS, references=OURS, subject=f"{mark} Invoice"))

    assert event.exchange not in {ROOT, root_of(OURS)}
    assert isinstance(event.body, MessageCreated)
    assert event.body.forward is not None


def test_an_answer_about_a_forwarded_mail_stays_where_that_is() -> None:
    event = read(mail(INES, in_reply_to=OURS, subject="Re: Fwd: Invoice"))

    assert event.exchange == ROOT


@pytest.mark.parametrize(
    ("text", "forward"),
    [
        (
            "See below.\n\n---------- Forwarded message ---------\nFrom: Paul B <paul@b.example>\n"
            "Date: Fri, 21 Nov 2025\nSubject: Bill\nTo: <ines@kunde.example>\n\nHello",
            Forward(name="Paul B", remote="paul@b.example"),
        ),
        (
            "Von: Paul B [mailto:paul@b.example]\nGesendet: Freitag\nAn: Ines\nBetreff: Rechnung\n",
            Forward(name="Paul B", remote="paul@b.example"),
        ),
        (
            "发件人： 保罗\n发送时间： 2025年11月21日\n收件人： Ines\n主题： 账单",
            Forward(name="保罗"),
        ),
        ("From: here on it is all mine.\nNo headers follow.", Forward()),
        ("Nothing said.", Forward()),
    ],
)
def test_whose_mail_was_passed_on_is_named(text: str, forward: Forward) -> None:
    """The agent has to know that these are not the customer's words."""
    event = read(mail(INES, subject="Fwd: Invoice", text=text))

    assert isinstance(event.body, MessageCreated)
    assert event.body.forward == forward


def test_an_enclosed_mail_names_its_author() -> None:
    raw = (
        b"From: ines@kunde.example\nSubject: Fwd: Bill\n"
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nSee the mail.\n--b\n'
        b"Content-Type: message/rfc822\n\nFrom: Paul B <paul@b.example>\n"
        b"Date: Fri, 21 Nov 2025 09:00:00 +0000\nSubject: Bill\n\nHello\n--b--\n"
    )

    event = read(raw)

    assert isinstance(event.body, MessageCreated)
    assert event.body.forward == Forward(
        name="Paul B", remote="paul@b.example", at=datetime(2025, 11, 21, 9, tzinfo=UTC)
    )


def test_a_changed_subject_keeps_the_thread_and_gives_a_new_title() -> None:
    """Answers go out under what the customer calls it now."""
    event = read(mail(INES, in_reply_to=OURS, subject="Re: Now something else [T-KRVN-P]"))

    assert event.exchange == ROOT
    assert event.title == event.context["subject"] == "Now something else"
    assert event.claims == "T-KRVN-P"


@pytest.mark.parametrize(
    "listed",
    [
        "List-Id: Group <group.lists.example>\nReply-To: {person}",
        "List-Id: <support.acme.example>\nX-Original-From: {person}\nReply-To: group@lists.example",
        "List-Post: <mailto:group@lists.example>\nReply-To: {person}, group@lists.example",
    ],
)
def test_people_behind_a_lists_own_address_are_kept_apart(listed: str) -> None:
    """Lists write as themselves for authors whose domain allows nobody else: one address, many
    people.
    """
    events = [
        read(
            listed.format(person=person).encode()
            + b"\n"
            + mail(f'"{name} via Group" <group@lists.example>', references="<a@lists.example>")
        )
        for name, person in (("Ines", INES), ("Paul", PAUL))
    ]

    assert [(event.actor.remote, event.actor.name) for event in events] == [
        (INES, "Ines"),
        (PAUL, "Paul"),
    ]
    assert events[0].thread != events[1].thread
    assert events[0].exchange == events[1].exchange


@given(st.text(max_size=200))
def test_no_text_passes_for_our_id(text: str) -> None:
    assert verify_own(text, secret=SECRET, recipient=INES) is None


def thread(
    sender: str, *, in_reply_to: str = "", references: str = "", message_id: str = "<new@x.example>"
) -> str:
    return read(
        mail(sender, in_reply_to=in_reply_to, references=references, message_id=message_id)
    ).thread.thread


def marked(sender: str, html: str) -> str:
    kind = "Content-Type: text/html"
    head = mail(sender, in_reply_to="<given@ses.example>", text="").decode().rstrip("\n")
    return read(f"{head}\n{kind}\n\n{html}".encode()).thread.thread


def mail(
    sender: str,
    *,
    in_reply_to: str = "",
    references: str = "",
    message_id: str = "<new@x.example>",
    to: str = "support@acme.example",
    subject: str = "",
    text: str = "text",
) -> bytes:
    headers = {
        "From": sender,
        "To": to,
        "Subject": subject,
        "Message-ID": message_id,
        "In-Reply-To": in_reply_to,
        "References": references,
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    return "\n".join((*lines, "", text)).encode()


def read(raw: bytes) -> Inbound:
    event = normalise(raw, ACCOUNT, DELIVERED).events[0]
    assert event is not None
    return event
