"""Text with spans as HTML and as plain text, for the two forms of an outgoing mail."""

import html
import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from adapters.email.mime.html import LINK_SCHEMES
from adapters.email.mime.quoting import OWN_CLASS
from core.model.content import Span, Style

TAGS = {
    Style.BOLD: "b",
    Style.ITALIC: "i",
    Style.UNDERLINE: "u",
    Style.STRIKE: "s",
    Style.CODE: "code",
    Style.PRE: "pre",
    Style.QUOTE: "blockquote",
    Style.QUOTED_REPLY: "blockquote",
    Style.HEADING: "h3",
    Style.SMALL: "small",
    Style.LINK: "a",
}
BLOCKS = frozenset({Style.PRE, Style.QUOTE, Style.QUOTED_REPLY, Style.HEADING})
QUOTES = frozenset({Style.QUOTE, Style.QUOTED_REPLY})
NATIVE = frozenset(TAGS)
EMPTY_LINE = "<div><br></div>"
DEPTH_MAX = 50
"""So many spans may be inside one another: each line of a quote repeats them all."""


ELEMENT_STYLE = {
    Style.QUOTE: "margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex",
    Style.QUOTED_REPLY: "margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex",
    Style.PRE: "white-space:pre-wrap",
}
"""Only what mailers do not do by themselves: Outlook draws no line beside a quote."""


class Passage(NamedTuple):
    text: str
    spans: tuple[Span, ...] = ()


class Picture(NamedTuple):
    """A picture of the same mail, by its Content-ID without brackets."""

    cid: str
    name: str


def to_html(blocks: tuple[Passage | Picture, ...]) -> str:
    """Each line is an element of its own, since each has its own direction of writing."""
    return f"{EMPTY_LINE}\n".join(_block(block) for block in blocks)


def document(
    blocks: tuple[Passage | Picture, ...], history: tuple[Passage, ...], *, marker: str
) -> str:
    """A whole HTML form. What we wrote is in an element of our own classes, so that it is
    recognised when it is quoted, and `marker` says of which exchange it is.
    """
    below = f"{EMPTY_LINE}\n{to_html(history)}" if history else ""
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n'
        f'<div class="{OWN_CLASS} {marker}">\n{to_html(blocks)}</div>\n{below}</body></html>\n'
    )


def to_plain(blocks: tuple[Passage | Picture, ...]) -> str:
    """What there is to read; pictures come as files in a mailer without HTML."""
    passages = [block for block in blocks if isinstance(block, Passage)]
    return "\n\n".join(_passage_plain(passage) for passage in passages) + "\n"


def quoted(passage: Passage) -> Passage:
    """All of it as what somebody said before."""
    whole = Span(0, len(passage.text), Style.QUOTED_REPLY)
    return Passage(passage.text, (whole, *passage.spans))


def _block(block: Passage | Picture) -> str:
    if isinstance(block, Picture):
        return (
            f'<div><img src="cid:{html.escape(block.cid)}" alt="{html.escape(block.name)}" '
            'style="max-width:100%;height:auto"></div>\n'
        )
    return "".join(_line_html(line) for line in _lines(block))


def _lines(passage: Passage) -> Iterator[Passage]:
    """A passage at its line breaks, except for those inside of blocks, with each line's spans."""
    text, spans = passage.text, _bearable(filter(_is_shown, passage.spans))
    breaks = _breaks(text, [span for span in spans if span.style in BLOCKS])
    coming, here = deque(spans), list[Span]()
    for before, end in pairwise([-1, *breaks, len(text)]):
        start = before + 1
        here = [span for span in here if span.end > start]
        while coming and coming[0].start < end:
            here.append(coming.popleft())
        yield Passage(text[start:end], _within(here, start, end))


def _breaks(text: str, blocks: Iterable[Span]) -> Iterator[int]:
    """Where a line ends outside of every block. `blocks` by place."""
    coming, covered_to = deque(blocks), 0
    for match in re.finditer("\n", text):
        at = match.start()
        while coming and coming[0].start <= at:
            covered_to = max(covered_to, coming.popleft().end)
        if at >= covered_to:
            yield at


def _bearable(spans: Iterable[Span]) -> list[Span]:
    """By place, without those that begin inside of `DEPTH_MAX` others."""
    kept: list[Span] = []
    open_ends: list[int] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        while open_ends and open_ends[0] <= span.start:
            heappop(open_ends)
        if len(open_ends) < DEPTH_MAX:
            heappush(open_ends, span.end)
            kept.append(span)
    return kept


def _within(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    cut = ((span, max(span.start, start), min(span.end, end)) for span in spans)
    return tuple(
        Span(low - start, high - low, span.style, span.value)
        for span, low, high in cut
        if low < high
    )


def _line_html(line: Passage) -> str:
    """Spans may overlap: at every edge what ends is closed and what goes on is opened again."""
    if not line.text:
        return f"{EMPTY_LINE}\n"
    edges = sorted({0, len(line.text), *(e for s in line.spans for e in (s.start, s.end))})
    # Runs of spaces would be folded by the reader's browser.
    kept = re.sub(r"(?<![^ \n]) ", "\u00a0", line.text)
    pieces: list[str] = []
    coming = deque(sorted(line.spans, key=lambda span: span.start))
    stack: list[Span] = []
    for start, end in pairwise(edges):
        active = [span for span in stack if span.end > start]
        while coming and coming[0].start == start:
            active.append(coming.popleft())
        active.sort(key=_containment)
        pieces += _changed(stack, active)
        stack = active
        is_pre = any(span.style is Style.PRE for span in stack)
        pieces.append(html.escape((line.text if is_pre else kept)[start:end], quote=False))
        if not is_pre:
            pieces[-1] = pieces[-1].replace("\n", "<br>\n")
    pieces += _changed(stack, [])
    return f'<div dir="auto">{"".join(pieces)}</div>\n'


def _containment(span: Span) -> tuple[bool, int, int]:
    """The order in which elements contain one another: blocks outermost, then by place."""
    return span.style not in BLOCKS, span.start, -span.end


def _changed(before: list[Span], after: list[Span]) -> list[str]:
    common = 0
    while common < min(len(before), len(after)) and before[common] is after[common]:
        common += 1
    closing = [f"</{TAGS[span.style]}>" for span in reversed(before[common:])]
    return closing + [_opening(span) for span in after[common:]]


def _opening(span: Span) -> str:
    tag = TAGS[span.style]
    if span.style is Style.LINK:
        return f'<a href="{html.escape(span.value)}">'
    cite = ' type="cite"' if span.style is Style.QUOTED_REPLY else ""
    direction = ' dir="auto"' if span.style in BLOCKS else ""
    style = f' style="{ELEMENT_STYLE[span.style]}"' if span.style in ELEMENT_STYLE else ""
    return f"<{tag}{cite}{direction}{style}>"


def _is_shown(span: Span) -> bool:
    if span.style is Style.LINK:
        return span.length > 0 and span.value.startswith(LINK_SCHEMES)
    return span.length > 0 and span.style in TAGS


def _passage_plain(passage: Passage) -> str:
    """Links show where they lead, quotes are marked by ">"; emphasis is left to the HTML form."""
    text = passage.text
    told = (span for span in passage.spans if span.style in QUOTES or span.style is Style.LINK)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    insertions: list[tuple[int, str]] = []
    for span in _bearable(told):
        if span.style in QUOTES:
            insertions += [(at, "> ") for at in _line_starts(starts, span)]
            continue
        shown = text[span.start : span.end].rstrip()
        if _leads_elsewhere(shown, span.value):
            insertions.append((span.start + len(shown), f" ({span.value})"))
    insertions.sort(key=lambda item: (item[0], item[1] != "> "))
    pieces, done = list[str](), 0
    for position, inserted in insertions:
        pieces += (text[done:position], inserted)
        done = max(done, position)
    return "".join([*pieces, text[done:]])


def _leads_elsewhere(shown: str, target: str) -> bool:
    bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", target).rstrip("/")
    return bool(target) and shown.strip().rstrip("/") not in {target.rstrip("/"), bare}


def _line_starts(starts: list[int], span: Span) -> list[int]:
    """Of the lines that the span touches, out of all."""
    first = bisect_right(starts, span.start) - 1
    return starts[first : max(first + 1, bisect_left(starts, span.end))]
