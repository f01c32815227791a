"""What all acts need: finding who, where and what they name, and whether it is allowed."""

from dataclasses import dataclass

from sandbox.discord.applications import Application
from sandbox.discord.guilds import Channel, Emoji, Guild, User
from sandbox.discord.kinds import WORDLESS, Permission
from sandbox.discord.messages import Message, StoredFile
from sandbox.discord.permissions import in_channel, sees
from sandbox.discord.state import DiscordState
from sandbox.errors import ActError, UnknownThing
from sandbox.images import image_size
from sandbox.world import World

Place = Channel | int | str | None
Which = Message | int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something to attach. A name that begins with "SPOILER_" hides it until it is touched."""

    name: str
    content: bytes
    media_type: str | None = None
    description: str | None = None


class Acts:
    """The world as one who acts in it sees it."""

    def __init__(self, world: World) -> None:
        self.state: DiscordState = world.discord

    def bot(self, bot_id: int | str | None = None) -> Application:
        """The application with this id; the first one for None. Raises UnknownThing."""
        for application in self.state.applications:
            if bot_id is None or str(application.id) == str(bot_id):
                return application
        raise UnknownThing(f"no bot {bot_id} on Discord")

    def user(self, key: str) -> User:
        """The person with this key, raises UnknownThing."""
        return self.state.user(key)

    def place(self, person: str, place: Place = None) -> Channel:
        """A channel that the person sees; raises UnknownThing."""
        user = self.user(person)
        channel = self._found(user, place)
        if not sees(channel, user):
            raise UnknownThing(f"{person} sees no channel {place!r}")
        return channel

    def message(self, which: Which) -> Message:
        """A message of any channel; raises UnknownThing."""
        if isinstance(which, Message):
            return which
        if isinstance(which, str) and not which.isdecimal():
            raise UnknownThing(f"{which!r} is no id of a message")
        return self.state.message(int(which))

    def _found(self, user: User, place: Place) -> Channel:
        match place:
            case None:
                return self.state.direct(user, self.bot().user)
            case Channel():
                return place
            case _:
                return self.state.channel(place)

    def _shown(self, person: str, which: Which) -> Message:
        """A message that the person sees."""
        message, user = self.message(which), self.user(person)
        if not sees(message.channel, user) or message.only_for not in (None, user):
            raise UnknownThing(f"{person} sees no message {message.id}")
        return message

    def _own(self, person: str, which: Which) -> Message:
        message = self._shown(person, which)
        if message.author is not self.user(person):
            raise ActError(f"message {message.id} is not {person}'s own")
        return message

    def _need(self, user: User, channel: Channel, permission: Permission) -> None:
        if permission not in in_channel(channel, user, self.state.now()):
            raise ActError(f"{user.key} may not {permission.name} in {channel.name or channel.id}")

    def _writable(self, person: str, place: Place) -> Channel:
        channel, user = self.place(person, place), self.user(person)
        if channel.kind in WORDLESS:
            raise ActError(f"{channel.name} holds no messages: open a post in it")
        if channel.direct:
            return channel
        threaded = channel.is_thread
        self._need(
            user,
            channel,
            Permission.SEND_MESSAGES_IN_THREADS if threaded else Permission.SEND_MESSAGES,
        )
        if channel.thread is not None and channel.thread.locked:
            self._need(user, channel, Permission.MANAGE_THREADS)
        return channel

    def _stored(self, channel: Channel, file: File) -> StoredFile:
        stored = self.state.add_file(channel, file.name, file.content, file.media_type)
        stored.description = file.description
        stored.spoiler = file.name.startswith("SPOILER_")
        if size := image_size(file.content):
            stored.width, stored.height = size
        return stored

    def _emoji(self, channel: Channel, emoji: str) -> Emoji:
        """A character, or the name of an emoji of the guild."""
        own = channel.guild.emojis.values() if channel.guild else ()
        name = emoji.strip(":")
        return next((one for one in own if one.name == name), Emoji(emoji))

    def guild(self, name: Guild | int | str | None = None) -> Guild:
        """By its id or name; the first one for None. Raises UnknownThing."""
        if isinstance(name, Guild):
            return name
        for guild in self.state.guilds.values():
            if name is None or str(name) in (str(guild.id), guild.name):
                return guild
        raise UnknownThing(f"no guild {name!r} on Discord")
