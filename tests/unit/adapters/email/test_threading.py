"""Whose conversation a mail belongs to; above all, whose it does not."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from adapters.email.account import Account, Delivered
from adapters.email.identifiers import capped, own_message_id, verify_own
from adapters.email.incoming.normalise import normalise
from core.model.event import Inbound
from core.model.ids import EventId

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
SECRET = b"k" * 32
ACCOUNT = Account(name="support", address="support@acme.example", secret=SECRET)
INES, EVE = "ines@kunde.example", "eve@evil.example"
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


@given(st.text(max_size=200))
def test_no_text_passes_for_our_id(text: str) -> None:
    assert verify_own(text, secret=SECRET, recipient=INES) is None


def thread(
    sender: str, *, in_reply_to: str = "", references: str = "", message_id: str = "<new@x.example>"
) -> str:
    return read(
        mail(sender, in_reply_to=in_reply_to, references=references, message_id=message_id)
    ).thread.thread


def mail(
    sender: str,
    *,
    in_reply_to: str = "",
    references: str = "",
    message_id: str = "<new@x.example>",
    to: str = "support@acme.example",
) -> bytes:
    headers = {
        "From": sender,
        "To": to,
        "Message-ID": message_id,
        "In-Reply-To": in_reply_to,
        "References": references,
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    return "\n".join((*lines, "", "text")).encode()


def read(raw: bytes) -> Inbound:
    event = normalise(raw, ACCOUNT, DELIVERED).events[0]
    assert event is not None
    return event
