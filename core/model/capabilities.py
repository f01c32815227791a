"""What a channel can carry."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec

from core.model.content import MediaKind, Part, Style, Text


class TextUnit(StrEnum):
    """What a platform's length limits count."""

    CODE_POINT = "code_point"
    UTF16 = "utf16"
    BYTE = "byte"


class Level(StrEnum):
    """What becomes of a piece of content on this channel."""

    NATIVE = "native"
    FALLBACK = "fallback"
    REFUSED = "refused"


class Resend(StrEnum):
    """What may be done after a send whose outcome is unknown."""

    NEVER = "never"
    SAME_KEY = "same_key"


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel can carry. Each fact is stated once: the documentation is made from it.

    `text_limit` counts in `text_unit`s, 0 = no limit; so does `caption_limit`, where 0 = media
    carry no captions. `media_size_bytes_max` 0 = no limit known. `parts` is keyed by the part's
    tag; a part that is not named is shown as text. `buttons` is how many one message may offer.
    `album`: up to so many files of the same one of `album_kinds` travel as one platform message,
    with `album_size_bytes_max` (0 = no limit known) of them all.
    `spans_max`: so many spans one message may have, 0 = no limit. `link_schemes`: what a link may
    begin with, empty = anything.
    `replies`: an answer names what it answers; `quotes`: and the part of it that is quoted.
    `combines`: text and any number of media travel as one platform message. `copies`: a message may
    go to others besides the person of its thread. `resend` says whether
    an attempt with unknown outcome may be repeated with the same key.
    """

    text_limit: int
    text_unit: TextUnit = TextUnit.CODE_POINT
    caption_limit: int = 0
    styles: frozenset[Style] = frozenset()
    media: frozenset[MediaKind] = frozenset()
    media_size_bytes_max: int = 0
    parts: dict[str, Level] = {}
    combines: bool = False
    album: int = 0
    album_kinds: tuple[frozenset[MediaKind], ...] = ()
    album_size_bytes_max: int = 0
    spans_max: int = 0
    link_schemes: frozenset[str] = frozenset()
    replies: bool = False
    quotes: bool = False
    edits: bool = False
    edit_window: timedelta | None = None
    deletes: bool = False
    reactions: bool = False
    typing: bool = False
    silent: bool = False
    buttons: int = 0
    subject: bool = False
    copies: bool = False
    resend: Resend = Resend.NEVER

    def written(self, text: Text) -> str:
        """What of a text counts towards the limits: the text itself, unless the platform's own
        markup counts, too.
        """
        return text.text

    def carries(self, part: Part) -> bool:
        """Whether one message can hold this part, of a kind that the channel has natively."""
        return True


NO_COPIES: Final = "this channel sends no copies to others: leave them out"
