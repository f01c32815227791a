"""Cutting text to a platform's limits, and counting it the way the platform does.

A cut is made where the sense allows it: between paragraphs, else lines, else sentences, else
words, else characters as a reader sees them (grapheme clusters). The pieces put together are the
text again, to the last space. Spans are closed at a cut and opened again after it.

Whether two code points belong to one grapheme cluster is answered from `unicodedata` by rules
that are a little wider than Unicode's (UAX 29): where those need tables that Python lacks, we keep
code points together. A cut may so be missed, but never falls inside a cluster.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

from core.model.capabilities import TextUnit
from core.model.content import Span

Piece = tuple[str, tuple[Span, ...]]
Measured = Callable[[str, tuple[Span, ...]], int]
"""What a piece takes of a limit, in the limit's unit."""

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_MARKS = frozenset({"Mn", "Mc", "Me", "Cn"})
"""Marks, and what is newer than this Python's tables: it may well be a mark."""
_JOINS_LEFT = re.compile(
    f"[{_ZWNJ}{_ZWJ}\u0e33\u0eb3\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
"""Joiners, vowels of Thai and Lao, half-width voicing marks, skin tones, tags of flags."""
_PREPENDED = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3"
    "\U000113d1\U0001193f\U00011941\U00011a3a\U00011a84-\U00011a89\U00011d46\U00011f02]"
)
_HANGUL = re.compile("[\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff]")
_VIRAMA = 9
"""The canonical combining class of the signs that join two Indic consonants."""

_SENSE = (
    re.compile(r"\n[^\S\n]*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(r"[.!?…][\"'”’»)\]]*\s+|[。！？]+[」』）]*\s*"),
    re.compile(r"\s+"),
)
"""What a piece may end with, the best first: paragraph, line, sentence, word."""

_SMALLEST_LIMIT = {TextUnit.CODE_POINT: 1, TextUnit.UTF16: 2, TextUnit.BYTE: 4}
"""Any one code point fits into this."""

_NARROWEST = 8
"""Spans may make a piece so many times shorter than the limit alone would; else a text that is
full of them would become a flood of messages.
"""


class Utf16Offsets:
    """Translates offsets into one text between code points and UTF-16 units.

    The text is read once; each translation is then a search among its astral characters.
    """

    def __init__(self, text: str) -> None:
        self._astral = [] if text.isascii() else [hit.start() for hit in _ASTRAL.finditer(text)]
        self._astral_utf16 = [at + before for before, at in enumerate(self._astral)]

    def to_utf16(self, offset: int) -> int:
        return offset + bisect_left(self._astral, offset)

    def from_utf16(self, offset: int) -> int:
        """The code point at `offset`, or around it if that is the middle of a surrogate pair."""
        return offset - bisect_left(self._astral_utf16, offset)


def length(text: str, unit: TextUnit) -> int:
    match unit:
        case TextUnit.CODE_POINT:
            return len(text)
        case TextUnit.UTF16:
            return len(text) + sum(1 for _ in _ASTRAL.finditer(text))
        case TextUnit.BYTE:
            return len(text.encode("utf-8", "surrogatepass"))


def split(
    text: str,
    spans: Iterable[Span],
    limit: int,
    unit: TextUnit,
    spans_max: int = 0,
    measured: Measured | None = None,
) -> tuple[Piece, ...]:
    """The text in pieces of at most `limit` units each, with their share of the spans.

    An empty text has no pieces; limit 0 = no limit. Only a single grapheme cluster that is longer
    than the limit is itself cut. Where a piece would have more than `spans_max` (0 = no limit)
    spans it is cut earlier; where they are too dense for that, it has more. `measured`: what a
    piece takes of the limit with its spans, where that is not the length of its text; what takes
    too much even at an eighth of the length that its text alone could have is a piece. Raises
    ValueError for a limit that one code point may pass.
    """
    if limit and limit < _SMALLEST_LIMIT[unit]:
        raise ValueError(f"a limit of {limit} {unit} cannot hold every single character")
    if not text:
        return ()
    spans = tuple(spans)
    crowd = _Crowd(spans, spans_max) if spans_max and len(spans) > spans_max else None
    cutter = _Cutter(text, spans, limit or length(text, unit), measured if limit else None)
    starts = cutter.starts(unit, crowd)
    return tuple(
        (text[start:end], shares)
        for start, end, shares in zip(
            starts, [*starts[1:], len(text)], _shares(spans, starts, len(text)), strict=True
        )
    )


def beginning(text: str, limit: int) -> str:
    """The first piece that `split` would make of the text for a limit in code points."""
    return text if len(text) <= limit else text[: _best_cut(text, 0, limit)]


def is_boundary(text: str, at: int, floor: int = 0) -> bool:
    """Whether the text may be cut before `at`; `floor` is a boundary known to lie before it."""
    if at <= floor or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    return not (
        _belong_together(before, after)
        or _splits_flag(text, at, floor)
        or _splits_conjunct(text, at, floor)
    )


class _Crowd:
    """More spans than one piece may have."""

    def __init__(self, spans: tuple[Span, ...], spans_max: int) -> None:
        self._spans, self._max = sorted(spans, key=lambda span: span.start), spans_max

    def end(self, text: str, start: int, end: int) -> int:
        """Where a piece has to end, at `end` at the latest, that would have too many of them."""
        self._spans = [span for span in self._spans if span.end > start]
        if len(self._spans) <= self._max or self._spans[self._max].start >= end:
            return end
        shortest = start + (end - start) // _NARROWEST
        return max(self._spans[self._max].start, shortest, _first_boundary(text, start, end))


class _Cutter:
    """One splitting: where each piece begins."""

    def __init__(
        self, text: str, spans: tuple[Span, ...], limit: int, measured: Measured | None
    ) -> None:
        self._text, self._spans, self._limit, self._measured = text, spans, limit, measured

    def starts(self, unit: TextUnit, crowd: _Crowd | None) -> list[int]:
        text = self._text
        starts: list[int] = []
        at = 0
        while at < len(text):
            starts.append(at)
            end = _furthest(text, at, self._limit, unit)
            if crowd:
                end = crowd.end(text, at, end)
            at = self._fitting(at, end)
        return starts

    def _fitting(self, start: int, end: int) -> int:
        """The best cut up to `end`; an earlier one where what is written of it takes too much."""
        shortest = start + (end - start) // _NARROWEST
        cut = self._cut(start, end)
        while (size := self._size(start, cut)) > self._limit:
            first = max(shortest, _first_boundary(self._text, start, cut))
            if cut <= first:
                break
            shorter = (cut - start) * self._limit // size
            end = max(first, start + min(shorter, cut - start - 1))
            cut = self._cut(start, end)
        return cut

    def _cut(self, start: int, end: int) -> int:
        return end if end == len(self._text) else _best_cut(self._text, start, end)

    def _size(self, start: int, end: int) -> int:
        if self._measured is None:
            return 0
        self._spans = tuple(span for span in self._spans if span.end > start)
        share = tuple(
            Span(max(span.start - start, 0), length, span.style, span.value)
            for span in self._spans
            if (length := min(span.end, end) - max(span.start, start)) > 0
        )
        return self._measured(self._text[start:end], share)


def _first_boundary(text: str, start: int, end: int) -> int:
    return next((at for at in range(start + 1, end) if is_boundary(text, at, start)), end)


def _furthest(text: str, start: int, limit: int, unit: TextUnit) -> int:
    """The highest end for which `text[start:end]` is within the limit."""
    window = text[start : start + limit]
    match unit:
        case TextUnit.CODE_POINT:
            return start + len(window)
        case TextUnit.UTF16:
            return start + min(len(window), Utf16Offsets(window).from_utf16(limit))
        case TextUnit.BYTE:
            return start + _code_points_within(window.encode("utf-8", "surrogatepass"), limit)


def _code_points_within(encoded: bytes, limit: int) -> int:
    end = min(limit, len(encoded))
    while end < len(encoded) and encoded[end] & 0xC0 == 0x80:  # the middle of a character
        end -= 1
    return len(encoded[:end].decode("utf-8", "surrogatepass"))


def _best_cut(text: str, start: int, end: int) -> int:
    """Sense is sought in the later half of the window, lest the pieces become many and short."""
    middle = start + (end - start) // 2
    for pattern in _SENSE:
        if cut := _last_match_end(pattern, text, start, middle, end):
            return cut
    if cut := _last_match_end(_SENSE[-1], text, start, start, middle):
        return cut
    return _last_boundary(text, start, end)


def _last_match_end(
    pattern: re.Pattern[str], text: str, start: int, low: int, high: int
) -> int | None:
    ends = [hit.end() for hit in pattern.finditer(text, low, high)]
    return next((end for end in reversed(ends) if is_boundary(text, end, start)), None)


def _last_boundary(text: str, start: int, end: int) -> int:
    return next((at for at in range(end, start, -1) if is_boundary(text, at, start)), end)


def _belong_together(before: str, after: str) -> bool:
    if unicodedata.category(after) in _MARKS or _JOINS_LEFT.match(after):
        return True
    if before == _ZWJ or _PREPENDED.match(before):
        return True
    return bool(_HANGUL.match(before) and _HANGUL.match(after) and _one_syllable(before, after))


def _one_syllable(before: str, after: str) -> bool:
    """Korean letters that combine: only a complete syllable starts anew."""
    starts_anew = "\uac00" <= after <= "\ud7a3" or "\u1100" <= after <= "\u115f"
    return not starts_anew or "\u1100" <= before <= "\u115f" or "\ua960" <= before <= "\ua97f"


def _splits_flag(text: str, at: int, floor: int) -> bool:
    """Flags are pairs of regional indicators: no cut after an odd number of them."""
    if not _is_regional(text[at]):
        return False
    first = at
    while first > floor and _is_regional(text[first - 1]):
        first -= 1
    return (at - first) % 2 == 1


def _splits_conjunct(text: str, at: int, floor: int) -> bool:
    """Indic consonants are one character when a virama stands among the marks between them."""
    before = at - 1
    while before >= floor and unicodedata.category(text[before]) in _MARKS:
        if unicodedata.combining(text[before]) == _VIRAMA:
            return True
        before -= 1
    return False


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _shares(spans: Iterable[Span], starts: list[int], total: int) -> list[tuple[Span, ...]]:
    """What of the spans falls on each piece, counted from the piece's start, in the given order."""
    shares: list[list[Span]] = [[] for _ in starts]
    ends = [*starts[1:], total]
    for span in spans:
        low, high = max(span.start, 0), min(span.end, total)
        index = bisect_right(starts, low) - 1
        while low < high:
            end = min(high, ends[index])
            shares[index].append(Span(low - starts[index], end - low, span.style, span.value))
            low, index = end, index + 1
    return [tuple(share) for share in shares]
