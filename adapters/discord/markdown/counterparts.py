"""Where a mark ends: looked up in what one pass over the text has found, so that a text of
nothing but marks takes no longer than any other. Pure.
"""

import re
from bisect import bisect_left
from functools import cached_property

from adapters.discord.markdown.syntax import FENCE

_SEEN = re.compile(r"\\[\s\S]|\*+|_+|~{2,}|\|{2,}")
_TICKS = re.compile(r"`+")
_BRACKETS = re.compile(r"\\[\s\S]|[\[\]]")
_WORD = re.compile(r"[0-9A-Za-z_]")

Run = tuple[int, int]


class Counterparts:
    """Of one text. Each answer is a position before `end`, or None."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs: dict[str, list[Run]] = {"*": [], "_": []}
        self._odd: dict[str, list[Run]] = {"*": [], "_": []}
        self._double: dict[str, list[int]] = {"*": [], "_": []}
        self._pairs: dict[str, list[int]] = {"~": [], "|": []}
        for seen in _SEEN.finditer(text):
            self._see(*seen.span())

    def strong(self, mark: str, start: int, end: int) -> int | None:
        """`**` or `__` that no further one follows, with something between."""
        found = self._pair_of(self._double[mark[0]], start + 1, end)
        run = self._run_at(mark[0], end - 1)
        if run and run[0] <= end - 2 and (found is None or end - 2 < found):
            return end - 2 if end - 2 > start else found
        return found

    def pair(self, mark: str, start: int, end: int) -> int | None:
        """`~~` or `||`, with something between."""
        return self._pair_of(self._pairs[mark[0]], start + 1, end)

    def single(self, mark: str, start: int, end: int) -> int | None:
        """`*` or `_` for what begins at `start`: pairs of them are part of it."""
        run = self._run_at(mark, start)
        if run is None:
            return self._next_odd(mark, start, end)
        first = min(run[1], end) - start
        if first % 2 == 0:
            return self._next_odd(mark, run[1], end)
        close = start + first - 1
        return close if close > start and self._ends(mark, close, end) else None

    def code(self, start: int, end: int) -> tuple[int, int] | None:
        """Where code begins whose backticks begin at `start`, and where those after it do."""
        ticks = _TICKS.match(self._text, start, end)
        if ticks is None:
            return None
        length = len(ticks[0])
        for width in sorted((one for one in self._ticks if one <= length), reverse=True):
            places = self._ticks[width]
            index = bisect_left(places, ticks.end())
            if index < len(places) and places[index] + width <= end:
                return start + width, places[index]
        return None

    def fence(self, start: int, end: int) -> int | None:
        found = self._text.find(FENCE, start, end)
        return None if found < 0 else found

    def bracket(self, start: int, end: int) -> int | None:
        """The bracket that closes the one at `start`."""
        found = self._bracket.get(start)
        return found if found is not None and found < end else None

    def _see(self, start: int, end: int) -> None:
        mark = self._text[start]
        if mark in self._pairs:
            self._pairs[mark] += range(start, end - 1)
        elif mark != "\\":
            self._runs[mark].append((start, end))
            if (end - start) % 2:
                self._odd[mark].append((start, end))
            if end - start >= 2:
                self._double[mark].append(end - 2)

    @cached_property
    def _ticks(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for seen in _TICKS.finditer(self._text):
            found.setdefault(len(seen[0]), []).append(seen.start())
        return found

    @cached_property
    def _bracket(self) -> dict[int, int]:
        opened: list[int] = []
        found: dict[int, int] = {}
        for seen in _BRACKETS.finditer(self._text):
            if seen[0] == "[":
                opened.append(seen.start())
            elif seen[0] == "]" and opened:
                found[opened.pop()] = seen.start()
        return found

    def _run_at(self, mark: str, at: int) -> Run | None:
        runs = self._runs[mark]
        index = bisect_left(runs, (at + 1, 0)) - 1
        return runs[index] if index >= 0 and runs[index][1] > at else None

    def _next_odd(self, mark: str, start: int, end: int) -> int | None:
        """The end of the first run from `start` on that does not consist of pairs."""
        odd, cut = self._odd[mark], self._run_at(mark, end - 1)
        index = bisect_left(odd, (start, 0))
        if index < len(odd) and odd[index][1] <= end:
            low, high = odd[index]
        elif cut and cut[0] >= start and (end - cut[0]) % 2:
            low, high = cut[0], end
        else:
            return None
        return high - 1 if self._may_end(mark, low, high, end) else None

    def _pair_of(self, places: list[int], start: int, end: int) -> int | None:
        index = bisect_left(places, start)
        return places[index] if index < len(places) and places[index] + 2 <= end else None

    def _may_end(self, mark: str, low: int, high: int, end: int) -> bool:
        if mark == "*" and high - low == 1 and self._text[low - 1].isspace():
            return False
        return self._ends(mark, high - 1, end)

    def _ends(self, mark: str, at: int, end: int) -> bool:
        """An underscore within a word ends nothing."""
        return mark == "*" or at + 1 >= end or not _WORD.match(self._text, at + 1)
