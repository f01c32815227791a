"""The Bot API's rich messages, of which the words, the files and the places are wanted.

How a rich message is laid out has no place in the model, so `rich_message` is named as lost; what
is in it is not.
"""

from typing import Any

from adapters.telegram.objects.fields import Count, Reference

Rich = Any
"""A text, a list of these, or an object with a `type` and another of these as its `text`."""


class RichFile(Reference, frozen=True, kw_only=True):
    """A file of any kind, or one size of a photo."""

    file_id: str
    file_name: str = ""
    mime_type: str = ""
    file_size: Count | None = None
    width: Count = 0
    height: Count = 0
    duration: Count = 0
    title: str = ""
    performer: str = ""


class RichPlace(Reference, frozen=True):
    latitude: float
    longitude: float


class RichItem(Reference, frozen=True, kw_only=True):
    """One of a list. `label` is its number or bullet."""

    label: str = ""
    blocks: "tuple[RichBlock, ...]" = ()
    has_checkbox: bool = False
    is_checked: bool = False


class RichCell(Reference, frozen=True):
    text: Rich = ""


class RichBlock(Reference, frozen=True, kw_only=True):
    """Which of the fields there are depends on its `type`."""

    type: str = ""
    text: Rich = ""
    summary: Rich = ""
    expression: str = ""
    items: tuple[RichItem, ...] = ()
    blocks: "tuple[RichBlock, ...]" = ()
    cells: tuple[tuple[RichCell, ...], ...] = ()
    photo: tuple[RichFile, ...] = ()
    animation: RichFile | None = None
    audio: RichFile | None = None
    video: RichFile | None = None
    voice_note: RichFile | None = None
    location: RichPlace | None = None
    caption: Rich = ""
    credit: Rich = ""


class RichMessage(Reference, frozen=True):
    blocks: tuple[RichBlock, ...] = ()
