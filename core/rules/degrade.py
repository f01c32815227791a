"""How a message travels on a channel: natively, else visibly in another form, else not at all.

The whole ladder is decided here, before anything is sent, from the channel's capabilities alone:
`plan` cuts a message into platform messages ("pieces") and says in words what will look different,
so that the agent knows before the customer sees it. No adapter decides any of this again.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from core.errors import InvalidRequest, UnsupportedFeature
from core.model.content import (
    Buttons,
    Card,
    ContactCard,
    Media,
    MediaKind,
    Part,
    Span,
    Text,
)
from core.model.outbound import Plan
from core.ports import Capabilities, Level
from core.rules.fallback import as_text, without_styles
from core.rules.text import length, split

_NUMBERED_FROM = 4
"""Fewer pieces are understood without numbers."""

_NEXT_BEST = {
    MediaKind.ANIMATION: (MediaKind.VIDEO, MediaKind.FILE),
    MediaKind.VIDEO_NOTE: (MediaKind.VIDEO, MediaKind.FILE),
    MediaKind.VOICE: (MediaKind.AUDIO, MediaKind.FILE),
}
_WITHOUT_CAPTION = frozenset({MediaKind.STICKER, MediaKind.VIDEO_NOTE})
_KIND_WORDS = {
    "text": "text",
    "media": "a file",
    "location": "a location",
    "contact_card": "a contact card",
    "poll": "a poll",
    "buttons": "buttons",
    "choice": "a choice",
    "card": "a card",
    "system": "a system message",
    "unsupported": "this kind of content",
}


def plan(parts: tuple[Part, ...], capabilities: Capabilities, *, silent: bool = False) -> Plan:
    """The pieces to send, in order, and what is shown differently. `silent`: without a sound.

    Raises InvalidRequest for a message without content, UnsupportedFeature for content that the
    channel can show in no form.
    """
    if not any(_has_content(part) for part in parts):
        raise InvalidRequest("the message is empty: give it a text or a file")
    ladder = _Ladder(capabilities)
    shown = [form for part in parts for form in ladder.forms(part)]
    if not shown:
        raise UnsupportedFeature("nothing of this message can be shown on this channel")
    pieces = _combined(shown) if capabilities.combines else ladder.pieces(shown)
    loud = ("this channel cannot send silently",) if silent and not capabilities.silent else ()
    return Plan(pieces=tuple(pieces), fallbacks=(*ladder.notes, *loud))


def _has_content(part: Part) -> bool:
    if isinstance(part, Card) and part.image is not None:
        return True
    return isinstance(part, Media) or bool(as_text(part).text.strip())


def _tag(part: Part) -> str:
    return str(part.__struct_config__.tag)


def _combined(forms: Iterable[Part]) -> list[tuple[Part, ...]]:
    together: list[Part] = []
    for form in forms:
        if isinstance(form, Text) and together and isinstance(together[-1], Text):
            together[-1] = _joined(together[-1], form)
        else:
            together.append(form)
    return [tuple(together)]


def _joined(first: Text, second: Text) -> Text:
    offset = len(first.text) + 2
    moved = (Span(s.start + offset, s.length, s.style, s.value) for s in second.spans)
    return Text(text=f"{first.text}\n\n{second.text}", spans=(*first.spans, *moved))


class _Ladder:
    """One planning: the channel's capabilities and the notes gathered so far, each once."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self.notes: dict[str, None] = {}

    def forms(self, part: Part) -> list[Part]:
        """The forms in which this part can travel, none of them empty."""
        tag = _tag(part)
        level = self._capabilities.parts.get(tag)
        if level is Level.REFUSED:
            raise UnsupportedFeature(f"this channel cannot carry {_KIND_WORDS[tag]}")
        match part:
            case Text():
                return self._text(part)
            case Media():
                return self._media(part)
            case Buttons() if self._takes(part):
                return [part]
            case _ if level is Level.NATIVE and not isinstance(part, Buttons):
                return [part]
            case _:
                return self._in_words(part, tag)

    def pieces(self, forms: Sequence[Part]) -> list[tuple[Part, ...]]:
        """Each piece is what one platform message can hold."""
        pieces: list[tuple[Part, ...]] = []
        text: Text | None = None
        for form in forms:
            match form:
                case Text():
                    text = form if text is None else _joined(text, form)
                case Media() if text is not None and not form.caption and self._fits(form, text):
                    pieces.append((replace(form, caption=text.text, spans=text.spans),))
                    text = None
                case Buttons():
                    pieces += [*self._cut(text)]
                    text = None
                    self._attach(form, pieces)
                case _:
                    pieces += [*self._cut(text), (form,)]
                    text = None
        return self._end(pieces, text)

    def _text(self, part: Text) -> list[Part]:
        shown, notes = without_styles(part, self._capabilities.styles)
        self._note(*notes)
        return [shown] if shown.text.strip() else []

    def _media(self, part: Media) -> list[Part]:
        """The best kind that the channel has; the caption with it, or as text before it."""
        kind = self._kind(part)
        if kind is None:
            return self._without_bytes(part)
        self._check_size(part)
        caption = self._text(Text(text=part.caption, spans=part.spans))
        bare = replace(part, media=kind, caption="", spans=())
        if not caption:
            return [bare]
        text = caption[0]
        if isinstance(text, Text) and self._fits(bare, text):
            return [replace(bare, caption=text.text, spans=text.spans)]
        if not self._capabilities.combines:
            self._note("a caption is sent as a text of its own, before its file")
        return [text, bare]

    def _kind(self, part: Media) -> MediaKind | None:
        if part.media in self._capabilities.media:
            return part.media
        for kind in _NEXT_BEST.get(part.media, (MediaKind.FILE,)):
            if kind in self._capabilities.media:
                self._note(f"{_named(part)} is sent as {_a(kind)}")
                return kind
        return None

    def _without_bytes(self, part: Media) -> list[Part]:
        if part.media is MediaKind.STICKER and part.emoji:
            self._note("a sticker is sent as its emoji")
            return self._text(Text(text=part.emoji))
        raise UnsupportedFeature(f"this channel cannot carry {_named(part)}, nor any file instead")

    def _check_size(self, part: Media) -> None:
        limit, size = self._capabilities.media_size_bytes_max, part.attachment.size_bytes
        if limit and size is not None and size > limit:
            raise UnsupportedFeature(
                f"{_named(part)} has {size} bytes, this channel takes at most {limit}"
            )

    def _takes(self, buttons: Buttons) -> bool:
        return 0 < sum(len(row) for row in buttons.rows) <= self._capabilities.buttons

    def _in_words(self, part: Part, tag: str) -> list[Part]:
        forms = self._text(as_text(part))
        if forms:
            self._note(_in_words_note(part, tag))
        if isinstance(part, Card) and part.image is not None:
            return [*forms, *self._picture(Media(media=MediaKind.IMAGE, attachment=part.image))]
        return forms

    def _picture(self, picture: Media) -> list[Part]:
        try:
            return self._media(picture)
        except UnsupportedFeature:
            self._note("the picture of a card is left out")
            return []

    def _fits(self, medium: Media, caption: Text) -> bool:
        limit = self._capabilities.caption_limit
        if medium.media in _WITHOUT_CAPTION or self._capabilities.combines:
            return False
        return length(caption.text, self._capabilities.text_unit) <= limit

    def _attach(self, buttons: Buttons, pieces: list[tuple[Part, ...]]) -> None:
        """Buttons hang on the message before them."""
        if pieces:
            pieces[-1] = (*pieces[-1], buttons)
        else:
            pieces.append((buttons,))

    def _end(self, pieces: list[tuple[Part, ...]], text: Text | None) -> list[tuple[Part, ...]]:
        """A text after a single bare file is that file's caption, if it fits."""
        match pieces, text:
            case [(Media() as only,)], Text() if not only.caption and self._fits(only, text):
                return [(replace(only, caption=text.text, spans=text.spans),)]
            case _:
                return [*pieces, *self._cut(text)]

    def _cut(self, text: Text | None) -> list[tuple[Part, ...]]:
        if text is None:
            return []
        limit, unit = self._capabilities.text_limit, self._capabilities.text_unit
        if not limit or length(text.text, unit) <= limit:
            return [(text,)]
        cut = _numbered_split(text, limit, self._capabilities)
        self._note(f"the text is too long for one message: it is sent as {len(cut)}")
        return [(piece,) for piece in cut]

    def _note(self, *notes: str) -> None:
        self.notes.update(dict.fromkeys(notes))


def _numbered_split(text: Text, limit: int, capabilities: Capabilities) -> list[Text]:
    """Four pieces and more are numbered, "(1/4) ", within the limit."""
    cut = _split(text, limit, capabilities)
    room = len(_number(len(cut), len(cut)))
    while len(cut) >= _NUMBERED_FROM and 2 * room <= limit:
        cut = _split(text, limit - room, capabilities)
        needed = len(_number(len(cut), len(cut)))
        if needed <= room:
            return [_prefixed(_number(n, len(cut)), piece) for n, piece in enumerate(cut, 1)]
        room = needed
    return cut


def _split(text: Text, limit: int, capabilities: Capabilities) -> list[Text]:
    cut = split(text.text, text.spans, limit, capabilities.text_unit)
    return [Text(text=piece, spans=spans) for piece, spans in cut if piece.strip()]


def _number(number: int, count: int) -> str:
    return f"({number}/{count}) "


def _prefixed(prefix: str, text: Text) -> Text:
    moved = (Span(s.start + len(prefix), s.length, s.style, s.value) for s in text.spans)
    return Text(text=prefix + text.text, spans=tuple(moved))


def _named(part: Media) -> str:
    name = part.attachment.name
    return f"{_a(part.media)} ({name})" if name else _a(part.media)


def _a(kind: MediaKind) -> str:
    word = kind.value.replace("_", " ")
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _in_words_note(part: Part, tag: str) -> str:
    if isinstance(part, Buttons):
        return "buttons are shown as a numbered list"
    if isinstance(part, ContactCard) and part.vcard:
        return "a contact card is sent as text, without its vCard"
    return f"{_KIND_WORDS[tag]} is sent as text"
