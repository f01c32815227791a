"""The stretch of a text in which something was found, and where in it."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from gateway.search.matching import Sight
from gateway.search.terms import Token, tokens, whole_names

LENGTH_MAX: Final = 180
BEFORE_MAX: Final = 50
"""Code points of what stands before the first hit, and of all of it."""

LOOKED_THROUGH_MAX: Final = 32_000
HITS_MAX: Final = 32


class Hit(msgspec.Struct, frozen=True, gc=False):
    """Code points of the snippet's text."""

    start: int
    length: int


class Snippet(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Plain text, in which `hits` are what was looked for. `cut`: there is more of the message."""

    text: str
    hits: tuple[Hit, ...] = ()
    cut: bool = False


def snippet(text: str, sights: Iterable[Sight]) -> Snippet:
    """Of a text, around the first thing that was found in it; else its beginning."""
    places = _merged(_places(text[:LOOKED_THROUGH_MAX], tuple(sights)))
    whole = len(text) <= LENGTH_MAX
    start = _beginning(text, places[0][0]) if places and not whole else 0
    end = _end(text, start)
    while start < end and text[start].isspace():
        start += 1
    hits = [
        Hit(first - start, min(last, end) - first) for first, last in places if start <= first < end
    ]
    shown = text[start:end].replace("\n", " ")
    return Snippet(shown, tuple(hits[:HITS_MAX]), cut=start > 0 or end < len(text))


def _beginning(text: str, first: int) -> int:
    """Behind a space, if there is one not too far before the first hit."""
    if first <= BEFORE_MAX:
        return 0
    line = text.rfind("\n", first - BEFORE_MAX, first)
    if line >= 0:
        return line + 1
    space = text.find(" ", first - BEFORE_MAX, first)
    return space + 1 if space >= 0 else first - BEFORE_MAX


def _end(text: str, start: int) -> int:
    if len(text) - start <= LENGTH_MAX:
        return len(text)
    space = text.rfind(" ", start + LENGTH_MAX // 2, start + LENGTH_MAX)
    return space if space >= 0 else start + LENGTH_MAX


def _places(text: str, sights: tuple[Sight, ...]) -> Iterator[tuple[int, int]]:
    found = tuple(tokens(text))
    words = {word for one in sights for word in one.words}
    runs = tuple(one.run for one in sights if one.run)
    for token in found:
        if token.unspaced:
            for run in runs:
                yield from _run_in(token, run)
        elif token.folded in words:
            yield token.start, token.end
    for sight in sights:
        if sight.row:
            yield from _row_in(found, sight.row)
        if sight.fragment:
            yield from (
                (start, end) for start, end, whole in whole_names(text) if sight.fragment in whole
            )


def _run_in(token: Token, run: str) -> Iterator[tuple[int, int]]:
    """All of it where its characters were put together otherwise."""
    at = token.folded.find(run)
    if at >= 0 and len(token.folded) != token.end - token.start:
        yield token.start, token.end
        return
    while at >= 0:
        yield token.start + at, token.start + at + len(run)
        at = token.folded.find(run, at + len(run))


def _row_in(found: tuple[Token, ...], row: tuple[Token, ...]) -> Iterator[tuple[int, int]]:
    """Words that stand together; runs at either end may be a part of more."""
    for n in range(len(found) - len(row) + 1):
        window = found[n : n + len(row)]
        if all(_alike(*both) for both in zip(window, row, strict=True)):
            first, last = window[0], window[-1]
            start = first.end - len(row[0].folded) if first.unspaced else first.start
            end = last.start + len(row[-1].folded) if last.unspaced else last.end
            yield start, end


def _alike(here: Token, wanted: Token) -> bool:
    return wanted.folded in here.folded if wanted.unspaced else wanted.folded == here.folded


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, each place once."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged
