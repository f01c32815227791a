"""From what somebody looks for to FTS5's expression of it, and to what is marked in its hits."""

import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from gateway.search.query import Wanted
from gateway.search.records import WORD_LENGTH_MIN
from gateway.search.tables import Set
from gateway.search.terms import NAME_LENGTH_MIN, Token, is_phone, name, pairs, tokens

VARIANTS_MAX: Final = 64
"""Words of the vocabulary that one beginning or fragment stands for: the shortest."""

LOOKED_AT_MAX: Final = 4096
"""Words of the vocabulary that begin so, of which those are taken."""

END: Final = "\U0010ffff"


class Sight(NamedTuple):
    """What one thing that was looked for looks like where it stands: any of these `words`, these
    characters in a `run` of a script without spaces, these words in a `row`, or a `fragment` of
    what punctuation holds together.
    """

    words: frozenset[str] = frozenset()
    run: str = ""
    row: tuple[Token, ...] = ()
    fragment: str = ""


class Match(NamedTuple):
    """An expression, and what it finds."""

    expression: str
    sights: tuple[Sight, ...]


class Matching:
    """Reads one vocabulary. `fragments`: words are found by any part of them."""

    def __init__(
        self, db: sqlite3.Connection, tables: Set, vocabulary: str, *, fragments: bool = False
    ) -> None:
        self._db, self._tables, self._table = db, tables, vocabulary
        self._fragments = fragments

    def match(self, wanted: Wanted, columns: str = "words names") -> Match:
        """In these columns. Something without a letter or a digit is not to be asked for."""
        found = tuple(tokens(wanted.text))
        if wanted.exact or len(found) > 1:
            return self._row(wanted, found, columns)
        [only] = found
        if only.unspaced:
            return _run(only.folded, columns)
        words = {only.folded, *self._variants(only.folded)}
        return Match(f"{{{columns}}}:({_any(words)})", (Sight(words=frozenset(words)),))

    def _variants(self, word: str) -> Iterator[str]:
        if len(word) >= WORD_LENGTH_MIN:
            yield from self._beginning(word)
            if self._fragments or (len(word) >= NAME_LENGTH_MIN and _has_digit(word)):
                yield from self._holding(word)

    def _row(self, wanted: Wanted, found: tuple[Token, ...], columns: str) -> Match:
        """Words that stand together; without quotes also as part of what punctuation holds
        together.
        """
        ends, inner = _ends(found)
        parts = [f'{{characters}}:"{one.folded}"' for one in ends]
        sights = [Sight(run=one.folded) for one in ends]
        if inner:
            words = " ".join(word for one in inner for word in _words(one))
            parts.append(f'{{{columns}}}:"{words}"')
            sights.append(_sight(inner))
        expression = "(" + " AND ".join(parts) + ")"
        whole = name(wanted.text)
        if is_phone(wanted.text):
            whole = whole.lstrip("0")
        if not wanted.exact and len(whole) >= NAME_LENGTH_MIN:
            names = {whole, *self._beginning(whole), *self._holding(whole)}
            expression = f"({expression} OR {{{columns}}}:({_any(names)}))"
            sights.append(Sight(fragment=whole))
        return Match(expression, tuple(sights))

    def _beginning(self, word: str) -> Iterator[str]:
        statement = (
            "SELECT term FROM (SELECT term FROM @ WHERE term >= ? AND term < ? LIMIT ?)"
            " ORDER BY length(term), term LIMIT ?"
        )
        return self._terms(statement, word, word + END, LOOKED_AT_MAX, VARIANTS_MAX)

    def _holding(self, fragment: str) -> Iterator[str]:
        statement = "SELECT term FROM @_grams WHERE @_grams MATCH ? ORDER BY rowid DESC LIMIT ?"
        return self._terms(statement, f'"{fragment}"', VARIANTS_MAX)

    def _terms(self, statement: str, *values: object) -> Iterator[str]:
        found = self._db.execute(self._tables.sql(statement, self._table), values)
        return (term for (term,) in found)


def _ends(found: tuple[Token, ...]) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Single characters of a script without spaces at either end, which may be a part of more
    there, and what is between them.
    """
    first, last = 0, len(found)
    while first < last and found[first].unspaced and len(found[first].folded) == 1:
        first += 1
    while first < last and found[last - 1].unspaced and len(found[last - 1].folded) == 1:
        last -= 1
    return (*found[:first], *found[last:]), found[first:last]


def _sight(inner: tuple[Token, ...]) -> Sight:
    alone = len(inner) == 1 and inner[0].unspaced
    return Sight(run=inner[0].folded) if alone else Sight(row=inner)


def _run(run: str, columns: str) -> Match:
    if len(run) == 1:
        return Match(f'{{characters}}:"{run}"', (Sight(run=run),))
    return Match(f'{{{columns}}}:"{" ".join(pairs(run))}"', (Sight(run=run),))


def _words(token: Token) -> list[str]:
    return pairs(token.folded) if token.unspaced else [token.folded]


def _any(words: set[str]) -> str:
    return " OR ".join(f'"{word}"' for word in sorted(words))


def _has_digit(word: str) -> bool:
    return any(one.isdecimal() for one in word)
