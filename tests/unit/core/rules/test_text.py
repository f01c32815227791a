"""Texts are cut without a loss: nothing is more visible to a customer than half a word."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.model.capabilities import TextUnit
from core.model.content import Span, Style
from core.rules.text import Utf16Offsets, beginning, is_boundary, length, split

FAMILY = "👨‍👩‍👧"
GERMANY = "🇩🇪"
ACUTE = "e\u0301"
CLUSTERS = [
    FAMILY,
    GERMANY,
    ACUTE,
    "👍🏽",
    "क्ष",
    "한",
    "\u1112\u1161\u11ab",
    "\r\n",
    "ก\u0e33",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
]

words = st.sampled_from([*CLUSTERS, "word", "שלום", "x", " ", "\n", "\n\n", ". ", "! ", "。", "𝒳"])
texts = st.one_of(st.text(), st.lists(words, max_size=60).map("".join))


@st.composite
def spanned(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    text = draw(texts)
    spans = []
    for _ in range(draw(st.integers(0, 5)) if text else 0):
        start = draw(st.integers(0, len(text) - 1))
        width = draw(st.integers(1, len(text) - start))
        spans.append(Span(start, width, draw(st.sampled_from(Style)), draw(st.text(max_size=3))))
    return text, tuple(spans)


def styles(text: str, spans: tuple[Span, ...]) -> list[set[tuple[Style, str]]]:
    return [{(s.style, s.value) for s in spans if s.start <= i < s.end} for i in range(len(text))]


@given(spanned(), st.integers(4, 40), st.sampled_from(TextUnit))
@example((FAMILY * 3, ()), 4, TextUnit.BYTE)
def test_nothing_is_lost_no_limit_passed_and_each_character_keeps_its_styles(
    given_text: tuple[str, tuple[Span, ...]], limit: int, unit: TextUnit
) -> None:
    """The one law of splitting, for every unit that a platform may count in."""
    text, spans = given_text

    pieces = split(text, spans, limit, unit)

    assert "".join(piece for piece, _ in pieces) == text
    assert all(0 < length(piece, unit) <= limit for piece, _ in pieces)
    after = [found for piece, shares in pieces for found in styles(piece, shares)]
    assert after == styles(text, spans)
    assert all(s.start >= 0 and s.length > 0 and s.end <= len(p) for p, ss in pieces for s in ss)


@given(st.lists(words, max_size=60), st.integers(30, 60), st.sampled_from(TextUnit))
def test_no_cut_falls_into_a_character_as_the_reader_sees_it(
    parts: list[str], limit: int, unit: TextUnit
) -> None:
    text = "".join(parts)

    pieces = split(text, (), limit, unit)

    inner: set[int] = set()
    at = 0
    for part in parts:
        if part in CLUSTERS:
            inner |= set(range(at + 1, at + len(part)))
        at += len(part)
    assert not inner & set(_cuts([piece for piece, _ in pieces]))


def _cuts(pieces: list[str]) -> list[int]:
    cuts, at = [], 0
    for piece in pieces[:-1]:
        at += len(piece)
        cuts.append(at)
    return cuts


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_cluster_has_no_boundary_inside(cluster: str) -> None:
    assert not any(is_boundary(cluster * 2, at) for at in range(1, len(cluster)))
    assert is_boundary(cluster * 2, len(cluster))


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("One one.\n\nTwo. Three", 14, ["One one.\n\n", "Two. Three"]),
        ("First line\nsecond one. Third", 20, ["First line\n", "second one. Third"]),
        ("It is so. It was not", 14, ["It is so. ", "It was not"]),
        ("some words here", 11, ["some words ", "here"]),
        ("a verylongwordindeed", 12, ["a ", "verylongword", "indeed"]),
        ("今日は。明日も雨です", 6, ["今日は。", "明日も雨です"]),
        ("abc" + FAMILY + "d", 6, ["abc", FAMILY + "d"]),
    ],
)
def test_a_cut_is_made_where_the_sense_allows_it(
    text: str, limit: int, expected: list[str]
) -> None:
    pieces = split(text, (), limit, TextUnit.CODE_POINT)

    assert [piece for piece, _ in pieces] == expected


def test_a_span_over_a_cut_is_closed_and_opened_again() -> None:
    bold = Span(5, 10, Style.BOLD)

    pieces = split("some words here", (bold,), 11, TextUnit.CODE_POINT)

    assert pieces == (
        ("some words ", (Span(5, 6, Style.BOLD),)),
        ("here", (Span(0, 4, Style.BOLD),)),
    )


@given(texts, st.integers(1, 40))
def test_a_text_begins_with_its_first_piece(text: str, limit: int) -> None:
    """What is repeated of an answered message would end in the middle of a character."""
    pieces = split(text, (), limit, TextUnit.CODE_POINT)

    assert beginning(text, limit) == (pieces[0][0] if pieces else "")


def test_without_a_limit_there_is_one_piece_and_without_text_none() -> None:
    assert split("a b", (), 0, TextUnit.BYTE) == (("a b", ()),)
    assert split("", (), 10, TextUnit.BYTE) == ()


def test_a_limit_that_cannot_hold_one_character_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        split("𝒳", (), 1, TextUnit.UTF16)


def test_lengths_are_counted_as_the_platform_counts_them() -> None:
    text = "a👍é"

    counted = [length(text, unit) for unit in TextUnit]

    assert counted == [3, 4, 7]


@given(st.text())
def test_offsets_translate_to_utf16_and_back(text: str) -> None:
    offsets = Utf16Offsets(text)

    for at in range(len(text) + 1):
        units = len(text[:at].encode("utf-16-le")) // 2
        assert offsets.to_utf16(at) == units
        assert offsets.from_utf16(units) == at


def test_an_offset_within_a_surrogate_pair_means_its_character() -> None:
    assert Utf16Offsets("a👍b").from_utf16(2) == 1


def test_a_long_run_of_flags_and_a_megabyte_of_words_are_cut_in_time() -> None:
    """Splitting is linear: a hostile text must not hold up the worker."""
    assert len(split(GERMANY * 50_000, (), 4096, TextUnit.UTF16)) == 49
    assert len(split("word " * 200_000, (), 4096, TextUnit.UTF16)) == 245
