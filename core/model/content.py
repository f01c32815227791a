"""What a message says: plain text with spans, media, and everything else a platform can carry.

No platform's markup is ever stored. It is parsed once on the way in and rendered once on the way
out.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from core.model.ids import AttachmentId


class Style(StrEnum):
    """What a span means. A platform that lacks one shows the text all the same."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKE = "strike"
    SPOILER = "spoiler"
    CODE = "code"
    PRE = "pre"
    QUOTE = "quote"
    HEADING = "heading"
    SMALL = "small"
    LINK = "link"
    MENTION = "mention"
    HASHTAG = "hashtag"
    COMMAND = "command"
    EMOJI = "emoji"
    QUOTED_REPLY = "quoted_reply"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"


class Span(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`length` code points of the text from `start` have this style. Spans may nest and overlap.

    `value` is the URL of a link, the language of `pre`, the identity of a mention, the id of a
    custom emoji.
    """

    start: int
    length: int
    style: Style
    value: str = ""

    @property
    def end(self) -> int:
        return self.start + self.length


class AttachmentState(StrEnum):
    REMOTE = "remote"
    FETCHING = "fetching"
    STORED = "stored"
    FAILED = "failed"
    EXPIRED = "expired"


class Attachment(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A lazy reference to bytes. `remote` is the adapter's own, opaque way to fetch them.

    `name` is what the sender called it: shown, never used as a path. `sha256` (hex) is known once
    the bytes are in the blob store. `declared_type` is the sender's word, `media_type` what the
    bytes look like. `attempts` counts those that failed, `reason` says why the last one did.
    """

    id: AttachmentId
    name: str = ""
    declared_type: str = ""
    media_type: str = ""
    size_bytes: int | None = None
    sha256: str = ""
    remote: str = ""
    state: AttachmentState = AttachmentState.REMOTE
    attempts: int = 0
    reason: str = ""


class MediaKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    ANIMATION = "animation"
    AUDIO = "audio"
    VOICE = "voice"
    VIDEO_NOTE = "video_note"
    STICKER = "sticker"
    FILE = "file"


class _Part(
    msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="kind"
):
    """A piece of a message's content; `kind` tells them apart on the wire."""


class Text(_Part, frozen=True, tag="text"):
    """Plain text plus spans. `html` names a sanitised HTML form in the blob store (e-mail), if
    there is one.
    """

    text: str
    spans: tuple[Span, ...] = ()
    html: str = ""


class Media(_Part, frozen=True, tag="media"):
    media: MediaKind
    attachment: Attachment
    caption: str = ""
    spans: tuple[Span, ...] = ()
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    emoji: str = ""


class Location(_Part, frozen=True, tag="location"):
    """Degrees. `live_seconds` > 0: the sender shares where they move for that long."""

    latitude: float
    longitude: float
    accuracy_metres: float = 0.0
    live_seconds: int = 0
    title: str = ""
    address: str = ""


class ContactCard(_Part, frozen=True, tag="contact_card"):
    name: str
    phone: str = ""
    email: str = ""
    vcard: str = ""


class PollOption(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    text: str
    votes: int = 0


class Poll(_Part, frozen=True, tag="poll"):
    question: str
    options: tuple[PollOption, ...]
    multiple: bool = False
    closed: bool = False


class Button(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Either a `value` that comes back as a Choice, or a `url` that opens."""

    label: str
    value: str = ""
    url: str = ""


class Buttons(_Part, frozen=True, tag="buttons"):
    """Rows of choices offered to the customer."""

    rows: tuple[tuple[Button, ...], ...]


class Choice(_Part, frozen=True, tag="choice"):
    """The customer chose: a button, a quick reply, a numbered answer."""

    value: str
    label: str = ""


class Card(_Part, frozen=True, tag="card"):
    """A titled block with optional picture and link: embeds, link previews, templates."""

    title: str = ""
    text: str = ""
    url: str = ""
    image: Attachment | None = None


class System(_Part, frozen=True, tag="system"):
    """Something happened rather than was said. `code` is stable, `text` is for people."""

    code: str
    text: str = ""


class Unsupported(_Part, frozen=True, tag="unsupported"):
    """A kind of content that has no part of its own: shown by its summary, never dropped."""

    platform_kind: str
    summary: str = ""


Part = Text | Media | Location | ContactCard | Poll | Buttons | Choice | Card | System | Unsupported


class Forward(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Where a forwarded message came from, as far as the platform tells."""

    name: str = ""
    remote: str = ""
    at: datetime | None = None
