"""Groups, their members and topics; and blocking the bot, which is the private chat's leaving."""

from collections.abc import Sequence

from sandbox.errors import ActError
from sandbox.persons import Person
from sandbox.telegram.membership import ADMIN, KICKED, LEFT, MEMBER, change_json, status_of
from sandbox.telegram.phone.acts import Acts
from sandbox.telegram.state import Chat, Content, Message, Topic, unix_now
from sandbox.telegram.topics import add_topic, closed_notice, created
from sandbox.telegram.wire import message_json, sender_json


class Groups(Acts):
    """Opening groups, coming and going, and what is done to a group as a whole."""

    def create_group(self, title: str, person_keys: Sequence[str], *, forum: bool = False) -> Chat:
        """Open a group with these persons and the first bot as an admin. The first owns it."""
        members = [self._world.person(key) for key in person_keys]
        return self._telegram.add_group(title, members, [self.bot(None)], forum=forum)

    def block(self, person_key: str, *, blocked: bool = True, bot_id: int | None = None) -> None:
        """Block the bot (its sends answer 403 from now on), or unblock it."""
        person = self._world.person(person_key)
        chat = self._telegram.private_chat(person, self.bot(bot_id))
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        (bot,) = chat.bots
        old, new = (MEMBER, KICKED) if blocked else (KICKED, MEMBER)
        bot.push("my_chat_member", change_json(chat, person, bot, old, new))
        self._telegram.changed("telegram.blocked", chat)

    def join(self, person_key: str, chat_id: int, *, added_by: str | None = None) -> Message:
        """Come into a group. Bots see a service message; admins among them, `chat_member`."""
        chat, person = self._group(chat_id), self._world.person(person_key)
        if person in chat.members:
            raise ActError(f"{person.key} is in {chat_id} already")
        by = self._world.person(added_by) if added_by else person
        old = status_of(chat, person)
        chat.members.append(person)
        self._tell_admins(chat, by, person, old)
        news = Content(kind="new_chat_members", value=[sender_json(person)])
        return self._notice(chat, by, news)

    def leave(self, person_key: str, chat_id: int, *, removed_by: str | None = None) -> Message:
        """Go, or be removed."""
        chat, person = self._group(chat_id), self._world.person(person_key)
        if person not in chat.members:
            raise ActError(f"{person.key} is not in {chat_id}")
        by = self._world.person(removed_by) if removed_by else person
        old = status_of(chat, person)
        chat.members.remove(person)
        self._tell_admins(chat, by, person, old, KICKED if removed_by else LEFT)
        return self._notice(chat, by, Content(kind="left_chat_member", value=sender_json(person)))

    def make_bot_admin(
        self, person_key: str, chat_id: int, *, admin: bool = True, bot_id: int | None = None
    ) -> None:
        """Make a bot an admin of a group, or an ordinary member."""
        person, bot = self._world.person(person_key), self.bot(bot_id)
        chat = self._chat(person, chat_id)
        old = status_of(chat, bot)
        if old not in (MEMBER, ADMIN):
            raise ActError(f"bot {bot.id} is not in {chat_id}")
        others = [one for one in chat.admin_bots if one is not bot]
        chat.admin_bots = [*others, bot] if admin else others
        bot.push("my_chat_member", change_json(chat, person, bot, old, status_of(chat, bot)))
        self._telegram.changed("telegram.members", chat)

    def pin(self, person_key: str, chat_id: int | None, message_id: int) -> Message:
        """Pin a message."""
        person = self._world.person(person_key)
        pinned = self._message(self._chat(person, chat_id), message_id)
        value = message_json(pinned, nested=True)
        return self._notice(pinned.chat, person, Content(kind="pinned_message", value=value))

    def rename_group(self, person_key: str, chat_id: int, title: str) -> Message:
        """Give a group another title."""
        person = self._world.person(person_key)
        chat = self._chat(person, chat_id)
        chat.title = title
        return self._notice(chat, person, Content(kind="new_chat_title", value=title))

    def open_topic(self, person_key: str, chat_id: int, name: str) -> int:
        """Open a topic in a forum; returns its id."""
        person = self._world.person(person_key)
        chat, topic = self._forum(person, chat_id), Topic(name)
        notice = Message(0, chat, person, unix_now(), content=created(topic))
        thread_id = add_topic(self._telegram, notice, topic)
        self._announce("message", notice)
        return thread_id

    def rename_topic(self, person_key: str, chat_id: int, thread_id: int, name: str) -> Message:
        """Give a topic another name."""
        person = self._world.person(person_key)
        chat = self._forum(person, chat_id)
        self._topic(chat, thread_id).name = name
        news = Content(kind="forum_topic_edited", value={"name": name})
        return self._notice(chat, person, news, thread_id)

    def close_topic(
        self, person_key: str, chat_id: int, thread_id: int, *, closed: bool = True
    ) -> Message:
        """Close a topic, or open it again."""
        person = self._world.person(person_key)
        chat = self._forum(person, chat_id)
        self._topic(chat, thread_id).closed = closed
        return self._notice(chat, person, closed_notice(closed=closed), thread_id)

    def _group(self, chat_id: int) -> Chat:
        """A group that the person need not be in yet."""
        for chat in self._telegram.chats:
            if chat.id == chat_id and not chat.private:
                return chat
        raise ActError(f"no group {chat_id}")

    def _forum(self, person: Person, chat_id: int) -> Chat:
        chat = self._chat(person, chat_id)
        if not chat.forum:
            raise ActError(f"{chat_id} is no forum")
        return chat

    def _topic(self, chat: Chat, thread_id: int) -> Topic:
        topic = chat.topics.get(thread_id)
        if topic is None:
            raise ActError(f"no topic {thread_id} in {chat.id}")
        return topic

    def _tell_admins(
        self, chat: Chat, by: Person, person: Person, old: str, new: str = MEMBER
    ) -> None:
        change = change_json(chat, by, person, old, new)
        for bot in chat.admin_bots:
            bot.push("chat_member", change)
        self._telegram.changed("telegram.members", chat)

    def _notice(
        self, chat: Chat, by: Person, news: Content, thread_id: int | None = None
    ) -> Message:
        """A service message."""
        return self._put(Message(0, chat, by, unix_now(), content=news, thread_id=thread_id))
