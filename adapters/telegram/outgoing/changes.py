"""The calls that change what is on Telegram already, and those that show what we do. Pure.

A message is changed where it was sent: it does not move with its chat.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from adapters.telegram.entities import to_entities
from adapters.telegram.outgoing.calls import (
    Call,
    Fields,
    as_form,
    button_fields,
    chat_fields,
    json_text,
    text_fields,
    topic_fields,
)
from adapters.telegram.outgoing.media import WITHOUT_CAPTION
from adapters.telegram.places import Place, message_of
from core.errors import UnsupportedFeature
from core.model.content import Media, Part, Text

DELETED_AT_ONCE_MAX = 100
_VARIATION_SELECTOR = "\ufe0f"


def edit(parts: tuple[Part, ...], place: Place, remote: str, *, link_previews: bool) -> Call:
    """Make the message say this: its words and its buttons. What it shows besides, a file or a
    place, stays as it is; where there are no words to change, only the buttons are.
    """
    fields = _message_fields(place, remote) | button_fields(parts)
    match next((part for part in parts if isinstance(part, Text | Media)), None):
        case Text() as text:
            return Call("editMessageText", fields | text_fields(text, link_previews=link_previews))
        case Media() as first if first.media not in WITHOUT_CAPTION:
            entities = to_entities(first.caption, first.spans)
            caption = as_form({"caption": first.caption, "caption_entities": entities})
            return Call("editMessageCaption", fields | caption)
        case _:
            return Call("editMessageReplyMarkup", fields)


def as_caption(call: Call) -> Call:
    """A change of a text, made to the caption of what turned out to be a file."""
    names = {"text": "caption", "entities": "caption_entities"}
    fields = {names.get(name, name): value for name, value in call.fields.items()}
    fields.pop("link_preview_options", None)
    return Call("editMessageCaption", fields)


def deletions(place: Place, remotes: Iterable[str]) -> list[Call]:
    """As few calls as there can be: messages of one chat go together."""
    chats: dict[str, list[int]] = {}
    for remote in remotes:
        chat, number = _message(remote)
        chats.setdefault(chat, []).append(number)
    return [
        _deletion(replace(place, chat=chat), numbers[start : start + DELETED_AT_ONCE_MAX])
        for chat, numbers in chats.items()
        for start in range(0, len(numbers), DELETED_AT_ONCE_MAX)
    ]


def reaction(place: Place, remote: str, emoji: str) -> Call:
    """Our one reaction; none if `emoji` is empty. Telegram names emoji without the invisible
    character that asks for a coloured picture.
    """
    if place.connection:
        raise UnsupportedFeature("Telegram lets no bot react in the chats of a business account")
    bare = emoji.replace(_VARIATION_SELECTOR, "")
    reactions = [{"type": "emoji", "emoji": bare}] if bare else []
    return Call(
        "setMessageReaction", _message_fields(place, remote) | as_form({"reaction": reactions})
    )


def typing(place: Place) -> Call:
    return Call("sendChatAction", chat_fields(place) | topic_fields(place) | {"action": "typing"})


def read_mark(place: Place, remote: str) -> Call:
    """Only in the chats of a business account are there marks that a bot can set."""
    return Call("readBusinessMessage", _message_fields(place, remote))


def _deletion(place: Place, numbers: list[int]) -> Call:
    several = {"message_ids": json_text(numbers)}
    if place.connection:
        return Call(
            "deleteBusinessMessages", {"business_connection_id": place.connection} | several
        )
    if len(numbers) == 1:
        return Call("deleteMessage", chat_fields(place) | {"message_id": str(numbers[0])})
    return Call("deleteMessages", chat_fields(place) | several)


def _message_fields(place: Place, remote: str) -> Fields:
    chat, number = _message(remote)
    return chat_fields(replace(place, chat=chat)) | {"message_id": str(number)}


def _message(remote: str) -> tuple[str, int]:
    named = message_of(remote)
    if named is None:
        raise UnsupportedFeature(f"{remote or 'what was never sent'} is no message on Telegram")
    return named
