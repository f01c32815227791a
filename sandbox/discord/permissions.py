"""Who may do what where: roles, then the channel's overwrites. Pure.

https://docs.discord.com/developers/topics/permissions#permission-overwrites
"""

from sandbox.discord.guilds import Channel, Guild, Member, User
from sandbox.discord.kinds import EVERYTHING, NOTHING, OF_DIRECT, ChannelKind, Permission

LEFT_WHEN_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


def in_guild(guild: Guild, member: Member) -> Permission:
    """What a member may do in general."""
    if guild.owner is member.user:
        return EVERYTHING
    held = guild.everyone.permissions
    for role_id in member.roles:
        role = guild.roles.get(role_id)
        held |= role.permissions if role else NOTHING
    return EVERYTHING if held & Permission.ADMINISTRATOR else held


def in_channel(channel: Channel, user: User, now: float = 0.0) -> Permission:
    """What a user may do in a channel; nothing where they are no member."""
    guild = channel.guild
    if guild is None:
        return OF_DIRECT if user in channel.recipients else NOTHING
    member = guild.members.get(user.id)
    if member is None:
        return NOTHING
    held = in_guild(guild, member)
    if held == EVERYTHING:
        return held
    held = _overwritten(channel.home, guild, member, held)
    if (member.timed_out_until or 0.0) > now:
        held &= LEFT_WHEN_TIMED_OUT
    return held if held & Permission.VIEW_CHANNEL else NOTHING


def sees(channel: Channel, user: User) -> bool:
    """Whether a user can read a channel, a private thread only as one of its members."""
    held = in_channel(channel, user)
    if not held & Permission.VIEW_CHANNEL:
        return False
    if channel.kind is not ChannelKind.PRIVATE_THREAD or channel.thread is None:
        return True
    return user.id in channel.thread.members or bool(held & Permission.MANAGE_THREADS)


def _overwritten(channel: Channel, guild: Guild, member: Member, held: Permission) -> Permission:
    by_role = {one.id: one for one in channel.overwrites if not one.member}
    if everyone := by_role.get(guild.id):
        held = (held & ~everyone.deny) | everyone.allow
    allow = deny = NOTHING
    for role_id in member.roles:
        if one := by_role.get(role_id):
            allow, deny = allow | one.allow, deny | one.deny
    held = (held & ~deny) | allow
    for one in channel.overwrites:
        if one.member and one.id == member.user.id:
            held = (held & ~one.deny) | one.allow
    return held
