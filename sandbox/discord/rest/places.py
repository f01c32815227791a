"""The channel or message that a request names, if its bot may do there what it wants."""

from sandbox.discord.applications import Application
from sandbox.discord.guilds import Channel, Emoji, Guild, Member, User
from sandbox.discord.kinds import NOTHING, ChannelKind, Permission
from sandbox.discord.messages import Message
from sandbox.discord.permissions import in_channel, sees
from sandbox.discord.rest.refusals import (
    Refusal,
    missing_access,
    missing_permissions,
    thread_archived,
    unknown,
)
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState


def named_guild(state: DiscordState, call: Request) -> Guild:
    """The guild in the address; raises Refusal 404 where the bot is no member."""
    guild = state.guilds.get(call.snowflake("guild_id"))
    if guild is None or call.application.id not in guild.members or not guild.available:
        raise unknown("Guild")
    return guild


def named_member(state: DiscordState, call: Request) -> Member:
    """The member in the address."""
    guild = named_guild(state, call)
    user_id = call.snowflake("user_id")
    if user_id not in state.users:
        raise unknown("User")
    if user_id not in guild.members:
        raise unknown("Member")
    return guild.members[user_id]


def named_channel(
    state: DiscordState, call: Request, needed: Permission = NOTHING, name: str = "channel_id"
) -> Channel:
    """The channel in the address, which the bot sees and has these permissions in."""
    channel = state.channels.get(call.snowflake(name))
    if channel is None or (channel.guild is not None and not channel.guild.available):
        raise unknown("Channel")
    require(state, channel, call.application, needed)
    return channel


def require(
    state: DiscordState, channel: Channel, application: Application, needed: Permission
) -> None:
    """Raises Refusal 403 unless the bot sees the channel and has all these permissions."""
    user = application.user
    member = channel.guild is None or user.id in channel.guild.members
    if not member or not sees(channel, user):
        raise missing_access()
    if needed & ~held(state, channel, user):
        raise missing_permissions()


def held(state: DiscordState, channel: Channel, user: User) -> Permission:
    """What a user may do in a channel now."""
    return in_channel(channel, user, state.now())


def named_message(state: DiscordState, call: Request, needed: Permission = NOTHING) -> Message:
    """The message in the address. Without the right to read old ones there is none."""
    channel = named_channel(state, call, needed | Permission.READ_MESSAGE_HISTORY)
    return message_in(channel, call.snowflake("message_id"))


def message_in(channel: Channel, message_id: int) -> Message:
    """The channel's message of this id that everybody sees."""
    message = channel.messages.get(message_id)
    if message is None or message.ephemeral:
        raise unknown("Message")
    return message


def require_open(channel: Channel) -> None:
    """Raises Refusal 400 in an archived thread."""
    if channel.thread is not None and channel.thread.archived:
        raise thread_archived()


def require_kind(channel: Channel, *kinds: ChannelKind) -> None:
    """Raises Refusal 400 in a channel of another kind."""
    if channel.kind not in kinds:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")


def named_emoji(state: DiscordState, call: Request) -> Emoji:
    """The emoji in the address: a character, or `name:id` of one that some guild has."""
    written = call.ids["emoji_name"]
    name, _, digits = written.rpartition(":")
    if not digits.isascii() or not digits.isdigit() or not name:
        if not written or written.isascii():
            raise Refusal(400, 10014, "Unknown Emoji")
        return Emoji(written)
    for guild in state.guilds.values():
        if found := guild.emojis.get(int(digits)):
            return found
    raise Refusal(400, 10014, "Unknown Emoji")
