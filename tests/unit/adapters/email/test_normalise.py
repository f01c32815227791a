"""Mails as they really come, odd ones above all, and what is made of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.email.account import Account, Delivered
from adapters.email.incoming.normalise import Normalised, normalise, unreadable
from adapters.email.settings import Limits
from core.model.content import Media, MediaKind, Style, Text, Unsupported
from core.model.event import ActorKind, Inbound, MessageCreated
from core.model.ids import EventId
from core.model.message import Audience

FIXTURES = Path(__file__).parents[3] / "fixtures" / "email"
NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
ACCOUNT = Account(name="support", address="support@acme.example", secret=b"k" * 32)
INES = "ines@kunde.example"


def test_a_thread_is_private_and_named_after_the_one_correspondent() -> None:
    event = read("latin1")

    assert event.thread.channel == "email"
    assert event.thread.account == "support"
    assert event.thread.thread.endswith(f"/{INES}")
    assert event.audience is Audience.PRIVATE
    assert event.occurred_at == datetime(2025, 11, 3, 14, 4, 5, tzinfo=UTC)
    assert event.received_at == NOW


def test_the_raw_mail_is_named_by_its_hash() -> None:
    """Parts are fetched from it; a parser's mistake can be put right later."""
    event = read("raw-8bit-file-name")

    [file] = files(event)
    sha256 = event.raw.removeprefix("blob:")
    assert len(sha256) == 64
    assert file.attachment.remote.partition("#")[0] == sha256


def test_an_image_is_shown_as_one() -> None:
    [image] = files(read("several-texts"))

    assert image.media is MediaKind.IMAGE
    assert image.attachment.media_type == "image/png"


@pytest.mark.parametrize("mail", ["no-sender", "encoded-address"])
def test_a_mail_without_a_real_address_belongs_to_nobody_else(mail: str) -> None:
    """A decoded "@" would let anybody write as anybody (RFC 2047 section 5)."""
    event = read(mail)

    assert "@" not in event.actor.remote
    assert any("From" in lost for lost in event.lost)


@pytest.mark.parametrize(
    ("mail", "wanted"), [("own-reply-to", "office@kunde.example"), ("foreign-reply-to", None)]
)
def test_answers_go_elsewhere_only_within_the_senders_organisation(
    mail: str, wanted: str | None
) -> None:
    """A forged From with one's own Reply-To would fetch what is meant for the victim."""
    assert read(mail).context.get("reply_to") == wanted


def test_a_reply_to_at_the_same_public_provider_is_somebody_else() -> None:
    raw = raw_of("own-reply-to").replace(b"kunde.example", b"gmail.com")

    event = event_of(normalise(raw, ACCOUNT, DELIVERED))

    assert "reply_to" not in event.context


def test_html_is_kept_sanitised_beside_the_text() -> None:
    """By reference: the event stays small, the view stays safe."""
    normalised = normalise(raw_of("html-outlook-reply"), ACCOUNT, DELIVERED)

    [text] = [part for part in body(event_of(normalised)).parts if isinstance(part, Text)]
    safe = normalised.blobs[text.html].decode()
    assert "Danke, jetzt geht es." in safe
    assert "script" not in safe
    assert "<style" not in safe


@pytest.mark.parametrize(
    ("mail", "own"),
    [
        ("html-gmail-reply", "It still does not work."),
        ("html-outlook-reply", "Danke, jetzt geht es."),
    ],
)
def test_what_is_repeated_from_earlier_is_marked_not_cut(mail: str, own: str) -> None:
    [text] = [part for part in body(read(mail)).parts if isinstance(part, Text)]

    [quote] = [span for span in text.spans if span.style is Style.QUOTED_REPLY]
    assert text.text[: quote.start].strip() == own
    assert text.text[quote.start : quote.end].endswith("Try this.")


def test_a_forwarded_mail_is_content_not_a_quote() -> None:
    raw = raw_of("html-outlook-reply").replace(b"AW: A question", b"WG: A question")

    event = event_of(normalise(raw, ACCOUNT, DELIVERED))

    [text] = [part for part in body(event).parts if isinstance(part, Text)]
    assert Style.QUOTED_REPLY not in {span.style for span in text.spans}


def test_the_same_mail_read_again_is_the_same() -> None:
    assert read("latin1").dedup == read("latin1").dedup
    assert len(read("latin1").dedup) <= 40


def test_a_reused_message_id_with_other_text_is_another_mail() -> None:
    """Broken senders reuse ids; the second mail would be lost."""
    assert read("latin1").dedup != read("flowed").dedup


def test_the_same_words_under_the_same_id_by_another_are_another_mail() -> None:
    """Web forms that give all mail one id: the second customer's would be lost."""
    one = b"From: ines@kunde.example\nMessage-ID: <form@site.example>\n\nPlease call me.\n"

    [first] = normalise(one, ACCOUNT, DELIVERED).events
    [second] = normalise(one.replace(b"ines@", b"otto@"), ACCOUNT, DELIVERED).events

    assert first.dedup != second.dedup


def test_a_mail_without_id_gets_one_from_its_bytes() -> None:
    assert body(read("no-message-id")).remote == body(read("no-message-id")).remote
    assert body(read("no-message-id")).remote.startswith("<gen-")


def test_a_truncated_mail_says_so() -> None:
    event = event_of(normalise(raw_of("latin1"), ACCOUNT, replace(DELIVERED, full_size=30_000_000)))

    assert any("30000000 bytes" in lost for lost in event.lost)


def test_limits_are_kept_and_named() -> None:
    """Law 10, and law 5: what is left out is listed."""
    small = Account(
        name="support",
        address="support@acme.example",
        secret=b"k",
        limits=Limits(parts_max=2, text_length_max=5),
    )

    event = event_of(normalise(raw_of("several-texts"), small, DELIVERED))

    assert texts(event) == ["befor"]
    assert len(event.lost) == 2


def test_deep_nesting_is_survived() -> None:
    """Each level costs the library's parser a frame of the stack."""
    levels = 3000
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels)
    )
    raw = b"From: ines@kunde.example\nSubject: bomb\n" + opened + b"\nboom\n"

    event = event_of(normalise(raw, ACCOUNT, DELIVERED))

    assert event.actor.remote == INES


def test_html_that_nests_too_deeply_is_not_parsed() -> None:
    """Parsing it would take minutes, by the rules of HTML itself; its words are kept."""
    raw = b"From: ines@kunde.example\nContent-Type: text/html\n\n" + b"<div>" * 100_000 + b"boom"

    event = event_of(normalise(raw, ACCOUNT, DELIVERED))

    assert texts(event) == ["boom"]
    assert any("deeply" in lost for lost in event.lost)


def test_a_date_in_the_future_does_not_order_anything() -> None:
    raw = raw_of("latin1").replace(b"2025 15:04", b"2038 15:04")

    event = event_of(normalise(raw, ACCOUNT, DELIVERED))

    assert event.occurred_at == NOW


def test_what_cannot_be_read_is_shown_with_the_mail_attached() -> None:
    """The way out when even the parser gives up: somebody wrote, and an agent sees it."""
    raw = b"\xff\xfeFrom: x\nFrom: Ines <ines@kunde.example>\n\x00"

    event = event_of(unreadable(raw, ACCOUNT, DELIVERED))

    notice, attached = body(event).parts
    assert isinstance(notice, Unsupported)
    assert isinstance(attached, Media)
    assert attached.attachment.remote == event.raw.removeprefix("blob:")
    assert event.lost


def raw_of(mail: str) -> bytes:
    return (FIXTURES / f"{mail}.eml").read_bytes()


def read(mail: str) -> Inbound:
    return event_of(normalise(raw_of(mail), ACCOUNT, DELIVERED))


def event_of(normalised: Normalised) -> Inbound:
    assert normalised.events[0] is not None
    assert normalised.events[0].actor.kind is ActorKind.CUSTOMER
    return normalised.events[0]


def body(event: Inbound) -> MessageCreated:
    assert isinstance(event.body, MessageCreated)
    return event.body


def texts(event: Inbound) -> list[str]:
    return [part.text for part in body(event).parts if isinstance(part, Text)]


def files(event: Inbound) -> list[Media]:
    return [part for part in body(event).parts if isinstance(part, Media)]
