"""Formatting survives the way in and out, in the UTF-16 units that Telegram counts."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.entities import to_entities, to_spans
from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from adapters.telegram.objects.common import MentionedUser, MessageEntity
from core.model.content import Span, Style, Text
from core.model.event import MessageCreated

chunks = st.sampled_from(
    ["plain ", "👍🏽", "👨‍👩‍👧", "🇩🇪", "שלום ", "مرحبا", "e\u0301", "𝒳", "x", "\n", "日本 "]
)
texts = st.lists(chunks | st.text(min_size=1, max_size=4), min_size=1, max_size=20).map("".join)
PLAIN_KINDS = [
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "code",
    "blockquote",
    "expandable_blockquote",
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
]


@st.composite
def entities(draw: st.DrawFn, units: list[int]) -> MessageEntity:
    """One entity whose ends are those of code points; it may nest in others or overlap them."""
    first = draw(st.integers(0, len(units) - 2))
    start = units[first]
    length = units[draw(st.integers(first + 1, len(units) - 1))] - start
    match draw(st.sampled_from([*PLAIN_KINDS, "pre", "text_link", "text_mention", "custom_emoji"])):
        case "pre":
            return MessageEntity("pre", start, length, language=draw(st.sampled_from(["", "lua"])))
        case "text_link":
            return MessageEntity("text_link", start, length, url="https://harbour.example/1?a=b")
        case "text_mention":
            user = MentionedUser(draw(st.integers(1, 2**52)))
            return MessageEntity("text_mention", start, length, user=user)
        case "custom_emoji":
            return MessageEntity("custom_emoji", start, length, custom_emoji_id="5368")
        case kind:
            return MessageEntity(kind, start, length)


@st.composite
def formatted(draw: st.DrawFn) -> tuple[str, tuple[MessageEntity, ...]]:
    text = draw(texts)
    units = [len(text[:at].encode("utf-16-le")) // 2 for at in range(len(text) + 1)]
    return text, tuple(draw(st.lists(entities(units), max_size=6)))


def received(text: str, found: tuple[MessageEntity, ...]) -> Text:
    """The text as it stands in the event made of what Telegram would send."""
    chat = {"id": 5, "type": "private"}
    said = {"message_id": 1, "date": 1, "chat": chat, "text": text, "entities": found}
    raw = msgspec.json.encode({"update_id": 1, "message": said})
    reader = Reader(account="main", bot_id=1, bot_username="bot")
    (event,) = normalise(raw, reader, datetime(2026, 9, 21, tzinfo=UTC), lambda: "id")
    assert isinstance(event.body, MessageCreated)
    part = event.body.parts[0]
    assert isinstance(part, Text)
    return part


@given(formatted())
def test_entities_come_back_as_they_were(given_text: tuple[str, tuple[MessageEntity, ...]]) -> None:
    text, found = given_text

    part = received(text, found)

    assert part.text == text
    assert to_entities(text, part.spans) == found
    for entity, span in zip(found, part.spans, strict=True):
        encoded = text.encode("utf-16-le")[2 * entity.offset : 2 * (entity.offset + entity.length)]
        assert text[span.start : span.end] == encoded.decode("utf-16-le")


def test_what_telegram_found_in_the_text_becomes_links_that_work_elsewhere() -> None:
    text = "harbour.example a@harbour.example +4940555"
    found = (
        MessageEntity("url", 0, 15),
        MessageEntity("email", 16, 17),
        MessageEntity("phone_number", 34, 8),
    )

    spans, _ = to_spans(text, found)

    assert [span.value for span in spans] == [
        "http://harbour.example",
        "mailto:a@harbour.example",
        "tel:+4940555",
    ]


def test_an_entity_without_a_style_or_without_text_is_named_as_lost() -> None:
    found = (
        MessageEntity("sparkle", 0, 2),
        MessageEntity("bold", 2, 0),
        MessageEntity("italic", 9, 4),
        MessageEntity("bold", 0, 99),
    )

    spans, lost = to_spans("some", found)

    assert spans == (Span(0, 4, Style.BOLD),)
    assert lost == ("sparkle", "bold", "italic")


def test_a_style_that_telegram_lacks_has_no_entity() -> None:
    assert to_entities("Title", [Span(0, 5, Style.HEADING)]) == ()


@pytest.mark.parametrize("value", ["", "9" * 30, "9" * 5000, "<:wave:17>", "-5", "٣"])
@pytest.mark.parametrize("style", [Style.EMOJI, Style.MENTION])
def test_what_telegram_has_no_id_for_is_sent_as_its_text(style: Style, value: str) -> None:
    """Telegram would refuse the agent's whole message."""
    made = to_entities("hi", (Span(0, 2, style, value),))

    assert [entity for entity in made if entity.type != "mention"] == []
