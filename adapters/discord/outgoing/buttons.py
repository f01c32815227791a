"""Buttons, as Discord's API takes them. Pure."""

from collections.abc import Iterable
from typing import Any, Final

PER_ROW_MAX: Final = 5

_ROW, _BUTTON = 1, 2
_GREY, _LINK = 2, 5


def row(buttons: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """At most `PER_ROW_MAX`, made by `button`."""
    return {"type": _ROW, "components": list(buttons)}


def button(label: str, custom_id: str, url: str) -> dict[str, Any]:
    """One that opens its address or, without any, comes back as its `custom_id`."""
    shown: dict[str, Any] = {"type": _BUTTON, "label": label}
    return shown | (
        {"style": _LINK, "url": url} if url else {"style": _GREY, "custom_id": custom_id}
    )
