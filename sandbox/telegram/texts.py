"""The text and the caption of a request, by Telegram's rules."""

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.entities import checked, detected, kept, trimmed, utf16_length
from sandbox.telegram.refusals import bad_request

TEXT_LENGTH_MAX = 4096
CAPTION_LENGTH_MAX = 1024
Formatted = tuple[str, list[Json]]
"""A text and its entities."""


def message_text(call: Call) -> Formatted:
    """`text` with its entities."""
    if not call.text("text"):
        raise bad_request("message text is empty")
    text, entities = formatted(call, "text", "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > TEXT_LENGTH_MAX:
        raise bad_request("message is too long")
    return text, entities


def caption(call: Call) -> Formatted:
    """`caption` with its entities."""
    text, entities = formatted(call, "caption", "caption_entities")
    if utf16_length(text) > CAPTION_LENGTH_MAX:
        raise bad_request("message caption is too long")
    return text, entities


def formatted(call: Call, text_name: str, entities_name: str) -> Formatted:
    """The sandbox reads entities only: Trunkline never uses a parse mode."""
    if call.text("parse_mode").lower() not in ("", "none"):
        raise bad_request("unsupported parse_mode")
    text = call.text(text_name)
    entities = call.json_objects(entities_name)
    if entities is None:
        text, _ = trimmed(text, [])
        return text, detected(text)
    return trimmed(text, kept(checked(text, entities)))
