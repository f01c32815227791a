"""One section's text between its marks, with a backslash before whatever might be one. Pure."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from adapters.discord.markdown.lines import Section
from adapters.discord.markdown.runs import Mark, Run, is_space
from adapters.discord.markdown.spans import UNSEEN_ON_SPACES
from core.model.content import Style

_SPECIAL = re.compile(r"[\\*_~|`<\[\]]|@(?=everyone|here)")
_LINE_STARTS = re.compile(r"^ *(?:[0-9]+(?=\. )|(?=[>#-]))", re.MULTILINE)
_WORD = re.compile(r"[0-9A-Za-z_]")
_SIGNS = {
    Style.BOLD: "**",
    Style.UNDERLINE: "__",
    Style.STRIKE: "~~",
    Style.SPOILER: "||",
}
_STAR, _UNDERSCORE = "*", "_"


class _Token(NamedTuple):
    """Text (no mark), or the beginning or the end of a mark."""

    text: str
    mark: Mark | None = None
    opens: bool = False


def marked(text: str, section: Section, runs: list[Run]) -> str:
    """The markdown of one section without its own mark."""
    tokens = list(_tokens(text, section, runs))
    signs = _italics(tokens)
    return "".join(signs.get(index, token.text) for index, token in enumerate(tokens))


def _tokens(text: str, section: Section, runs: list[Run]) -> Iterator[_Token]:
    special = _special(text, section)
    lasting = _lasting(runs)
    stack: list[Mark] = []
    for run, ends in zip(runs, lasting, strict=True):
        while any(mark not in run.marks for mark in stack):
            yield _end(stack.pop())
        hidden = UNSEEN_ON_SPACES if is_space(text, run) else frozenset()
        new = [mark for mark in run.marks if mark not in stack and mark[0] not in hidden]
        for mark in sorted(new, key=lambda mark: (-ends[mark], mark)):
            stack.append(mark)
            yield _Token("[" if mark[0] is Style.LINK else _SIGNS.get(mark[0], ""), mark, True)
        yield _Token(run.atom.markdown if run.atom else _escaped(text, run, special))
    while stack:
        yield _end(stack.pop())


def _end(mark: Mark) -> _Token:
    style, value = mark
    text = f"]({value})" if style is Style.LINK else _SIGNS.get(style, "")
    return _Token(text, mark)


def _lasting(runs: list[Run]) -> list[dict[Mark, int]]:
    """For each run, up to which one each of its marks goes on."""
    found: list[dict[Mark, int]] = []
    later: dict[Mark, int] = {}
    for index in range(len(runs) - 1, -1, -1):
        later = {mark: later.get(mark, index) for mark in runs[index].marks}
        found.append(later)
    found.reverse()
    return found


def _special(text: str, section: Section) -> list[int]:
    """Where something stands that Discord might take for markup, there or at the line's beginning.

    Sought in all of the section: what a mark divides is seen whole, for it may be joined again.
    """
    part = text[section.start : section.end]
    found = {section.start + hit.start() for hit in _SPECIAL.finditer(part)}
    found |= {section.start + hit.end() for hit in _LINE_STARTS.finditer(part)}
    return sorted(found)


def _escaped(text: str, run: Run, special: list[int]) -> str:
    in_link = any(style is Style.LINK for style, _ in run.marks)
    pieces: list[str] = []
    at = run.start
    for place in special[bisect_left(special, run.start) : bisect_left(special, run.end)]:
        if text[place] != "]" or in_link:
            pieces += (text[at:place], "\\")
            at = place
    return "".join((*pieces, text[at : run.end]))


def _italics(tokens: list[_Token]) -> dict[int, str]:
    """Which of its two signs each beginning and end of italics has: the one that its neighbours
    leave readable.
    """
    signs: dict[int, str] = {}
    for first, last in _pairs(tokens):
        around = (first - 1, first + 1, last - 1, last + 1)
        near = [n for n in around if 0 <= n < len(tokens)]
        beside = {tokens[n].mark[0] for n in near if tokens[n].mark}  # type: ignore[index]
        used = {signs[n] for n in near if n in signs}
        star_is_free = Style.BOLD not in beside and _STAR not in used
        underscore_is_free = Style.UNDERLINE not in beside and _UNDERSCORE not in used
        ends_word = last + 1 >= len(tokens) or not _WORD.match(tokens[last + 1].text)
        sign = _UNDERSCORE if not star_is_free and underscore_is_free and ends_word else _STAR
        signs[first] = signs[last] = sign
    return signs


def _pairs(tokens: list[_Token]) -> Iterator[tuple[int, int]]:
    opened: dict[Mark, int] = {}
    for index, token in enumerate(tokens):
        if token.mark is None or token.mark[0] is not Style.ITALIC:
            continue
        if token.opens:
            opened[token.mark] = index
        else:
            yield opened.pop(token.mark), index
