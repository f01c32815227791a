"""Files that agents upload before they send them.

An upload's id is a signed description of the file, so nothing has to be remembered between the
upload and the reply: neither a restart nor another process loses it, and nobody can name a file
that they did not upload.
"""

import hashlib
from typing import Final

import msgspec
from ulid import ULID

from core.errors import InvalidRequest
from core.keeping import Kept
from core.model.content import Attachment, AttachmentState, Media, MediaKind
from core.model.ids import AttachmentId
from gateway.secret_key import key_for
from gateway.signing import sealed, unsealed

NAME_LENGTH_MAX: Final = 255
KIND: Final = {
    "image/png": MediaKind.IMAGE,
    "image/jpeg": MediaKind.IMAGE,
    "image/webp": MediaKind.IMAGE,
    "image/gif": MediaKind.ANIMATION,
    "video/mp4": MediaKind.VIDEO,
    "audio/mpeg": MediaKind.AUDIO,
}


class _Upload(msgspec.Struct, frozen=True, array_like=True):
    sha256: str
    size_bytes: int
    name: str
    declared_type: str
    media_type: str


def uploaded(kept: Kept, name: str, declared_type: str, secret: bytes) -> Attachment:
    """The attachment under the id that a reply names it by."""
    upload = _Upload(kept.sha256, kept.size_bytes, name, declared_type, kept.media_type)
    upload_id = sealed(msgspec.msgpack.encode(upload), _key(secret))
    return _attachment(upload, AttachmentId(upload_id))


def opened(upload_id: str, secret: bytes) -> Attachment:
    """What `uploaded` made, under a short id. Raises InvalidRequest for what it did not make."""
    data = unsealed(upload_id, _key(secret))
    if data is None:
        raise InvalidRequest(
            "this is no id of an uploaded file: upload it first (POST /api/v1/attachments)"
        )
    upload = msgspec.msgpack.decode(data, type=_Upload)
    short = str(ULID.from_bytes(hashlib.sha256(data).digest()[:16]))
    return _attachment(upload, AttachmentId(short))


def media_of(attachment: Attachment) -> Media:
    kind = KIND.get(attachment.media_type, MediaKind.FILE)
    return Media(media=kind, attachment=attachment)


def file_name(name: str) -> str:
    """A name that can be shown and sent: no path, no control characters, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(character for character in last if character.isprintable())
    return printable.strip()[-NAME_LENGTH_MAX:] or "file"


def _attachment(upload: _Upload, attachment_id: AttachmentId) -> Attachment:
    return Attachment(
        id=attachment_id,
        name=upload.name,
        declared_type=upload.declared_type,
        media_type=upload.media_type,
        size_bytes=upload.size_bytes,
        sha256=upload.sha256,
        state=AttachmentState.STORED,
    )


def _key(secret: bytes) -> bytes:
    return key_for(secret, "upload")
