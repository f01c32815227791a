"""What happens to channels and threads, whoever does it: the state changes, gateways are told."""

from collections.abc import Iterable, Sequence

from sandbox.discord.guilds import AUTO_ARCHIVE_MINUTES, Channel, ThreadFacts, User
from sandbox.discord.kinds import FORUMS, ChannelKind, MessageFlag, MessageKind
from sandbox.discord.messages import Message, Reference
from sandbox.discord.permissions import sees
from sandbox.discord.state import DiscordState
from sandbox.discord.wire import channel_json, member_json, thread_json, thread_member_json
from sandbox.discord.wire_messages import message_event_json
from sandbox.payload import Json


def open_thread(
    state: DiscordState,
    parent: Channel,
    owner: User,
    name: str,
    *,
    kind: ChannelKind = ChannelKind.PUBLIC_THREAD,
    starter: Message | None = None,
    tags: Sequence[int] = (),
    auto_archive_minutes: int = AUTO_ARCHIVE_MINUTES,
    slowmode_seconds: int = 0,
    invitable: bool = True,
) -> Channel:
    """Open a thread, under a message or for itself, or a post of a forum; its owner is in it.

    A thread under a message has the message's id. A post's first message is said afterwards, under
    the post's id.
    """
    now = state.now()
    facts = ThreadFacts(owner, created_at=now, archive_changed_at=now, invitable=invitable)
    facts.auto_archive_minutes = auto_archive_minutes
    facts.tags = list(tags)
    facts.members[owner.id] = now
    thread_id = starter.id if starter is not None else state.ids.take()
    thread = Channel(thread_id, kind, name, parent.guild, parent, thread=facts)
    thread.slowmode_seconds = slowmode_seconds
    state.add_channel(thread)
    state.tell_each(
        "THREAD_CREATE",
        thread,
        lambda viewer: thread_json(thread, viewer) | {"newly_created": True},
    )
    if starter is not None:
        _begin_under(state, thread, starter)
    elif kind is not ChannelKind.PRIVATE_THREAD and parent.kind not in FORUMS:
        _announce(state, parent, thread, owner)
    return thread


def _announce(state: DiscordState, parent: Channel, thread: Channel, owner: User) -> None:
    """The channel gets a notice that a thread was opened in it."""
    notice = Message(state.ids.take(), parent, owner, thread.name, MessageKind.THREAD_CREATED)
    notice.reference = Reference(thread.id, guild_id=thread.guild.id if thread.guild else None)
    parent.messages[notice.id] = notice
    parent.last_message_id = notice.id
    _tell_message(state, "MESSAGE_CREATE", notice)


def _begin_under(state: DiscordState, thread: Channel, starter: Message) -> None:
    """The message shows its thread, and the thread's first message is a sign towards it."""
    starter.thread = thread
    starter.flags |= MessageFlag.HAS_THREAD
    _tell_message(state, "MESSAGE_UPDATE", starter)
    guild_id = thread.guild.id if thread.guild else None
    sign = Message(
        state.ids.take(),
        thread,
        starter.author,
        kind=MessageKind.THREAD_STARTER,
        reference=Reference(starter.channel.id, starter.id, guild_id),
        referenced=starter,
    )
    thread.messages[sign.id] = sign
    _tell_message(state, "MESSAGE_CREATE", sign)


def _tell_message(state: DiscordState, name: str, message: Message) -> None:
    state.tell_each(
        name, message.channel, lambda viewer: message_event_json(message, state.links, viewer)
    )


def join_thread(state: DiscordState, thread: Channel, user: User) -> None:
    """Let somebody into a thread; the second time nothing happens."""
    if thread.thread is None or user.id in thread.thread.members:
        return
    thread.thread.members[user.id] = state.now()
    for application in state.applications:
        if application.user is user:
            payload = thread_json(thread, user) | {"newly_created": False}
            if thread.kind is ChannelKind.PRIVATE_THREAD:
                to = frozenset({user.id})
                state.publish("THREAD_CREATE", payload, thread.guild, thread, to)
    added = thread_member_json(thread, user)
    if thread.guild is not None and user.id in thread.guild.members:
        added |= {"member": member_json(thread.guild.members[user.id]), "presence": None}
    _tell_members(state, thread, {"added_members": [added]})


def leave_thread(state: DiscordState, thread: Channel, user: User) -> None:
    """Let somebody out of a thread, or throw them out: who leaves hears of it too."""
    if thread.thread is None or user.id not in thread.thread.members:
        return
    hearing = frozenset(one.id for one in state.applications if sees(thread, one.user))
    del thread.thread.members[user.id]
    _tell_members(state, thread, {"removed_member_ids": [str(user.id)]}, hearing)


def _tell_members(
    state: DiscordState, thread: Channel, change: Json, to: frozenset[int] | None = None
) -> None:
    if thread.guild is None or thread.thread is None:
        return
    body = {
        "id": str(thread.id),
        "guild_id": str(thread.guild.id),
        "member_count": min(len(thread.thread.members), 50),
        **change,
    }
    state.publish("THREAD_MEMBERS_UPDATE", body, thread.guild, thread, to)


def archive(
    state: DiscordState, thread: Channel, *, archived: bool, locked: bool | None = None
) -> None:
    """Put a thread away or fetch it back; a locked one only moderators fetch back."""
    if thread.thread is None:
        return
    thread.thread.archived = archived
    thread.thread.archive_changed_at = state.now()
    thread.thread.locked = thread.thread.locked if locked is None else locked
    tell_changed(state, thread)


def revive(state: DiscordState, thread: Channel) -> None:
    """Fetch an archived thread back, as every message in it does."""
    if thread.thread is not None and thread.thread.archived:
        archive(state, thread, archived=False)


def tell_changed(state: DiscordState, channel: Channel) -> None:
    """Tell that a channel or thread has another name, topic, tags or permissions."""
    name = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    state.tell_each(name, channel, lambda viewer: channel_json(channel, viewer))


def create_channel(state: DiscordState, channel: Channel) -> Channel:
    """Open a channel of a guild."""
    state.add_channel(channel)
    state.tell_each("CHANNEL_CREATE", channel, lambda viewer: channel_json(channel, viewer))
    return channel


def remove_channel(state: DiscordState, channel: Channel) -> None:
    """Delete a channel with its threads, or one thread."""
    below = [one for one in _siblings(channel) if one.is_thread and one.parent is channel]
    for thread in below:
        _forget(state, thread)
    if channel.is_thread and channel.guild is not None:
        body: Json = {
            "id": str(channel.id),
            "guild_id": str(channel.guild.id),
            "parent_id": str(channel.parent.id) if channel.parent else None,
            "type": int(channel.kind),
        }
        state.publish("THREAD_DELETE", body, channel.guild, channel)
    else:
        state.tell_each("CHANNEL_DELETE", channel, lambda viewer: channel_json(channel, viewer))
    _forget(state, channel)


def _siblings(channel: Channel) -> Iterable[Channel]:
    return list(channel.guild.channels.values()) if channel.guild is not None else []


def _forget(state: DiscordState, channel: Channel) -> None:
    state.channels.pop(channel.id, None)
    if channel.guild is not None:
        channel.guild.channels.pop(channel.id, None)
