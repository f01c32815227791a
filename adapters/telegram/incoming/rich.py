"""A rich message as words with their formatting, files and places, in their order. Pure."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import asdict

from adapters.telegram.incoming.attachments import NewId, media, photo
from adapters.telegram.objects.common import File, PhotoSize
from adapters.telegram.objects.rich import Rich, RichBlock, RichFile, RichItem, RichMessage
from core.model.content import Location, Media, MediaKind, Part, Span, Style, Text

DEPTH_MAX: Final = 50
"""What is nested deeper is left out: it is nothing that a person wrote."""

_STYLES = {
    "bold": Style.BOLD,
    "italic": Style.ITALIC,
    "underline": Style.UNDERLINE,
    "strikethrough": Style.STRIKE,
    "spoiler": Style.SPOILER,
    "code": Style.CODE,
    "url": Style.LINK,
}
_BLOCK_STYLES = {"heading": Style.HEADING, "pre": Style.PRE}
_FILES = {
    "animation": MediaKind.ANIMATION,
    "audio": MediaKind.AUDIO,
    "video": MediaKind.VIDEO,
    "voice_note": MediaKind.VOICE,
}


def rich_parts(message: RichMessage, new_id: NewId) -> tuple[Part, ...]:
    """Empty if it says nothing. A caption is a text after its file."""
    parts: list[Part] = []
    words = _Words()
    for one in _blocks(message.blocks, new_id, words, 0):
        parts += (*words.taken(), one)
    return (*parts, *words.taken())


class _Words:
    """The text so far, since the last file or place."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._spans: list[Span] = []
        self._length = 0

    def line(self, rich: Rich, style: Style | None = None) -> None:
        start = self._length
        self._add(rich, 0)
        if self._length > start:
            self._style(start, style)
            self._put("\n")

    def start(self, words: str) -> None:
        """What the next line begins with."""
        self._put(words)

    def taken(self) -> tuple[Text, ...]:
        text, spans = "".join(self._pieces).rstrip(), tuple(self._spans)
        self._pieces, self._spans, self._length = [], [], 0
        return (Text(text=text, spans=_within(spans, len(text))),) if text else ()

    def _put(self, words: str) -> None:
        self._pieces.append(words)
        self._length += len(words)

    def _style(self, start: int, style: Style | None, value: str = "") -> None:
        if style and self._length > start:
            self._spans.append(Span(start, self._length - start, style, value))

    def _add(self, rich: Rich, depth: int) -> None:
        if depth > DEPTH_MAX:
            return
        match rich:
            case str():
                self._put(rich)
            case list():
                for one in rich:
                    self._add(one, depth + 1)
            case {"text": inner}:
                start, address = self._length, rich.get("url", "")
                self._add(inner, depth + 1)
                style = _STYLES.get(str(rich.get("type", "")))
                self._style(start, style, address if isinstance(address, str) else "")
            case {"alternative_text": str(words)} | {"expression": str(words)}:
                self._put(words)
            case _:
                pass


def _blocks(
    blocks: tuple[RichBlock, ...], new_id: NewId, words: _Words, depth: int
) -> Iterator[Media | Location]:
    """The files and places; what is said before each is in `words` by then."""
    if depth > DEPTH_MAX:
        return
    for block in blocks:
        style = _BLOCK_STYLES.get(block.type)
        for rich in (block.summary, block.text, block.expression):
            words.line(rich, style)
        for item in block.items:
            words.start(_bullet(item))
            yield from _blocks(item.blocks, new_id, words, depth + 1)
        yield from _blocks(block.blocks, new_id, words, depth + 1)
        for row in block.cells:
            words.line([part for cell in row for part in (" | ", cell.text)][1:])
        yield from _shown(block, new_id)
        for rich in (block.caption, block.credit):
            words.line(rich)
        if isinstance(block.caption, dict):
            words.line(block.caption.get("credit", ""))


def _bullet(item: RichItem) -> str:
    if item.has_checkbox:
        return "☑ " if item.is_checked else "☐ "
    return f"{item.label} " if item.label else ""


def _shown(block: RichBlock, new_id: NewId) -> Iterator[Media | Location]:
    if block.photo:
        yield photo(tuple(_size(one) for one in block.photo), new_id)
    for name, kind in _FILES.items():
        if (file := getattr(block, name)) is not None:
            yield media(kind, File(**asdict(file)), new_id)
    if block.location:
        yield Location(latitude=block.location.latitude, longitude=block.location.longitude)


def _size(file: RichFile) -> PhotoSize:
    return PhotoSize(
        file_id=file.file_id, width=file.width, height=file.height, file_size=file.file_size
    )


def _within(spans: tuple[Span, ...], length: int) -> tuple[Span, ...]:
    """Without what covers nothing but the line's end."""
    return tuple(
        Span(s.start, min(s.end, length) - s.start, s.style, s.value)
        for s in spans
        if s.start < length
    )
