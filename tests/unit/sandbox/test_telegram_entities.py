"""Entities count UTF-16 units; one unit off and a reply is bold in the wrong place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.telegram.entities import checked, detected, trimmed, utf16_length
from sandbox.telegram.refusals import Refusal


@given(st.text())
def test_utf16_length_is_what_the_codec_says(text: str) -> None:
    safe = text.encode("utf-16-le", "surrogatepass")

    assert utf16_length(text) == len(safe) // 2


def test_entities_come_back_sorted_outermost_first_and_without_empty_ones() -> None:
    inner = {"type": "bold", "offset": 2, "length": 2}
    outer = {"type": "italic", "offset": 2, "length": 5}
    empty = {"type": "code", "offset": 0, "length": 0}

    assert checked("😀 hello", [inner, empty, outer]) == [outer, inner]


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"type": "bold", "length": 1}, 'Can\'t find field "offset"'),
        ({"type": "text_link", "offset": 0, "length": 1}, 'Can\'t find field "url"'),
        ({"type": [], "offset": 0, "length": 1}, "Unsupported type specified"),
        ({"type": "bold", "offset": 0, "length": 1}, "ends in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": -1, "length": 1}, "invalid entity offset"),
    ],
)
def test_entities_that_make_no_sense_are_refused(entity: dict[str, object], words: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked("😀", [entity])

    assert refused.value.code == 400
    assert words in refused.value.description


def test_trimming_moves_and_shrinks_entities_with_the_text() -> None:
    spans = [
        {"type": "bold", "offset": 0, "length": 4},
        {"type": "code", "offset": 5, "length": 4},
        {"type": "italic", "offset": 9, "length": 1},
    ]

    text, moved = trimmed("  ab 😀x  ", spans)

    assert text == "ab 😀x"
    assert moved == [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "code", "offset": 3, "length": 3},
    ]


@given(st.text(), st.integers(0, 5), st.integers(0, 5))
def test_trimmed_entities_always_lie_within_the_text(text: str, offset: int, length: int) -> None:
    kept, moved = trimmed(text, [{"type": "bold", "offset": offset, "length": length}])

    for entity in moved:
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= utf16_length(kept)


def test_links_addresses_commands_and_mentions_are_recognised() -> None:
    text = "😀 /start https://acme.example/a. mei@post.example @acme_bot 1/2"

    found = [(one["type"], one["offset"], one["length"]) for one in detected(text)]

    assert found == [
        ("bot_command", 3, 6),
        ("url", 10, 22),
        ("email", 34, 16),
        ("mention", 51, 9),
    ]
