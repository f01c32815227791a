"""What a text is found by: its words without case and accents, and pairs of characters where a
script has no spaces between words.

A text and what somebody looks for are taken apart alike. What these functions answer decides what
is in an index: whoever changes them raises `FORMAT`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

FORMAT: Final = f"3/{unicodedata.unidata_version}"
"""Of all that is stored. Python's own tables count: they say what a letter is."""

TERM_LENGTH_MAX: Final = 128
"""Of what is longer the beginning counts: long enough for every hash and address."""

REMEMBERED: Final = 16_384
"""Words with letters beyond ASCII, which take long to fold. Nothing is remembered of long ones, and
of scripts without spaces: those hardly come twice, and may be as long as a text.
"""

NAME_LENGTH_MIN: Final = 4
"""Of what is looked up without its punctuation: `2024-00871`, `mei_lin`."""

_UNSPACED: Final = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1100-\u11ff\u1780-\u17d3"
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Chinese, Japanese; and Korean, whose words end in what they do."""

_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u0a01-\u0a03"
    "\u0a3c-\u0a4d\u0a70\u0a71\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd"
    "\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d4d\u0d57"
    "\u0dca-\u0ddf\u0f71-\u0f84\u200c\u200d\u20d0-\u20f0"
)
"""What is part of a word and no letter: accents that stand alone, vowel signs, joiners."""

_LETTER: Final = rf"[^\W_{_UNSPACED}]"
_TOKEN: Final = re.compile(rf"([{_UNSPACED}]+)|{_LETTER}(?:{_LETTER}|[{_MARKS}])*")
_WHOLE: Final = re.compile(r"(?<![^\W_])[^\W_]++(?:[-._/@+:#~=]++[^\W_]++)+")
"""What punctuation holds together: numbers of orders, addresses, names of accounts. It begins where
a word does; tried from each of its letters, a long word would take the square of its length.
"""
_PHONE: Final = re.compile(r"\+?\(?\d(?:[ ()./-]{0,2}\d){6,17}(?!\d)")
_TELLING: Final = re.compile(r"[\d@_]")
_ALIKE: Final = str.maketrans(
    {
        **dict(zip("øđłħıſþ", ("o", "d", "l", "h", "i", "s", "th"), strict=True)),
        **dict(zip("æœ", ("ae", "oe"), strict=True)),
        **dict(zip("ىیةک", "ييهك", strict=True)),
        "ـ": None,
    }
)
"""Letters that people write for one another, and that no table of Unicode's says are alike."""


class Token(NamedTuple):
    """A word or a run of characters of a script without spaces; where it stands in its text."""

    start: int
    end: int
    folded: str
    unspaced: bool


class Terms(NamedTuple):
    """What a text is found by: `words` in their order, single `characters` of scripts without
    spaces, and `names`, which are words that punctuation holds together, without it.
    """

    words: tuple[str, ...]
    characters: tuple[str, ...]
    names: tuple[str, ...]


def terms(text: str) -> Terms:
    """Of a text in Unicode's composed form (NFC)."""
    words: list[str] = []
    characters: set[str] = set()
    for token in tokens(text):
        if token.unspaced:
            words += pairs(token.folded)
            characters.update(token.folded)
        else:
            words.append(token.folded)
    return Terms(tuple(words), tuple(sorted(characters)), tuple(sorted(names(text))))


def tokens(text: str) -> Iterator[Token]:
    """The words of a text, in order; none is empty."""
    for found in _TOKEN.finditer(text):
        unspaced = found.lastindex is not None
        folded = fold_run(found[0]) if unspaced else fold(found[0])[:TERM_LENGTH_MAX]
        if folded:
            yield Token(found.start(), found.end(), folded, unspaced)


def pairs(run: str) -> list[str]:
    """Each two characters that stand together; one that stands alone is its own."""
    return [run[n : n + 2] for n in range(len(run) - 1)] or [run]


def names(text: str) -> set[str]:
    """What is found without its punctuation: `mei.lin@example.org`, `+49 170 1234567`."""
    held = [one[0] for one in _WHOLE.finditer(text) if _TELLING.search(one[0])]
    held += [one[0] for one in _PHONE.finditer(text)]
    return {found for one in held if len(found := name(one)) >= NAME_LENGTH_MIN}


def is_phone(text: str) -> bool:
    """Whether it is nothing but a telephone number, or another one in groups of digits."""
    return bool(_PHONE.fullmatch(text)) and not text.isdecimal()


def whole_names(text: str) -> Iterator[tuple[int, int, str]]:
    """Where `names` of a text stand in it: start, end, name."""
    for pattern in (_WHOLE, _PHONE):
        for found in pattern.finditer(text):
            yield found.start(), found.end(), name(found[0])


def name(text: str) -> str:
    """The letters and digits of a text, put together."""
    return "".join(token.folded for token in tokens(text))[:TERM_LENGTH_MAX]


def fold(word: str) -> str:
    """Without what people leave out when they look for it. Folded again it stays what it is."""
    if word.isascii():
        return word.lower()
    return _remembered(word) if len(word) <= TERM_LENGTH_MAX else _folded(word)


def _folded(word: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    apart = apart.replace("и\u0306", "й").translate(_ALIKE)
    kept = "".join(_digit(one) for one in apart if not _is_left_out(one))
    return unicodedata.normalize("NFC", kept)


_remembered: Final = lru_cache(REMEMBERED)(_folded)


def fold_run(run: str) -> str:
    """Of a script without spaces, where marks are letters."""
    whole = unicodedata.normalize("NFKC", run).casefold()
    whole = whole.replace("\u0e4d\u0e32", "\u0e33").replace("\u0ecd\u0eb2", "\u0eb3")
    return "".join(one for one in whole if not one.isascii() or one.isalnum())


def _is_left_out(one: str) -> bool:
    kind = unicodedata.combining(one)
    if kind == 0:
        return not one.isalnum() and unicodedata.category(one) not in ("Mn", "Mc")
    return kind == 1 or 10 <= kind <= 36 or kind >= 200


def _digit(one: str) -> str:
    return str(unicodedata.decimal(one)) if one.isdecimal() else one
