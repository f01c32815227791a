"""What somebody looks for, read from the line they wrote."""

import re
import unicodedata
from typing import Final, Literal, get_args

import msgspec

from core.errors import InvalidRequest
from gateway.search.terms import is_phone, tokens

QUERY_LENGTH_MAX: Final = 300
WORDS_MAX: Final = 16

Place = Literal["open", "waiting", "spam", "closed"]
PLACES: Final[tuple[Place, ...]] = get_args(Place)

_WORD: Final = re.compile(r'(?:(from|inbox|in):)?(?:"([^"]*)(?:"|$)|([^\s"]+))', re.IGNORECASE)


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """One thing that has to be there. `exact`: word for word, as it was put in quotes."""

    text: str
    exact: bool = False


class Query(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Everything in it has to hold at once; of several `inboxes` or `places` one."""

    words: tuple[Wanted, ...] = ()
    senders: tuple[Wanted, ...] = ()
    inboxes: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    whole: str = ""
    """The line itself, for whoever compares it with an id."""


def read(line: str) -> Query:
    """Raises InvalidRequest for what nobody can answer."""
    line = unicodedata.normalize("NFC", " ".join(line.split()))
    if len(line) > QUERY_LENGTH_MAX:
        raise InvalidRequest(f"a search is at most {QUERY_LENGTH_MAX} characters long")
    if is_phone(line):
        return Query(words=(Wanted(line),), whole=line)
    said: dict[str, list[Wanted]] = {"": [], "from": [], "inbox": [], "in": []}
    for found in _WORD.finditer(line):
        text, exact = (found[3], False) if found[2] is None else (found[2], True)
        said[(found[1] or "").lower()].append(Wanted(text, exact))
    if sum(map(len, said.values())) > WORDS_MAX:
        raise InvalidRequest(f"a search has at most {WORDS_MAX} words: leave some out")
    return Query(
        words=tuple(one for one in said[""] if any(tokens(one.text))),
        senders=tuple(one for one in said["from"] if any(tokens(one.text))),
        inboxes=tuple(one.text for one in said["inbox"]),
        places=tuple(_place(one.text) for one in said["in"]),
        whole=line,
    )


def _place(text: str) -> Place:
    for place in PLACES:
        if text.lower() == place:
            return place
    raise InvalidRequest(
        f"in: is followed by {', '.join(PLACES)}; what is to be found as it stands goes in quotes"
    )
