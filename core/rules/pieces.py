"""What travels together: the forms of a message's parts as platform messages ("pieces").

Texts become captions, files albums, and buttons hang on what is before them, as far as the channel
has such things.
"""

from collections.abc import Sequence
from itertools import zip_longest

from msgspec.structs import replace

from core.model.capabilities import Capabilities
from core.model.content import Buttons, Media, MediaKind, Part, Text
from core.rules.cutting import Note, cut, fits, joined

Piece = tuple[Part, ...]
Block = Text | Buttons | Piece

_WITHOUT_CAPTION = frozenset({MediaKind.STICKER, MediaKind.VIDEO_NOTE})
_POINTER = "👇"
"""What is written above buttons that have no text: it is understood in every language."""


def combined(forms: Sequence[Part]) -> list[Piece]:
    """Everything as one piece, for a channel whose messages take any number of parts."""
    together: list[Part] = []
    for form in forms:
        if isinstance(form, Text) and together and isinstance(together[-1], Text):
            together[-1] = joined(together[-1], form)
        else:
            together.append(form)
    return [tuple(together)]


def separate(forms: Sequence[Part], capabilities: Capabilities, note: Note) -> list[Piece]:
    """Each piece is what one platform message can hold."""
    return _Pieces(capabilities, note).of(_blocks(forms, capabilities))


def can_caption(medium: Media, text: Text, capabilities: Capabilities) -> bool:
    """Whether this can be the caption of a file, which has none yet."""
    if medium.caption or medium.media in _WITHOUT_CAPTION:
        return False
    return fits(text, capabilities.caption_limit, capabilities)


def _blocks(forms: Sequence[Part], capabilities: Capabilities) -> list[Block]:
    """Texts that follow one another are one; so are files that make an album."""
    blocks: list[Block] = []
    for form in forms:
        last = blocks[-1] if blocks else None
        match form:
            case Text() if isinstance(last, Text):
                blocks[-1] = joined(last, form)
            case Media() if isinstance(last, tuple) and _in_album(last, form, capabilities):
                blocks[-1] = (*last, form)
            case Text() | Buttons():
                blocks.append(form)
            case _:
                blocks.append((form,))
    return blocks


def _in_album(files: Piece, further: Media, capabilities: Capabilities) -> bool:
    """Whether a file goes on with an album. A caption begins a new one: it is shown below all."""
    if further.caption or len(files) >= capabilities.album:
        return False
    if 0 < capabilities.album_size_bytes_max < sum(map(_size_bytes, (*files, further))):
        return False
    kinds = {one.media if isinstance(one, Media) else None for one in (*files, further)}
    return any(kinds <= allowed for allowed in capabilities.album_kinds)


def _size_bytes(part: Part) -> int:
    return (part.attachment.size_bytes or 0) if isinstance(part, Media) else 0


class _Pieces:
    """One composing: the pieces so far, and the text that has found no place yet."""

    def __init__(self, capabilities: Capabilities, note: Note) -> None:
        self._capabilities, self._note = capabilities, note
        self._pieces: list[Piece] = []
        self._text: Text | None = None

    def of(self, blocks: Sequence[Block]) -> list[Piece]:
        for block, after in zip_longest(blocks, blocks[1:]):
            match block:
                case Text():
                    self._text = block
                case Buttons():
                    self._end_text()
                    self._hang(block)
                case _:
                    self._place(block, after)
        if len(self._pieces) == 1 and (captioned := self._captioned(self._pieces[0])):
            return [captioned]
        self._end_text()
        return self._pieces

    def _place(self, block: Piece, after: Block | None) -> None:
        """Files with their caption; the text before an album is kept for buttons behind it."""
        if captioned := self._captioned(block):
            if len(block) == 1 or not isinstance(after, Buttons):
                self._text, block = None, captioned
        else:
            self._end_text()
        self._pieces.append(block)

    def _captioned(self, block: Piece) -> Piece | None:
        """The files with the waiting text as their caption, if they can have it."""
        first, text = block[0], self._text
        if text is None or not all(isinstance(one, Media) for one in block):
            return None
        if not isinstance(first, Media) or not can_caption(first, text, self._capabilities):
            return None
        return (replace(first, caption=text.text, spans=text.spans), *block[1:])

    def _end_text(self) -> None:
        if self._text is not None:
            self._pieces += [(one,) for one in cut(self._text, self._capabilities, self._note)]
            self._text = None

    def _hang(self, buttons: Buttons) -> None:
        """Buttons hang on the message before them, unless that is an album or has too many."""
        match self._pieces[-1:]:
            case [(*others, Buttons() as above)] if self._room(above, buttons):
                self._pieces[-1] = (*others, Buttons(rows=above.rows + buttons.rows))
            case [(only,)]:
                self._pieces[-1] = (only, buttons)
            case _:
                self._note(f"{_POINTER} is written above buttons, which need a text to hang on")
                self._pieces.append((Text(text=_POINTER), buttons))

    def _room(self, above: Buttons, further: Buttons) -> bool:
        count = sum(len(row) for row in above.rows + further.rows)
        return count <= self._capabilities.buttons
