"""What an agent writes is sent, shown in another form, or refused with a reason. Never less."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest, UnsupportedFeature
from core.model.capabilities import Capabilities, Level, TextUnit
from core.model.content import (
    Attachment,
    Button,
    Buttons,
    Card,
    Choice,
    ContactCard,
    Location,
    Media,
    MediaKind,
    Part,
    Poll,
    PollOption,
    Span,
    Style,
    System,
    Text,
    Unsupported,
)
from core.model.ids import AttachmentId
from core.rules.choices import keyed
from core.rules.degrade import plan
from core.rules.text import length

PLAIN = Capabilities(text_limit=0)
SHORT = Capabilities(
    text_limit=40, caption_limit=12, media=frozenset({MediaKind.IMAGE, MediaKind.FILE})
)
MAIL = Capabilities(
    text_limit=0, media=frozenset(MediaKind), styles=frozenset(Style), combines=True
)
REPORT = Attachment(id=AttachmentId("a1"), name="report.pdf", size_bytes=2000)
PICTURE = Media(media=MediaKind.IMAGE, attachment=REPORT)


def shown(parts: tuple[Part, ...], capabilities: Capabilities = PLAIN) -> list[str]:
    parts_sent = (part for piece in plan(parts, capabilities).pieces for part in piece)
    return [p.text if isinstance(p, Text) else getattr(p, "caption", "") for p in parts_sent]


# --- properties

words = st.text("abcdeäß👍", min_size=1, max_size=12)
sentences = st.lists(words, max_size=30).map(" ".join)
media = st.builds(
    Media,
    media=st.sampled_from([MediaKind.IMAGE, MediaKind.VOICE, MediaKind.FILE]),
    attachment=st.just(REPORT),
    caption=sentences,
)
all_parts = st.one_of(
    st.builds(Text, text=sentences),
    media,
    st.builds(Location, latitude=st.just(52.5), longitude=st.just(13.4), title=words),
    st.builds(ContactCard, name=words, phone=words, email=words),
    st.builds(
        Poll,
        question=words,
        options=st.lists(st.builds(PollOption, text=words), max_size=3).map(tuple),
    ),
    st.builds(Choice, value=words, label=words),
    st.builds(Card, title=words, text=sentences, url=words, image=st.none() | st.just(REPORT)),
    st.builds(System, code=words, text=words),
    st.builds(Unsupported, platform_kind=words, summary=words),
    st.builds(
        Buttons,
        rows=st.lists(st.builds(Button, label=words), max_size=3).map(lambda r: (tuple(r),)),
    ),
)


def said(part: Part) -> str:
    """Every word that the sender wrote in this part."""
    match part:
        case Poll():
            return " ".join([part.question, *(option.text for option in part.options)])
        case Buttons():
            return " ".join(button.label for row in part.rows for button in row)
        case Choice():
            return part.label
        case _:
            named = ("text", "caption", "title", "name", "phone", "email", "url", "summary")
            return " ".join(getattr(part, name, "") for name in named)


@given(
    st.lists(all_parts, min_size=1, max_size=5).map(tuple),
    st.sampled_from([PLAIN, SHORT, MAIL]),
    st.sampled_from(TextUnit),
)
def test_every_word_arrives_and_no_limit_is_passed(
    parts: tuple[Part, ...], channel: Capabilities, unit: TextUnit
) -> None:
    """Law 5, over every kind of part and over channels of three sorts."""
    capabilities = Capabilities(
        text_limit=channel.text_limit,
        caption_limit=channel.caption_limit,
        media=channel.media | {MediaKind.FILE},
        combines=channel.combines,
        text_unit=unit,
    )
    if not any(said(part).strip() or isinstance(part, Media) for part in parts):
        return
    if all(isinstance(part, Buttons) and not said(part) for part in parts):
        return

    found = plan(parts, capabilities)

    everything = "".join(
        part.text if isinstance(part, Text) else getattr(part, "caption", "") + " "
        for piece in found.pieces
        for part in piece
    )
    squeezed = re.sub(r"\(\d+/\d+\) |\s+", "", everything)
    assert all(re.sub(r"\s+", "", word) in squeezed for p in parts for word in said(p).split())
    for piece in found.pieces:
        for part in piece:
            if isinstance(part, Text) and capabilities.text_limit:
                assert length(part.text, unit) <= capabilities.text_limit
            if isinstance(part, Media) and part.caption:
                assert length(part.caption, unit) <= capabilities.caption_limit
    assert sum(isinstance(p, Media) for p in parts) <= sum(
        isinstance(part, Media) for piece in found.pieces for part in piece
    )
    if capabilities.combines:
        assert len(found.pieces) == 1


# --- styles


def test_a_link_keeps_its_address_and_the_spans_around_it_their_text() -> None:
    text = Text(
        text="see the manual now",
        spans=(
            Span(4, 10, Style.LINK, "https://example.com/m"),
            Span(0, 18, Style.BOLD),
            Span(15, 3, Style.ITALIC),
        ),
    )
    bold = Capabilities(text_limit=0, styles=frozenset({Style.BOLD, Style.ITALIC}))

    found = plan((text,), bold)

    ((part,),) = found.pieces
    assert isinstance(part, Text)
    assert part.text == "see the manual (https://example.com/m) now"
    assert [part.text[s.start : s.end] for s in part.spans] == [part.text, "now"]
    assert found.fallbacks == ("links are written out after their text",)


@pytest.mark.parametrize(
    ("label", "address"),
    [
        ("https://example.com", "https://example.com"),
        ("example.com", "http://example.com"),
        ("a@example.com", "mailto:a@example.com"),
        ("+4912345", "tel:+4912345"),
        ("somewhere", ""),
    ],
)
def test_a_link_that_says_its_address_is_not_written_twice(label: str, address: str) -> None:
    link = Span(0, len(label), Style.LINK, address)

    assert shown((Text(text=label, spans=(link,)),)) == [label]


def test_a_spoiler_is_announced_and_other_styles_lose_only_their_look() -> None:
    text = Text(
        text="the end: all survive",
        spans=(Span(9, 11, Style.SPOILER), Span(0, 3, Style.BOLD), Span(4, 3, Style.HASHTAG)),
    )

    found = plan((text,), PLAIN)

    assert found.pieces == ((Text(text="the end: [spoiler] all survive"),),)
    assert found.fallbacks == (
        "a spoiler is shown openly after the word [spoiler]",
        "bold text is shown plain",
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.com", "write us"),
        ("HTTPS://example.com", "write us"),
        ("ftp://example.com/x", "write us (ftp://example.com/x)"),
        ("javascript:alert(1)", "write us (javascript:alert(1))"),
        ("example.com", "write us (example.com)"),
    ],
)
def test_a_link_that_the_channel_cannot_open_is_written_out(address: str, expected: str) -> None:
    """A platform drops such a link, or the whole message."""
    text = Text(text="write us", spans=(Span(0, 8, Style.LINK, address),))
    web = Capabilities(
        text_limit=0,
        styles=frozenset({Style.LINK}),
        link_schemes=frozenset({"http", "https"}),
    )

    assert shown((text,), web) == [expected]


# --- length


def test_three_pieces_need_no_numbers() -> None:
    found = plan((Text(text="word " * 20),), SHORT)

    assert len(found.pieces) == 3
    assert shown((Text(text="word " * 20),), SHORT)[0].startswith("word")
    assert found.fallbacks == ("the text is too long for one message: it is sent as 3",)


def test_more_pieces_are_numbered_and_their_spans_moved() -> None:
    text = Text(text="word " * 40, spans=(Span(0, 200, Style.BOLD),))
    bold = Capabilities(text_limit=40, styles=frozenset({Style.BOLD}))

    pieces = plan((text,), bold).pieces

    assert [str(p[0].text)[:6] for p in pieces if isinstance(p[0], Text)][:2] == [
        "(1/7) ",
        "(2/7) ",
    ]
    first = pieces[0][0]
    assert isinstance(first, Text)
    assert first.text[first.spans[0].start : first.spans[0].end] == first.text[6:]


def test_a_limit_too_small_for_numbers_does_without() -> None:
    pieces = plan((Text(text="word " * 10),), Capabilities(text_limit=8)).pieces

    assert all(isinstance(p[0], Text) and p[0].text == "word " for p in pieces)


def test_ten_pieces_have_room_for_longer_numbers() -> None:
    pieces = plan((Text(text="word " * 70),), SHORT).pieces

    assert len(pieces) > 9
    assert all(isinstance(p[0], Text) and len(p[0].text) <= 40 for p in pieces)


def test_emptiness_between_words_is_not_sent_as_a_message() -> None:
    assert shown((Text(text="a" + " " * 100 + "b"),), SHORT)[-1].endswith("b")
    assert all(text.strip() for text in shown((Text(text="a" + " " * 100 + "b"),), SHORT))


# --- other parts


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            Location(latitude=52.5, longitude=13.4, title="Office", live_seconds=900),
            "Office\nhttps://www.openstreetmap.org/?mlat=52.500000&mlon=13.400000\n"
            "(shared live for 15 min)",
        ),
        (ContactCard(name="Ada", phone="+49", email="a@example.com"), "Ada\n+49\na@example.com"),
        (
            Poll(question="Tea?", options=(PollOption("Yes"), PollOption("No"))),
            "Tea?\n1. Yes\n2. No",
        ),
        (
            Buttons(rows=((Button("Yes", "y"), Button("No", "n")), (Button("Help", url="x:/h"),))),
            "1. Yes\n2. No\n3. Help (x:/h)",
        ),
        (Choice(value="y", label="Yes"), "Yes"),
        (Card(title="Offer", text="Two for one", url="x:/o"), "Offer\nTwo for one\nx:/o"),
        (
            System(code="closed", text="The conversation was closed."),
            "The conversation was closed.",
        ),
        (Unsupported(platform_kind="dice", summary="a dice showing 6"), "a dice showing 6"),
    ],
)
def test_a_part_that_the_channel_lacks_is_said_in_words(part: Part, expected: str) -> None:
    found = plan((part,), PLAIN)

    assert found.pieces == ((Text(text=expected),),)
    assert len(found.fallbacks) == 1


def test_text_and_buttons_without_buttons_are_one_message() -> None:
    parts = (Text(text="Shall we?"), Buttons(rows=((Button("Yes", "y"),),)))

    assert shown(parts) == ["Shall we?\n\n1. Yes"]


def test_native_buttons_hang_on_the_message_before_them() -> None:
    buttons = Buttons(rows=((Button("Yes", "y"),),))
    channel = Capabilities(text_limit=0, buttons=3)

    assert plan((Text(text="Ok?"), buttons), channel).pieces == (
        (Text(text="Ok?"), keyed(buttons)),
    )


def test_more_buttons_than_the_channel_has_are_listed() -> None:
    buttons = Buttons(rows=(tuple(Button(str(n), str(n)) for n in range(4)),))

    assert shown((buttons,), Capabilities(text_limit=0, buttons=3)) == ["1. 0\n2. 1\n3. 2\n4. 3"]


def test_a_native_part_stays_what_it_is() -> None:
    place = Location(latitude=1.0, longitude=2.0)
    channel = Capabilities(text_limit=0, parts={"location": Level.NATIVE})

    assert plan((Text(text="here"), place), channel).pieces == ((Text(text="here"),), (place,))


def test_a_refused_part_refuses_the_message() -> None:
    channel = Capabilities(text_limit=0, parts={"poll": Level.REFUSED})

    with pytest.raises(UnsupportedFeature, match="cannot carry a poll"):
        plan((Poll(question="?", options=()),), channel)


def test_the_picture_of_a_card_is_sent_or_named_as_left_out() -> None:
    card = Card(title="Offer", image=REPORT)

    assert plan((card,), SHORT).pieces[0][0] == Media(
        media=MediaKind.IMAGE, attachment=REPORT, caption="Offer"
    )
    assert "the picture of a card is left out" in plan((card,), PLAIN).fallbacks
    with pytest.raises(UnsupportedFeature, match="nothing of this message"):
        plan((Card(image=REPORT),), PLAIN)


def test_a_vcard_is_named_when_it_is_left_out() -> None:
    found = plan((ContactCard(name="Ada", vcard="BEGIN:VCARD"),), PLAIN)

    assert found.fallbacks == ("a contact card is sent as text, without its vCard",)


# --- mail


def test_where_everything_combines_there_is_one_message() -> None:
    parts = (
        Text(text="Hello", spans=(Span(0, 5, Style.BOLD),)),
        Choice(value="y", label="Yes"),
        Media(media=MediaKind.IMAGE, attachment=REPORT, caption="page 2"),
    )

    found = plan(parts, MAIL)

    hello = Text(text="Hello\n\nYes\n\npage 2", spans=(Span(0, 5, Style.BOLD),))
    assert found.pieces == ((hello, PICTURE),)
    assert found.fallbacks == ("a choice is sent as text",)


# --- emptiness


@pytest.mark.parametrize("parts", [(), (Text(text=" \n"),), (Buttons(rows=()),)])
def test_an_empty_message_is_refused_in_clear_words(parts: tuple[Part, ...]) -> None:
    with pytest.raises(InvalidRequest, match="the message is empty: give it a text or a file"):
        plan(parts, PLAIN)


@given(
    words=st.text(st.sampled_from("ab \n\té🎉"), max_size=40),
    limit=st.sampled_from((0, 4, 12, 40)),
    unit=st.sampled_from(TextUnit),
    level=st.sampled_from((None, Level.NATIVE, Level.REFUSED)),
    combines=st.booleans(),
)
def test_a_plain_text_travels_as_it_would_beside_something_to_decide_about(
    words: str, limit: int, unit: TextUnit, level: Level | None, *, combines: bool
) -> None:
    """What is decided at once for most messages must be what is decided for all others: a customer
    sees the same text whether or not it quotes something.
    """
    channel = Capabilities(
        text_limit=limit,
        text_unit=unit,
        parts={} if level is None else {"text": level},
        combines=combines,
        quotes=True,
    )

    plainly, at_length = (
        _outcome(words, channel, quote) for quote in (None, Text(text="what is pointed at"))
    )

    assert plainly == at_length


def _outcome(words: str, channel: Capabilities, quote: Text | None) -> object:
    try:
        return plan((Text(text=words),), channel, quote=quote)
    except (InvalidRequest, UnsupportedFeature) as error:
        return type(error), str(error)
