"""The send methods, sendMediaGroup and sendChatAction."""

from dataclasses import replace

from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.telegram.business import named_connection
from sandbox.telegram.call import Call
from sandbox.telegram.contents import READERS, media_content
from sandbox.telegram.keyboards import reply_markup
from sandbox.telegram.kinds import ALBUM_APART, ALBUM_KINDS, CAPTIONED, MEDIA_METHODS
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import Chat, Content, Message, TelegramState, unix_now
from sandbox.telegram.targets import answered_message, named_topic, open_chat
from sandbox.telegram.texts import Formatted, caption, message_text
from sandbox.telegram.uploads import given_file
from sandbox.telegram.wire import message_json

ALBUM_MIN, ALBUM_MAX = 2, 10
SPOKEN = frozenset(["voice", "video_note"])
PASSED_ON = {"has_spoiler": "has_media_spoiler", "protect_content": "has_protected_content"}
"""Parameters that a message repeats under another name."""
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
    return _place(state, call, chat, message_text(call), None)


async def send_content(state: TelegramState, call: Call) -> Json:
    """Send what the method is named after."""
    chat = open_chat(state, call)
    captioned = MEDIA_METHODS.get(call.method) in CAPTIONED
    text = caption(call) if captioned else ("", [])
    content = READERS[call.method](state, call)
    _refuse_unwanted(state, call, chat, content)
    return _place(state, call, chat, text, content)


async def send_media_group(state: TelegramState, call: Call) -> list[Json]:
    """Send an album: all of it or nothing."""
    items = _album_items(call)
    chat = open_chat(state, call)
    read = [_album_item(state, item) for item in items]
    if call.json_object("reply_markup"):
        raise bad_request("reply_markup isn't supported in albums")
    group_id = state.next_number()
    return [
        _place(state, item, chat, text, content, group_id)
        for item, (text, content) in zip(items, read, strict=True)
    ]


async def send_chat_action(state: TelegramState, call: Call) -> bool:
    """Show that an answer is being written."""
    chat = open_chat(state, call)
    thread_id = named_topic(chat, call)
    action = call.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    for person in _readers(state, call, chat):
        about = {"chat_id": chat.id_for(person), "action": action, "thread_id": thread_id}
        state.feed.publish("telegram.action", person.key, **about)
    return True


def _place(
    state: TelegramState,
    call: Call,
    chat: Chat,
    text: Formatted,
    content: Content | None,
    group_id: str | None = None,
) -> Json:
    """Put the bot's message into the chat, with what every send method may say about it."""
    reply_to, quote = answered_message(chat, call)
    connection = named_connection(state, call)
    message = Message(
        id=0,
        chat=chat,
        sender=connection.owner if connection else call.bot,
        business_bot=call.bot if connection else None,
        date=unix_now(),
        text=text[0],
        entities=text[1],
        content=content,
        media_group_id=group_id,
        reply_to=reply_to,
        quote=quote,
        thread_id=named_topic(chat, call),
        reply_markup=reply_markup(call),
        silent=call.flag("disable_notification"),
        extra={shown: True for name, shown in PASSED_ON.items() if call.flag(name)},
    )
    message.id = chat.take_message_id()
    return message_json(state.add_message(message), connection)


def _refuse_unwanted(state: TelegramState, call: Call, chat: Chat, content: Content) -> None:
    """Premium users may forbid voice and video messages in their private chats."""
    forbidden = {person.key for person in _readers(state, call, chat)} & state.voice_forbidden
    if chat.private and content.kind in SPOKEN and forbidden:
        raise bad_request("VOICE_MESSAGES_FORBIDDEN")


def _readers(state: TelegramState, call: Call, chat: Chat) -> list[Person]:
    """To whom the bot writes: everybody but the owner for whom it does."""
    connection = named_connection(state, call)
    return [one for one in chat.members if connection is None or one is not connection.owner]


def _album_items(call: Call) -> list[Call]:
    """One request per item: what it says of itself, and what the album says of all."""
    items = call.json_objects("media") or []
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) < ALBUM_MIN:
        # Stricter than Telegram, which sends one item alone, and as strict as its documentation.
        raise bad_request("an album must include 2-10 items")
    if len(items) > ALBUM_MAX:
        raise bad_request("too many messages to send as an album")
    for item in items:
        _check_item(item)
    kinds = {item["type"] for item in items}
    for kind in sorted(kinds & ALBUM_APART):
        if len(kinds) > 1:
            raise bad_request(f"{kind} can't be mixed with other media types")
    return [replace(call, fields=call.fields | item) for item in items]


def _check_item(item: Json) -> None:
    kind = str(item.get("type"))
    if kind == "animation":
        reason = f'type "{kind}" can\'t be used in sendMediaGroup'
    elif kind not in ALBUM_KINDS:
        reason = f'type "{kind}" is unsupported'
    elif not isinstance(item.get("media"), str) or not item["media"]:
        reason = "media not found"
    else:
        return
    raise bad_request(f"can't parse InputMedia: {reason}")


def _album_item(state: TelegramState, item: Call) -> tuple[Formatted, Content]:
    kind = item.text("type")
    stored = given_file(state, item, kind, "media", item.text("media"))
    return caption(item), media_content(stored, kind, item)
