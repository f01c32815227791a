"""A text as the messages that can carry it: each within the channel's limits, and numbered."""

from collections.abc import Callable

from core.model.content import Span, Style, Text
from core.ports import Capabilities
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
    few_spans = _few_spans(text, capabilities)
    return few_spans and length(text.text, capabilities.text_unit) <= limit


def cut(text: Text, capabilities: Capabilities, note: Note) -> list[Text]:
    """The pieces of a text. None is empty, and none has more spans than the channel takes."""
    limit = capabilities.text_limit
    short = not limit or length(text.text, capabilities.text_unit) <= limit
    if short and _few_spans(text, capabilities):
        return [text]
    pieces = _numbered(text, limit, capabilities)
    sparse = [_sparse(piece, capabilities) for piece in pieces]
    dropped = {
        span.style
        for piece, kept in zip(pieces, sparse, strict=True)
        for span in piece.spans
        if span not in kept.spans
    }
    if said := dropped & _SAY_SOMETHING:
        shown, notes = without_styles(text, frozenset(Style) - said)
        for one in notes:
            note(one)
        return cut(shown, capabilities, note)
    if dropped:
        note(f"some styles are left out: a message has at most {capabilities.spans_max} of them")
    if len(sparse) > 1:
        why = "has too many styles" if short else "is too long"
        note(f"the text {why} for one message: it is sent as {len(sparse)}")
    return sparse


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
        if needed <= room:
            return [_prefixed(_number(n, len(pieces)), one) for n, one in enumerate(pieces, 1)]
        room = needed
    return pieces


def _split(text: Text, limit: int, capabilities: Capabilities) -> list[Text]:
    unit, spans_max = capabilities.text_unit, capabilities.spans_max
    found = split(text.text, text.spans, limit, unit, spans_max)
    return [Text(text=piece, spans=spans) for piece, spans in found if piece.strip()]


def _number(number: int, count: int) -> str:
    return f"({number}/{count}) "


def _prefixed(prefix: str, text: Text) -> Text:
    return Text(text=prefix + text.text, spans=_moved(text.spans, len(prefix)))


def _moved(spans: tuple[Span, ...], by: int) -> tuple[Span, ...]:
    return tuple(Span(s.start + by, s.length, s.style, s.value) for s in spans)
