"""A part of a message that an answer quotes: a `TextQuote`."""

from sandbox.payload import Json
from sandbox.telegram.entities import checked
from sandbox.telegram.refusals import bad_request

QUOTE_UNITS_MAX = 1024


def quote_of(text: str, quoted: str, hint: int = 0, entities: list[Json] | None = None) -> Json:
    """The part of `text` that is `quoted` word for word, as near to the unit `hint` as possible.

    Raises Refusal when there is no such part, or when it is too long.
    """
    units, wanted = (one.encode("utf-16-le", "surrogatepass") for one in (text, quoted))
    places = [at for at in range(0, len(units), 2) if units.startswith(wanted, at)]
    at = min(places, key=lambda place: abs(place - 2 * hint), default=None)
    if at is None or len(wanted) > 2 * QUOTE_UNITS_MAX:
        raise bad_request("QUOTE_TEXT_INVALID")
    quote: Json = {"text": quoted, "position": at // 2, "is_manual": True}
    return quote | {"entities": checked(quoted, entities)} if entities else quote
