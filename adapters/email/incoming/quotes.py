"""Which lines of a mail's text repeat an earlier mail, and which are a signature or a legal notice.

Nothing is ever cut: the answer is spans over the stored text, so that a view may fold them. In
doubt a line is the author's: what is folded by mistake is not read, what is shown by mistake does
no harm. Where the text comes from HTML, its markup has been asked first (`mime.quoting`); the
grammar goes on from what that found. All expressions are linear, and only the beginning of a huge
text is looked at.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from adapters.email.incoming.asides import (
    SIGNATURE_LINES_MAX,
    disclaimer_lines,
    signature_lines,
)
from adapters.email.incoming.attributions import (
    BAR,
    DASHES,
    QUOTE,
    Certainty,
    Origins,
    is_forwarded_line,
    is_rule,
    label,
)
from core.model.content import Span, Style

LINES_MAX = 1000
LENGTH_MAX = 256 * 1024
LINE_LENGTH_MAX = 500
HEADER_BLOCK_LINES_MAX = 12
BIDI = dict.fromkeys((0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
NOTHING_SAID = " \t\r\n\xa0\u200b\u200c\u200d\u2060\ufeff-_=*•>|."
RECOGNISED = frozenset({Style.QUOTED_REPLY, Style.SIGNATURE, Style.DISCLAIMER})


class Answering(NamedTuple):
    """What is known of a mail besides its text: our own address, and whether it answers a mail."""

    own: str = ""
    answers: bool = True


ANSWERING = Answering()


def quote_spans(
    text: str, answering: Answering = ANSWERING, found: tuple[Span, ...] = ()
) -> tuple[Span, ...]:
    """QUOTED_REPLY, SIGNATURE and DISCLAIMER spans over a text, in the place of those `found` by
    markup; they always leave something of the author's.
    """
    lines = _Lines(text)
    for believed in (found, ()) if found else ((),):
        quoted = _Quoted(lines, answering, believed)
        quotes = lines.spans(quoted.lines, Style.QUOTED_REPLY, to_end=quoted.to_end)
        quotes += lines.beyond(believed, Style.QUOTED_REPLY)
        asides = _asides(lines, quoted.lines, believed)
        if _leaves_something(text, (*quotes, *asides)):
            return (*quotes, *asides)
        if quotes and _leaves_something(text, quotes):
            return tuple(quotes)
    return ()


class _Lines:
    """The text's lines, as they are compared, and where each begins."""

    def __init__(self, text: str) -> None:
        raw = text[:LENGTH_MAX].split("\n")[:LINES_MAX]
        self.length = len(text)
        self.shown = [line[:LINE_LENGTH_MAX] for line in raw]
        if not text.isascii():
            self.shown = [line.translate(BIDI) for line in self.shown]
        self.starts = [0]
        for line in raw:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.end = self.starts[-1] - 1

    def spans(self, marked: list[bool], style: Style, *, to_end: bool = False) -> list[Span]:
        """`to_end`: the last stretch goes on beyond the lines that were looked at."""
        if True not in marked:
            return []
        edges = [
            index
            for index, (before, after) in enumerate(pairwise([False, *marked, False]))
            if before != after
        ]
        spans = [
            Span(self.starts[first], self.starts[end] - 1 - self.starts[first], style)
            for first, end in zip(edges[::2], edges[1::2], strict=True)
        ]
        if to_end and spans[-1].end == self.end:
            spans[-1] = Span(spans[-1].start, self.length - spans[-1].start, style)
        return spans

    def within(self, found: tuple[Span, ...], style: Style) -> list[bool]:
        """Which lines lie within spans of this style."""
        marked = [False] * len(self.shown)
        reached = 0
        for span in sorted(found, key=lambda span: (span.start, -span.length)):
            if span.style is style and span.end > reached:
                reached = span.end  # what lies within it is marked already
                first = bisect_right(self.starts, span.start) - 1
                for index in range(first, len(marked)):
                    start = self.starts[index]
                    if start >= span.end:
                        break
                    line = self.shown[index]
                    begin = start + len(line) - len(line.lstrip())
                    end = start + len(line.rstrip())
                    if len(line) == LINE_LENGTH_MAX:
                        end = self.starts[index + 1] - 1
                    marked[index] = marked[index] or span.start <= begin <= end <= span.end
        return marked

    def beyond(self, found: tuple[Span, ...], style: Style) -> list[Span]:
        """What was found behind the lines that were looked at, and within a single line."""
        kept = []
        for span in found:
            if span.style is not style:
                continue
            first = bisect_right(self.starts, span.start) - 1
            if span.end > self.end:
                start = max(span.start, self.end)
                kept.append(Span(start, span.end - start, style))
            elif self.starts[first] < span.start or span.end < self.starts[first + 1] - 1:
                kept.append(span)
        return [span for span in kept if span.length]


class _Quoted:
    """Reads the lines from above and marks those that are quoted."""

    def __init__(self, lines: _Lines, answering: Answering, found: tuple[Span, ...]) -> None:
        self._shown = lines.shown
        self._origins = Origins(own=answering.own, answers=answering.answers)
        self._blocks = lines.within(found, Style.QUOTE) if found else []
        self._cited = [
            line.lstrip()[:1] in {">", "＞"} and QUOTE.match(line) is not None
            for line in lines.shown
        ]
        self.lines = [False] * len(lines.shown)
        self.to_end = False
        if found:
            self.lines = lines.within(found, Style.QUOTED_REPLY)
        self._by_markup = list(self.lines)
        if answering.answers:
            self._mark_cited(0)
        for index, line in enumerate(lines.shown):
            if self._may_begin(index, line) and self._read(index):
                break
        self._bridge()

    def _may_begin(self, index: int, line: str) -> bool:
        """Whether the line is not quoted yet, or the first that markup says is."""
        if not line or line.isspace():
            return False
        if not self.lines[index]:
            return True
        return self._by_markup[index] and not (index and self._by_markup[index - 1])

    def _read(self, index: int) -> bool:
        """Marks the quote that begins with this line, if any. -> whether that was the last."""
        line = self._shown[index]
        if ":" not in line and "：" not in line and line.lstrip()[0] not in DASHES:
            return False
        if is_forwarded_line(line):
            self.lines[index:] = [False] * (len(self.lines) - index)
            return True
        if self.lines[index]:
            return False
        first, following, certainty = index, index + 1, Certainty.STRONG
        if self._origins.is_original(self._shown, index):
            following = self._after_headers(index + 1)
        elif label(line) and self._is_header_block(index):
            following = self._after_headers(index)
        else:
            certainty, before = self._origins.attribution(self._shown, index)
            first -= before
        if certainty is Certainty.NONE:
            return False
        return self._mark(self._with_rule(first), self._next(following), certainty)

    def _is_header_block(self, index: int) -> bool:
        announced = self._with_rule(index) < index
        return self._origins.is_header_block(self._shown, index, announced=announced)

    def _mark(self, first: int, following: int, certainty: Certainty) -> bool:
        end = self._end_of_run(following)
        in_blocks = self._blocks and following < end and self._blocks[following]
        if self._blocks and self._blocks[first]:
            end = self._end_of_block(first)
        elif end == following:
            if certainty is Certainty.WEAK:
                return False
            end = len(self.lines)
            self.to_end = True
        self.lines[first:end] = [True] * (end - first)
        self._mark_cited(end)
        for index in range(end, len(self.lines)) if in_blocks else ():
            self.lines[index] = self.lines[index] or self._blocks[index]
        return self.to_end

    def _mark_cited(self, start: int) -> None:
        for index in range(start, len(self.lines)):
            if self._cited[index]:
                self.lines[index] = True

    def _end_of_run(self, index: int) -> int:
        """Where the quoted lines end that begin with this one; the line itself if it is none."""
        if index >= len(self.lines):
            return index
        if self._blocks and self._blocks[index]:
            return self._end_of_block(index)
        if BAR.match(self._shown[index]):
            while index < len(self.lines) and BAR.match(self._shown[index]):
                index += 1
            return index
        while index < len(self.lines) and (self.lines[index] or self._cited[index]):
            index += 1
        return index

    def _end_of_block(self, index: int) -> int:
        while index < len(self.lines) and (self._blocks[index] or not self._shown[index].strip()):
            index += 1
        return index

    def _with_rule(self, first: int) -> int:
        """A line drawn above belongs to the quote."""
        above = first - 1
        while above > 0 and not self._shown[above].strip():
            above -= 1
        return above if above >= 0 and is_rule(self._shown[above]) else first

    def _after_headers(self, index: int) -> int:
        """The first line below that is no label with its value."""
        index = self._next(index)
        end = min(index + HEADER_BLOCK_LINES_MAX, len(self._shown))
        while index < end and (label(self._shown[index]) or not self._shown[index].strip()):
            index += 1
        return index

    def _next(self, index: int) -> int:
        while index < len(self._shown) and not self._shown[index].strip():
            index += 1
        return index

    def _bridge(self) -> None:
        """Empty lines between two quoted ones are quoted too."""
        last = None
        for index, line in enumerate(self._shown):
            if self.lines[index]:
                if last is not None:
                    self.lines[last:index] = [True] * (index - last)
                last = index
            elif last is not None and line.strip():
                last = None


def _asides(lines: _Lines, quoted: list[bool], found: tuple[Span, ...]) -> list[Span]:
    """SIGNATURE and DISCLAIMER spans over what is not quoted."""
    by_markup = lines.within(found, Style.SIGNATURE) if found else []
    signature = [False] * len(quoted)
    disclaimer = [False] * len(quoted)
    something_said = False
    for own in _stretches(lines.shown, quoted):
        noticed = disclaimer_lines(lines.shown, own)
        said = own[: len(own) - len(noticed)]
        signed = signature_lines(lines.shown, said, first=not something_said)
        if said and by_markup and not signed and (something_said or not by_markup[said[0]]):
            signed = [index for index in said if by_markup[index]]
            signed = signed if len(signed) <= SIGNATURE_LINES_MAX else []
        something_said = something_said or len(said) > len(signed)
        _mark(disclaimer, noticed, own)
        _mark(signature, signed, own)
    return [
        *lines.spans(signature, Style.SIGNATURE),
        *lines.spans(disclaimer, Style.DISCLAIMER),
    ]


def _mark(marked: list[bool], indices: list[int], own: list[int]) -> None:
    """With the empty lines between two of them, if no other line of the author's is."""
    chosen = set(indices)
    for index in indices:
        marked[index] = True
    for index, following in pairwise(own):
        if index in chosen and following in chosen:
            marked[index:following] = [True] * (following - index)


def _stretches(shown: list[str], quoted: list[bool]) -> Iterator[list[int]]:
    """The author's lines with text, as they stand between quotes."""
    own: list[int] = []
    for index, line in enumerate(shown):
        if quoted[index]:
            if own:
                yield own
                own = []
        elif line and not line.isspace():
            own.append(index)
    if own:
        yield own


def _leaves_something(text: str, spans: Iterable[Span]) -> bool:
    position = 0
    for span in sorted(spans, key=lambda span: span.start):
        if text[position : span.start].strip(NOTHING_SAID):
            return True
        position = max(position, span.end)
    return bool(text[position:].strip(NOTHING_SAID))
