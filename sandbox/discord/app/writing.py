"""Messages that persons write, change and react to."""

import base64
from collections.abc import Sequence

from sandbox.discord.app.acts import Acts, File, Place, Which
from sandbox.discord.guilds import Channel, Sticker, User
from sandbox.discord.happenings import (
    change,
    clear_reactions,
    delete,
    delete_many,
    end_poll,
    pin,
    post,
    react,
    type_in,
    unpin,
    unreact,
    vote,
)
from sandbox.discord.kinds import MessageFlag, MessageKind, Permission
from sandbox.discord.messages import Answer, Message, Poll, Reference
from sandbox.discord.wire_messages import snapshot_json
from sandbox.errors import ActError
from sandbox.payload import Json

TEXT_MAX = 2_000
FILES_MAX = 10
POLL_SECONDS = 86_400.0
WAVEFORM = base64.b64encode(bytes(range(0, 256, 4))).decode()
NO_FLAGS = MessageFlag(0)


class Writing(Acts):
    """Say, reply, forward, edit, delete, react."""

    def say(
        self,
        person: str,
        text: str = "",
        place: Place = None,
        *,
        files: Sequence[File] = (),
        reply_to: Which | None = None,
        sticker: str | None = None,
        silent: bool = False,
        extra: Json | None = None,
    ) -> Message:
        """Write a message, with attachments, a sticker of the guild's, or as an answer to another.

        `extra` is merged into the Message object as it is.
        """
        channel = self._writable(person, place)
        if not (text or files or sticker):
            raise ActError("an empty message cannot be sent")
        if len(text) > TEXT_MAX or len(files) > FILES_MAX:
            raise ActError(f"a message has at most {TEXT_MAX} characters and {FILES_MAX} files")
        flags = MessageFlag.SUPPRESS_NOTIFICATIONS if silent else NO_FLAGS
        message = self._new(channel, self.user(person), text, flags)
        message.attachments = [self._stored(channel, file) for file in files]
        message.stickers = [self._sticker(channel, sticker)] if sticker else []
        message.extra = extra or {}
        if reply_to is not None:
            self._answer(message, self._shown(person, reply_to))
        return post(self.state, message)

    def voice(
        self, person: str, content: bytes, place: Place = None, *, seconds: float = 2.5
    ) -> Message:
        """Send a voice message, which has no text."""
        channel = self._writable(person, place)
        flags = MessageFlag.IS_VOICE_MESSAGE
        message = self._new(channel, self.user(person), "", flags)
        file = File(name="voice-message.ogg", content=content, media_type="audio/ogg")
        stored = self._stored(channel, file)
        stored.duration_seconds, stored.waveform = seconds, WAVEFORM
        message.attachments = [stored]
        return post(self.state, message)

    def forward(self, person: str, which: Which, place: Place = None) -> Message:
        """Pass on a message that the person sees."""
        original, channel = self._shown(person, which), self._writable(person, place)
        message = self._new(channel, self.user(person), "", MessageFlag.HAS_SNAPSHOT)
        source = original.channel
        message.reference = Reference(
            source.id, original.id, source.guild.id if source.guild else None, forward=True
        )
        message.snapshots = [snapshot_json(original, self.state.links)]
        return post(self.state, message)

    def poll(
        self,
        person: str,
        question: str,
        answers: Sequence[str],
        place: Place = None,
        *,
        multiple: bool = False,
    ) -> Message:
        """Ask everybody in the channel."""
        channel = self._writable(person, place)
        message = self._new(channel, self.user(person), "")
        numbered = [Answer(number, text) for number, text in enumerate(answers, 1)]
        message.poll = Poll(question, numbered, self.state.now() + POLL_SECONDS, multiple)
        return post(self.state, message)

    def vote(self, person: str, which: Which, *answers: int) -> None:
        """Choose these answers of a poll (1 is the first), and no others."""
        vote(self.state, self._shown(person, which), self.user(person), answers)

    def end_poll(self, which: Which) -> None:
        """The poll's time is over."""
        message = self.message(which)
        if message.poll is None:
            raise ActError(f"message {message.id} is no poll")
        end_poll(self.state, message, message.poll)

    def edit(self, person: str, which: Which, text: str) -> Message:
        """Write one's own message anew."""
        message = self._own(person, which)
        if len(text) > TEXT_MAX:
            raise ActError(f"a message has at most {TEXT_MAX} characters")
        message.content = text
        change(self.state, message)
        return message

    def unfurl(self, which: Which, *embeds: Json) -> Message:
        """Discord itself puts the previews of links under a message, which is no edit."""
        message = self.message(which)
        message.embeds = list(embeds)
        change(self.state, message, edited=False)
        return message

    def delete(self, person: str, which: Which) -> None:
        """Take back one's own message, or as a moderator somebody else's."""
        message, user = self._shown(person, which), self.user(person)
        if message.author is not user and not message.ephemeral:
            self._need(user, message.channel, Permission.MANAGE_MESSAGES)
        delete(self.state, message)

    def delete_many(self, person: str, which: Sequence[Which]) -> None:
        """As a moderator take several messages of one channel away at once."""
        messages = [self._shown(person, one) for one in which]
        if not messages:
            raise ActError("name at least one message")
        channel = messages[0].channel
        self._need(self.user(person), channel, Permission.MANAGE_MESSAGES)
        delete_many(self.state, channel, messages)

    def react(self, person: str, which: Which, emoji: str) -> None:
        """Put a reaction under a message: a character, or the name of an emoji of the guild."""
        message, user = self._shown(person, which), self.user(person)
        self._need(user, message.channel, Permission.ADD_REACTIONS)
        react(self.state, message, user, self._emoji(message.channel, emoji))

    def unreact(self, person: str, which: Which, emoji: str) -> None:
        """Take one's reaction back."""
        message = self._shown(person, which)
        unreact(self.state, message, self.user(person), self._emoji(message.channel, emoji))

    def clear_reactions(self, person: str, which: Which, emoji: str | None = None) -> None:
        """As a moderator take all reactions away, or all of one emoji."""
        message = self._shown(person, which)
        self._need(self.user(person), message.channel, Permission.MANAGE_MESSAGES)
        chosen = None if emoji is None else self._emoji(message.channel, emoji)
        clear_reactions(self.state, message, chosen)

    def pin(self, person: str, which: Which, *, pinned: bool = True) -> None:
        """Pin a message to its channel, or unpin it."""
        message, user = self._shown(person, which), self.user(person)
        if pinned:
            pin(self.state, message, user)
        else:
            unpin(self.state, message)

    def type(self, person: str, place: Place = None) -> None:
        """Begin to write."""
        type_in(self.state, self._writable(person, place), self.user(person))

    def announce(
        self, name: str, place: Place, text: str = "", embeds: Sequence[Json] = ()
    ) -> Message:
        """Let a webhook write: another program, under a name of its own."""
        if place is None:
            raise ActError("a webhook writes in a channel: name it")
        channel = place if isinstance(place, Channel) else self.state.channel(place)
        author = User(self.state.ids.take(), name, bot=True)
        message = self._new(channel, author, text)
        message.webhook_id, message.embeds = author.id, list(embeds)
        return post(self.state, message)

    def _new(
        self, channel: Channel, author: User, text: str, flags: MessageFlag = NO_FLAGS
    ) -> Message:
        return Message(self.state.ids.take(), channel, author, text, flags=flags)

    def _answer(self, message: Message, original: Message) -> None:
        guild = message.channel.guild
        if original.channel is not message.channel:
            raise ActError("an answer stands in the channel of what it answers")
        message.kind, message.referenced = MessageKind.REPLY, original
        message.reference = Reference(message.channel.id, original.id, guild.id if guild else None)

    def _sticker(self, channel: Channel, name: str) -> Sticker:
        own = channel.guild.stickers.values() if channel.guild else ()
        for sticker in own:
            if sticker.name == name:
                return sticker
        raise ActError(f"there is no sticker {name!r} in {channel.name or 'direct messages'}")
