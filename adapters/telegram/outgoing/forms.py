"""The form in which a refused piece is sent instead, at once and visibly. Pure.

Telegram says what it does not take only when it is asked. Nothing was sent then, and the same
bytes are taken as something plainer: better a picture as a file than no picture.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from adapters.telegram.outgoing.calls import Upload
from adapters.telegram.outgoing.media import PICTURE_AS_FILE
from adapters.telegram.outgoing.reasons import is_no_photo, quotes_nothing, takes_no_voice
from adapters.telegram.outgoing.render import QUOTED_NOTHING
from core.model.content import Media, MediaKind, Part
from core.model.outbound import Outbound

_WITHOUT_VOICE = {MediaKind.VOICE: MediaKind.AUDIO, MediaKind.VIDEO_NOTE: MediaKind.VIDEO}
_VOICE_AS_FILE = "{} is sent as {}: the customer takes no voice or video messages"
_NAMES = {
    MediaKind.IMAGE: "a picture",
    MediaKind.VIDEO: "a video",
    MediaKind.ANIMATION: "an animation",
    MediaKind.AUDIO: "an audio file",
    MediaKind.VOICE: "a voice message",
    MediaKind.VIDEO_NOTE: "a video note",
    MediaKind.STICKER: "a sticker",
    MediaKind.FILE: "a file",
}


def plainer(outbound: Outbound, description: str) -> tuple[Outbound, str] | None:
    """The piece in its next plainer form, and what to tell the agent; None if there is none.

    No form is tried twice: each takes away what the refusal was about.
    """
    if quotes_nothing(description) and outbound.quote:
        return replace(outbound, quote=None), QUOTED_NOTHING
    kinds = {part.media for part in outbound.parts if isinstance(part, Media)}
    if is_no_photo(description) and MediaKind.IMAGE in kinds:
        parts = tuple(_as_kind(part, MediaKind.FILE) for part in outbound.parts)
        return replace(outbound, parts=parts), PICTURE_AS_FILE
    forbidden = next((kind for kind in _WITHOUT_VOICE if kind in kinds), None)
    if takes_no_voice(description) and forbidden is not None:
        kind = _WITHOUT_VOICE[forbidden]
        parts = tuple(_as_kind(part, kind) for part in outbound.parts)
        note = _VOICE_AS_FILE.format(_NAMES[forbidden], _NAMES[kind])
        return replace(outbound, parts=parts), note
    return None


def shown_as_files(uploads: Iterable[Upload], files: Iterable[bool]) -> tuple[str, ...]:
    """What to tell the agent of uploads that Telegram shows as files (`files`, one by one) though
    they were sent as something else: it does not play every film and every sound.
    """
    turned = {
        upload.media
        for upload, file in zip(uploads, files, strict=False)
        if file and upload.media is not MediaKind.FILE
    }
    return tuple(f"Telegram shows {_NAMES[kind]} as a file" for kind in sorted(turned))


def _as_kind(part: Part, kind: MediaKind) -> Part:
    return replace(part, media=kind) if isinstance(part, Media) else part
