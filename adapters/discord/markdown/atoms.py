"""What is written as one: code, addresses, what stands for somebody, a place or a picture. Pure.

No mark begins or ends within one of these.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adapters.discord.markdown.syntax import (
    ADDRESS,
    COMMAND_VALUE,
    EMOJI_TEXT,
    EMOJI_VALUE,
    FENCE,
    LANGUAGE,
    MENTION,
    MENTION_VALUE,
    NAVIGATION,
    PLACE_VALUE,
    address_at,
    addresses,
)
from core.model.content import Span, Style

_TICKS = re.compile(r"`+")
_KINDS = {"": "@", "&": "@", "#": "#"}


class Atom(NamedTuple):
    """`text[start:end]`, and how it is written; `name`: what the one is called who is mentioned."""

    start: int
    end: int
    style: Style
    value: str
    markdown: str
    name: str = ""


def atoms_of(text: str, spans: Iterable[Span], *, previews: bool) -> list[Atom]:
    """In order, none within another: code comes first, then what was styled, then addresses that
    merely stand there. `previews`: Discord may show what an address leads to.
    """
    given = list(filter(None, (_atom(text, span, previews=previews) for span in spans)))
    given.sort(key=lambda atom: (atom.style not in {Style.PRE, Style.CODE}, atom.start, -atom.end))
    taken = _Taken(len(text))
    kept = [atom for atom in given if taken.take(atom)]
    found = (Span(at, len(url), Style.LINK, url) for at, url in addresses(text, 0, len(text)))
    standing = filter(None, (_address(text, span, previews=previews) for span in found))
    kept += [atom for atom in standing if taken.take(atom)]
    return sorted(kept)


class _Taken:
    def __init__(self, length: int) -> None:
        self._taken = bytearray(length)

    def take(self, atom: Atom) -> bool:
        """Whether nothing was there before."""
        if self._taken.find(1, atom.start, atom.end) >= 0:
            return False
        self._taken[atom.start : atom.end] = b"\1" * (atom.end - atom.start)
        return True


def _atom(text: str, span: Span, *, previews: bool) -> Atom | None:
    covered = text[span.start : span.end]
    match span.style:
        case Style.PRE:
            return _block(text, span)
        case Style.CODE if covered.strip():
            return _code(span, covered)
        case Style.MENTION:
            return _mention(span, covered)
        case Style.EMOJI if EMOJI_TEXT.fullmatch(covered) and EMOJI_VALUE.fullmatch(span.value):
            animated, _, number = span.value.rpartition(":")
            return _made(span, f"<{animated}{covered}{number}>")
        case Style.COMMAND if COMMAND_VALUE.fullmatch(span.value):
            named = covered == f"/{span.value.rpartition(':')[0]}"
            return _made(span, f"</{span.value}>") if named else None
        case Style.LINK if covered == span.value:
            return _address(text, span, previews=previews)
        case _:
            return None


def _made(span: Span, markdown: str, name: str = "") -> Atom:
    return Atom(span.start, span.end, span.style, span.value, markdown, name)


def _block(text: str, span: Span) -> Atom | None:
    """Lines of code. Newlines around them are not part of it, for Discord shows none there."""
    covered = text[span.start : span.end]
    start = span.start + len(covered) - len(covered.lstrip("\n"))
    code = covered.strip("\n")
    if not code.strip() or FENCE in code:
        return None
    language = span.value if LANGUAGE.fullmatch(span.value) else ""
    markdown = f"{FENCE}{language}\n{code}\n{FENCE}"
    return Atom(start, start + len(code), Style.PRE, language, markdown)


def _code(span: Span, code: str) -> Atom | None:
    """Between as many backticks as it has nowhere itself. Discord drops a space at either end, if a
    backtick follows there.
    """
    widths = {len(ticks[0]) for ticks in _TICKS.finditer(code)}
    width = next((one for one in (1, 2) if one not in widths), 0)
    if not width:
        return None
    before = " " * code.lstrip(" ").startswith("`")
    after = " " * code.rstrip(" ").endswith("`")
    ticks = "`" * width
    return Atom(span.start, span.end, Style.CODE, "", f"{ticks}{before}{code}{after}{ticks}")


def _mention(span: Span, covered: str) -> Atom | None:
    """Only of what is called by its name there, or by its id."""
    if MENTION.fullmatch(covered):
        return _made(span, covered)
    if PLACE_VALUE.fullmatch(span.value):
        named = covered == NAVIGATION[span.value.split(":")[1]]
        return _made(span, f"<{span.value}>") if named else None
    value = MENTION_VALUE.fullmatch(span.value)
    if value is None or len(covered) < 2 or covered[0] != _KINDS[value[1]]:
        return None
    kind = "#" if value[1] == "#" else f"@{value[1]}"
    return _made(span, f"<{kind}{value[2]}>", covered[1:])


def _address(text: str, span: Span, *, previews: bool) -> Atom | None:
    if not ADDRESS.fullmatch(f"<{span.value}>"):
        return None
    bare = previews and address_at(text, span.start, len(text)) == span.value
    return _made(span, span.value if bare else f"<{span.value}>")


def names_of(atoms: Iterable[Atom]) -> Iterator[str]:
    """What `read` will want to know of those who are mentioned, in their order."""
    return (
        atom.name for atom in atoms if atom.style is Style.MENTION and MENTION.match(atom.markdown)
    )
