"""The state of the Discord world: applications, guilds, channels, interactions, files.

No wire format here, and nothing happens by itself: `happenings.py` changes it and tells.
"""

import mimetypes
import random
import string
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.discord.applications import Application, Interaction
from sandbox.discord.founding import add_member, found_guild
from sandbox.discord.gateway.starts import Starts
from sandbox.discord.guilds import Channel, Guild, Sticker, User
from sandbox.discord.kinds import ChannelKind
from sandbox.discord.links import Links
from sandbox.discord.messages import Message, StoredFile
from sandbox.discord.nonces import Nonces
from sandbox.discord.permissions import sees
from sandbox.discord.settings import DiscordSettings
from sandbox.discord.snowflakes import Snowflakes
from sandbox.errors import UnknownThing
from sandbox.feed import Feed
from sandbox.payload import Json
from sandbox.persons import Person

LETTERS = string.ascii_letters + string.digits + "_-"
KEPT_INTERACTIONS_MAX = 20_000
KEPT_FILES_MAX = 20_000
STAFF = (("kofi", "Kofi Mensah"), ("noor", "Noor Haddad"))
"""Who is on Discord only: the guild's owner, and a community manager."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that gateways may have to tell. `to` are ids of applications; None: all that see
    the channel, or the guild when there is no channel.
    """

    name: str
    payload: Json
    guild: Guild | None
    channel: Channel | None
    to: frozenset[int] | None


Listener = Callable[[Event], None]


class DiscordState:
    """Everybody and everything on Discord. `now` is unix seconds."""

    def __init__(
        self, feed: Feed, rng: random.Random, now: Callable[[], float] = time.time
    ) -> None:
        self.feed = feed
        self.now = now
        self.settings = DiscordSettings()
        self.starts = Starts(now)
        """How often each bot has begun a gateway session."""
        self.ids = Snowflakes(now)
        self.applications: list[Application] = []
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        """Every channel, thread and direct conversation there is."""
        self.interactions: dict[str, Interaction] = {}
        """By token."""
        self.files: dict[int, StoredFile] = {}
        self.nonces: Nonces[Message] = Nonces(now)
        self.links = Links(rng.randbytes(32), now, lambda: self.settings.link_seconds)
        self._rng = rng
        self._listeners: list[Listener] = []
        owner, manager = (self._add_user(key, name) for key, name in STAFF)
        self.owner = owner
        self.add_application("Acme Support", "acme-support")
        self.guild = found_guild(self, "Acme Community", owner, manager)
        """The first guild, in which everybody is."""
        self.invite(self.applications[0], self.guild)

    # Who

    def add_person(self, person: Person) -> User:
        """Give a person an account, and let them into the first guild."""
        user = self._add_user(person.key, person.name)
        add_member(self, self.guild, user)
        return user

    def add_application(self, name: str, username: str) -> Application:
        """Register a bot; it gets its token here and is in no guild yet."""
        user = User(self.ids.take_old(), username, name, bot=True)
        self.users[user.id] = user
        application = Application(user, self.new_bot_token(user), self.owner)
        self.applications.append(application)
        return application

    def invite(self, application: Application, guild: Guild) -> None:
        """Let a bot into a guild, with a role of its own."""
        add_member(self, guild, application.user)

    def application(self, token: str) -> Application | None:
        """Who may use this token now."""
        known = (one for one in self.applications if not one.revoked)
        return next((one for one in known if one.token == token), None)

    def user(self, key: str) -> User:
        """The person of this key; raises UnknownThing."""
        for user in self.users.values():
            if user.key == key:
                return user
        raise UnknownThing(f"nobody on Discord is {key!r}")

    # Where

    def direct(self, user: User, other: User) -> Channel:
        """The conversation of two, opened when there is none."""
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DM and {user, other} == set(channel.recipients):
                return channel
        channel = Channel(self.ids.take(), ChannelKind.DM, recipients=[user, other])
        self.channels[channel.id] = channel
        return channel

    def add_channel(self, channel: Channel) -> Channel:
        """Put a channel or a thread where it belongs."""
        self.channels[channel.id] = channel
        if channel.guild is not None:
            channel.guild.channels[channel.id] = channel
        return channel

    def channel(self, name: str | int) -> Channel:
        """By its id, else the first of this name; raises UnknownThing."""
        for channel in self.channels.values():
            if str(channel.id) == str(name) or (channel.name and channel.name == name):
                return channel
        raise UnknownThing(f"no channel {name!r} on Discord")

    def message(self, message_id: int) -> Message:
        """Wherever it is; raises UnknownThing."""
        for channel in self.channels.values():
            if found := channel.messages.get(message_id):
                return found
        raise UnknownThing(f"no message {message_id} on Discord")

    def sticker(self, sticker_id: int) -> Sticker | None:
        """Of any guild."""
        found = (guild.stickers.get(sticker_id) for guild in self.guilds.values())
        return next((one for one in found if one is not None), None)

    # What happens

    def subscribe(self, listener: Listener) -> None:
        """Let a listener know of every event from now on, in order, as it happens."""
        self._listeners.append(listener)

    def publish(
        self,
        name: str,
        payload: Json,
        guild: Guild | None = None,
        channel: Channel | None = None,
        to: frozenset[int] | None = None,
    ) -> None:
        """Tell the gateways and the watchers."""
        self._hand_out(Event(name=name, payload=payload, guild=guild, channel=channel, to=to))
        self._feed(name, channel)

    def tell_each(self, name: str, channel: Channel, payload: Callable[[User], Json]) -> None:
        """Tell every bot that sees a channel, each as the payload made for it says."""
        for application in self.applications:
            if _reaches(channel, application):
                self._hand_out(
                    Event(
                        name=name,
                        payload=payload(application.user),
                        guild=channel.guild,
                        channel=channel,
                        to=frozenset({application.id}),
                    )
                )
        self._feed(name, channel)

    def hears(self, application: Application, event: Event) -> bool:
        """Whether an event is any business of an application, intents aside."""
        if event.to is not None:
            return application.id in event.to
        if event.channel is not None:
            return _reaches(event.channel, application)
        guild = event.guild
        return guild is not None and guild.available and application.id in guild.members

    def add_interaction(self, interaction: Interaction) -> Interaction:
        """Keep an interaction by its token; very old ones are forgotten."""
        self.interactions[interaction.token] = interaction
        while len(self.interactions) > KEPT_INTERACTIONS_MAX:
            del self.interactions[next(iter(self.interactions))]
        return interaction

    def add_file(
        self, channel: Channel, name: str, content: bytes, media_type: str | None = None
    ) -> StoredFile:
        """Keep bytes, until very many others have come. The name tells the type if nothing does."""
        if media_type in (None, "application/octet-stream"):
            media_type = mimetypes.guess_type(name)[0]
        stored = StoredFile(self.ids.take(), channel.id, name, content, media_type)
        self.files[stored.id] = stored
        if len(self.files) > KEPT_FILES_MAX:
            del self.files[next(iter(self.files))]
        return stored

    def new_bot_token(self, user: User) -> str:
        """What a bot logs in with; its first part is the bot's id."""
        first = b64encode(str(user.id).encode()).decode().rstrip("=")
        return f"{first}.{self.new_token(6)}.{self.new_token(38)}"

    def new_token(self, letters: int = 72) -> str:
        """A secret nobody can guess from another one."""
        return "".join(self._rng.choices(LETTERS, k=letters))

    def _hand_out(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def _feed(self, name: str, channel: Channel | None) -> None:
        where = None if channel is None else str(channel.id)
        self.feed.publish("discord", None, event=name, channel_id=where)

    def _add_user(self, key: str, name: str) -> User:
        username = name.lower().replace(" ", ".")
        user = User(self.ids.take_old(), username, name, key=key)
        self.users[user.id] = user
        return user


def _reaches(channel: Channel, application: Application) -> bool:
    """Whether what happens in a channel is told to an application at all."""
    out_of_order = channel.guild is not None and not channel.guild.available
    return not out_of_order and sees(channel, application.user)
