"""A text as the messages that can carry it: each within the channel's limits, and numbered."""

from collections.abc import Callable

from core.model.capabilities import Capabilities
from core.model.content import Span, Style, Text
from core.rules.fallback import without_styles
from core.rules.text import length, split

Note = Callable[[str], None]

_NUMBERED_FROM = 4
"""Fewer pieces are understood without numbers."""

_KEPT_FIRST = (Style.LINK, Style.SPOILER, Style.CODE, Style.PRE)
_SAY_SOMETHING = frozenset({Style.LINK, Style.SPOILER})
"""Styles without which a text says less, or too much; they are put in words rather than dropped."""


def joined(first: Text, second: Text) -> Text:
    """Two texts as one, with an empty line between them."""
    moved = _moved(second.spans, len(first.text) + 2)
    return Text(text=f"{first.text}\n\n{second.text}", spans=(*first.spans, *moved))


def fits(text: Text, limit: int, capabilities: Capabilities) -> bool:
    """Whether one message of the channel can hold it; limit 0 = nothing fits."""
    return _few_spans(text, capabilities) and measured(text, capabilities) <= limit


def measured(text: Text, capabilities: Capabilities) -> int:
    """How long the channel finds it."""
    return length(capabilities.written(text), capabilities.text_unit)


def is_whole(text: Text, capabilities: Capabilities) -> bool:
    """Whether one message of the channel can hold it."""
    return _is_short(text, capabilities) and _few_spans(text, capabilities)


def cut(text: Text, capabilities: Capabilities, note: Note) -> list[Text]:
    """The pieces of a text. None is empty, and none has more spans than the channel takes."""
    if is_whole(text, capabilities):
        return [text]
    limit = capabilities.text_limit
    short = _is_short(text, capabilities)
    pieces = _numbered(text, limit, capabilities)
    heavy = {
        span.style
        for piece in pieces
        if limit and measured(piece, capabilities) > limit
        for span in piece.spans
    }
    sparse = [_sparse(piece, capabilities) for piece in pieces]
    dropped = heavy | {
        span.style
        for piece, kept in zip(pieces, sparse, strict=True)
        for span in piece.spans
        if span not in kept.spans
    }
    if dropped:
        note(f"some styles are left out: {_why_left_out(text, capabilities)}")
    if again := heavy | dropped & _SAY_SOMETHING:
        shown, notes = without_styles(text, frozenset(Style) - again)
        for one in notes:
            note(one)
        return cut(shown, capabilities, note)
    sparse = [part for piece in sparse for part in _at_last(piece, capabilities)]
    if len(sparse) > 1:
        why = "has too many styles" if short else "is too long"
        note(f"the text {why} for one message: it is sent as {len(sparse)}")
    return sparse


def _why_left_out(text: Text, capabilities: Capabilities) -> str:
    if _few_spans(text, capabilities):
        return "a message of this channel has no room for them"
    return f"a message has at most {capabilities.spans_max} of them"


def _at_last(text: Text, capabilities: Capabilities) -> list[Text]:
    """Without its styles a text may be longer than with them, where what is code needs no marks
    against being taken for styles: then it is cut once more.
    """
    if _is_short(text, capabilities):
        return [text]
    return _split(text, capabilities.text_limit, capabilities)


def _is_short(text: Text, capabilities: Capabilities) -> bool:
    limit = capabilities.text_limit
    return not limit or measured(text, capabilities) <= limit


def _few_spans(text: Text, capabilities: Capabilities) -> bool:
    return not capabilities.spans_max or len(text.spans) <= capabilities.spans_max


def _sparse(text: Text, capabilities: Capabilities) -> Text:
    """With as many spans as there may be: what says most is kept, else what comes first."""
    if _few_spans(text, capabilities):
        return text
    ranked = sorted(range(len(text.spans)), key=lambda n: (_rank(text.spans[n]), n))
    kept = sorted(ranked[: capabilities.spans_max])
    return Text(text=text.text, spans=tuple(text.spans[n] for n in kept))


def _rank(span: Span) -> int:
    return _KEPT_FIRST.index(span.style) if span.style in _KEPT_FIRST else len(_KEPT_FIRST)


def _numbered(text: Text, limit: int, capabilities: Capabilities) -> list[Text]:
    """Four pieces and more are numbered, "(1/4) ", within the limit (0 = none)."""
    pieces = _split(text, limit, capabilities)
    room = len(_number(len(pieces), len(pieces)))
    while len(pieces) >= _NUMBERED_FROM and (not limit or 2 * room <= limit):
        pieces = _split(text, limit and limit - room, capabilities)
        needed = len(_number(len(pieces), len(pieces)))
        if needed <= room and len(pieces) >= _NUMBERED_FROM:
            numbers = (_number(n, len(pieces)) for n in range(1, len(pieces) + 1))
            return [_prefixed(n, one) for n, one in zip(numbers, pieces, strict=True)]
        room = needed
    return pieces


def _split(text: Text, limit: int, capabilities: Capabilities) -> list[Text]:
    unit, spans_max = capabilities.text_unit, capabilities.spans_max
    found = split(
        text.text,
        text.spans,
        limit,
        unit,
        spans_max,
        lambda piece, spans: measured(Text(text=piece, spans=spans), capabilities),
    )
    return [Text(text=piece, spans=spans) for piece, spans in found if piece.strip()]


def _number(number: int, count: int) -> str:
    return f"({number}/{count}) "


def _prefixed(prefix: str, text: Text) -> Text:
    return Text(text=prefix + text.text, spans=_moved(text.spans, len(prefix)))


def _moved(spans: tuple[Span, ...], by: int) -> tuple[Span, ...]:
    return tuple(Span(s.start + by, s.length, s.style, s.value) for s in spans)
