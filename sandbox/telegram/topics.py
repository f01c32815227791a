"""The topics of forums: opening, renaming, closing and deleting them."""

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.entities import utf16_length
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import (
    TOPIC_COLOUR,
    Chat,
    Content,
    Message,
    TelegramState,
    Topic,
    unix_now,
)
from sandbox.telegram.targets import open_chat

NAME_LENGTH_MAX = 128
COLOURS = frozenset([TOPIC_COLOUR, 16766590, 13338331, 9367192, 16749490, 16478047])


async def create_forum_topic(state: TelegramState, call: Call) -> Json:
    """Open a topic."""
    chat = _forum(state, call, "create a topic")
    name = _name(call.text("name"))
    colour = call.integer("icon_color", TOPIC_COLOUR)
    if colour not in COLOURS:
        raise bad_request("TOPIC_ICON_COLOR_INVALID")
    topic = Topic(name, colour)
    notice = Message(0, chat, call.bot, unix_now(), content=created(topic))
    thread_id = add_topic(state, notice, topic)
    return {"message_thread_id": thread_id, "name": name, "icon_color": colour}


async def edit_forum_topic(state: TelegramState, call: Call) -> bool:
    """Rename a topic."""
    chat = _forum(state, call, "edit the topic")
    topic = _topic(chat, call)
    name = call.text("name") or topic.name
    if name == topic.name and not call.text("icon_custom_emoji_id"):
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = _name(name)
    _notice(state, chat, call, Content(kind="forum_topic_edited", value={"name": name}))
    return True


async def close_forum_topic(state: TelegramState, call: Call) -> bool:
    """Close a topic: only admins write there from now on."""
    return _set_closed(state, call, "close the topic", closed=True)


async def reopen_forum_topic(state: TelegramState, call: Call) -> bool:
    """Open a closed topic again."""
    return _set_closed(state, call, "reopen the topic", closed=False)


async def delete_forum_topic(state: TelegramState, call: Call) -> bool:
    """Delete a topic with everything in it."""
    chat = _forum(state, call, "delete the topic")
    _topic(chat, call)
    thread_id = call.integer("message_thread_id")
    del chat.topics[thread_id]
    for message in list(chat.messages.values()):
        if thread_id in (message.thread_id, message.id):
            del chat.messages[message.id]
    state.changed("telegram.deleted", chat)
    return True


def created(topic: Topic) -> Content:
    """The notice that a topic was opened."""
    value = {"name": topic.name, "icon_color": topic.colour}
    return Content(kind="forum_topic_created", value=value)


def closed_notice(*, closed: bool) -> Content:
    """The notice that a topic was closed or opened again."""
    return Content(kind=f"forum_topic_{'closed' if closed else 'reopened'}", value={})


def add_topic(state: TelegramState, notice: Message, topic: Topic) -> int:
    """Put a topic into its forum; it is named by the id of the notice. -> that id"""
    notice.id = notice.thread_id = notice.chat.take_message_id()
    notice.chat.topics[notice.id] = topic
    state.add_message(notice)
    return notice.id


def _set_closed(state: TelegramState, call: Call, purpose: str, *, closed: bool) -> bool:
    chat = _forum(state, call, purpose)
    topic = _topic(chat, call)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    _notice(state, chat, call, closed_notice(closed=closed))
    return True


def _notice(state: TelegramState, chat: Chat, call: Call, content: Content) -> None:
    """Bots hear nothing of what they do themselves; the persons see it."""
    thread_id = call.integer("message_thread_id")
    message = Message(0, chat, call.bot, unix_now(), content=content, thread_id=thread_id)
    message.id = chat.take_message_id()
    state.add_message(message)


def _forum(state: TelegramState, call: Call, purpose: str) -> Chat:
    chat = open_chat(state, call)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if call.bot not in chat.admin_bots:
        raise bad_request(f"not enough rights to {purpose}")
    return chat


def _topic(chat: Chat, call: Call) -> Topic:
    topic = chat.topics.get(call.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def _name(name: str) -> str:
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    if utf16_length(name) > NAME_LENGTH_MAX:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    return name
