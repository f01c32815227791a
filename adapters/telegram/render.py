"""From one planned piece of a message to the one Bot API call that sends it. Pure.

Text goes with `entities`, never with `parse_mode`: what was typed is not markup.
"""

import msgspec

from adapters.telegram.entities import to_entities
from adapters.telegram.places import message_of, place_of
from core.errors import UnsupportedFeature
from core.model.content import Attachment, Media, MediaKind, Part, Span, Text
from core.model.outbound import Outbound

PHOTO_SIZE_BYTES_MAX = 10_000_000
"""Larger pictures are taken only as documents."""

Fields = dict[str, str]


class Upload(msgspec.Struct, frozen=True):
    """A file of the blob store that goes with a call, in `field`."""

    field: str
    sha256: str
    name: str


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A method with its parameters, as forms carry them: text, or JSON in text."""

    method: str
    fields: Fields
    upload: Upload | None = None


def render(outbound: Outbound, *, link_previews: bool) -> Call:
    """Raises UnsupportedFeature for a piece that `capabilities` does not promise."""
    match outbound.parts:
        case (Text() as text,):
            return _message(outbound, text, link_previews=link_previews)
        case (Media(media=MediaKind.IMAGE | MediaKind.FILE) as media,):
            return _file(outbound, media)
        case parts:
            raise UnsupportedFeature(
                f"Telegram cannot send {_kinds(parts)} in one message; nothing of it was sent"
            )


def _message(outbound: Outbound, text: Text, *, link_previews: bool) -> Call:
    fields = _addressed(outbound) | {"text": text.text}
    fields |= _entities("entities", text.text, text.spans)
    if not link_previews:
        fields["link_preview_options"] = '{"is_disabled":true}'
    return Call("sendMessage", fields)


def _file(outbound: Outbound, media: Media) -> Call:
    attachment = media.attachment
    if not attachment.sha256:
        raise UnsupportedFeature(
            f"the file {attachment.id} is not stored here: fetch it first, then send it"
        )
    as_photo = media.media is MediaKind.IMAGE and (attachment.size_bytes or 0) <= (
        PHOTO_SIZE_BYTES_MAX
    )
    fields = _addressed(outbound)
    if media.caption:
        fields["caption"] = media.caption
        fields |= _entities("caption_entities", media.caption, media.spans)
    field = "photo" if as_photo else "document"
    return Call(
        f"send{field.capitalize()}", fields, Upload(field, attachment.sha256, _name(attachment))
    )


def _addressed(outbound: Outbound) -> Fields:
    place = place_of(outbound.thread.thread)
    fields = {"chat_id": place.chat}
    if place.topic:
        fields["message_thread_id"] = place.topic
    answered_chat, answered = message_of(outbound.answers) or ("", 0)
    if answered_chat == place.chat:
        # The message may be gone by now; the answer must arrive all the same.
        fields["reply_parameters"] = (
            f'{{"message_id":{answered},"allow_sending_without_reply":true}}'
        )
    return fields


def _entities(field: str, text: str, spans: tuple[Span, ...]) -> Fields:
    entities = to_entities(text, spans)
    return {field: msgspec.json.encode(entities).decode()} if entities else {}


def _name(attachment: Attachment) -> str:
    """The sender's word, without what could break out of a header."""
    return "".join(c if c.isprintable() else "_" for c in attachment.name) or "file"


def _kinds(parts: tuple[Part, ...]) -> str:
    return " and ".join(str(part.__struct_config__.tag) for part in parts) or "nothing"
