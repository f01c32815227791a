"""HTML mail as text with spans.

The walk keeps its own stack, because mail nests thousands of tags deep on purpose or by accident.
"""

import html as html_entities
import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.email.mime.quoting import Mark, mark_of
from core.model.content import Span, Style

SPANS_MAX = 5000
STRETCHES_MAX = 1000
"""Of quoted mail and signatures; beyond the other spans, which must not crowd them out."""

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
    "a": Style.LINK,
    "small": Style.SMALL,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Style.HEADING),
}
INVISIBLE = frozenset({"head", "script", "style", "title", "template", "noscript", "-comment"})
_BLOCKS = (
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3"
    " h4 h5 h6 header hr html li main nav ol p pre section table tr ul"
)
_SPACED = "p blockquote pre h1 h2 h3 h4 h5 h6 ul ol"
NEWLINES = dict.fromkeys(_BLOCKS.split(), 1) | dict.fromkeys(_SPACED.split(), 2)
"""How far a block stands from what is before and after it."""
SHOWN_BY_THEMSELVES = frozenset({"br", "li", "pre", "img", "td", "th"})
LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:")

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
ANY_TAG = re.compile(r"<[^<>]*>")
_UNCLOSED = "area base br col dd dt hr img input li link meta option p source td th tr wbr"
UNCLOSED = frozenset(_UNCLOSED.split())
"""Elements that never nest in themselves, whether they are closed or not."""

SPACE = re.compile(r"[ \t\n\r\f]+")
FOLDS = re.compile(r"[\t\n\r\f]|  ")


class Readable(NamedTuple):
    text: str
    spans: tuple[Span, ...]


def to_text(html: str) -> Readable:
    """What a reader of the HTML sees: lines, links, emphasis; what its markup says is quoted mail
    or a signature as QUOTED_REPLY and SIGNATURE spans, be that everything.
    """
    root = LexborHTMLParser(html).root
    writer = _Writer()
    if root is not None:
        _write(root, writer)
    return Readable(writer.text(), tuple(writer.spans))


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
    while stack:
        node = stack.pop()
        if node is None:
            writer.leave()
            continue
        tag = node.tag or ""
        if tag == "-text":
            writer.write(node.text(deep=False))
        elif tag not in INVISIBLE:
            writer.enter(node, tag)
            stack.append(None)
            child = node.last_child
            while child is not None:
                stack.append(child)
                child = child.prev


class _Styled:
    """A span that has begun; `start` is set by its first visible character."""

    __slots__ = ("start", "style", "value")

    def __init__(self, style: Style, value: str) -> None:
        self.style = style
        self.value = value
        self.start = -1


class _Region:
    """Elements whose words have the same writer: `style` says what they are, None the author's."""

    __slots__ = ("mark", "outside", "style")

    def __init__(self, mark: Mark | None, style: Style | None, outside: "_Region | None") -> None:
        self.mark = mark
        self.style = style
        self.outside = outside


class _Writer:
    """Collects text as a browser lays it out: white space folded, blocks on lines of their own."""

    __slots__ = (
        "_length",
        "_newlines",
        "_open",
        "_perhaps",
        "_pieces",
        "_preformatted",
        "_region",
        "_run",
        "_space",
        "_stretches",
        "_unstarted",
        "spans",
    )

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._pieces: list[str] = []
        self._length = 0
        self._newlines = 0
        self._space = False
        self._preformatted = 0
        self._region = _Region(None, None, None)
        self._open: list[tuple[str, _Region, _Styled | None]] = []
        self._unstarted: list[_Styled] = []
        self._run: tuple[int, Style | None] = (0, None)
        self._perhaps: _Styled | None = None
        self._stretches: list[Span] = []

    def enter(self, node: LexborNode, tag: str) -> None:
        attributes = node.attributes
        mark = mark_of(node, tag, attributes) if attributes else None
        outside = self._region
        if mark is not None or tag == "blockquote":
            self._region = self._entered(mark)
        if NEWLINES.get(tag, 0) > self._newlines:
            self._newlines = NEWLINES[tag]
        if tag in SHOWN_BY_THEMSELVES:
            self._show(tag, attributes)
        styled = None
        if tag in STYLES and mark is not Mark.QUOTE:
            styled = self._styled(STYLES[tag], attributes)
        self._open.append((tag, outside, styled))

    def leave(self) -> None:
        tag, outside, styled = self._open.pop()
        if styled is not None:
            self._end(styled)
        if self._region is not outside:
            if tag == "blockquote" and outside.mark is Mark.CONTAINER:
                outside.style = outside.outside.style if outside.outside else None
            self._region = outside
        if NEWLINES.get(tag, 0) > self._newlines:
            self._newlines = NEWLINES[tag]
        if tag == "pre":
            self._preformatted -= 1

    def write(self, text: str) -> None:
        if self._preformatted:
            self._emit(text)
            return
        if text.isspace():
            self._space = True
            return
        words = SPACE.sub(" ", text) if FOLDS.search(text) else text
        if "\xa0" in words:
            words = words.replace("\xa0", " ")
        if words[0] == " ":
            self._space = True
            words = words[1:]
        self._emit(words.removesuffix(" "))
        self._space = words[-1] == " "

    def text(self) -> str:
        """All of it; then `spans` are complete."""
        self._end_run()
        perhaps = self._perhaps
        if perhaps and perhaps.start >= 0 and not self._quotes_after(perhaps.start):
            self._end(perhaps)
        self.spans += self._stretches
        return "".join(self._pieces)

    def _entered(self, mark: Mark | None) -> _Region:
        """The region that begins with an element."""
        outside = self._region
        style = outside.style
        if mark is Mark.REST or mark is Mark.REST_PERHAPS:
            self._begin_rest(outside, mark)
            return outside
        if mark is Mark.AUTHOR:
            style = None if outside.mark is None else style
        elif mark is Mark.SIGNATURE:
            style = style or Style.SIGNATURE
        elif mark is not None:
            style = Style.QUOTED_REPLY
        return _Region(mark, style, outside)

    def _begin_rest(self, region: _Region, mark: Mark) -> None:
        """It ends with the quote, if any, that it is in."""
        while region.outside and region.mark in {Mark.AUTHOR, Mark.SIGNATURE}:
            region.style = region.outside.style
            region = region.outside
        if region.style is Style.QUOTED_REPLY:
            return
        if mark is Mark.REST:
            region.style = Style.QUOTED_REPLY
        elif self._perhaps is None:
            self._perhaps = _Styled(Style.QUOTED_REPLY, "")
            self._unstarted.append(self._perhaps)

    def _end_run(self) -> None:
        start, style = self._run
        if style is not None and start < self._length and len(self._stretches) < STRETCHES_MAX:
            self._stretches.append(Span(start, self._length - start, style))

    def _quotes_after(self, start: int) -> bool:
        return any(
            stretch.start >= start and stretch.style is Style.QUOTED_REPLY
            for stretch in self._stretches
        )

    def _emit(self, text: str) -> None:
        gap = ""
        if self._newlines:
            gap = "\n" * min(self._newlines, 2) if self._length else ""
        elif self._space and self._length:
            gap = " "
        self._newlines, self._space = 0, False
        self._pieces += (gap, text)
        start = self._length + len(gap)
        if self._unstarted:
            for styled in self._unstarted:
                styled.start = start
            self._unstarted.clear()
        if self._run[1] is not self._region.style:
            self._end_run()
            self._run = (start, self._region.style)
        self._length = start + len(text)

    def _show(self, tag: str, attributes: dict[str, str | None]) -> None:
        """What an element says besides the text in it."""
        if tag == "br":
            self._newlines += 1
        elif tag == "li":
            self.write("• ")
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "img":
            if attributes.get("alt"):
                self.write(f"[{attributes['alt']}]")
        else:
            self._space = self._length > 0

    def _styled(self, style: Style, attributes: dict[str, str | None]) -> _Styled | None:
        value = ""
        if style is Style.LINK:
            value = (attributes.get("href") or "").strip()
            if not value.startswith(LINK_SCHEMES):
                return None
        styled = _Styled(style, value)
        self._unstarted.append(styled)
        return styled

    def _end(self, styled: _Styled) -> None:
        if styled.start < 0:
            if self._unstarted and self._unstarted[-1] is styled:
                self._unstarted.pop()
        elif len(self.spans) < SPANS_MAX:
            length = self._length - styled.start
            self.spans.append(Span(styled.start, length, styled.style, styled.value))
