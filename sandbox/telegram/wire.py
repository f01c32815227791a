"""Telegram's objects as JSON, from the state. Pure."""

from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.telegram.state import Bot, Chat, Message, StoredFile


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
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat_json(chat: Chat) -> Json:
    """A `Chat` object."""
    if not chat.private:
        group: Json = {"id": chat.id, "type": chat.kind, "title": chat.title}
        if chat.forum:
            group["is_forum"] = True
        return group
    person = chat.members[0]
    return {
        "id": chat.id,
        "type": "private",
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
    }


def message_json(message: Message, *, nested: bool = False) -> Json:
    """A `Message` object. A nested one (a reply's original) does not carry its own original."""
    body: Json = {
        "message_id": message.id,
        "from": sender_json(message.sender),
        "chat": chat_json(message.chat),
        "date": message.date,
    }
    if message.thread_id is not None:
        body["message_thread_id"] = message.thread_id
        body["is_topic_message"] = True
    if message.reply_to is not None and not nested:
        body["reply_to_message"] = message_json(message.reply_to, nested=True)
    if message.edit_date is not None:
        body["edit_date"] = message.edit_date
    body.update(_content_json(message))
    if message.reply_markup is not None:
        body["reply_markup"] = message.reply_markup
    return body | message.extra


def _content_json(message: Message) -> Json:
    body: Json = {}
    if message.document is not None:
        body["document"] = document_json(message.document)
    if message.photo is not None:
        body["photo"] = [photo_json(message.photo)]
    prefix = "caption" if message.has_media else "text"
    if message.text:
        body[prefix] = message.text
    if message.entities:
        body["caption_entities" if message.has_media else "entities"] = message.entities
    return body


def document_json(stored: StoredFile) -> Json:
    """A `Document` object."""
    return {
        "file_name": stored.name,
        "mime_type": stored.media_type,
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
    }


def photo_json(stored: StoredFile) -> Json:
    """A `PhotoSize` object. We offer the original size only."""
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "width": stored.width,
        "height": stored.height,
    }


def file_json(stored: StoredFile) -> Json:
    """A `File` object, the answer of getFile."""
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "file_path": stored.path,
    }
