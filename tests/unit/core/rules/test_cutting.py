"""However a text is cut, each of its characters arrives once, looking as it should."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.model.capabilities import Capabilities, TextUnit
from core.model.content import Attachment, Media, MediaKind, Span, Style, Text
from core.model.ids import AttachmentId
from core.model.outbound import Plan
from core.rules.degrade import plan
from core.rules.text import is_boundary, length

FILE = Attachment(id=AttachmentId("a"), name="a.png", size_bytes=1)
STYLES = (Style.BOLD, Style.ITALIC, Style.CODE, Style.PRE, Style.LINK, Style.QUOTE)
FAMILY = "👨‍👩‍👧"
BRITAIN = "🇬🇧"
# Lone surrogates, marks, right-to-left with its own marks, joined emoji, half of a flag.
SPICE = [
    FAMILY,
    BRITAIN,
    "🇩",
    "e\u0301\u0323",
    "\ud83d",
    "\udc4d",
    "שָׁלוֹם",
    "مُحَمَّد",
    "\u202e",
    "𝒳",
    "क्ष",
]
words = st.sampled_from([*SPICE, "word", "x", " ", " ", "\n", "\n\n", ". ", "(1/2) ", "\r\n"])
texts = st.lists(words, min_size=1, max_size=80).map("".join)

Place = tuple[str, frozenset[tuple[Style, str]]]


@st.composite
def styled(draw: st.DrawFn) -> Text:
    """Spans that nest, overlap, touch, repeat, and reach from end to end."""
    text = draw(texts)
    spans = []
    for _ in range(draw(st.integers(0, 24))):
        start = draw(st.integers(0, len(text) - 1))
        width = draw(st.integers(1, len(text) - start))
        spans.append(Span(start, width, draw(st.sampled_from(STYLES)), draw(st.sampled_from("ab"))))
    return Text(text=text, spans=tuple(spans))


@st.composite
def channels(draw: st.DrawFn) -> Capabilities:
    return Capabilities(
        text_limit=draw(st.sampled_from([0, 12, 40, 90])),
        text_unit=draw(st.sampled_from(TextUnit)),
        caption_limit=draw(st.sampled_from([0, 8, 60])),
        spans_max=draw(st.sampled_from([0, 1, 3, 10])),
        styles=frozenset(STYLES),
        media=frozenset({MediaKind.IMAGE}),
    )


def places(text: str, spans: tuple[Span, ...]) -> list[Place]:
    """Each visible character with what it looks like."""
    return [
        (one, frozenset((s.style, s.value) for s in spans if s.start <= at < s.end))
        for at, one in enumerate(text)
        if not one.isspace()
    ]


def arrived(found: Plan) -> list[Text]:
    """The texts and captions as they arrive, without the numbers of the pieces."""
    texts = []
    for (part,) in found.pieces:
        assert isinstance(part, Text | Media)
        words = part.text if isinstance(part, Text) else part.caption
        texts.append(Text(text=words, spans=part.spans))
    return [one for one in texts if one.text]


def unnumbered(texts: list[Text]) -> list[Text]:
    """Without the "(1/4) " that four and more begin with, if they all do."""
    heads = [re.match(rf"\({n}/{len(texts)}\) ", one.text) for n, one in enumerate(texts, 1)]
    if len(texts) < 4 or not all(heads):
        return texts
    return [
        Text(
            text=one.text[head.end() :],
            spans=tuple(Span(s.start - head.end(), s.length, s.style, s.value) for s in one.spans),
        )
        for one, head in zip(texts, heads, strict=True)
        if head
    ]


@given(styled(), channels(), st.booleans())
@example(
    Text(text="ab" * 20, spans=tuple(Span(n, 1, Style.BOLD) for n in range(40))),
    Capabilities(text_limit=40, spans_max=3, styles=frozenset(STYLES)),
    False,
)
@example(
    Text(text=FAMILY * 3, spans=tuple(Span(0, 5, Style.ITALIC, str(n)) for n in range(9))),
    Capabilities(text_limit=12, spans_max=1, styles=frozenset(STYLES)),
    False,
)
def test_no_character_is_lost_no_limit_passed_and_spans_stay_intact(
    text: Text, channel: Capabilities, as_caption: bool
) -> None:
    """The law of splitting. Only styles that are too dense are left out, and that is said."""
    assume(text.text.strip())
    part = Media(media=MediaKind.IMAGE, attachment=FILE, caption=text.text, spans=text.spans)

    found = plan((part if as_caption else text,), channel)

    texts = arrived(found)
    for (piece,) in found.pieces:
        limit = channel.text_limit if isinstance(piece, Text) else channel.caption_limit
        words = piece.text if isinstance(piece, Text) else getattr(piece, "caption", "")
        if isinstance(piece, Media) or limit:
            assert length(words, channel.text_unit) <= limit
    for one in texts:
        assert all(s.start >= 0 < s.length and s.end <= len(one.text) for s in one.spans)
        assert not channel.spans_max or len(one.spans) <= channel.spans_max
    if any("written out" in note for note in found.fallbacks):
        return
    after = [place for one in unnumbered(texts) for place in places(one.text, one.spans)]
    before = places(text.text, text.spans)
    if any("left out" in note for note in found.fallbacks):
        assert [c for c, _ in after] == [c for c, _ in before]
        assert all(now <= then for (_, now), (_, then) in zip(after, before, strict=True))
    else:
        assert after == before


@given(st.lists(words, min_size=1, max_size=60).map("".join), channels(), st.integers(0, 30))
def test_no_cut_falls_into_a_character_however_dense_the_spans_are(
    text: str, channel: Capabilities, spans: int
) -> None:
    """Half a family is another emoji; only what is longer than a message is cut inside."""
    assume(text.strip() and channel.text_limit != 12)
    dense = tuple(Span(n % len(text), 1, Style.BOLD) for n in range(spans))

    texts = unnumbered(arrived(plan((Text(text=text, spans=dense),), channel)))

    at = 0
    for one in texts[:-1]:
        at = text.index(one.text, at) + len(one.text)
        assert is_boundary(text, at)


def test_a_text_full_of_spans_is_cut_earlier() -> None:
    """Telegram drops what is beyond a hundred, without a word."""
    text = Text(text="word " * 300, spans=tuple(Span(5 * n, 4, Style.BOLD) for n in range(300)))
    channel = Capabilities(text_limit=4096, spans_max=100, styles=frozenset(STYLES))

    found = plan((text,), channel)

    assert [len(one.spans) for one in arrived(found)] == [100, 100, 100]
    assert found.fallbacks == ("the text has too many styles for one message: it is sent as 3",)


def test_where_spans_are_too_dense_links_and_code_are_kept() -> None:
    spans = (
        *(Span(0, 30 - n, Style.BOLD, str(n)) for n in range(8)),
        Span(0, 4, Style.CODE),
        Span(5, 4, Style.LINK, "https://example.com"),
    )
    channel = Capabilities(text_limit=100, spans_max=3, styles=frozenset(STYLES))

    found = plan((Text(text="word " * 6, spans=spans),), channel)

    first = arrived(found)[0]
    assert {Style.LINK, Style.CODE} <= {span.style for one in arrived(found) for span in one.spans}
    assert len(first.spans) <= 3
    assert "some styles are left out: a message has at most 3 of them" in found.fallbacks


@pytest.mark.parametrize("style", [Style.LINK, Style.SPOILER])
def test_a_link_that_there_is_no_room_for_is_written_out(style: Style) -> None:
    """Law 5: an address is content, and that something is a spoiler as well."""
    spans = tuple(Span(0, 10, style, f"https://x.example/{n}") for n in range(10))
    channel = Capabilities(text_limit=300, spans_max=1, styles=frozenset({*STYLES, style}))

    words = " ".join(
        one.text for one in arrived(plan((Text(text="x" * 10, spans=spans),), channel))
    )

    said = r"https://x\.example/\d" if style is Style.LINK else r"\[spoiler\]"
    assert len(re.findall(said, words)) == 10


def test_a_block_of_code_is_code_again_after_the_cut() -> None:
    code = Text(text="print(1)\n" * 10, spans=(Span(0, 90, Style.PRE, "python"),))

    texts = arrived(plan((code,), Capabilities(text_limit=40, styles=frozenset(STYLES))))

    assert len(texts) == 3
    assert all(one.spans == (Span(0, len(one.text), Style.PRE, "python"),) for one in texts)
