"""What a mail shows, in order, and the files that go with it."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from adapters.email.account import Account
from adapters.email.earlier import Earlier
from adapters.email.mime.charsets import printable
from adapters.email.outgoing.body import Enclosed
from adapters.email.outgoing.markup import Passage, Picture, quoted
from core.errors import UnsupportedFeature
from core.model.content import (
    Attachment,
    Buttons,
    Card,
    Choice,
    ContactCard,
    Location,
    Media,
    MediaKind,
    Poll,
    System,
    Text,
    Unsupported,
)
from core.model.outbound import Outbound

MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")
SHOWN_TYPES = frozenset({"image/png", "image/jpeg", "image/gif"})
"""Pictures that every mailer shows inside of a text; Outlook shows no WebP there."""
NAMELESS = "attachment"
NAME_LENGTH_MAX = 200


class Content(NamedTuple):
    """`blocks` are the author's, `history` is what stands below them."""

    blocks: tuple[Passage | Picture, ...]
    history: tuple[Passage, ...]
    enclosed: tuple[Enclosed, ...]


def content_of(
    outbound: Outbound,
    account: Account,
    files: Mapping[str, bytes],
    earlier: Earlier | None,
    *,
    seed: str,
) -> Content:
    """The part that is quoted comes first. A small picture is shown where it stands among the
    texts; every other file is attached. Raises UnsupportedFeature.
    """
    blocks: list[Passage | Picture] = []
    enclosed: list[Enclosed] = []
    if outbound.quote and outbound.quote.text:
        blocks.append(quoted(Passage(outbound.quote.text, outbound.quote.spans)))
    for part in outbound.parts:
        match part:
            case Text():
                blocks.append(Passage(part.text, part.spans))
            case Media():
                cid = f"{len(enclosed)}.{seed}@{account.domain}"
                size_bytes_max = account.limits.shown_picture_size_bytes_max
                file = _enclosed(part, files[part.attachment.sha256], cid, size_bytes_max)
                enclosed.append(file)
                if file.cid:
                    blocks.append(Picture(file.cid, file.name))
                blocks.append(Passage(part.caption, part.spans))
            case (
                Location()
                | ContactCard()
                | Poll()
                | Buttons()
                | Choice()
                | Card()
                | System()
                | Unsupported()
            ):
                raise UnsupportedFeature(
                    f"a mail cannot carry a {type(part).__name__} as it is; message "
                    f"{outbound.message} has to be planned for the channel first"
                )
    said = tuple(one for one in blocks if isinstance(one, Picture) or one.text)
    return Content(said, _history(earlier) if earlier else (), tuple(enclosed))


def _enclosed(media: Media, data: bytes, cid: str, size_bytes_max: int) -> Enclosed:
    attachment = media.attachment
    shown = (
        media.media is MediaKind.IMAGE
        and attachment.media_type in SHOWN_TYPES
        and len(data) <= size_bytes_max
    )
    return Enclosed(_kind(attachment), _name(attachment), data, cid if shown else "")


def _kind(attachment: Attachment) -> str:
    kind = (attachment.media_type or attachment.declared_type).lower()
    if not MEDIA_TYPE.fullmatch(kind) or kind.startswith(("message/", "multipart/")):
        return "application/octet-stream"  # RFC 2046 forbids base64 for the other two
    return kind


def _name(attachment: Attachment) -> str:
    return printable(attachment.name)[-NAME_LENGTH_MAX:] or NAMELESS  # the end says what it is


def _history(earlier: Earlier) -> tuple[Passage, ...]:
    """Who wrote it, in figures instead of in a language that they may not read; and what."""
    written_at = f"{earlier.at:%Y-%m-%d %H:%M} UTC"
    attribution = Passage(
        f"{written_at}, {earlier.name} <{earlier.address}>:".replace(",  <", ", <")
    )
    return attribution, quoted(Passage(earlier.text, earlier.spans))
