"""Threads and posts that persons open, join, leave and put away."""

from collections.abc import Sequence

from sandbox.discord.app.acts import File, Place, Which
from sandbox.discord.app.writing import Writing
from sandbox.discord.guilds import Channel
from sandbox.discord.happenings import post
from sandbox.discord.kinds import FORUMS, ChannelKind, Permission
from sandbox.discord.messages import Message
from sandbox.discord.threads import (
    archive,
    join_thread,
    leave_thread,
    open_thread,
    remove_channel,
    tell_changed,
)
from sandbox.errors import ActError


class Threads(Writing):
    """A thread under a message or for itself; a post of a forum."""

    def open_thread(
        self,
        person: str,
        name: str,
        place: Place = None,
        *,
        under: Which | None = None,
        private: bool = False,
        invite: Sequence[str] = (),
    ) -> Channel:
        """Open a thread under a message, or for itself in `place`. `invite` are persons and bots
        (by id) who are let in at once.
        """
        starter = None if under is None else self._shown(person, under)
        parent = starter.channel if starter else self.place(person, place)
        needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
        if parent.direct or parent.is_thread or parent.kind in FORUMS:
            raise ActError("threads are opened in text channels")
        if starter is not None and (private or starter.thread is not None):
            raise ActError("a message has one thread, and no private one")
        user = self.user(person)
        self._need(user, parent, needed)
        kind = ChannelKind.PRIVATE_THREAD if private else ChannelKind.PUBLIC_THREAD
        thread = open_thread(self.state, parent, user, name, kind=kind, starter=starter)
        for one in invite:
            guest = self.bot(one).user if one.isdecimal() else self.user(one)
            join_thread(self.state, thread, guest)
        return thread

    def forum_post(
        self,
        person: str,
        title: str,
        text: str,
        place: Place = "questions",
        *,
        tags: Sequence[str] = (),
        files: Sequence[File] = (),
    ) -> Message:
        """Open a post of a forum, marked with these tags. Its first message has the post's id."""
        forum, user = self.place(person, place), self.user(person)
        if forum.kind not in FORUMS:
            raise ActError(f"{forum.name} is no forum")
        self._need(user, forum, Permission.SEND_MESSAGES)
        known = {tag.name: tag.id for tag in forum.tags}
        if unknown := [name for name in tags if name not in known]:
            raise ActError(f"the forum has no tag {unknown[0]!r}")
        if forum.requires_tag and not tags:
            raise ActError("posts of this forum need a tag")
        marks = [known[name] for name in tags]
        thread = open_thread(self.state, forum, user, title, tags=marks)
        message = Message(thread.id, thread, user, text)
        message.attachments = [self._stored(thread, file) for file in files]
        return post(self.state, message)

    def join_thread(self, person: str, place: Place) -> None:
        """Join a thread."""
        join_thread(self.state, self.place(person, place), self.user(person))

    def add_to_thread(self, person: str, place: Place, guest: str) -> None:
        """Let somebody else into a thread: a person, or a bot by its id."""
        thread = self.place(person, place)
        user = self.bot(guest).user if guest.isdecimal() else self.user(guest)
        join_thread(self.state, thread, user)

    def leave_thread(self, person: str, place: Place) -> None:
        """Leave a thread."""
        leave_thread(self.state, self.place(person, place), self.user(person))

    def archive(
        self, person: str, place: Place, *, archived: bool = True, locked: bool | None = None
    ) -> None:
        """Put a thread away, or fetch it back. Only moderators lock, and only they unlock."""
        thread, user = self.place(person, place), self.user(person)
        if thread.thread is None:
            raise ActError("only threads are archived")
        if locked is not None or thread.thread.locked or thread.thread.owner is not user:
            self._need(user, thread, Permission.MANAGE_THREADS)
        archive(self.state, thread, archived=archived, locked=locked)

    def rename(self, person: str, place: Place, name: str) -> None:
        """Give a channel or thread another name."""
        channel, user = self.place(person, place), self.user(person)
        own = channel.thread is not None and channel.thread.owner is user
        if not own:
            needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
            self._need(user, channel, needed)
        channel.name = name
        tell_changed(self.state, channel)

    def remove_channel(self, person: str, place: Place) -> None:
        """Delete a channel with its threads, or a thread."""
        channel, user = self.place(person, place), self.user(person)
        needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
        self._need(user, channel, needed)
        remove_channel(self.state, channel)
