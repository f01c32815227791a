"""Formatting survives the way out and in, and no text is taken for markup that is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.discord.markdown.reading import read
from adapters.discord.markdown.writing import STYLES, write
from core.model.content import Span, Style

INLINE = (Style.BOLD, Style.ITALIC, Style.UNDERLINE, Style.STRIKE, Style.SPOILER)
MARKS = [
    "*",
    "**",
    "_",
    "__",
    "~~",
    "||",
    "`",
    "``",
    "```",
    "\\",
    "> ",
    ">>> ",
    "# ",
    "### ",
    "-# ",
]
MARKS += [
    "- ",
    "1. ",
    "[",
    "](https://a.example)",
    "<",
    "<@12>",
    "<#3>",
    "<:a:4>",
    "@everyone",
    "<t:1>",
]
MARKS += [
    "https://a.example/b_c_",
    "</a:5>",
    "<id:guide>",
    "|",
    "~",
    "!",
    "(",
    ")",
    "]",
    ":",
    "@here",
]
PLAIN = ["word", "a", " ", " ", "\n", "\n", "é", "👍🏽", "שלום", "x", "py\n", "  ", "\u200b", "#"]
soup = st.lists(st.sampled_from(MARKS + PLAIN), max_size=30).map("".join)
words = st.sampled_from(
    ["word", "a", "*", "_x_", "é", "👍🏽", "||", "x`y", "\\", "~~", "#", "[x]", "<"]
)
WHOLE = {Style.LINK, Style.CODE, Style.PRE, Style.MENTION, Style.EMOJI, Style.COMMAND}
BY_LINES = {Style.QUOTE, Style.HEADING, Style.SMALL}
"""Shown on whole lines."""

Seen = set[tuple[int, Style, str]]


def seen(text: str, spans: tuple[Span, ...]) -> Seen:
    """Each character that can be seen, with each style that it has."""
    return {
        (at, span.style, span.value)
        for span in spans
        for at in range(span.start, min(span.end, len(text)))
        if not text[at].isspace()
    }


@st.composite
def spans_on(draw: st.DrawFn, text: str) -> tuple[Span, ...]:
    """Anywhere, nested, crossing, repeated."""
    if not text:
        return ()
    found = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text) - 1))
        width = draw(st.integers(1, len(text) - start))
        style = draw(st.sampled_from([*INLINE, *sorted(STYLES)]))
        value = "https://b.example/c" if style is Style.LINK else ""
        found.append(Span(start, width, style, value))
    return tuple(found)


@st.composite
def any_text(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    text = draw(soup)
    return text, draw(spans_on(text))


@given(any_text())
@example(("abc", (Span(0, 1, Style.BOLD), Span(1, 1, Style.ITALIC))))
@example(("@everyone", (Span(3, 4, Style.ITALIC), Span(2, 2, Style.BOLD))))
@example(("a\n> b", (Span(0, 5, Style.BOLD), Span(2, 3, Style.QUOTE))))
def test_a_text_is_shown_character_for_character_whatever_its_styles(
    given_text: tuple[str, tuple[Span, ...]],
) -> None:
    """Whoever quotes a customer, or sends code, would see other words than were written. No style
    is shown where none was asked for, but on all of an address, of a line, of a piece of code.
    """
    text, spans = given_text

    shown, styles = read(write(text, spans))

    assert shown == text
    by_lines = {span.style for span in spans} & BY_LINES
    asked = {(at, style) for at, style, _ in seen(text, spans)}
    now = {(at, style) for at, style, _ in seen(shown, styles)}
    whole = {at for at, style in now if style in WHOLE}
    added = {style for at, style in now - asked if at not in whole or style in BY_LINES}
    assert added <= by_lines
    assert Style.MENTION not in {style for _, style in now - asked}


@given(soup)
def test_what_a_customer_wrote_says_the_same_when_it_is_written_back(markdown: str) -> None:
    text, spans = read(markdown)

    again = read(write(text, spans))

    assert again[0] == text
    assert read(write(*again)) == again


@st.composite
def by_words(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    """Styles that begin and end with whole words, as people give them."""
    found = draw(st.lists(words, min_size=1, max_size=12))
    starts = [sum(len(word) + 1 for word in found[:index]) for index in range(len(found))]
    text = " ".join(found)
    spans = []
    for _ in range(draw(st.integers(0, 5))):
        first = draw(st.integers(0, len(found) - 1))
        last = draw(st.integers(first, len(found) - 1))
        end = starts[last] + len(found[last])
        spans.append(Span(starts[first], end - starts[first], draw(st.sampled_from(INLINE))))
    return text, tuple(spans)


@given(by_words())
@example(
    (
        "one two three four five",
        (Span(4, 19, Style.UNDERLINE), Span(0, 7, Style.ITALIC), Span(14, 4, Style.ITALIC)),
    )
)
def test_every_style_on_whole_words_arrives_as_it_was_given(
    given_text: tuple[str, tuple[Span, ...]],
) -> None:
    text, spans = given_text

    shown, styles = read(write(text, spans))

    assert shown == text
    assert seen(shown, styles) == seen(text, spans)
    assert read(write(shown, styles)) == (shown, styles)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://en.wiki.example/Quay_(port)", "https://en.wiki.example/Quay_%28port%29"),
        ('https://shop.example/a(b?c="d e"', "https://shop.example/a%28b?c=%22d%20e%22"),
    ],
)
def test_a_link_leads_to_its_address_whatever_that_holds(address: str, written: str) -> None:
    """A customer would be told to look "here", and nothing would be there to press."""
    markdown = write("look here", (Span(5, 4, Style.LINK, address),))

    assert markdown == f"look [here]({written})"
    assert read(markdown) == ("look here", (Span(5, 4, Style.LINK, written),))


@given(soup)
def test_nothing_that_a_text_merely_says_calls_anybody(text: str) -> None:
    """A customer's words, quoted in a reply, would ring for a whole guild."""
    _, spans = read(write(text, ()))

    assert {span.style for span in spans} <= {Style.LINK}
