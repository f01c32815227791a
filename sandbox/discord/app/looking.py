"""What persons see: conversations, messages, who is writing, what pinged them."""

from collections import deque

from sandbox.discord.app.acts import Acts, Place
from sandbox.discord.guilds import Channel, User
from sandbox.discord.kinds import ChannelKind
from sandbox.discord.messages import Message
from sandbox.discord.permissions import sees
from sandbox.discord.state import Event
from sandbox.world import World

TYPING_SECONDS = 10.0
KEPT_TYPING_MAX = 1_000


class Looking(Acts):
    """Everything as the app shows it to one person."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._writing: deque[tuple[float, str, str]] = deque(maxlen=KEPT_TYPING_MAX)
        self.state.subscribe(self._noted)

    def directs(self, person: str) -> list[Channel]:
        """The person's direct messages, the latest first."""
        user = self.user(person)
        own = [
            one
            for one in self.state.channels.values()
            if one.kind is ChannelKind.DM and user in one.recipients
        ]
        return sorted(own, key=lambda one: one.last_message_id or 0, reverse=True)

    def channels(self, person: str) -> list[Channel]:
        """Every channel and thread of guilds that the person sees."""
        user = self.user(person)
        return [
            channel
            for guild in self.state.guilds.values()
            for channel in guild.channels.values()
            if sees(channel, user)
        ]

    def seen(self, person: str, place: Place = None) -> list[Message]:
        """What the person reads in a channel, oldest first: answers for them alone included."""
        channel, user = self.place(person, place), self.user(person)
        shown = [one for one in channel.messages.values() if one.only_for in (None, user)]
        return sorted(shown, key=lambda one: one.id)

    def texts(self, person: str, place: Place = None) -> list[str]:
        """The texts of what the person reads in a channel."""
        return [message.content for message in self.seen(person, place)]

    def pings(self, person: str) -> list[Message]:
        """Every message that notified the person because it named them, oldest first."""
        user = self.user(person)
        found = [
            message
            for channel in self.state.channels.values()
            if sees(channel, user)
            for message in channel.messages.values()
            if self._pinged(message, user)
        ]
        return sorted(found, key=lambda one: one.id)

    def typing(self, place: Channel | int | str) -> list[User]:
        """Who is writing in a channel just now."""
        channel = place if isinstance(place, Channel) else self.state.channel(place)
        since = self.state.now() - TYPING_SECONDS
        known = {str(user.id): user for user in self.state.users.values()}
        writing = dict.fromkeys(
            user_id
            for at, channel_id, user_id in self._writing
            if at > since and channel_id == str(channel.id)
        )
        return [known[one] for one in writing if one in known]

    def _pinged(self, message: Message, user: User) -> bool:
        pinged, guild = message.pinged, message.channel.guild
        member = guild.members.get(user.id) if guild else None
        roles = set(member.roles) if member else set()
        return user.id in pinged.users or pinged.everyone or bool(pinged.roles & roles)

    def _noted(self, event: Event) -> None:
        """Whoever has sent what they wrote writes no more."""
        body = event.payload
        if event.name == "TYPING_START":
            self._writing.append((self.state.now(), body["channel_id"], body["user_id"]))
        elif event.name == "MESSAGE_CREATE" and "author" in body:
            done = (body["channel_id"], body["author"]["id"])
            left = [one for one in self._writing if one[1:] != done]
            self._writing = deque(left, maxlen=KEPT_TYPING_MAX)
