"""Stretches of text under the same marks, none of which begins or ends with a space. Pure.

Discord takes no mark before or after a space for one everywhere, and nobody sees it there.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from adapters.discord.markdown.atoms import Atom
from core.model.content import Span, Style

Mark = tuple[Style, str]
"""A style, and the address of a link as it is written."""

Marks = frozenset[Mark]
NONE: Marks = frozenset()

_MARKS = frozenset(
    {Style.BOLD, Style.ITALIC, Style.UNDERLINE, Style.STRIKE, Style.SPOILER, Style.LINK}
)
_UNSAFE = re.compile(r"[()<>\\\"'\s]")
_AROUND_CODE = frozenset({Style.SPOILER})


class Run(NamedTuple):
    start: int
    end: int
    marks: Marks
    atom: Atom | None = None


def runs_of(
    text: str, start: int, end: int, spans: Iterable[Span], atoms: Iterable[Atom]
) -> list[Run]:
    """Of `text[start:end]`, without gaps."""
    within = [atom for atom in atoms if start <= atom.start and atom.end <= end]
    marks = [span for span in spans if span.style in _MARKS and span.length > 0]
    changes = _changes(marks, start, end)
    solid = {atom.start: atom for atom in within}
    cuts = _cuts(changes, within, start, end)
    active: Counter[Mark] = Counter()
    found: list[Run] = []
    pending = sorted(changes)
    at = 0
    for low, high in pairwise(cuts):
        while at < len(pending) and pending[at] <= low:
            active.update(changes[pending[at]])
            at += 1
        atom = solid.get(low)
        found += _parts(text, Run(low, high, _marks(active, atom), atom))
    return _without_edges(text, found)


def _changes(marks: Iterable[Span], start: int, end: int) -> dict[int, Counter[Mark]]:
    """Where marks begin and end: how many of each more there are from there on."""
    changes: dict[int, Counter[Mark]] = {}
    for span in marks:
        low, high = max(span.start, start), min(span.end, end)
        if low < high:
            mark = (span.style, _address(span.value) if span.style is Style.LINK else "")
            changes.setdefault(low, Counter())[mark] += 1
            changes.setdefault(high, Counter())[mark] -= 1
    return changes


def _address(url: str) -> str:
    """Where nothing ends the link before its time."""
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)


def _cuts(changes: Iterable[int], atoms: Iterable[Atom], start: int, end: int) -> list[int]:
    cuts = {start, end, *changes}
    for atom in atoms:
        cuts.difference_update(range(atom.start + 1, atom.end))
        cuts |= {atom.start, atom.end}
    return sorted(cuts)


def _marks(active: Counter[Mark], atom: Atom | None) -> Marks:
    """One link at a time, and none on what is an address itself."""
    marks = {mark for mark, count in active.items() if count > 0}
    links = sorted(mark for mark in marks if mark[0] is Style.LINK)
    keep_link = links[:1] if atom is None or atom.style is not Style.LINK else []
    if atom is not None and atom.style is Style.PRE:
        return frozenset(mark for mark in marks if mark[0] in _AROUND_CODE)
    return frozenset(marks.difference(links).union(keep_link))


def _parts(text: str, run: Run) -> list[Run]:
    """The run, and the spaces around it by themselves."""
    if run.atom is not None or run.start == run.end:
        return [run] if run.atom else []
    words = text[run.start : run.end]
    first = run.start + len(words) - len(words.lstrip())
    if first == run.end:
        return [run]
    last = run.start + len(words.rstrip())
    parts = (
        Run(run.start, first, run.marks),
        Run(first, last, run.marks),
        Run(last, run.end, run.marks),
    )
    return [part for part in parts if part.start < part.end]


def _without_edges(text: str, runs: list[Run]) -> list[Run]:
    """Spaces have those marks only that go on on both sides."""
    after = [NONE] * len(runs)
    following = NONE
    for index in range(len(runs) - 1, -1, -1):
        run = runs[index]
        following = following & run.marks if is_space(text, run) else run.marks
        after[index] = following
    done: list[Run] = []
    before = NONE
    for run, later in zip(runs, after, strict=True):
        before = before & later if is_space(text, run) else run.marks
        done.append(run._replace(marks=before))
    return done


def is_space(text: str, run: Run) -> bool:
    return run.atom is None and text[run.start : run.end].isspace()
