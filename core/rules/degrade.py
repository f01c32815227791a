"""How a message travels on a channel: natively, else visibly in another form, else not at all.

The whole ladder is decided here, before anything is sent, from the channel's capabilities alone:
`plan` cuts a message into platform messages ("pieces") and says in words what will look different,
so that the agent knows before the customer sees it. No adapter decides any of this again.
"""

from collections.abc import Callable

from msgspec.structs import replace

from core.errors import InvalidRequest, UnsupportedFeature
from core.model.capabilities import Capabilities, Level
from core.model.content import (
    Attachment,
    Buttons,
    Card,
    ContactCard,
    Media,
    MediaKind,
    Part,
    Span,
    Style,
    Text,
)
from core.model.outbound import Plan
from core.rules.choices import keyed
from core.rules.cutting import is_whole
from core.rules.fallback import (
    as_lines_quoted,
    as_link,
    as_text,
    listed,
    may_link,
    without_styles,
)
from core.rules.pieces import can_caption, combined, separate

Link = Callable[[Attachment], str]
"""An address under which a file can be had for a while; empty for a file that is not stored."""

# Before Python 3.12 an enum's member is found by a function in Python, which every reply pays for.
_REFUSED = Level.REFUSED

_NEXT_BEST = {
    MediaKind.ANIMATION: (MediaKind.VIDEO, MediaKind.FILE),
    MediaKind.VIDEO_NOTE: (MediaKind.VIDEO, MediaKind.FILE),
    MediaKind.VOICE: (MediaKind.AUDIO, MediaKind.FILE),
}
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


def plan(
    parts: tuple[Part, ...],
    capabilities: Capabilities,
    link: Link | None = None,
    *,
    silent: bool = False,
    quote: Text | None = None,
) -> Plan:
    """The pieces to send, in order, and what is shown differently. `silent`: without a sound.
    `quote`: the part of the answered message that is quoted.

    A file that the channel cannot carry is sent as a `link` to it, if there are any.

    Raises InvalidRequest for a message without content, UnsupportedFeature for content that the
    channel can show in no form.
    """
    if not (quote or silent) and _is_plain(parts, capabilities):
        return Plan(pieces=(parts,))
    if not any(_has_content(part) for part in parts):
        raise InvalidRequest("the message is empty: give it a text or a file")
    ladder = _Ladder(capabilities, link)
    shown = [form for part in parts for form in ladder.forms(part)]
    if not shown:
        raise UnsupportedFeature("nothing of this message can be shown on this channel")
    if quote and not capabilities.quotes:
        shown = [*ladder.quoted(quote), *shown]
    if capabilities.combines:
        pieces = combined(shown)
    else:
        pieces = separate(shown, capabilities, ladder.note)
    if silent and not capabilities.silent:
        ladder.note("this channel cannot send silently")
    return Plan(pieces=tuple(pieces), fallbacks=tuple(ladder.notes))


def _is_plain(parts: tuple[Part, ...], capabilities: Capabilities) -> bool:
    """Whether this is one text without styles that the channel takes as it is: most messages are,
    and there is nothing to decide about them.
    """
    match parts:
        case (Text(spans=()) as text,) if capabilities.parts.get("text") is not _REFUSED:
            whole = capabilities.combines or is_whole(text, capabilities)
            return whole and bool(text.text.strip())
        case _:
            return False


def _has_content(part: Part) -> bool:
    if isinstance(part, Card) and part.image is not None:
        return True
    return isinstance(part, Media) or bool(as_text(part).text.strip())


def _tag(part: Part) -> str:
    return str(part.__struct_config__.tag)


class _Ladder:
    """One planning: the channel's capabilities, the notes gathered so far, each once, and how many
    buttons were offered.
    """

    def __init__(self, capabilities: Capabilities, link: Link | None) -> None:
        self._capabilities, self._link = capabilities, link
        self._offered = 0
        self.notes: dict[str, None] = {}

    def note(self, note: str) -> None:
        self.notes[note] = None

    def forms(self, part: Part) -> list[Part]:
        """The forms in which this part can travel, none of them empty."""
        tag = _tag(part)
        level = self._capabilities.parts.get(tag)
        if level is _REFUSED:
            raise UnsupportedFeature(f"this channel cannot carry {_KIND_WORDS[tag]}")
        match part:
            case Text():
                return self._text(part)
            case Media():
                return self._media(part)
            case Buttons():
                return self._buttons(part)
            case _ if level is Level.NATIVE and self._capabilities.carries(part):
                return [part]
            case _:
                return self._in_words(part, tag)

    def quoted(self, quote: Text) -> list[Part]:
        """What is quoted, for a channel that cannot point at it."""
        self.note("what is quoted is written out above the text")
        if Style.QUOTE not in self._capabilities.styles:
            return [as_lines_quoted(quote)]
        whole = Span(0, len(quote.text), Style.QUOTE)
        return self._text(replace(quote, spans=(whole, *quote.spans)))

    def _text(self, part: Text) -> list[Part]:
        styles, schemes = self._capabilities.styles, self._capabilities.link_schemes
        shown, notes = without_styles(part, styles, schemes)
        for note in notes:
            self.note(note)
        return [shown] if shown.text.strip() else []

    def _media(self, part: Media) -> list[Part]:
        """The best kind that the channel has; the caption with it, or as text before it."""
        limit, size = self._capabilities.media_size_bytes_max, part.attachment.size_bytes
        if limit and size is not None and size > limit:
            why = f"{_named(part)} has {size} bytes, this channel takes at most {limit}"
            return self._linked(part, why)
        kind = self._kind(part)
        if kind is None:
            return self._without_bytes(part)
        caption = self._caption(part)
        bare = replace(part, media=kind, caption="", spans=())
        if not caption:
            return [bare]
        if self._capabilities.combines:
            return [*caption, bare]
        match caption:
            case [Text() as text] if can_caption(bare, text, self._capabilities):
                return [replace(bare, caption=text.text, spans=text.spans)]
            case _:
                self.note("a caption is sent as a text of its own, before its file")
                return [*caption, bare]

    def _caption(self, part: Media) -> list[Part]:
        return self._text(Text(text=part.caption, spans=part.spans))

    def _kind(self, part: Media) -> MediaKind | None:
        if part.media in self._capabilities.media:
            return part.media
        for kind in _NEXT_BEST.get(part.media, (MediaKind.FILE,)):
            if kind in self._capabilities.media:
                self.note(f"{_named(part)} is sent as {_a(kind)}")
                return kind
        return None

    def _without_bytes(self, part: Media) -> list[Part]:
        if part.media is MediaKind.STICKER and part.emoji:
            self.note("a sticker is sent as its emoji")
            return [*self._caption(part), *self._text(Text(text=part.emoji))]
        return self._linked(part, f"this channel cannot carry {_named(part)}, nor any file instead")

    def _linked(self, part: Media, why: str) -> list[Part]:
        """Where the file can be had, after its caption."""
        if self._link is None:
            raise UnsupportedFeature(f"{why}: set web.public_url to send such files as links")
        address = self._link(part.attachment)
        if not address:
            raise UnsupportedFeature(f"{why}, and it is not stored here: upload it to send a link")
        self.note(f"{_named(part)} is sent as a link that expires")
        return [*self._caption(part), as_link(part.attachment, address)]

    def _buttons(self, part: Buttons) -> list[Part]:
        """Native, each value under its key; else a list, numbered through the message."""
        before, count = self._offered, sum(len(row) for row in part.rows)
        self._offered += count
        schemes = self._capabilities.link_schemes
        addresses = (button.url for row in part.rows for button in row if button.url)
        fits = 0 < count <= self._capabilities.buttons and self._capabilities.carries(part)
        if fits and all(may_link(address, schemes) for address in addresses):
            return [keyed(part, before)]
        forms = self._text(listed(part, before + 1))
        if forms:
            self.note("buttons are shown as a numbered list")
        return forms

    def _in_words(self, part: Part, tag: str) -> list[Part]:
        forms = self._text(as_text(part))
        if forms:
            self.note(_in_words_note(part, tag))
        if isinstance(part, Card) and part.image is not None:
            return [*forms, *self._picture(Media(media=MediaKind.IMAGE, attachment=part.image))]
        return forms

    def _picture(self, picture: Media) -> list[Part]:
        try:
            return self._media(picture)
        except UnsupportedFeature:
            self.note("the picture of a card is left out")
            return []


def _named(part: Media) -> str:
    name = part.attachment.name
    return f"{_a(part.media)} ({name})" if name else _a(part.media)


def _a(kind: MediaKind) -> str:
    word = kind.value.replace("_", " ")
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _in_words_note(part: Part, tag: str) -> str:
    if isinstance(part, ContactCard) and part.vcard:
        return "a contact card is sent as text, without its vCard"
    return f"{_KIND_WORDS[tag]} is sent as text"
