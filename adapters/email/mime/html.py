"""HTML mail as text with spans.

The walk keeps its own stack, because mail nests thousands of tags deep on purpose or by accident.
"""

import html as html_entities
import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.model.content import Span, Style

SPANS_MAX = 5000

STYLES = {
    "b": Style.BOLD,
    "strong": Style.BOLD,
    "i": Style.ITALIC,
    "em": Style.ITALIC,
    "u": Style.UNDERLINE,
    "ins": Style.UNDERLINE,
    "s": Style.STRIKE,
    "strike": Style.STRIKE,
    "del": Style.STRIKE,
    "code": Style.CODE,
    "tt": Style.CODE,
    "kbd": Style.CODE,
    "samp": Style.CODE,
    "pre": Style.PRE,
    "blockquote": Style.QUOTE,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Style.HEADING),
}
INVISIBLE = frozenset({"head", "script", "style", "title", "template", "noscript", "-comment"})
_BLOCKS = (
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3"
    " h4 h5 h6 header hr html li main nav ol p pre section table tr ul"
)
BLOCKS = frozenset(_BLOCKS.split())
SPACED = frozenset({"p", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:")

OWN_CLASS = "trunkline-message"
"""Marks what we wrote, so that it is recognised when it comes back below an answer. Mailers put
prefixes before a class; none removes it."""

_QUOTES = (
    "gmail_quote gmail_quote_container gmail_attr yahoo_quoted protonmail_quote moz-cite-prefix"
    " ntes-mailmaster-quote isReplyContent tutanota_quote zmail_extra"
)
QUOTE_CLASSES = frozenset(_QUOTES.split())
QUOTE_FROM_HERE = frozenset({"divRplyFwdMsg", "appendonsend", "OLK_SRC_BODY_SECTION"})
OUTLOOK_RULE = re.compile(r"border-top:\s*solid\s*#(?:E1E1E1|B5C4DF)", re.IGNORECASE)
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
ANY_TAG = re.compile(r"<[^<>]*>")
_UNCLOSED = "area base br col dd dt hr img input li link meta option p source td th tr wbr"
UNCLOSED = frozenset(_UNCLOSED.split())
"""Elements that never nest in themselves, whether they are closed or not."""

SPACE = re.compile(r"[ \t\n\r\f]+")


class Readable(NamedTuple):
    text: str
    spans: tuple[Span, ...]


def to_text(html: str) -> Readable:
    """What a reader of the HTML sees: lines, links, emphasis; quoted mail as QUOTED_REPLY spans,
    unless nothing else would be left.
    """
    root = LexborHTMLParser(html).root
    writer = _Writer()
    if root is not None:
        _write(root, writer)
    text = writer.text()
    spans = tuple(span for span in writer.spans if span.start < len(text))
    quotes = [span for span in spans if span.style is Style.QUOTED_REPLY]
    if quotes and not _without(text, quotes).strip():
        spans = tuple(span for span in spans if span.style is not Style.QUOTED_REPLY)
    return Readable(text, spans)


def depth(html: str) -> int:
    """How deep its elements nest, near enough. Parsing takes quadratic time in this, by the rules
    of HTML itself, so it has to be known before.
    """
    level = deepest = 0
    for closing, name in TAG.findall(html):
        if name.lower() not in UNCLOSED:
            level = max(level - 1, 0) if closing else level + 1
            deepest = max(deepest, level)
    return deepest


def stripped(html: str) -> str:
    """The text of HTML that is better not parsed: tags gone, entities read."""
    return html_entities.unescape(ANY_TAG.sub("\n", html))


def _write(root: LexborNode, writer: "_Writer") -> None:
    # None stands for "leave the innermost element".
    stack: list[LexborNode | None] = [root]
    open_elements: list[tuple[str, bool]] = []
    while stack:
        node = stack.pop()
        if node is None:
            writer.leave(*open_elements.pop())
        elif node.tag == "-text":
            writer.write(node.text(deep=False))
        elif node.tag not in INVISIBLE:
            open_elements.append((node.tag or "", writer.enter(node)))
            stack.append(None)
            child = node.last_child
            while child is not None:
                stack.append(child)
                child = child.prev


class _Open:
    """A span that has begun; `start` is set by its first visible character."""

    __slots__ = ("start", "style", "value")

    def __init__(self, style: Style, value: str) -> None:
        self.style = style
        self.value = value
        self.start = -1


class _Writer:
    """Collects text as a browser lays it out: white space folded, blocks on lines of their own."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._pieces: list[str] = []
        self._length = 0
        self._newlines = 0
        self._space = False
        self._preformatted = 0
        self._quotes = 0
        self._open: list[_Open | None] = []
        self._unstarted: list[_Open] = []
        self._rest: _Open | None = None

    def enter(self, node: LexborNode) -> bool:
        """-> whether this element is a quoted mail; give it back to `leave`."""
        tag = node.tag or ""
        attributes = node.attributes
        quoting = _is_quote(tag, attributes)
        if _begins_quote(attributes) and not self._quotes and self._rest is None:
            self._rest = self._begin(Style.QUOTED_REPLY, "")
        self._lines_around(tag)
        if tag == "br":
            self._newlines += 1
        elif tag == "li":
            self.write("• ")
        elif tag in {"td", "th"}:
            self._space = self._length > 0
        elif tag == "img" and attributes.get("alt"):
            self.write(f"[{attributes['alt']}]")
        self._preformatted += tag == "pre"
        self._open.append(self._span(tag, attributes, quoting=quoting))
        self._quotes += quoting
        return quoting

    def leave(self, tag: str, quoting: bool) -> None:
        self._quotes -= quoting
        self._preformatted -= tag == "pre"
        opened = self._open.pop()
        if opened is not None:
            self._end(opened)
        self._lines_around(tag)

    def write(self, text: str) -> None:
        if self._preformatted:
            self._emit(text)
            return
        words = SPACE.sub(" ", text).replace("\xa0", " ")
        if words.startswith(" "):
            self._space = True
            words = words[1:]
        if words:
            self._emit(words.removesuffix(" "))
            self._space = words.endswith(" ")

    def text(self) -> str:
        if self._rest is not None:
            self._end(self._rest)
        return "".join(self._pieces)

    def _emit(self, text: str) -> None:
        if not text:
            return
        gap = ""
        if self._newlines:
            gap = "\n" * min(self._newlines, 2) if self._length else ""
        elif self._space and self._length:
            gap = " "
        self._newlines, self._space = 0, False
        self._pieces += (gap, text)
        start = self._length + len(gap)
        for opened in self._unstarted:
            opened.start = start
        self._unstarted.clear()
        self._length = start + len(text)

    def _lines_around(self, tag: str) -> None:
        if tag in SPACED:
            self._newlines = max(self._newlines, 2)
        elif tag in BLOCKS:
            self._newlines = max(self._newlines, 1)

    def _span(self, tag: str, attributes: dict[str, str | None], *, quoting: bool) -> _Open | None:
        if quoting:
            return None if self._quotes or self._rest else self._begin(Style.QUOTED_REPLY, "")
        if tag == "a":
            href = (attributes.get("href") or "").strip()
            return self._begin(Style.LINK, href) if href.startswith(LINK_SCHEMES) else None
        style = STYLES.get(tag)
        return self._begin(style, "") if style else None

    def _begin(self, style: Style, value: str) -> _Open:
        opened = _Open(style, value)
        self._unstarted.append(opened)
        return opened

    def _end(self, opened: _Open) -> None:
        if opened.start < 0:
            if self._unstarted and self._unstarted[-1] is opened:
                self._unstarted.pop()
        elif len(self.spans) < SPANS_MAX:
            self.spans.append(
                Span(opened.start, self._length - opened.start, opened.style, opened.value)
            )


def _is_quote(tag: str, attributes: dict[str, str | None]) -> bool:
    classes = (attributes.get("class") or "").split()
    return (
        (tag == "blockquote" and attributes.get("type") == "cite")
        or not QUOTE_CLASSES.isdisjoint(classes)
        or any(name.endswith(OWN_CLASS) for name in classes)
        or attributes.get("data-marker") == "__QUOTED_TEXT__"
        or "data-quote" in attributes
    )


def _begins_quote(attributes: dict[str, str | None]) -> bool:
    """Outlook puts the quoted mail after a rule instead of into an element."""
    return attributes.get("id") in QUOTE_FROM_HERE or bool(
        OUTLOOK_RULE.search(attributes.get("style") or "")
    )


def _without(text: str, spans: list[Span]) -> str:
    kept, position = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        kept.append(text[position : span.start])
        position = max(position, span.end)
    return "".join((*kept, text[position:]))
