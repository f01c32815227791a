"""A Bot API call as a value, and the fields that most calls share. Pure."""

from collections.abc import Iterable, Mapping

import msgspec

from adapters.telegram.entities import to_entities
from adapters.telegram.places import Place
from core.model.content import Button, Buttons, MediaKind, Part, Text

_BUTTONS_PER_ROW_MAX = 8

Fields = dict[str, str]


class Upload(msgspec.Struct, frozen=True):
    """A file of the blob store that goes with a call in `field`, to be shown as `media`."""

    field: str
    sha256: str
    name: str
    media: MediaKind


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A method with its parameters, as forms carry them: text, or JSON in text.

    `notes` say in words what the customer will see in another form than it was written.
    """

    method: str
    fields: Fields
    uploads: tuple[Upload, ...] = ()
    notes: tuple[str, ...] = ()


def json_text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def as_form(values: Mapping[str, object]) -> Fields:
    return {
        name: value if isinstance(value, str) else json_text(value)
        for name, value in values.items()
    }


def chat_fields(place: Place) -> Fields:
    """Which chat a call is for, and on whose behalf."""
    fields = {"chat_id": place.chat}
    if place.connection:
        fields["business_connection_id"] = place.connection
    return fields


def topic_fields(place: Place) -> Fields:
    if place.direct:
        return {"direct_messages_topic_id": place.direct}
    return {"message_thread_id": place.topic} if place.topic else {}


def text_fields(text: Text, *, link_previews: bool) -> Fields:
    fields = {"text": text.text}
    if entities := to_entities(text.text, text.spans):
        fields["entities"] = json_text(entities)
    if not link_previews:
        fields["link_preview_options"] = '{"is_disabled":true}'
    return fields


def button_fields(parts: Iterable[Part]) -> Fields:
    """All buttons among the parts as one keyboard under the message."""
    offered = (row for part in parts if isinstance(part, Buttons) for row in part.rows)
    keyboard = [
        [_button(button) for button in row[start : start + _BUTTONS_PER_ROW_MAX]]
        for row in offered
        for start in range(0, len(row), _BUTTONS_PER_ROW_MAX)
    ]
    return {"reply_markup": json_text({"inline_keyboard": keyboard})} if keyboard else {}


def kinds(parts: Iterable[Part]) -> str:
    """For telling what cannot be done with them."""
    return " and ".join(str(part.__struct_config__.tag) for part in parts) or "nothing"


def _button(button: Button) -> Fields:
    action = {"url": button.url} if button.url else {"callback_data": button.value}
    return {"text": button.label or button.value or button.url, **action}
