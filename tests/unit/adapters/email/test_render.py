"""Replies as mail: readable with and without HTML, in the right thread, nothing smuggled in."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.email.account import Account, Delivered
from adapters.email.identifiers import verify_own
from adapters.email.incoming.normalise import normalise
from adapters.email.mime.html import to_text
from adapters.email.outgoing.markup import NATIVE, Passage, to_html, to_plain
from adapters.email.outgoing.render import RenderedMail, message_id_for, render
from core.errors import PermanentDeliveryError, UnsupportedFeature
from core.model.content import (
    Attachment,
    Location,
    Media,
    MediaKind,
    Part,
    Span,
    Style,
    Text,
)
from core.model.ids import AttachmentId, ConversationId, EventId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
ACCOUNT = Account(name="support", address="support@acme.example", secret=b"k" * 32)
INES = "ines@kunde.example"
DATA = bytes(range(256))
CONTEXT = {
    "message_id": "<q2@kunde.example>",
    "references": "<q1@kunde.example>",
    "subject": "Kühlschrank",
}


def test_a_reply_continues_the_customers_thread() -> None:
    mail = read(written("Hello"))

    assert mail["In-Reply-To"] == "<q2@kunde.example>"
    assert mail["References"].split() == ["<q1@kunde.example>", "<q2@kunde.example>"]
    assert mail["Subject"] == "Re: Kühlschrank [T-7KQ4-M]"
    assert mail["To"] == INES
    assert mail["From"] == "Acme Support <support@acme.example>"
    assert "Auto-Submitted" not in mail


def test_the_customers_answer_to_it_comes_back_into_the_thread() -> None:
    """The whole point of the signed Message-ID."""
    outbound = written("Hello")
    sent = mailed(outbound)
    answer = f"From: {INES}\nMessage-ID: <a@x>\nIn-Reply-To: {sent.message_id}\n\nThanks".encode()

    event = normalise(answer, ACCOUNT, DELIVERED).events[0]

    assert event is not None
    assert event.thread == outbound.thread


def test_every_attempt_has_the_same_id_and_bytes() -> None:
    """Receivers drop the second copy by its Message-ID."""
    outbound = written("Hello")

    assert mailed(outbound) == mailed(outbound)
    assert mailed(outbound).message_id == message_id_for(outbound, ACCOUNT)


def test_every_piece_has_an_id_of_its_own() -> None:
    first = written("Hello")
    second = msgspec.structs.replace(first, piece=1, pieces=2)

    assert message_id_for(first, ACCOUNT) != message_id_for(second, ACCOUNT)


def test_a_reply_names_the_very_message_that_it_answers() -> None:
    mail = read(msgspec.structs.replace(written("Hello"), answers="<q1@kunde.example>"))

    assert mail["In-Reply-To"] == "<q1@kunde.example>"
    assert mail["References"].split() == ["<q1@kunde.example>", "<q2@kunde.example>"]


def test_our_number_and_re_do_not_pile_up() -> None:
    context = {"subject": "AW: Re: Kühlschrank [T-7KQ4-M]", "message_id": "<q@kunde.example>"}

    assert read(written("x", context=context))["Subject"] == "Re: Kühlschrank [T-7KQ4-M]"


def test_a_mail_that_answers_nothing_does_not_look_like_an_answer() -> None:
    """`Re:` on what nobody has asked is what spam does; and two such mails are shown as one."""
    first = read(replace(written("x", context={}), title="Your parcel"))
    second = read(replace(written("y", context={}), title="Your parcel", message=MessageId("02")))

    assert first["Subject"] == second["Subject"] == "Your parcel [T-7KQ4-M]"
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"]
    assert (first["In-Reply-To"], second["In-Reply-To"]) == (None, None)


def test_an_answer_to_what_we_began_belongs_to_its_exchange() -> None:
    """Their answer would be a conversation of its own, and the agent wait for it for ever."""
    mail = read(written("x", context={}))
    for cited in (mail["Message-ID"], mail["References"]):
        ours = verify_own(cited, secret=ACCOUNT.secret, recipient=INES)
        assert ours is not None
        assert ours.root == "0123456789abcdef"
        assert verify_own(cited, secret=ACCOUNT.secret, recipient="other@kunde.example") is None


def test_long_ids_are_not_turned_into_encoded_words() -> None:
    """The standard library does that, and then nobody's threading works."""
    long_ids = [f"<{'x' * 150}{number}@kunde.example>" for number in range(30)]
    sent = mailed(written("x", context={"references": " ".join(long_ids)}))

    assert b"=?utf-8" not in sent.content.split(b"\r\n\r\n")[0]
    assert read_bytes(sent.content)["References"].split() == [long_ids[0], *long_ids[-19:]]


def test_the_reply_goes_to_the_same_organisations_other_address() -> None:
    """And still counts as sent to the person: their answer is recognised."""
    outbound = written("Hello", context={"reply_to": "office@kunde.example"})
    sent = mailed(outbound)

    assert sent.recipient == "office@kunde.example"
    assert read_bytes(sent.content)["X-Trunkline-Recipient"] == INES
    assert sent.message_id == message_id_for(written("Hello"), ACCOUNT)


def test_an_address_that_cannot_be_written_to_does_not_hide_the_persons_own() -> None:
    """Outside ASCII no server has to take it; their From has answered mail before."""
    outbound = written("Hello", context={"reply_to": "büro@kunde.example"})

    assert mailed(outbound).recipient == INES


def test_machines_replies_say_so() -> None:
    """So that no other machine answers them."""
    bot = Sender(kind=SenderKind.BOT, id="bot:greeter")

    mail = read(msgspec.structs.replace(written("Hello"), sender=bot))

    assert mail["Auto-Submitted"] == "auto-replied"


def test_a_thread_without_address_cannot_be_answered() -> None:
    nobody = ThreadRef(channel="email", account="support", thread="0123456789abcdef/unknown-1")

    with pytest.raises(PermanentDeliveryError) as failure:
        mailed(msgspec.structs.replace(written("Hello"), thread=nobody))

    assert failure.value.code == "no_address"


def test_what_a_mail_cannot_carry_is_refused_aloud() -> None:
    """Law 5: core's plan shows it as text; what comes here unplanned is not dropped."""
    with pytest.raises(UnsupportedFeature):
        mailed(outbound_of(Location(latitude=1.0, longitude=2.0)))


def test_files_travel_with_the_text() -> None:
    file = Attachment(
        id=AttachmentId("a"),
        name="Übersicht\r\nBcc: x@evil.example.pdf",
        media_type="application/pdf",
        sha256=sha256(DATA).hexdigest(),
    )
    mail = read(outbound_of(Text(text="See below."), Media(media=MediaKind.FILE, attachment=file)))

    [attached] = mail.iter_attachments()
    assert attached.get_payload(decode=True) == DATA
    assert attached.get_filename() == "Übersicht Bcc: x@evil.example.pdf"
    assert "Bcc" not in mail
    assert plain(mail) == "See below.\n"


@pytest.mark.parametrize("declared", ["message/rfc822", "multipart/mixed", "", "x\r\nBcc: y", "a/"])
def test_an_odd_media_type_becomes_plain_bytes(declared: str) -> None:
    file = Attachment(
        id=AttachmentId("a"), name="x", media_type=declared, sha256=sha256(DATA).hexdigest()
    )

    mail = read(outbound_of(Media(media=MediaKind.FILE, attachment=file)))

    [attached] = mail.iter_attachments()
    assert attached.get_content_type() == "application/octet-stream"
    assert attached.get_payload(decode=True) == DATA


@given(
    st.text(), st.text(), st.text(), st.dictionaries(st.sampled_from(sorted(CONTEXT)), st.text())
)
def test_no_text_can_add_a_header(
    subject: str, name: str, answers: str, context: dict[str, str]
) -> None:
    """Whatever customers or agents put into subjects, names and ids."""
    sender = Sender(kind=SenderKind.AGENT, id="agent:ines", name=name)
    outbound = msgspec.structs.replace(
        written("text"), subject=subject, sender=sender, answers=answers, context=context
    )

    sent = render(outbound, ACCOUNT, name=name, at=NOW, files={})

    head = sent.content.split(b"\r\n\r\n")[0]
    assert b"\n" not in head.replace(b"\r\n", b"")
    names = {line.split(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"}
    assert names <= {
        b"from",
        b"to",
        b"subject",
        b"date",
        b"message-id",
        b"in-reply-to",
        b"references",
        b"mime-version",
        b"content-type",
    }


@given(st.text(max_size=300))
def test_any_text_arrives_as_it_was(text: str) -> None:
    shown = text.encode("utf-8", "replace").decode()

    mail = read(written(text))

    expected = "\n".join((shown or "").splitlines()).rstrip()
    assert "\n".join(plain(mail).splitlines()).rstrip() == expected


@given(
    st.text(alphabet="ab <&>\n\"'é𝕏", min_size=1, max_size=40),
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 40), st.sampled_from(sorted(NATIVE))),
        max_size=6,
    ),
)
def test_formatting_never_changes_the_words(text: str, marks: list[tuple[int, int, Style]]) -> None:
    """Spans may nest, overlap and lie badly: what is read stays the same."""
    spans = tuple(
        Span(start, min(length, len(text) - start), style, "https://acme.example")
        for start, length, style in marks
        if start < len(text)
    )

    shown = to_text(to_html((Passage(text, spans),))).text

    assert "".join(shown.split()) == "".join(text.split())


def test_plain_text_keeps_what_formatting_said() -> None:
    text = "Read this or mail us.\nsaid\nbefore"
    spans = (
        Span(5, 4, Style.LINK, "https://acme.example/faq"),
        Span(22, 11, Style.QUOTE),
        Span(0, 4, Style.BOLD),
    )

    shown = to_plain((Passage(text, spans),))

    assert shown == "Read this (https://acme.example/faq) or mail us.\n> said\n> before\n"


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", 'https://x"><script>']
)
def test_a_link_cannot_break_out(target: str) -> None:
    html = to_html((Passage("click", (Span(0, 5, Style.LINK, target),)),))

    assert "<script" not in html
    assert "javascript" not in html
    assert 'href="data' not in html


def written(text: str, *, context: dict[str, str] | None = None) -> Outbound:
    return outbound_of(Text(text=text), context=CONTEXT if context is None else context)


def outbound_of(*parts: Part, context: dict[str, str] | None = None) -> Outbound:
    return Outbound(
        thread=ThreadRef(channel="email", account="support", thread=f"0123456789abcdef/{INES}"),
        message=MessageId("01K9ZZZZZZZZZZZZZZZZZZZZZZ"),
        parts=parts,
        sender=Sender(kind=SenderKind.AGENT, id="agent:ines", name="Ines"),
        conversation=ConversationId("c"),
        number=Number("T-7KQ4-M"),
        context=context or {},
    )


def mailed(outbound: Outbound) -> RenderedMail:
    files = {sha256(DATA).hexdigest(): DATA}
    return render(outbound, ACCOUNT, name="Acme Support", at=NOW, files=files)


def read(outbound: Outbound) -> EmailMessage:
    return read_bytes(mailed(outbound).content)


def read_bytes(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")
