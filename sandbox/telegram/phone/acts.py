"""What all acts need: finding who and what they name, and telling the bots."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import ActError, UnknownThing
from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.telegram.entities import checked, detected
from sandbox.telegram.quotes import quote_of
from sandbox.telegram.refusals import Refusal
from sandbox.telegram.state import Bot, Chat, Content, Message, unix_now
from sandbox.telegram.wire import message_json
from sandbox.world import World

BUSINESS = {"message": "business_message", "edited_message": "edited_business_message"}
"""What a kind of update is called in the chats of a connected account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What a person puts into a message besides its content.

    `chat_id` None means their private chat with `bot_id` (None: the first bot), the Telegram id of
    another person their chat with that one. `quote` is a part of the message `reply_to`, word for
    word. `origin` is a `MessageOrigin`: it was forwarded.
    `extra` is merged into the Message object as it is.
    """

    text: str = ""
    entities: Sequence[Json] | None = None
    chat_id: int | None = None
    bot_id: int | None = None
    reply_to: int | None = None
    quote: str = ""
    origin: Json | None = None
    thread_id: int | None = None
    extra: Json | None = None


class Acts:
    """The world as one who acts in it sees it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._telegram = world.telegram

    def bot(self, bot_id: int | None = None) -> Bot:
        """The bot with this id; the first one for None."""
        return self._telegram.bot(bot_id)

    def _chat(self, person: Person, chat_id: int | None, bot_id: int | None = None) -> Chat:
        if chat_id in (None, person.telegram_id):
            return self._telegram.private_chat(person, self.bot(bot_id))
        for chat in self._telegram.chats_of(person):
            if chat.id_for(person) == chat_id:
                return chat
        for other in self._world.persons.values():
            if other.telegram_id == chat_id:
                return self._telegram.personal_chat(person, other)
        raise UnknownThing(f"{person.key} is in no chat {chat_id}")

    def _message(self, chat: Chat, message_id: int) -> Message:
        message = chat.messages.get(message_id)
        if message is None:
            raise UnknownThing(f"no message {message_id} in chat {chat.id}")
        return message

    def _own_message(self, person: Person, chat_id: int | None, message_id: int) -> Message:
        message = self._message(self._chat(person, chat_id), message_id)
        if message.sender is not person:
            raise ActError(f"message {message_id} is not {person.key}'s own")
        return message

    def _write(
        self,
        person_key: str,
        said: Saying,
        content: Content | None = None,
        group_id: str | None = None,
    ) -> Message:
        """Put a message of the person into a chat and announce it."""
        person = self._world.person(person_key)
        chat = self._chat(person, said.chat_id, said.bot_id)
        if chat.blocked:
            raise ActError("this person has blocked the bot; unblock it first")
        reply_to = self._message(chat, said.reply_to) if said.reply_to else None
        message = Message(
            id=0,
            chat=chat,
            sender=person,
            date=int(self._telegram.now()),
            text=said.text,
            entities=entities_of(said.text, said.entities),
            content=content,
            media_group_id=group_id,
            reply_to=reply_to,
            quote=_quote(reply_to, said.quote),
            forward_origin=said.origin,
            thread_id=said.thread_id,
            extra=dict(said.extra or {}),
        )
        return self._put(message)

    def _put(self, message: Message) -> Message:
        message.id = message.chat.take_message_id()
        self._telegram.add_message(message)
        self._announce("message", message)
        return message

    def _edited(self, message: Message) -> Message:
        """Tell everybody that the message has changed."""
        message.edit_date = unix_now()
        self._announce("edited_message", message)
        self._telegram.changed("telegram.edited", message.chat, message.id)
        return message

    def _announce(self, kind: str, message: Message) -> None:
        for bot in message.chat.bots:
            bot.push(kind, message_json(message))
        for connection in self._telegram.connections_of(message.chat):
            connection.bot.push(BUSINESS[kind], message_json(message, connection))


def entities_of(text: str, entities: Sequence[Json] | None) -> list[Json]:
    """The entities as the app sends them; without any, what Telegram recognises by itself."""
    if entities is None:
        return detected(text)
    try:
        return checked(text, list(entities))
    except Refusal as refusal:
        raise ActError(refusal.description) from refusal


def _quote(message: Message | None, quoted: str) -> Json | None:
    if not quoted:
        return None
    if message is None:
        raise ActError("a quote needs the message that it is part of: reply_to")
    try:
        return quote_of(message.text, quoted)
    except Refusal as refusal:
        raise ActError(f"message {message.id} does not say that") from refusal
