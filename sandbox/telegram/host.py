"""Telegram's own doing: what happens to bots and groups without anybody touching a phone."""

from collections.abc import Sequence

from sandbox.errors import ActError, UnknownThing
from sandbox.persons import Person
from sandbox.telegram.membership import change_json, status_of
from sandbox.telegram.state import Chat, Content, Message, unix_now
from sandbox.telegram.wire import message_json
from sandbox.world import World

FLOODED_SECONDS_MAX = 24 * 3600.0


class TelegramHost:
    """Acts as Telegram and as the admins of groups. Raises ActError for what cannot be."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._telegram = world.telegram

    def replay(self, update_id: int, bot_id: int | None = None) -> None:
        """Deliver an old update again as it was, acknowledged or not."""
        self._telegram.bot(bot_id).replay(update_id)

    def flood(self, chat_id: int, seconds: float) -> None:
        """Answer 429 to every call about this chat for so long; 0 ends it."""
        if not 0 <= seconds <= FLOODED_SECONDS_MAX:
            raise ActError(f"'seconds' must be 0 to {FLOODED_SECONDS_MAX:.0f}")
        self._telegram.flood.hold(chat_id, seconds)

    def create_basic_group(self, title: str, person_keys: Sequence[str]) -> Chat:
        """Open a basic group with these persons and the first bot; it can become a supergroup."""
        members = [self._world.person(key) for key in person_keys]
        return self._telegram.add_basic_group(title, members, [self._telegram.bot()])

    def migrate_group(self, chat_id: int) -> Chat:
        """Make a basic group a supergroup: everyone moves, the old chat refuses to be written to.

        Bots hear of it by a service message in either chat.
        """
        old = self._group(chat_id)
        if old.kind != "group":
            raise ActError(f"{chat_id} is no basic group; only those become supergroups")
        if not old.members:
            raise ActError(f"{chat_id} has no members who could make it a supergroup")
        new = self._telegram.add_group(old.title, old.members, old.bots)
        new.admin_bots = list(old.admin_bots)
        new.next_message_id = 1
        old.migrated_to, old.members = new, []
        mover = new.members[0]
        self._announce(old, mover, Content(kind="migrate_to_chat_id", value=new.id))
        self._announce(new, mover, Content(kind="migrate_from_chat_id", value=old.id))
        return new

    def remove_bot(self, chat_id: int, *, removed: bool = True, bot_id: int | None = None) -> None:
        """Throw a bot out of a group (everything it sends there answers 403), or let it back in."""
        chat, bot = self._group(chat_id), self._telegram.bot(bot_id)
        source, target = (chat.bots, chat.removed_bots)
        if not removed:
            source, target = target, source
        if bot not in source:
            raise ActError(f"bot {bot.id} is {'not' if removed else 'still'} in {chat_id}")
        old = status_of(chat, bot)
        source.remove(bot)
        target.append(bot)
        chat.admin_bots = [one for one in chat.admin_bots if one is not bot]
        by = chat.members[0] if chat.members else bot
        bot.push("my_chat_member", change_json(chat, by, bot, old, status_of(chat, bot)))
        self._telegram.changed("telegram.members", chat)

    def _group(self, chat_id: int) -> Chat:
        for chat in self._telegram.chats:
            if chat.id == chat_id and not chat.private:
                return chat
        raise UnknownThing(f"no group {chat_id}")

    def _announce(self, chat: Chat, person: Person, news: Content) -> None:
        message = Message(chat.take_message_id(), chat, person, unix_now(), content=news)
        self._telegram.add_message(message)
        for bot in chat.bots:
            bot.push("message", message_json(message))
