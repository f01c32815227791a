"""What a person does on their phone: the other side of the Bot API."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import ActError, UnknownThing
from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.telegram.entities import checked, detected
from sandbox.telegram.images import image_size
from sandbox.telegram.keyboards import button_data
from sandbox.telegram.refusals import Refusal
from sandbox.telegram.state import Bot, Chat, Message, StoredFile, unix_now
from sandbox.telegram.wire import chat_json, message_json, sender_json
from sandbox.world import World

LEFT = {"status": "kicked", "until_date": 0}
PRESENT = {"status": "member"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What a person puts into a message.

    `chat_id` None means their private chat with `bot_id` (None: the first bot). `extra` is merged
    into the Message object as it is: location, contact, sticker, media_group_id and so on.
    """

    text: str = ""
    entities: Sequence[Json] | None = None
    chat_id: int | None = None
    bot_id: int | None = None
    reply_to: int | None = None
    thread_id: int | None = None
    extra: Json | None = None


class Phone:
    """Acts as the persons of the world. Raises ActError when the app would not let them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._telegram = world.telegram

    def say(self, person_key: str, saying: Saying | str) -> Message:
        """Write a message."""
        said = Saying(text=saying) if isinstance(saying, str) else saying
        if not said.text and not said.extra:
            raise ActError("an empty message cannot be sent")
        return self._write(person_key, said)

    def send_file(
        self,
        person_key: str,
        content: bytes,
        name: str,
        media_type: str = "application/octet-stream",
        *,
        as_photo: bool = False,
        saying: Saying | None = None,
    ) -> Message:
        """Send a document, or a photo, which has to be a PNG, GIF or JPEG."""
        size = image_size(content) if as_photo else None
        if as_photo and size is None:
            raise ActError("a photo has to be a PNG, GIF or JPEG")
        stored = self._telegram.add_file(content, name, media_type, size)
        return self._write(person_key, saying or Saying(), stored)

    def edit(
        self,
        person_key: str,
        chat_id: int | None,
        message_id: int,
        text: str,
        entities: Sequence[Json] | None = None,
    ) -> Message:
        """Change one's own message; bots see `edited_message`."""
        person = self._world.person(person_key)
        message = self._own_message(person, chat_id, message_id)
        message.text = text
        message.entities = _entities(text, entities)
        message.edit_date = unix_now()
        self._announce("edited_message", message)
        self._telegram.changed("telegram.edited", message.chat, message.id)
        return message

    def tap(self, person_key: str, chat_id: int | None, message_id: int, data: str) -> str:
        """Tap an inline button; returns the id of the callback query."""
        person = self._world.person(person_key)
        message = self._message(self._chat(person, chat_id, None), message_id)
        if not isinstance(message.sender, Bot) or data not in button_data(message.reply_markup):
            raise ActError(f"message {message_id} has no button {data!r}")
        query_id = str(self._world.feed.seq + 4_000_000_000)
        self._telegram.open_callbacks[query_id] = person.key
        query: Json = {
            "id": query_id,
            "from": sender_json(person),
            "message": message_json(message),
            "chat_instance": str(message.chat.id),
            "data": data,
        }
        message.sender.push("callback_query", query)
        self._world.feed.publish("telegram.tap", person.key, message_id=message_id)
        return query_id

    def react(
        self, person_key: str, chat_id: int | None, message_id: int, emoji: str | None
    ) -> None:
        """Set one's reaction on a message, or take it back."""
        person = self._world.person(person_key)
        message = self._message(self._chat(person, chat_id, None), message_id)
        old = message.reactions.get(person.telegram_id, [])
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        message.reactions[person.telegram_id] = new
        reaction: Json = {
            "chat": chat_json(message.chat),
            "message_id": message.id,
            "user": sender_json(person),
            "date": unix_now(),
            "old_reaction": old,
            "new_reaction": new,
        }
        for bot in message.chat.bots:
            bot.push("message_reaction", reaction)
        self._telegram.changed("telegram.reaction", message.chat, message.id)

    def block(self, person_key: str, *, blocked: bool = True, bot_id: int | None = None) -> None:
        """Block the bot (its sends answer 403 from now on), or unblock it."""
        person = self._world.person(person_key)
        chat = self._telegram.private_chat(person, self.bot(bot_id))
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        member, left = ({"user": sender_json(chat.bots[0])} | status for status in (PRESENT, LEFT))
        change: Json = {
            "chat": chat_json(chat),
            "from": sender_json(person),
            "date": unix_now(),
            "old_chat_member": member if blocked else left,
            "new_chat_member": left if blocked else member,
        }
        chat.bots[0].push("my_chat_member", change)
        self._telegram.changed("telegram.blocked", chat)

    def inject(self, body: Json, bot_id: int | None = None) -> int:
        """Put any object into a bot's update stream as it is; returns its update id."""
        return self.bot(bot_id).push_as_is(body)

    def create_group(self, title: str, person_keys: Sequence[str], *, forum: bool = False) -> Chat:
        """Open a group with these persons and the first bot."""
        members = [self._world.person(key) for key in person_keys]
        return self._telegram.add_group(title, members, [self.bot(None)], forum=forum)

    def _write(self, person_key: str, said: Saying, stored: StoredFile | None = None) -> Message:
        person = self._world.person(person_key)
        chat = self._chat(person, said.chat_id, said.bot_id)
        if chat.blocked:
            raise ActError("this person has blocked the bot; unblock it first")
        reply_to = self._message(chat, said.reply_to) if said.reply_to else None
        message = Message(
            id=0,
            chat=chat,
            sender=person,
            date=unix_now(),
            text=said.text,
            entities=_entities(said.text, said.entities),
            document=stored if stored and not stored.width else None,
            photo=stored if stored and stored.width else None,
            reply_to=reply_to,
            thread_id=said.thread_id,
            extra=dict(said.extra or {}),
        )
        message.id = chat.take_message_id()
        self._telegram.add_message(message)
        self._announce("message", message)
        return message

    def _announce(self, kind: str, message: Message) -> None:
        for bot in message.chat.bots:
            bot.push(kind, message_json(message))

    def bot(self, bot_id: int | None = None) -> Bot:
        """The bot with this id; the first one for None."""
        return self._telegram.bot(bot_id)

    def _chat(self, person: Person, chat_id: int | None, bot_id: int | None) -> Chat:
        if chat_id in (None, person.telegram_id):
            return self._telegram.private_chat(person, self.bot(bot_id))
        for chat in self._telegram.chats_of(person):
            if chat.id == chat_id:
                return chat
        raise UnknownThing(f"{person.key} is in no chat {chat_id}")

    def _message(self, chat: Chat, message_id: int) -> Message:
        message = chat.messages.get(message_id)
        if message is None:
            raise UnknownThing(f"no message {message_id} in chat {chat.id}")
        return message

    def _own_message(self, person: Person, chat_id: int | None, message_id: int) -> Message:
        message = self._message(self._chat(person, chat_id, None), message_id)
        if message.sender is not person:
            raise ActError(f"message {message_id} is not {person.key}'s own")
        return message


def _entities(text: str, entities: Sequence[Json] | None) -> list[Json]:
    if entities is None:
        return detected(text)
    try:
        return checked(text, list(entities))
    except Refusal as refusal:
        raise ActError(refusal.description) from refusal
