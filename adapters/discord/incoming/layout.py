"""Components of a message: what is laid out in them, and what they offer. Pure."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from adapters.discord.incoming.attachments import Origin, laid_out
from adapters.discord.markdown.reading import read
from adapters.discord.markdown.syntax import Names
from adapters.discord.objects.components import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    ROW,
    SECTION,
    SELECTS,
    SEPARATOR,
    TEXT,
    THUMBNAIL,
    Component,
    UnfurledMedia,
)
from core.model.content import Button, Buttons, Part, Text, Unsupported

DEPTH_MAX: Final = 8
"""Discord nests them three deep; what lies deeper is left out."""


def parts_of(
    components: tuple[Component, ...], origin: Origin, names: Names, depth: int = 0
) -> Iterator[Part]:
    """In the order in which they are shown."""
    if depth > DEPTH_MAX:
        return
    for one in components:
        match one.type:
            case _ if one.type == ROW:
                yield from _row(one)
            case _ if one.type in (SECTION, CONTAINER):
                yield from parts_of(one.components, origin, names, depth + 1)
                if one.accessory:
                    yield from parts_of((one.accessory,), origin, names, depth + 1)
            case _ if one.type == SEPARATOR:
                pass
            case _:
                yield from _single(one, origin, names)


def _single(one: Component, origin: Origin, names: Names) -> Iterator[Part]:
    if one.type == TEXT:
        text, spans = read(one.content, names)
        yield Text(text=text, spans=spans)
    elif one.type == BUTTON:
        yield Buttons(rows=((_button(one),),))
    elif one.type == GALLERY:
        yield from (laid_out(item.media, origin, item.description or "") for item in one.items)
    elif one.type in (THUMBNAIL, FILE):
        yield _media(one, origin)
    else:
        yield _unsupported(one)


def _media(one: Component, origin: Origin) -> Part:
    shown = one.media if one.type == THUMBNAIL else one.file
    media = laid_out(shown or UnfurledMedia(), origin, one.description or one.name or "")
    if isinstance(media, Unsupported):
        return media
    attachment = replace(media.attachment, name=one.name or "", size_bytes=one.size)
    return replace(media, attachment=attachment, caption=one.description or "")


def untold(components: tuple[Component, ...], path: str, depth: int = 0) -> Iterator[str]:
    """What found no place: how a menu is called."""
    if depth > DEPTH_MAX:
        yield path.rstrip(".")
        return
    for one in components:
        if one.type in SELECTS:
            yield f"{path}custom_id"
            if one.options and one.placeholder:
                yield f"{path}placeholder"
        yield from untold(one.components, f"{path}components.", depth + 1)


def _row(row: Component) -> Iterator[Part]:
    buttons = tuple(_button(one) for one in row.components if one.type == BUTTON)
    if buttons:
        yield Buttons(rows=(buttons,))
    for one in row.components:
        if one.options:
            yield Buttons(rows=tuple((Button(o.label, o.value),) for o in one.options))
        elif one.type != BUTTON:
            yield _unsupported(one)


def _button(one: Component) -> Button:
    shown = one.emoji.words if one.emoji else ""
    label = f"{shown} {one.label or ''}".strip()
    return Button(label=label, value=one.custom_id or "", url=one.url or "")


def _unsupported(one: Component) -> Unsupported:
    if one.type in SELECTS:
        said = f": {one.placeholder}" if one.placeholder else ""
        return Unsupported(platform_kind="select", summary=f"a menu to choose from{said}")
    said = one.label or one.content or one.placeholder or ""
    summary = f"a component of a new kind{f': {said}' if said else ''}"
    return Unsupported(platform_kind=f"component {one.type}", summary=summary)
