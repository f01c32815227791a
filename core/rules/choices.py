"""What customers can choose from, and what they chose.

A button leaves under a short key instead of its value: a key fits every platform, and the
customer's client learns nothing that was meant for us. What comes back is looked up in the message
that offered it, so that nobody can choose what was not offered.
"""

import unicodedata

from msgspec.structs import replace

from core.model.content import Button, Buttons, Choice, Part, Style, Text
from core.model.conversation import Entry
from core.model.message import DeliveryState, Direction, Message, Quote

_NOT_SAID = frozenset({Style.QUOTED_REPLY, Style.SIGNATURE, Style.DISCLAIMER})


def keyed(buttons: Buttons, first: int = 0) -> Buttons:
    """The same buttons, each value replaced by its key: "b0", "b1" ... counted from `first`."""
    count, rows = first, []
    for row in buttons.rows:
        keys = []
        for button in row:
            keys.append(replace(button, value=f"b{count}") if not button.url else button)
            count += 1
        rows.append(tuple(keys))
    return replace(buttons, rows=tuple(rows))


def offered(parts: tuple[Part, ...]) -> tuple[Button, ...]:
    """All buttons of a message, in the order of their keys."""
    groups = [part for part in parts if isinstance(part, Buttons)]
    return tuple(button for one in groups for row in one.rows for button in row) if groups else ()


def offers(parts: tuple[Part, ...]) -> bool:
    """Whether there is anything to choose."""
    found = offered(parts)
    return bool(found) and not all(button.url for button in found)


def pressed(parts: tuple[Part, ...], key: str) -> Button | None:
    """The button of a message that goes by this key."""
    number, buttons = key.removeprefix("b"), offered(parts)
    if key == number or not (number.isascii() and number.isdecimal()) or len(number) > 4:
        return None
    found = buttons[int(number)] if int(number) < len(buttons) else None
    return found if found and not found.url else None


def chosen(parts: tuple[Part, ...], text: str) -> Button | None:
    """The button that a customer means who answers with its number in the list, or its label.

    None for anything else, and for an answer that may mean two of them.
    """
    said, buttons = _plain(text), offered(parts)
    if not said:
        return None
    number = said.removesuffix(".")
    place = int(number) if number.isdecimal() and len(number) <= 4 else 0
    found = {
        button
        for at, button in enumerate(buttons, 1)
        if not button.url and (at == place or _plain(button.label) == said)
    }
    return found.pop() if len(found) == 1 else None


def choosing(message: Message, offer: Entry) -> Message:
    """A customer's message with the choice that its only text is, if it is one. The words stay."""
    match message.parts:
        case (Text() as text,) if message.direction is Direction.IN and _has_arrived(offer):
            button = chosen(offer.message.parts, own_words(text))
        case _:
            button = None
    if button is None:
        return message
    return replace(
        message,
        parts=(*message.parts, Choice(value=button.value, label=button.label)),
        answers=message.answers or Quote(message=offer.message.id),
    )


def without_choice(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """What the customer wrote themselves."""
    written = tuple(part for part in parts if not isinstance(part, Choice))
    return written or parts


def _has_arrived(offer: Entry) -> bool:
    """As far as anybody knows: the customer does not choose from what they never saw."""
    if offer.message.deleted_at or offer.delivery is None:
        return False
    return offer.delivery.state not in (DeliveryState.QUEUED, DeliveryState.FAILED)


def own_words(text: Text) -> str:
    """Without the mail that is quoted below, and the signature."""
    if not text.spans:
        return text.text
    words = list(text.text)
    for span in text.spans:
        if span.style in _NOT_SAID:
            words[span.start : span.end] = [""] * len(words[span.start : span.end])
    return "".join(words)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
