"""editMessageText, deleteMessage, setMessageReaction, answerCallbackQuery, createForumTopic."""

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.keyboards import reply_markup
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import Message, TelegramState, unix_now
from sandbox.telegram.targets import known_chat, named_message, open_chat
from sandbox.telegram.texts import message_text
from sandbox.telegram.wire import message_json

DELETE_WINDOW_SECONDS = 48 * 3600
TOPIC_NAME_LENGTH_MAX = 128
TOPIC_COLOUR = 7322096
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


async def edit_message_text(state: TelegramState, call: Call) -> Json:
    """Change the text of one of the bot's own messages."""
    chat = open_chat(state, call)
    message = named_message(chat, call, "edit")
    if message.sender is not call.bot:
        raise bad_request("message can't be edited")
    if message.content is not None:
        raise bad_request("there is no text in the message to edit")
    text, entities = message_text(call)
    markup = reply_markup(call)
    if (text, entities, markup) == (message.text, message.entities, message.reply_markup):
        raise bad_request(NOT_MODIFIED)
    message.text, message.entities, message.reply_markup = text, entities, markup
    message.edit_date = unix_now()
    state.changed("telegram.edited", chat, message.id)
    return message_json(message)


async def delete_message(state: TelegramState, call: Call) -> bool:
    """Remove a message, for everyone, up to 48 hours after it was sent."""
    chat = known_chat(state, call)
    message = named_message(chat, call, "delete")
    if not _may_delete(message, call):
        raise bad_request("message can't be deleted for everyone")
    del chat.messages[message.id]
    state.changed("telegram.deleted", chat, message.id)
    return True


def _may_delete(message: Message, call: Call) -> bool:
    own = message.sender is call.bot or message.chat.private
    return own and unix_now() - message.date < DELETE_WINDOW_SECONDS


async def set_message_reaction(state: TelegramState, call: Call) -> bool:
    """Set or clear the bot's reaction; a bot may have one."""
    chat = open_chat(state, call)
    message = named_message(chat, call, "react")
    reactions = call.json_objects("reaction") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions[call.bot.id] = reactions
    state.changed("telegram.reaction", chat, message.id)
    return True


async def answer_callback_query(state: TelegramState, call: Call) -> bool:
    """Stop the button's spinner; the phone shows `text` when there is one."""
    query_id = call.text("callback_query_id")
    person_key = state.open_callbacks.pop(query_id, None)
    if person_key is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    state.feed.publish("telegram.callback_answer", person_key, text=call.text("text"))
    return True


async def create_forum_topic(state: TelegramState, call: Call) -> Json:
    """Open a topic in a forum."""
    chat = open_chat(state, call)
    name = call.text("name")
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if not 1 <= len(name) <= TOPIC_NAME_LENGTH_MAX:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    thread_id = chat.take_message_id()
    chat.topics[thread_id] = name
    return {"message_thread_id": thread_id, "name": name, "icon_color": TOPIC_COLOUR}
