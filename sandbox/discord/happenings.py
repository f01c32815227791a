"""What happens to messages, whoever does it: the state changes, and the gateways are told.

Nothing here asks whether it is allowed: REST asks for bots, the app asks for persons.
"""

from collections.abc import Iterable, Sequence

from sandbox.discord.guilds import Channel, Emoji, User
from sandbox.discord.kinds import MessageFlag, MessageKind
from sandbox.discord.mentions import pinged
from sandbox.discord.messages import Answer, Message, Poll, Reference
from sandbox.discord.state import DiscordState
from sandbox.discord.threads import join_thread, revive
from sandbox.discord.wire import emoji_json, member_json, moment
from sandbox.discord.wire_messages import message_event_json, nonce_json
from sandbox.payload import Json

KEPT_MESSAGES_MAX = 50_000
"""In one channel; the oldest are forgotten."""


def post(state: DiscordState, message: Message) -> Message:
    """Say something: the message gets its mentions and its place, and everybody hears of it."""
    channel = message.channel
    _call_those_named(state, message, aloud=not message.flags & MessageFlag.SUPPRESS_NOTIFICATIONS)
    channel.messages[message.id] = message
    if len(channel.messages) > KEPT_MESSAGES_MAX:
        del channel.messages[next(iter(channel.messages))]
    if message.ephemeral:
        state.publish("MESSAGE_CREATE", {}, channel=channel, to=frozenset())
        return message
    channel.last_message_id = message.id
    channel.last_sent[message.author.id] = state.now()
    if channel.thread is not None:
        revive(state, channel)
        if message.author.id not in channel.thread.members:
            join_thread(state, channel, message.author)
        # The message that a thread begins with is not counted.
        counts = message.id != channel.id
        channel.thread.message_count += counts
        channel.thread.total_sent += counts
    _tell(state, "MESSAGE_CREATE", message)
    return message


def change(state: DiscordState, message: Message, *, edited: bool = True) -> None:
    """Tell that a message has changed. What is not `edited` was changed by Discord alone: links
    got their previews, a thread was opened.
    """
    if edited:
        message.edited_at = state.now()
    _call_those_named(state, message, aloud=False)
    if message.ephemeral:
        state.publish("MESSAGE_UPDATE", {}, channel=message.channel, to=frozenset())
    else:
        _tell(state, "MESSAGE_UPDATE", message)


def delete(state: DiscordState, message: Message) -> None:
    """Take a message away."""
    _forget(message)
    to = frozenset[int]() if message.ephemeral else None
    place = _place_json(message.channel)
    body = {"id": str(message.id), **place}
    state.publish("MESSAGE_DELETE", body, message.channel.guild, message.channel, to)


def delete_many(state: DiscordState, channel: Channel, messages: Iterable[Message]) -> None:
    """Take several messages of a channel away at once."""
    gone = []
    for message in messages:
        _forget(message)
        gone.append(str(message.id))
    body = {"ids": gone, **_place_json(channel)}
    state.publish("MESSAGE_DELETE_BULK", body, channel.guild, channel)


def react(state: DiscordState, message: Message, user: User, emoji: Emoji) -> None:
    """Put somebody's reaction under a message; the second time nothing happens."""
    users = message.reactions.setdefault(emoji, [])
    if user in users:
        return
    users.append(user)
    body = _reaction_json(message, user, emoji) | {
        "message_author_id": str(message.author.id),
        "burst": False,
        "type": 0,
    }
    guild = message.channel.guild
    if guild is not None and user.id in guild.members:
        body["member"] = member_json(guild.members[user.id])
    state.publish("MESSAGE_REACTION_ADD", body, guild, message.channel)


def unreact(state: DiscordState, message: Message, user: User, emoji: Emoji) -> None:
    """Take somebody's reaction away."""
    users = message.reactions.get(emoji, [])
    if user not in users:
        return
    users.remove(user)
    if not users:
        del message.reactions[emoji]
    body = _reaction_json(message, user, emoji) | {"burst": False, "type": 0}
    state.publish("MESSAGE_REACTION_REMOVE", body, message.channel.guild, message.channel)


def clear_reactions(state: DiscordState, message: Message, emoji: Emoji | None = None) -> None:
    """Take away all reactions, or all of one emoji."""
    body = {"message_id": str(message.id), **_place_json(message.channel)}
    name = "MESSAGE_REACTION_REMOVE_ALL"
    if emoji is None:
        message.reactions.clear()
    else:
        message.reactions.pop(emoji, None)
        name, body = "MESSAGE_REACTION_REMOVE_EMOJI", body | {"emoji": emoji_json(emoji)}
    state.publish(name, body, message.channel.guild, message.channel)


def pin(state: DiscordState, message: Message, by: User) -> None:
    """Pin a message; the channel is told by a notice."""
    message.pinned_at = message.channel.last_pin_at = state.now()
    change(state, message, edited=False)
    _tell_pins(state, message.channel)
    guild = message.channel.guild
    pinned = Reference(message.channel.id, message.id, guild.id if guild else None)
    notice = Message(state.ids.take(), message.channel, by, kind=MessageKind.PINNED)
    notice.reference = pinned
    post(state, notice)


def unpin(state: DiscordState, message: Message) -> None:
    """Unpin a message."""
    message.pinned_at = None
    change(state, message, edited=False)
    _tell_pins(state, message.channel)


def type_in(state: DiscordState, channel: Channel, user: User) -> None:
    """Show that somebody is writing."""
    body = {"user_id": str(user.id), "timestamp": int(state.now()), **_place_json(channel)}
    guild = channel.guild
    if guild is not None and user.id in guild.members:
        body["member"] = member_json(guild.members[user.id])
    state.publish("TYPING_START", body, guild, channel)


def vote(state: DiscordState, message: Message, user: User, answers: Sequence[int]) -> None:
    """Choose answers of a message's poll, and take back the choices that are not among them."""
    if message.poll is None or message.poll.over:
        return
    for answer in message.poll.answers:
        if answer.id in answers and user not in answer.voters:
            answer.voters.append(user)
            _tell_vote(state, "MESSAGE_POLL_VOTE_ADD", message, user, answer)
        elif answer.id not in answers and user in answer.voters:
            answer.voters.remove(user)
            _tell_vote(state, "MESSAGE_POLL_VOTE_REMOVE", message, user, answer)


def end_poll(state: DiscordState, message: Message, poll: Poll) -> None:
    """Count a poll now."""
    poll.over = True
    poll.expires_at = min(poll.expires_at, state.now())
    change(state, message, edited=False)


def _call_those_named(state: DiscordState, message: Message, *, aloud: bool) -> None:
    """Note whom a message names, and with `aloud` that they were notified: edits notify nobody."""
    answered = message.referenced.author if message.referenced else None
    permits = message.allowed_mentions
    found = pinged(message.content, message.channel, message.author, permits, answered)
    message.mentions = [state.users[one] for one in sorted(found.users) if one in state.users]
    message.mention_roles = sorted(found.roles)
    message.mention_everyone = found.everyone
    if aloud:
        message.pinged = found


def _forget(message: Message) -> None:
    message.deleted = True
    message.channel.messages.pop(message.id, None)
    thread = message.channel.thread
    if thread is not None and message.id != message.channel.id:
        thread.message_count = max(thread.message_count - 1, 0)


def _tell(state: DiscordState, name: str, message: Message) -> None:
    told_once = nonce_json(message) if name == "MESSAGE_CREATE" else {}

    def payload(viewer: User) -> Json:
        return message_event_json(message, state.links, viewer) | told_once

    state.tell_each(name, message.channel, payload)


def _tell_pins(state: DiscordState, channel: Channel) -> None:
    body = _place_json(channel)
    if channel.last_pin_at is not None:
        body["last_pin_timestamp"] = moment(channel.last_pin_at)
    state.publish("CHANNEL_PINS_UPDATE", body, channel.guild, channel)


def _tell_vote(
    state: DiscordState, name: str, message: Message, user: User, answer: Answer
) -> None:
    body = {
        "user_id": str(user.id),
        "message_id": str(message.id),
        "answer_id": answer.id,
        **_place_json(message.channel),
    }
    state.publish(name, body, message.channel.guild, message.channel)


def _reaction_json(message: Message, user: User, emoji: Emoji) -> Json:
    return {
        "user_id": str(user.id),
        "message_id": str(message.id),
        "emoji": emoji_json(emoji),
        **_place_json(message.channel),
    }


def _place_json(channel: Channel) -> Json:
    body: Json = {"channel_id": str(channel.id)}
    return body if channel.guild is None else body | {"guild_id": str(channel.guild.id)}
