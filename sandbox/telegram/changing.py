"""What a bot does to messages that are there: edits and deletions; and answers to taps."""

from dataclasses import replace

from sandbox.payload import Json
from sandbox.telegram.business import may_edit, named_connection
from sandbox.telegram.call import Call
from sandbox.telegram.contents import media_content
from sandbox.telegram.keyboards import reply_markup
from sandbox.telegram.kinds import ALBUM_APART, CAPTIONED, EDITABLE
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import Chat, Content, Message, TelegramState, unix_now
from sandbox.telegram.targets import known_chat, named_message, open_chat
from sandbox.telegram.texts import Formatted, caption, message_text
from sandbox.telegram.uploads import given_file
from sandbox.telegram.wire import message_json

DELETE_WINDOW_SECONDS = 48 * 3600
DELETED_AT_ONCE_MAX = 100
UNDELETABLE = frozenset(["forum_topic_created", "migrate_to_chat_id", "migrate_from_chat_id"])
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


async def edit_message_text(state: TelegramState, call: Call) -> Json:
    """Change the text of one of the bot's own messages."""
    message = _own_message(state, call)
    if message.content is not None:
        raise bad_request("there is no text in the message to edit")
    return _change(state, call, message, message_text(call), None)


async def edit_message_caption(state: TelegramState, call: Call) -> Json:
    """Change the caption of one of the bot's own messages, or take it away."""
    message = _own_message(state, call)
    if message.kind not in CAPTIONED:
        raise bad_request("there is no caption in the message to edit")
    return _change(state, call, message, caption(call), message.content)


async def edit_message_media(state: TelegramState, call: Call) -> Json:
    """Put other media with its caption into one of the bot's own messages."""
    item = call.json_object("media") or {}
    kind = str(item.get("type"))
    if kind not in EDITABLE:
        raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    message = _own_message(state, call)
    if message.kind not in {"text", *EDITABLE}:
        raise bad_request("message media can't be edited")
    if message.media_group_id and _album_side(kind) != _album_side(message.kind):
        raise bad_request("can't change media type in the album")
    told = replace(call, fields=call.fields | item)
    stored = given_file(state, told, kind, "media", told.text("media"))
    return _change(state, call, message, caption(told), media_content(stored, kind, told))


async def edit_message_reply_markup(state: TelegramState, call: Call) -> Json:
    """Change the buttons below one of the bot's own messages, or take them away."""
    message = _own_message(state, call)
    return _change(state, call, message, (message.text, message.entities), message.content)


async def delete_message(state: TelegramState, call: Call) -> bool:
    """Remove a message, for everyone, up to 48 hours after it was sent."""
    chat = known_chat(state, call)
    message = named_message(chat, call, "delete")
    _check_deletable(message, call)
    _delete(state, message)
    return True


async def delete_messages(state: TelegramState, call: Call) -> bool:
    """Remove several messages; those that are not there are passed over."""
    chat = known_chat(state, call)
    wanted = call.integers("message_ids")
    if not wanted:
        raise bad_request("message identifiers are not specified")
    if len(wanted) > DELETED_AT_ONCE_MAX:
        raise bad_request("too many message identifiers specified")
    found = [chat.messages[number] for number in set(wanted) if number in chat.messages]
    for message in found:
        _check_deletable(message, call)
    for message in found:
        _delete(state, message)
    return True


async def answer_callback_query(state: TelegramState, call: Call) -> bool:
    """Stop the button's spinner; the phone shows `text` when there is one."""
    query_id = call.text("callback_query_id")
    person_key = state.open_callbacks.pop(query_id, None)
    if person_key is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    state.feed.publish("telegram.callback_answer", person_key, text=call.text("text"))
    return True


def _own_message(state: TelegramState, call: Call) -> Message:
    message = named_message(open_chat(state, call), call, "edit")
    connection = named_connection(state, call)
    own = may_edit(message, call, connection) if connection else message.sender is call.bot
    if not own:
        raise bad_request("message can't be edited")
    return message


def _change(
    state: TelegramState, call: Call, message: Message, text: Formatted, content: Content | None
) -> Json:
    markup = reply_markup(call)
    now = ((message.text, message.entities), message.content, message.reply_markup)
    if (text, content, markup) == now:
        raise bad_request(NOT_MODIFIED)
    message.text, message.entities = text
    message.content, message.reply_markup = content, markup
    message.edit_date = unix_now()
    state.changed("telegram.edited", message.chat, message.id)
    return message_json(message, named_connection(state, call))


def _album_side(kind: str) -> str:
    """Which media an album may hold beside this one."""
    return kind if kind in ALBUM_APART else "photo or video"


def _check_deletable(message: Message, call: Call) -> None:
    if message.kind in UNDELETABLE or not _has_right(message.chat, message, call):
        raise bad_request("message can't be deleted")
    if unix_now() - message.date >= DELETE_WINDOW_SECONDS:
        raise bad_request("message can't be deleted for everyone")


def _has_right(chat: Chat, message: Message, call: Call) -> bool:
    return chat.private or message.sender is call.bot or call.bot in chat.admin_bots


def _delete(state: TelegramState, message: Message) -> None:
    del message.chat.messages[message.id]
    state.changed("telegram.deleted", message.chat, message.id)
