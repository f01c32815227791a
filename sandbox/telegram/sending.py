"""sendMessage, sendDocument, sendPhoto, sendChatAction."""

from sandbox.payload import Json
from sandbox.telegram.call import Call, Upload
from sandbox.telegram.entities import checked, detected, trimmed, utf16_length
from sandbox.telegram.images import image_size
from sandbox.telegram.keyboards import reply_markup
from sandbox.telegram.refusals import Refusal, bad_request
from sandbox.telegram.state import Chat, Message, StoredFile, TelegramState, unix_now
from sandbox.telegram.targets import answered_message, named_topic, open_chat
from sandbox.telegram.wire import message_json

TEXT_LENGTH_MAX = 4096
CAPTION_LENGTH_MAX = 1024
ENTITIES_MAX = 100
UPLOAD_BYTES_MAX = 50 * 1024 * 1024
PHOTO_BYTES_MAX = 10 * 1024 * 1024
ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


async def send_message(state: TelegramState, call: Call) -> Json:
    """Send text."""
    chat = open_chat(state, call)
    text, entities = message_text(call)
    return _send(state, call, chat, text, entities)


async def send_document(state: TelegramState, call: Call) -> Json:
    """Send any file, uploaded or by file_id."""
    chat = open_chat(state, call)
    text, entities = caption(call)
    stored = _known_file(state, call, "document")
    if stored is None:
        upload = _uploaded(call, "document")
        stored = state.add_file(upload.content, upload.name, upload.media_type)
    return _send(state, call, chat, text, entities, document=stored)


async def send_photo(state: TelegramState, call: Call) -> Json:
    """Send a picture, uploaded or by file_id. What is not a picture is refused."""
    chat = open_chat(state, call)
    text, entities = caption(call)
    stored = _known_file(state, call, "photo")
    if stored is None:
        upload = _uploaded(call, "photo")
        size = image_size(upload.content)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if len(upload.content) > PHOTO_BYTES_MAX:
            raise bad_request("file is too big for a photo")
        stored = state.add_file(upload.content, upload.name, upload.media_type, size)
    return _send(state, call, chat, text, entities, photo=stored)


async def send_chat_action(state: TelegramState, call: Call) -> bool:
    """Show that an answer is being written."""
    chat = open_chat(state, call)
    action = call.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    for person in chat.members:
        state.feed.publish("telegram.action", person.key, chat_id=chat.id, action=action)
    return True


def message_text(call: Call) -> tuple[str, list[Json]]:
    """`text` with its entities, by Telegram's rules."""
    if not call.text("text"):
        raise bad_request("message text is empty")
    text, entities = _formatted(call, "text", "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > TEXT_LENGTH_MAX:
        raise bad_request("message is too long")
    return text, entities


def caption(call: Call) -> tuple[str, list[Json]]:
    """`caption` with its entities, by Telegram's rules."""
    text, entities = _formatted(call, "caption", "caption_entities")
    if utf16_length(text) > CAPTION_LENGTH_MAX:
        raise bad_request("message caption is too long")
    return text, entities


def _formatted(call: Call, text_name: str, entities_name: str) -> tuple[str, list[Json]]:
    """The sandbox reads entities only: Trunkline never uses a parse mode."""
    if call.text("parse_mode").lower() not in ("", "none"):
        raise bad_request("unsupported parse_mode")
    text = call.text(text_name)
    entities = call.json_objects(entities_name)
    if entities is None:
        text, _ = trimmed(text, [])
        return text, detected(text)
    return trimmed(text, checked(text, entities[:ENTITIES_MAX]))


def _known_file(state: TelegramState, call: Call, name: str) -> StoredFile | None:
    """The file that the parameter names by file_id; None when it was uploaded."""
    value = call.text(name)
    if name in call.uploads or value.startswith("attach://"):
        return None
    if not value:
        raise bad_request(f"there is no {name} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = state.files.get(value)
    if stored is None:
        raise bad_request("wrong remote file identifier specified: Wrong padding in the string")
    return stored


def _uploaded(call: Call, name: str) -> Upload:
    upload = call.uploads.get(call.text(name).removeprefix("attach://") or name)
    if upload is None:
        raise bad_request(f"there is no {name} in the request")
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > UPLOAD_BYTES_MAX:
        raise Refusal(413, "Request Entity Too Large")
    return upload


def _send(
    state: TelegramState,
    call: Call,
    chat: Chat,
    text: str,
    entities: list[Json],
    *,
    document: StoredFile | None = None,
    photo: StoredFile | None = None,
) -> Json:
    message = Message(
        id=0,
        chat=chat,
        sender=call.bot,
        date=unix_now(),
        text=text,
        entities=entities,
        document=document,
        photo=photo,
        reply_to=answered_message(chat, call),
        thread_id=named_topic(chat, call),
        reply_markup=reply_markup(call),
    )
    message.id = chat.take_message_id()
    return message_json(state.add_message(message))
