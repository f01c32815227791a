"""The state of the Telegram world: bots, chats, messages, files. No wire format here."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import UnknownThing
from sandbox.faults import Faults
from sandbox.feed import Feed, Signal
from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.telegram.files import FileStore, StoredFile
from sandbox.telegram.flood import Flood
from sandbox.telegram.queue import UpdateQueue
from sandbox.telegram.refusals import Refusal, unauthorized
from sandbox.telegram.settings import TelegramSettings

BOT_ID = 7_018_245_630
FIRST_UPDATE_IDS = (100_000_000, 900_000_000)
PERSONAL_MESSAGES = 1_000_000
TOPIC_COLOUR = 7_322_096
OPT_IN_UPDATES = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that a bot receives only when it names them in `allowed_updates`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message holds besides text: the field of the `Message` object and its value.

    With a `file` the value is what the file does not tell of itself: duration, emoji and so on.
    """

    kind: str
    value: Any = None
    file: StoredFile | None = None


@dataclass(slots=True, eq=False)
class Webhook:
    """Where a bot wants its updates posted, and what became of the last failure.

    `busy` are the lanes with a post under way: a chat's id, or an update that is about no chat.
    """

    url: str
    secret_token: str
    max_connections: int
    last_error_date: int | None = None
    last_error_message: str = ""
    busy: set[object] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Poll:
    """A getUpdates that is waiting; `ended_by` is set when it must give way."""

    ended_by: Refusal | None = None


@dataclass(slots=True, eq=False)
class Bot:
    """One bot account with its queue of updates."""

    id: int
    token: str
    name: str
    username: str
    next_update_id: int
    updates: UpdateQueue
    arrived: Signal
    revoked: bool = False
    next_message_id: int = 1
    allowed_updates: frozenset[str] | None = None
    webhook: Webhook | None = None
    poll: Poll | None = None
    commands: list[Json] = field(default_factory=list)

    def revoke(self, new_token: str | None = None) -> None:
        """Make the token invalid, for a poll that is waiting too; a new one may take its place."""
        self.revoked = new_token is None
        self.token = new_token or self.token
        if self.poll is not None:
            self.poll.ended_by = unauthorized()
        self.arrived.ring()

    def wants(self, kind: str) -> bool:
        """True when updates of this kind are queued for the bot."""
        if self.allowed_updates is None:
            return kind not in OPT_IN_UPDATES
        return kind in self.allowed_updates

    def push(self, kind: str, body: Json) -> None:
        """Queue an update, unless the bot did not ask for its kind."""
        if self.wants(kind):
            self.push_as_is({kind: body})

    def push_as_is(self, body: Json) -> int:
        """Queue any object; it gets the next update id unless it brings its own. Returns the id."""
        update_id = body.get("update_id")
        if not isinstance(update_id, int):
            update_id = self.next_update_id
            self.next_update_id += 1
        self.updates.put(update_id, body)
        self.arrived.ring()
        return update_id

    def replay(self, update_id: int) -> None:
        """Queue an old update again as it was; raises UnknownThing."""
        self.updates.replay(update_id)
        self.arrived.ring()


@dataclass(slots=True)
class Topic:
    """A topic of a forum. Its id is that of the message that says it was opened."""

    name: str
    colour: int = TOPIC_COLOUR
    closed: bool = False


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat of one person with one bot, or a group that bots and persons share."""

    id: int
    kind: str
    bots: list[Bot]
    members: list[Person]
    title: str = ""
    forum: bool = False
    blocked: bool = False
    removed_bots: list[Bot] = field(default_factory=list)
    migrated_to: "Chat | None" = None
    next_message_id: int = 1
    admin_bots: list[Bot] = field(default_factory=list)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, "Message"] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """True for the chat of one person with one bot, and of two persons."""
        return self.kind == "private"

    @property
    def personal(self) -> bool:
        """True for the chat of two persons, in which bots have no part of their own."""
        return self.private and not self.bots

    def id_for(self, person: Person) -> int:
        """By which id the person knows it: in a chat of two it is that of the other."""
        others = [one.telegram_id for one in self.members if one is not person]
        return others[0] if self.personal else self.id

    def take_message_id(self) -> int:
        """Supergroups number their own messages; what a bot has elsewhere is numbered as one."""
        numbered = self.kind == "supergroup" or self.personal
        counter = self if numbered else (self.bots + self.removed_bots)[0]
        counter.next_message_id += 1
        return counter.next_message_id - 1


@dataclass(slots=True, eq=False)
class Message:
    """A message as Telegram keeps it. `extra` holds fields that pass through unseen.

    `text` is the caption when there is a `content`. `silent` ones make no sound on the phone.
    `business_bot` is who really sent it, when a bot wrote for the owner of an account.
    """

    id: int
    chat: Chat
    sender: Person | Bot
    date: int
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    content: Content | None = None
    media_group_id: str | None = None
    reply_to: "Message | None" = None
    quote: Json | None = None
    forward_origin: Json | None = None
    thread_id: int | None = None
    reply_markup: Json | None = None
    silent: bool = False
    read: bool = False
    business_bot: Bot | None = None
    edit_date: int | None = None
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    extra: Json = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Which field of the `Message` object says what it is."""
        return self.content.kind if self.content else "text"

    @property
    def file(self) -> StoredFile | None:
        """The bytes that came with it."""
        return self.content.file if self.content else None


@dataclass(slots=True, eq=False)
class BusinessConnection:
    """A bot that a person has let into their own account, with `BusinessBotRights`."""

    id: str
    bot: Bot
    owner: Person
    date: int
    rights: dict[str, bool] = field(default_factory=dict)
    enabled: bool = True


class TelegramState(FileStore):
    """Every bot, chat and file, and who may see which."""

    def __init__(
        self,
        feed: Feed,
        faults: Faults,
        rng: random.Random,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(rng)
        self.feed = feed
        self.settings = TelegramSettings()
        self.now = now
        self.flood = Flood(now)
        self.arrived = Signal()
        """Rung when any bot's queue or webhook has changed."""
        self._faults = faults
        self.bots: list[Bot] = []
        self.chats: list[Chat] = []
        self.connections: dict[str, BusinessConnection] = {}
        self.open_callbacks: dict[str, str] = {}
        """Callback query id -> key of the person who tapped and still waits for an answer."""
        self.voice_forbidden: set[str] = set()
        """Keys of the persons who take no voice and video messages."""
        self.add_bot("Acme Support", "acme_support_bot")

    def add_bot(self, name: str, username: str) -> Bot:
        """Register a bot; it gets its id and token here."""
        bot_id = BOT_ID + len(self.bots)
        token = f"{bot_id}:AA" + self._letters(33)
        first_id = self._rng.randint(*FIRST_UPDATE_IDS)
        updates = UpdateQueue(self._faults, self.now)
        bot = Bot(bot_id, token, name, username, first_id, updates, self.arrived)
        self.bots.append(bot)
        return bot

    def bot_by_token(self, token: str) -> Bot | None:
        """The bot that may use this token now."""
        return next((b for b in self.bots if b.token == token and not b.revoked), None)

    def add_group(
        self, title: str, members: list[Person], bots: list[Bot], *, forum: bool = False
    ) -> Chat:
        """Open a supergroup with these people in it, and these bots as admins."""
        chat_id = -1_002_000_000_000 - self._rng.randint(1, 900_000_000)
        chat = Chat(chat_id, "supergroup", list(bots), members, title=title, forum=forum)
        chat.admin_bots = list(bots)
        # Message 1 is the notice that the group was created; it is also the General topic's id.
        chat.next_message_id = 2
        self.chats.append(chat)
        return chat

    def add_basic_group(self, title: str, members: list[Person], bots: list[Bot]) -> Chat:
        """Open a basic group, whose id is not a supergroup's."""
        chat = Chat(-4_000_000_000 - self._rng.randint(1, 900_000_000), "group", bots, members)
        chat.title = title
        self.chats.append(chat)
        return chat

    def private_chat(self, person: Person, bot: Bot) -> Chat:
        """The person's chat with the bot, opened when it does not exist."""
        found = self.find_chat(bot, person.telegram_id)
        if found is None:
            found = Chat(person.telegram_id, "private", [bot], [person])
            self.chats.append(found)
        return found

    def personal_chat(self, person: Person, other: Person) -> Chat:
        """The chat of two persons, opened when it does not exist."""
        for chat in self.chats_of(person):
            if chat.personal and other in chat.members:
                return chat
        chat = Chat(0, "private", [], [person, other])
        # An account numbers its private messages through; so no two of these chats share an id.
        chat.next_message_id = PERSONAL_MESSAGES * (len(self.chats) + 1)
        self.chats.append(chat)
        return chat

    def connection(self, owner: Person, bot: Bot) -> BusinessConnection | None:
        """The connection in force between a person's account and a bot."""
        for one in self.connections.values():
            if one.enabled and one.owner is owner and one.bot is bot:
                return one
        return None

    def connections_of(self, chat: Chat) -> list[BusinessConnection]:
        """Through which bots see what happens in a chat of two persons."""
        if not chat.personal:
            return []
        return [
            one for one in self.connections.values() if one.enabled and one.owner in chat.members
        ]

    def bot(self, bot_id: int | None = None) -> Bot:
        """The bot with this id; the first one for None. Raises UnknownThing."""
        for bot in self.bots:
            if bot_id in (None, bot.id):
                return bot
        raise UnknownThing(f"no bot {bot_id}")

    def find_chat(self, bot: Bot, chat_id: int) -> Chat | None:
        """The chat that this bot knows by this id, one it was thrown out of included."""
        for chat in self.chats:
            if chat.id == chat_id and (bot in chat.bots or bot in chat.removed_bots):
                return chat
        return None

    def known_user(self, user_id: int) -> Person | Bot | None:
        """Whoever has this id and has ever had to do with a bot."""
        bots = {bot.id: bot for bot in self.bots}
        persons = {one.telegram_id: one for chat in self.chats for one in chat.members}
        return bots.get(user_id) or persons.get(user_id)

    def chats_of(self, person: Person) -> list[Chat]:
        """Every chat that the person is in."""
        return [chat for chat in self.chats if person in chat.members]

    def add_message(self, message: Message) -> Message:
        """Put a message into its chat and tell the watchers."""
        message.chat.messages[message.id] = message
        self.changed("telegram.message", message.chat, message.id)
        return message

    def changed(self, kind: str, chat: Chat, message_id: int | None = None) -> None:
        """Tell the watchers of everyone in the chat."""
        for person in chat.members:
            chat_id = chat.id_for(person)
            self.feed.publish(kind, person.key, chat_id=chat_id, message_id=message_id)

    def throw(self, sides: int) -> int:
        """How a dice falls."""
        return self._rng.randint(1, sides)

    def next_number(self) -> str:
        """A number that names an album or a poll."""
        return str(self._rng.randrange(10**16, 10**17))


def unix_now() -> int:
    """Telegram's dates: whole seconds since 1970."""
    return int(time.time())
