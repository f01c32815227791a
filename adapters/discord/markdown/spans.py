"""Spans in one form, whatever they were made from. Pure."""

from collections.abc import Collection

from core.model.content import Span, Style

_WHOLE = frozenset(
    {Style.MENTION, Style.EMOJI, Style.COMMAND, Style.PRE, Style.CODE, Style.HEADING, Style.SMALL}
)
"""Two of these side by side are two."""


UNSEEN_ON_SPACES = frozenset({Style.BOLD, Style.ITALIC})
"""Nobody sees whether a space has these."""


def united(text: str, spans: Collection[Span]) -> tuple[Span, ...]:
    """In the order of the text, the longer first; what touches its like is one with it, and so is
    what nothing but a space divides on which nobody would see it.
    """
    if len(spans) < 2:
        return tuple(spans)
    last: dict[tuple[Style, str], Span] = {}
    done: list[Span] = []
    for span in sorted(spans, key=_place):
        key = (span.style, span.value)
        before = last.get(key)
        if before is None:
            last[key] = span
        elif _touches(text, before, span):
            end = max(before.end, span.end)
            last[key] = Span(before.start, end - before.start, span.style, span.value)
        else:
            done.append(before)
            last[key] = span
    return tuple(sorted((*done, *last.values()), key=_place))


def _touches(text: str, before: Span, span: Span) -> bool:
    if span.style in _WHOLE or span.start <= before.end:
        return span.style not in _WHOLE
    between = text[before.end : span.start]
    return span.style in UNSEEN_ON_SPACES and between.isspace() and "\n" not in between


def _place(span: Span) -> tuple[int, int, str, str]:
    return span.start, -span.length, span.style, span.value
