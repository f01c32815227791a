"""What a person does with a message that is there: change it, react, tap a button."""

from collections.abc import Sequence

from sandbox.errors import ActError
from sandbox.payload import Json
from sandbox.telegram.keyboards import button_data
from sandbox.telegram.kinds import EDITABLE
from sandbox.telegram.phone.acts import Acts, entities_of
from sandbox.telegram.phone.given import Given, medium
from sandbox.telegram.state import Bot, BusinessConnection, Content, Message, unix_now
from sandbox.telegram.wire import chat_json, message_json, sender_json


class Answering(Acts):
    """Changing, reacting, tapping."""

    def edit(
        self,
        person_key: str,
        chat_id: int | None,
        message_id: int,
        text: str,
        entities: Sequence[Json] | None = None,
    ) -> Message:
        """Change the text or caption of one's own message; bots see `edited_message`."""
        message = self._own_message(self._world.person(person_key), chat_id, message_id)
        message.text = text
        message.entities = entities_of(text, entities)
        return self._edited(message)

    def edit_media(
        self,
        person_key: str,
        chat_id: int | None,
        message_id: int,
        kind: str,
        file: Given | None = None,
    ) -> Message:
        """Put another medium into one's own message; the caption stays."""
        message = self._own_message(self._world.person(person_key), chat_id, message_id)
        if message.kind not in EDITABLE or kind not in EDITABLE:
            raise ActError(f"a {message.kind} cannot become a {kind}")
        message.content = medium(self._telegram, kind, file, {})
        return self._edited(message)

    def delete(self, person_key: str, chat_id: int | None, *message_ids: int) -> None:
        """Delete messages for everyone. Only bots connected to an account hear of it."""
        person = self._world.person(person_key)
        chat = self._chat(person, chat_id)
        messages = [self._message(chat, number) for number in message_ids]
        if not chat.private and any(message.sender is not person for message in messages):
            raise ActError(f"messages {message_ids} are not all {person.key}'s own")
        for message in messages:
            del chat.messages[message.id]
            self._telegram.changed("telegram.deleted", chat, message.id)
        for connection in self._telegram.connections_of(chat):
            gone: Json = {
                "business_connection_id": connection.id,
                "chat": chat_json(chat, connection),
                "message_ids": list(message_ids),
            }
            connection.bot.push("deleted_business_messages", gone)

    def move(
        self, person_key: str, chat_id: int | None, message_id: int, value: Json | None
    ) -> Message:
        """Move a live location by new fields of it; None stops it where it is."""
        message = self._own_message(self._world.person(person_key), chat_id, message_id)
        if message.content is None or "live_period" not in (message.content.value or {}):
            raise ActError(f"message {message_id} is no live location")
        place: Json = message.content.value | (value or {})
        if value is None:
            place = {name: place[name] for name in ("latitude", "longitude")}
        message.content = Content(kind="location", value=place)
        return self._edited(message)

    def tap(self, person_key: str, chat_id: int | None, message_id: int, data: str) -> str:
        """Tap an inline button; returns the id of the callback query."""
        person = self._world.person(person_key)
        message = self._message(self._chat(person, chat_id), message_id)
        bot = message.sender if isinstance(message.sender, Bot) else message.business_bot
        if bot is None or data not in button_data(message.reply_markup):
            raise ActError(f"message {message_id} has no button {data!r}")
        query_id = str(self._world.feed.seq + 4_000_000_000)
        self._telegram.open_callbacks[query_id] = person.key
        query: Json = {
            "id": query_id,
            "from": sender_json(person),
            "message": message_json(message, self._sight(bot, message)),
            "chat_instance": str(message.chat.id_for(person)),
            "data": data,
        }
        bot.push("callback_query", query)
        self._world.feed.publish("telegram.tap", person.key, message_id=message_id)
        return query_id

    def _sight(self, bot: Bot, message: Message) -> BusinessConnection | None:
        """Through which connection the bot sees the message, if through one."""
        sender = message.sender
        return None if isinstance(sender, Bot) else self._telegram.connection(sender, bot)

    def react(
        self,
        person_key: str,
        chat_id: int | None,
        message_id: int,
        emoji: str | Sequence[str] | None,
    ) -> None:
        """Set one's reactions on a message, or take them back. Digits name a custom emoji.

        In groups only bots that are admins see it.
        """
        person = self._world.person(person_key)
        message = self._message(self._chat(person, chat_id), message_id)
        old = message.reactions.get(person.telegram_id, [])
        chosen = [emoji] if isinstance(emoji, str) else emoji or []
        new = [_reaction(one) for one in chosen]
        message.reactions[person.telegram_id] = new
        reaction: Json = {
            "chat": chat_json(message.chat),
            "message_id": message.id,
            "user": sender_json(person),
            "date": unix_now(),
            "old_reaction": old,
            "new_reaction": new,
        }
        chat = message.chat
        for bot in chat.bots if chat.private else chat.admin_bots:
            bot.push("message_reaction", reaction)
        self._telegram.changed("telegram.reaction", message.chat, message.id)


def _reaction(emoji: str) -> Json:
    if emoji.isdecimal():
        return {"type": "custom_emoji", "custom_emoji_id": emoji}
    return {"type": "emoji", "emoji": emoji}
