"""Spans in one form, whatever they were made from. Pure."""

from collections.abc import Iterable

from core.model.content import Span, Style

_WHOLE = frozenset(
    {Style.MENTION, Style.EMOJI, Style.COMMAND, Style.PRE, Style.CODE, Style.HEADING, Style.SMALL}
)
"""Two of these side by side are two."""


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In the order of the text, the longer first; what touches its like is one with it."""
    last: dict[tuple[Style, str], Span] = {}
    done: list[Span] = []
    for span in sorted(spans, key=_place):
        key = (span.style, span.value)
        before = last.get(key)
        if before is None:
            last[key] = span
        elif span.style not in _WHOLE and span.start <= before.end:
            end = max(before.end, span.end)
            last[key] = Span(before.start, end - before.start, span.style, span.value)
        else:
            done.append(before)
            last[key] = span
    return tuple(sorted((*done, *last.values()), key=_place))


def _place(span: Span) -> tuple[int, int, str, str]:
    return span.start, -span.length, span.style.value, span.value
