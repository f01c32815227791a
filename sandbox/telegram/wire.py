"""Telegram's objects as JSON, from the state. Pure."""

from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.telegram.files import StoredFile
from sandbox.telegram.kinds import HEIGHT, MEDIA, NAME, TYPE, WIDTH
from sandbox.telegram.state import Bot, BusinessConnection, Chat, Content, Message

Viewer = Person | BusinessConnection | None
"""Through whose eyes a chat of two persons is seen; bots see it through a connection."""
PASSED_ON = ("edit_date", "media_group_id", "quote", "forward_origin", "reply_markup")
"""Fields of our message that are fields of the `Message` object under the same name."""


def sender_json(sender: Person | Bot) -> Json:
    """A `User` object."""
    if isinstance(sender, Bot):
        return {
            "id": sender.id,
            "is_bot": True,
            "first_name": sender.name,
            "username": sender.username,
        }
    return {
        "id": sender.telegram_id,
        "is_bot": False,
        "first_name": sender.first_name,
        "last_name": sender.last_name,
        "username": sender.username,
        "language_code": sender.language_code,
    }


def me_json(bot: Bot) -> Json:
    """The `User` object that getMe answers."""
    return {
        **sender_json(bot),
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
        "can_connect_to_business": True,
        "has_main_web_app": False,
    }


def chat_json(chat: Chat, viewer: Viewer = None) -> Json:
    """A `Chat` object. A chat of two persons is, to each of them, the other."""
    if not chat.private:
        group: Json = {"id": chat.id, "type": chat.kind, "title": chat.title}
        if chat.forum:
            group["is_forum"] = True
        return group
    owner = viewer.owner if isinstance(viewer, BusinessConnection) else viewer
    person = next(one for one in chat.members if not chat.personal or one is not owner)
    return {
        "id": person.telegram_id,
        "type": "private",
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
    }


def message_json(message: Message, viewer: Viewer = None, *, nested: bool = False) -> Json:
    """A `Message` object. A nested one (a reply's original) does not carry its own original."""
    body: Json = {
        "message_id": message.id,
        "from": sender_json(message.sender),
        "chat": chat_json(message.chat, viewer),
        "date": message.date,
    }
    if isinstance(viewer, BusinessConnection):
        body["business_connection_id"] = viewer.id
    if message.business_bot is not None:
        body["sender_business_bot"] = sender_json(message.business_bot)
    if message.thread_id is not None:
        body["message_thread_id"] = message.thread_id
        body["is_topic_message"] = True
    answered = message.reply_to or _topic_notice(message)
    if answered is not None and not nested:
        body["reply_to_message"] = message_json(answered, viewer, nested=True)
    named = ((name, getattr(message, name)) for name in PASSED_ON)
    body |= {name: value for name, value in named if value is not None}
    return body | content_json(message.content) | _text_json(message) | message.extra


def _topic_notice(message: Message) -> Message | None:
    """What answers nothing in a topic answers the notice that the topic was opened."""
    if message.thread_id in (None, message.id):
        return None
    return message.chat.messages.get(message.thread_id or 0)


def _text_json(message: Message) -> Json:
    text, entities = ("caption", "caption_entities") if message.content else ("text", "entities")
    body: Json = {text: message.text} if message.text else {}
    if message.entities:
        body[entities] = message.entities
    return body


def content_json(content: Content | None) -> Json:
    """The fields of a `Message` that hold its content."""
    if content is None:
        return {}
    if content.file is None:
        return {content.kind: content.value}
    if content.kind == "photo":
        small, whole = content.file.thumbnail, content.file
        return {"photo": [_media_json("photo", one) for one in (small, whole) if one]}
    body = {content.kind: _media_json(content.kind, content.file) | (content.value or {})}
    if content.kind == "animation":
        # For clients older than animations; https://core.telegram.org/bots/api#message
        body["document"] = _media_json("document", content.file)
    return body


def _media_json(kind: str, stored: StoredFile) -> Json:
    facts = {
        NAME: stored.name,
        TYPE: stored.media_type,
        WIDTH: stored.width,
        HEIGHT: stored.height,
    }
    body = _file_json(stored) | {name: facts[name] for name in MEDIA[kind].shows}
    if stored.thumbnail is not None and kind != "photo":
        body["thumbnail"] = _media_json("photo", stored.thumbnail)
    return body


def file_json(stored: StoredFile) -> Json:
    """A `File` object, the answer of getFile."""
    return _file_json(stored) | {"file_path": stored.path}


def _file_json(stored: StoredFile) -> Json:
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
    }


def connection_json(connection: BusinessConnection) -> Json:
    """A `BusinessConnection` object."""
    return {
        "id": connection.id,
        "user": sender_json(connection.owner),
        "user_chat_id": connection.owner.telegram_id,
        "date": connection.date,
        "rights": {right: True for right, held in connection.rights.items() if held},
        "is_enabled": connection.enabled,
    }
