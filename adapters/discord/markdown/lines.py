"""The lines of a text by how they begin on Discord: headings, small print, quotations. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from adapters.discord.markdown.atoms import Atom
from adapters.discord.markdown.syntax import HEADINGS
from core.model.content import Span, Style

_HEADING_MARKS = {value: f"{mark} " for mark, value in HEADINGS.items()}
_HEADING_MARK = "## "
"""Of a heading whose level nobody knows."""
_SMALL_MARK = "-# "


class Section(NamedTuple):
    """Lines that are alike, or one heading: `text[start:end]`, without its last newline."""

    start: int
    end: int
    quoted: bool
    mark: str = ""

    def styles(self) -> Iterator[Span]:
        length = self.end - self.start
        if self.quoted:
            yield Span(self.start, length, Style.QUOTE)
        if self.mark == _SMALL_MARK:
            yield Span(self.start, length, Style.SMALL)
        elif self.mark:
            yield Span(self.start, length, Style.HEADING, HEADINGS[self.mark.rstrip()])


def sections_of(text: str, spans: Iterable[Span], atoms: Iterable[Atom]) -> list[Section]:
    """In order; between two of them is a newline."""
    lines = _Lines(text, atoms)
    quoted: set[int] = set()
    marks: dict[int, str] = {}
    for span in spans:
        match span.style:
            case Style.QUOTE:
                quoted.update(lines.under(span))
            case Style.HEADING:
                mark = _HEADING_MARKS.get(span.value, _HEADING_MARK)
                marks |= dict.fromkeys(lines.markable(span), mark)
            case Style.SMALL:
                marks |= dict.fromkeys(lines.markable(span), _SMALL_MARK)
            case _:
                pass
    return _gathered(
        Section(start, end, index in quoted, marks.get(index, ""))
        for index, (start, end) in enumerate(lines.extents)
    )


def _gathered(lines: Iterable[Section]) -> list[Section]:
    sections: list[Section] = []
    for line in lines:
        last = sections[-1] if sections else None
        if last and not last.mark and not line.mark and last.quoted == line.quoted:
            sections[-1] = last._replace(end=line.end)
        else:
            sections.append(line)
    return sections


class _Lines:
    """Those of one piece of code are one line."""

    def __init__(self, text: str, atoms: Iterable[Atom]) -> None:
        self._text = text
        whole = bytearray(len(text))
        for atom in atoms:
            whole[atom.start : atom.end] = b"\1" * (atom.end - atom.start)
        newlines = (at for at, character in enumerate(text) if character == "\n" and not whole[at])
        borders = [-1, *newlines, len(text)]
        self.extents = [(before + 1, after) for before, after in pairwise(borders)]
        self._starts = [start for start, _ in self.extents]

    def under(self, span: Span) -> range:
        """Which lines it touches, without empty ones at either end."""
        covered = self._text[span.start : span.end]
        if not covered.strip():
            return range(0)
        first = span.start + len(covered) - len(covered.lstrip())
        last = span.start + len(covered.rstrip())
        return range(bisect_right(self._starts, first) - 1, bisect_left(self._starts, last))

    def markable(self, span: Span) -> Iterator[int]:
        """Those among them that Discord would show whole behind a mark."""
        for index in self.under(span):
            start, end = self.extents[index]
            line = self._text[start:end]
            if line and line == line.strip() and not line.endswith("#") and "\n" not in line:
                yield index
