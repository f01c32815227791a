"""What customers can choose from, and what they chose.

A button leaves under a short key instead of its value: a key fits every platform, and the
customer's client learns nothing that was meant for us. What comes back is looked up in the message
that offered it, so that nobody can choose what was not offered.
"""

from msgspec.structs import replace

from core.model.content import Button, Buttons, Part


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
    return tuple(
        button for part in parts if isinstance(part, Buttons) for row in part.rows for button in row
    )


def pressed(parts: tuple[Part, ...], key: str) -> Button | None:
    """The button of a message that goes by this key."""
    number, buttons = key.removeprefix("b"), offered(parts)
    if key == number or not (number.isascii() and number.isdecimal()) or len(number) > 4:
        return None
    found = buttons[int(number)] if int(number) < len(buttons) else None
    return found if found and not found.url else None
