"""Text with spans as HTML and as plain text, for the two forms of an outgoing mail."""

import html
import re
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
    Style.LINK: "a",
}
BLOCKS = frozenset({Style.PRE, Style.QUOTE, Style.QUOTED_REPLY, Style.HEADING})
QUOTES = frozenset({Style.QUOTE, Style.QUOTED_REPLY})
NATIVE = frozenset(TAGS)


class Passage(NamedTuple):
    text: str
    spans: tuple[Span, ...] = ()


def to_html(passages: tuple[Passage, ...]) -> str:
    """A fragment in an element of our own class, so that it is recognised when it is quoted."""
    bodies = "<br>\n<br>\n".join(_passage_html(passage) for passage in passages)
    return f'<div class="{OWN_CLASS}">{bodies}</div>\n'


def to_plain(passages: tuple[Passage, ...]) -> str:
    return "\n\n".join(_passage_plain(passage) for passage in passages) + "\n"


def _passage_html(passage: Passage) -> str:
    """Spans may overlap: at every edge what ends is closed and what goes on is opened again."""
    spans = [span for span in passage.spans if _is_shown(span)]
    # Blocks outermost, then by place: the order in which elements contain one another.
    spans.sort(key=lambda span: (span.style not in BLOCKS, span.start, -span.end))
    edges = sorted({0, len(passage.text), *(e for s in spans for e in (s.start, s.end))})
    pieces: list[str] = []
    stack: list[Span] = []
    for start, end in pairwise(edges):
        active = [span for span in spans if span.start <= start and span.end >= end]
        pieces += _changed(stack, active)
        stack = active
        pieces.append(_escaped(passage.text[start:end], stack))
    pieces += _changed(stack, [])
    joined = "".join(pieces)
    # A block brings its own line breaks.
    joined = re.sub(r"(?:<br>\n)?(<(?:pre|blockquote|h3)\b)", r"\1", joined)
    return re.sub(r"(</(?:pre|blockquote|h3)>)<br>\n", r"\1\n", joined)


def _changed(before: list[Span], after: list[Span]) -> list[str]:
    common = 0
    while common < min(len(before), len(after)) and before[common] is after[common]:
        common += 1
    closing = [f"</{TAGS[span.style]}>" for span in reversed(before[common:])]
    return closing + [_opening(span) for span in after[common:]]


def _opening(span: Span) -> str:
    if span.style is Style.LINK:
        return f'<a href="{html.escape(span.value)}">'
    if span.style is Style.QUOTED_REPLY:
        return '<blockquote type="cite">'
    return f"<{TAGS[span.style]}>"


def _escaped(text: str, inside: list[Span]) -> str:
    escaped = html.escape(text, quote=False)
    if any(span.style is Style.PRE for span in inside):
        return escaped
    # Runs of spaces would be folded by the reader's browser.
    kept = re.sub(r"(?<=[ \n]) ", "\u00a0", escaped)
    return kept.replace("\n", "<br>\n")


def _is_shown(span: Span) -> bool:
    if span.style is Style.LINK:
        return span.length > 0 and span.value.startswith(LINK_SCHEMES)
    return span.length > 0 and span.style in TAGS


def _passage_plain(passage: Passage) -> str:
    """Links show where they lead, quotes are marked by ">"; emphasis is left to the HTML form."""
    text = passage.text
    insertions: list[tuple[int, str]] = []
    for span in passage.spans:
        if span.style is Style.LINK and _leads_elsewhere(text[span.start : span.end], span.value):
            insertions.append((span.end, f" ({span.value})"))
        elif span.style in QUOTES:
            insertions += [(at, "> ") for at in _line_starts(text, span)]
    for position, inserted in sorted(insertions, key=lambda item: item[0], reverse=True):
        text = f"{text[:position]}{inserted}{text[position:]}"
    return text


def _leads_elsewhere(shown: str, target: str) -> bool:
    bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", target).rstrip("/")
    return bool(target) and shown.strip().rstrip("/") not in {target.rstrip("/"), bare}


def _line_starts(text: str, span: Span) -> list[int]:
    first = text.rfind("\n", 0, span.start) + 1
    breaks = [m.end() for m in re.finditer("\n", text[: span.end]) if m.end() > span.start]
    return [first, *(at for at in breaks if at < span.end)]
