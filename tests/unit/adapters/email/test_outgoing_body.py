"""What a reply's mail looks like inside: readable everywhere, and read by ourselves as it was."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.account import Account, Delivered
from adapters.email.earlier import Earlier
from adapters.email.identifiers import marked_root, own_marker, reply_address
from adapters.email.incoming.earlier import LENGTH_MAX, earlier_mail
from adapters.email.incoming.normalise import normalise
from adapters.email.outgoing.markup import Passage, to_html
from adapters.email.outgoing.render import render
from adapters.email.settings import Limits
from core.model.content import Attachment, Media, MediaKind, Part, Span, Style, Text
from core.model.event import MessageCreated
from core.model.ids import AttachmentId, ConversationId, EventId, MessageId, Number, ThreadRef
from core.model.message import Recipient, Sender, SenderKind
from core.model.outbound import Outbound

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
SECRET = b"k" * 32
ROOT = "0123456789abcdef"
INES = "ines@kunde.example"
ACCOUNT = Account(
    name="support",
    address="support@acme.example",
    secret=SECRET,
    limits=Limits(shown_picture_size_bytes_max=1000),
)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
LARGE_PNG = PNG + bytes(2000)
PDF = b"%PDF-1.7 " + bytes(range(256))
FILES = {sha256(data).hexdigest(): data for data in (PNG, LARGE_PNG, PDF)}
EARLIER = Earlier(name="Ines", address=INES, at=NOW, text="Where is it?\n> We sent it.")


@pytest.mark.parametrize(
    ("parts", "kinds"),
    [
        ((), ["alternative"]),
        (("picture",), ["related", "alternative"]),
        (("file",), ["mixed", "alternative"]),
        (("file", "picture"), ["mixed", "related", "alternative"]),
        (("large picture",), ["mixed", "alternative"]),
    ],
)
def test_only_the_layers_that_hold_something_are_there(
    parts: tuple[str, ...], kinds: list[str]
) -> None:
    """mixed(related(alternative(text, html), pictures), files): what Gmail and Outlook make too."""
    enclosed = {"picture": picture(PNG), "file": file(PDF), "large picture": picture(LARGE_PNG)}

    mail = read(outbound(Text(text="Look:"), *(enclosed[name] for name in parts)))

    assert [part.get_content_subtype() for part in mail.walk() if part.is_multipart()] == kinds
    assert not any(part.defects for part in mail.walk())


def test_a_picture_is_shown_where_it_stands_in_the_text() -> None:
    mail = read(outbound(Text(text="Before."), picture(PNG, "bild ü.png"), Text(text="After.")))

    [shown] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    html = form(mail, "html")
    cid = str(shown["Content-ID"]).strip("<>")
    assert html.index("Before.") < html.index(f'src="cid:{cid}"') < html.index("After.")
    assert shown.get_content_disposition() == "inline"
    assert shown.get_filename() == "bild ü.png"
    assert shown.get_payload(decode=True) == PNG


def test_we_read_what_we_sent_as_it_was() -> None:
    """Text, files and their names; a mail program has no easier task."""
    outgoing = outbound(
        Text(text="Hallo Ines,\n\nمرحبا\n  eingerückt."),
        picture(PNG, "bild.png"),
        file(PDF, "名前 & Übersicht " * 12 + ".pdf"),
    )

    [event] = normalise(mailed(outgoing), other(), delivered()).events

    assert isinstance(event.body, MessageCreated)
    [text, *media] = event.body.parts
    assert isinstance(text, Text)
    assert text.text == "Hallo Ines,\n\nمرحبا\n  eingerückt."
    enclosed = [part.attachment for part in media if isinstance(part, Media)]
    assert [(one.name, one.size_bytes) for one in enclosed] == [
        ("bild.png", len(PNG)),
        (("名前 & Übersicht " * 12 + ".pdf")[-200:], len(PDF)),
    ]
    assert event.lost == ()


def test_everything_is_seven_bit_in_short_lines() -> None:
    """So no server needs 8BITMIME or SMTPUTF8, and none breaks a line."""
    text = "ß漢字🚚" * 400 + "\n.\n..\n" + "x" * 3000
    mail = mailed(outbound(Text(text=text), file(PDF, "名" * 100)))

    assert mail.isascii()
    assert max(len(one) for one in mail.split(b"\r\n") if b"Message-ID" not in one) <= 78
    assert b"\n" not in mail.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("text", "encoding"), [("Viele liebe Grüße an alle!\n", "quoted-printable"), ("漢字", "base64")]
)
def test_the_shorter_encoding_is_taken(text: str, encoding: str) -> None:
    mail = read(outbound(Text(text=text * 50)))

    [plain] = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    assert plain["Content-Transfer-Encoding"] == encoding


def test_each_line_has_its_own_direction() -> None:
    """Arabic and English in one answer: each begins at its own side."""
    html = to_html((Passage("Hello,\nمرحبا\n\nbye"),))

    assert html.splitlines() == [
        '<div dir="auto">Hello,</div>',
        '<div dir="auto">مرحبا</div>',
        "<div><br></div>",
        '<div dir="auto">bye</div>',
    ]


def test_a_span_over_several_lines_is_in_each_of_them() -> None:
    html = to_html((Passage("one\ntwo", (Span(0, 7, Style.BOLD),)),))

    assert html.count("<b>") == html.count("</b>") == 2


def test_the_part_that_is_quoted_stands_above_the_answer() -> None:
    quoting = msgspec.structs.replace(
        outbound(Text(text="Tomorrow.")), quote=Text(text="When?\nWhere?")
    )

    mail = read(quoting)

    assert form(mail, "plain") == "> When?\n> Where?\n\nTomorrow.\n"
    assert form(mail, "html").index('type="cite"') < form(mail, "html").index("Tomorrow.")


def test_the_answered_mail_stands_below_the_answer() -> None:
    mail = read(outbound(Text(text="Tomorrow.")), EARLIER)

    assert form(mail, "plain") == (
        "Tomorrow.\n\n2025-11-21 12:00 UTC, Ines <ines@kunde.example>:\n\n"
        "> Where is it?\n> > We sent it.\n"
    )


def test_what_stands_below_is_told_apart_when_it_comes_back() -> None:
    """The customer answers above it: only their words are theirs."""
    sent = read(outbound(Text(text="Tomorrow.")), EARLIER)
    lines = "".join(f"> {line}\n" for line in form(sent, "plain").splitlines())
    answer = (
        f"From: {INES}\nMessage-ID: <a@x>\n\n"
        f"Thanks!\n\nOn Fri, 21 Nov 2025, Acme <support@acme.example> wrote:\n{lines}"
    )

    [event] = normalise(answer.encode(), ACCOUNT, delivered()).events

    assert isinstance(event.body, MessageCreated)
    [text] = event.body.parts
    assert isinstance(text, Text)
    [quoted] = [span for span in text.spans if span.style is Style.QUOTED_REPLY]
    assert text.text[: quoted.start].strip() == "Thanks!"
    assert quoted.end == len(text.text)


def test_a_long_mail_is_quoted_by_its_beginning() -> None:
    """Whoever sends megabytes does not get them back with every answer."""
    raw = f"From: Ines <{INES}>\nDate: {NOW:%d %b %Y %H:%M} +0000\n\n"
    raw += ("word " * 9 + "\n") * 5000

    earlier = earlier_mail(raw.encode(), ACCOUNT, now=NOW)

    assert earlier
    assert (earlier.name, earlier.address, earlier.at) == ("Ines", INES, NOW)
    assert len(earlier.text) <= LENGTH_MAX + 4
    assert earlier.text.endswith("\n[…]")


@pytest.mark.parametrize("prefix", ["", "x_", "gmail-", "m_-3141592653gmail-m_2718281828"])
def test_the_exchange_is_found_by_the_marker(prefix: str) -> None:
    """Mailers rename classes in what they quote, and some providers give mail another id."""
    marker = own_marker(secret=SECRET, root=ROOT, recipient=INES)
    html = f'<div class="{prefix}trunkline-message {prefix}{marker}">Hello</div>'
    sent = form(read(outbound(Text(text="Hello"))), "html")

    assert marker in sent
    assert marked_root(html, secret=SECRET, recipient=INES) == ROOT
    assert marked_root(html, secret=SECRET, recipient="eve@evil.example") == ""
    assert marked_root(html, secret=b"other" * 7, recipient=INES) == ""


def test_machines_mail_says_how_to_have_no_more_of_it() -> None:
    bot = Sender(kind=SenderKind.BOT, id="bot:greeter")
    mail = read(msgspec.structs.replace(outbound(Text(text="Hello")), sender=bot))

    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Precedence"] == "bulk"
    assert mail["List-Unsubscribe"] == "<mailto:support@acme.example?subject=unsubscribe>"


@pytest.mark.parametrize(
    ("own", "latest", "first", "shown"),
    [
        ("", "The new matter", "The old one", "The new matter"),
        ("", "", "The old one", "The old one"),
        ("Ours", "The new matter", "The old one", "Ours"),
    ],
)
def test_the_subject_follows_the_customers_latest(
    own: str, latest: str, first: str, shown: str
) -> None:
    """Unless the agent has set one; a mail without any takes what the thread began with."""
    outgoing = msgspec.structs.replace(
        outbound(Text(text="x")), subject=own, context={"subject": latest}, title=first
    )

    assert read(outgoing)["Subject"] == f"Re: {shown} [T-7KQ4-M]"


def test_nobody_is_copied_twice_and_we_are_not_copied() -> None:
    """Neither at our address nor at one of those that we give out for answers."""
    signed = reply_address(secret=SECRET, root=ROOT, address=ACCOUNT.address)
    given = ("Paul@Kunde.example", "paul@kunde.example", INES, "SUPPORT@acme.example", signed)
    copied = tuple(Recipient(address=one, name="Wer?") for one in given)

    sent = render(
        msgspec.structs.replace(outbound(Text(text="x")), recipients=copied),
        ACCOUNT,
        name="",
        at=NOW,
        files={},
    )

    assert sent.copies == ("paul@kunde.example",)
    assert sent.notes == ()
    assert read_bytes(sent.content)["Cc"] == "Wer? <paul@kunde.example>"


def test_more_copies_than_a_mail_may_have_are_named() -> None:
    copied = tuple(Recipient(address=f"p{n}@kunde.example") for n in range(52))
    sent = render(
        msgspec.structs.replace(outbound(Text(text="x")), recipients=copied),
        ACCOUNT,
        name="",
        at=NOW,
        files={},
    )

    assert len(sent.copies) == 50
    assert sent.notes == tuple(
        f"no copy to p{n}@kunde.example: a mail has at most 50" for n in (50, 51)
    )


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "x\r\nBcc: eve@evil.example",
            "x\n\nbody",
            "=?utf-8?q?x=0D=0ABcc:_eve@evil.example?=",
            '"><script>alert(1)</script>',
            "\r\n.\r\nMAIL FROM:<eve@evil.example>",
            "--=_alternative-",
            "\u2028Bcc: eve@evil.example",
            "a" * 2000,
        ]
    ),
)
HEADERS = {
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "x-trunkline-recipient",
    "mime-version",
    "content-type",
}


@given(st.fixed_dictionaries(dict.fromkeys("abcdefghij", HOSTILE)))
def test_no_value_can_change_the_structure(words: dict[str, str]) -> None:
    """Names, subjects, addresses, ids, types and texts are all somebody else's words."""
    hostile = list(words.values())
    attached = msgspec.structs.replace(
        file(PDF, hostile[0]).attachment, media_type=hostile[1], declared_type=hostile[2]
    )
    outgoing = msgspec.structs.replace(
        outbound(Text(text=hostile[3]), Media(media=MediaKind.FILE, attachment=attached)),
        sender=Sender(kind=SenderKind.AGENT, id=hostile[4], name=hostile[4]),
        subject=hostile[5],
        answers=hostile[6],
        quote=Text(text=hostile[7]),
        context={"references": hostile[6], "message_id": hostile[8], "subject": hostile[5]},
        recipients=(
            Recipient(address=hostile[9], name=hostile[8]),
            Recipient(address="jonas@kunde.example", name=hostile[9]),
        ),
    )
    earlier = msgspec.structs.replace(EARLIER, name=hostile[0], text=hostile[1])

    raw = mailed(outgoing, earlier)
    mail = email.message_from_bytes(raw, policy=default)

    assert {name.lower() for name in mail.keys()} <= HEADERS  # noqa: SIM118  a mail is no dict
    assert len(mail.keys()) == len(set(mail.keys()))
    assert [part.get_content_type() for part in mail.walk()][:4] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert len(list(mail.walk())) == 5
    assert {address.addr_spec for address in mail["To"].addresses} == {INES}
    assert "eve@evil.example" not in {address.addr_spec for address in mail["Cc"].addresses}
    assert "<script" not in form(read_bytes(raw), "html")
    assert raw == mailed(outgoing, earlier)


def outbound(*parts: Part) -> Outbound:
    return Outbound(
        thread=ThreadRef(channel="email", account="support", thread=f"{ROOT}/{INES}"),
        message=MessageId("01K9ZZZZZZZZZZZZZZZZZZZZZZ"),
        parts=parts,
        sender=Sender(kind=SenderKind.AGENT, id="agent:ines", name="Ines"),
        conversation=ConversationId("c"),
        number=Number("T-7KQ4-M"),
    )


def picture(data: bytes, name: str = "picture.png") -> Media:
    return Media(media=MediaKind.IMAGE, attachment=_attachment(data, name, "image/png"))


def file(data: bytes, name: str = "file.pdf") -> Media:
    return Media(media=MediaKind.FILE, attachment=_attachment(data, name, "application/pdf"))


def _attachment(data: bytes, name: str, kind: str) -> Attachment:
    return Attachment(
        id=AttachmentId("a"), name=name, media_type=kind, sha256=sha256(data).hexdigest()
    )


def mailed(outgoing: Outbound, earlier: Earlier | None = None) -> bytes:
    return render(outgoing, ACCOUNT, name="", at=NOW, files=FILES, earlier=earlier).content


def read(outgoing: Outbound, earlier: Earlier | None = None) -> EmailMessage:
    return read_bytes(mailed(outgoing, earlier))


def read_bytes(raw: bytes) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def form(mail: EmailMessage, kind: str) -> str:
    [part] = [part for part in mail.walk() if part.get_content_type() == f"text/{kind}"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


def other() -> Account:
    """A mailbox that is not ours: to ourselves our own mail is no event."""
    return Account(name="theirs", address=INES, secret=b"x" * 32)


def delivered() -> Delivered:
    return Delivered(event=EventId("E"), received_at=NOW)
