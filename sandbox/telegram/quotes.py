"""A part of a message that an answer quotes: a `TextQuote`."""

from collections.abc import Callable

from sandbox.payload import Json
from sandbox.telegram.entities import checked, utf16_length
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import Message

QUOTE_UNITS_MAX = 1024


COMPARED = frozenset(
    ["bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji"],
)
"""The formatting that a bot's quote must share with its message. What else it has is ignored."""


def bots_quote(message: Message, quoted: str, hint: int, entities: list[Json]) -> Json:
    """As `quote_of`; the part has to be formatted like the quote, too."""
    length, given = utf16_length(quoted), [one for one in entities if one["type"] in COMPARED]

    def alike(at: int) -> bool:
        return _named(_within(message.entities, at, at + length)) == _named(given)

    return quote_of(message.text, quoted, hint, given, alike)


def quote_of(
    text: str,
    quoted: str,
    hint: int = 0,
    entities: list[Json] | None = None,
    alike: Callable[[int], bool] = lambda _: True,
) -> Json:
    """The part of `text` that is `quoted` word for word, as near to the unit `hint` as possible.
    `alike` says whether what begins at a unit is it.

    Raises Refusal when there is no such part, or when it is too long.
    """
    units, wanted = (one.encode("utf-16-le", "surrogatepass") for one in (text, quoted))
    found = (at for at in range(0, len(units), 2) if units.startswith(wanted, at))
    places = [at for at in found if alike(at // 2)]
    at = min(places, key=lambda place: abs(place - 2 * hint), default=None)
    if at is None or len(wanted) > 2 * QUOTE_UNITS_MAX:
        raise bad_request("QUOTE_TEXT_INVALID")
    quote: Json = {"text": quoted, "position": at // 2, "is_manual": True}
    return quote | {"entities": checked(quoted, entities)} if entities else quote


def _within(entities: list[Json], start: int, end: int) -> list[Json]:
    """The compared ones' shares of a part of the text, counted from its start."""
    shares: list[Json] = []
    for one in entities:
        low, high = max(one["offset"], start), min(one["offset"] + one["length"], end)
        if one["type"] in COMPARED and low < high:
            shares.append(one | {"offset": low - start, "length": high - low})
    return shares


def _named(entities: list[Json]) -> set[tuple[object, ...]]:
    names = ("type", "offset", "length", "custom_emoji_id")
    return {tuple(one.get(name) for name in names) for one in entities}
