"""Text with very many spans: what a pasted table or a long quoted history has."""

import time

import pytest

from adapters.email.outgoing.markup import DEPTH_MAX, Passage, to_html, to_plain
from core.model.content import Span, Style

COUNT = 5_000
SECONDS_MAX = 2.0
"""Several times what it takes; with work for each pair of spans it was half a minute."""


@pytest.mark.parametrize(
    "passage",
    [
        Passage("x y " * COUNT, tuple(Span(4 * n, 1, Style.BOLD) for n in range(COUNT))),
        Passage("x y\n" * COUNT, tuple(Span(4 * n, 1, Style.BOLD) for n in range(COUNT))),
        Passage("x y\n" * COUNT, tuple(Span(4 * n, 4, Style.QUOTE) for n in range(COUNT))),
        Passage("x y\n" * COUNT, tuple(Span(n, 3 * COUNT, Style.QUOTE) for n in range(COUNT))),
        Passage("x y\n" * COUNT, tuple(Span(n, 3 * COUNT, Style.BOLD) for n in range(COUNT))),
    ],
    ids=["in one line", "one a line", "a quote a line", "quotes over all", "over all"],
)
def test_many_spans_take_little_time(passage: Passage) -> None:
    """All inboxes wait while one answer is written."""
    begun = time.process_time()

    to_html((passage,))
    to_plain((passage,))

    assert time.process_time() - begun < SECONDS_MAX


def test_spans_that_overlap_are_closed_and_opened_again_at_each_edge() -> None:
    """Elements cannot overlap; a reader's browser would guess."""
    passage = Passage("one two three", (Span(0, 7, Style.BOLD), Span(4, 9, Style.ITALIC)))

    assert "<b>one <i>two</i></b><i> three</i>" in to_html((passage,))


def test_what_is_nested_deeper_than_anybody_sees_is_left_out() -> None:
    """Each line repeats all that it is in: a forged history would become gigabytes."""
    deep = Passage("words", tuple(Span(0, 5, Style.QUOTE) for _ in range(3 * DEPTH_MAX)))

    assert to_html((deep,)).count("<blockquote") == DEPTH_MAX
    assert to_plain((deep,)) == "> " * DEPTH_MAX + "words\n"


def test_a_links_target_stands_on_the_links_own_line() -> None:
    """Behind the mark of the quote below, it would be what somebody else said."""
    spans = (Span(0, 4, Style.LINK, "https://acme.example/a"), Span(4, 5, Style.QUOTE))

    plain = to_plain((Passage("see\nthere", spans),))

    assert plain == "see (https://acme.example/a)\n> there\n"
