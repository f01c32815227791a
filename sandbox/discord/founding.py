"""How the first guild begins: its roles, channels and members."""

from typing import Protocol

from sandbox.discord.guilds import (
    Channel,
    Guild,
    Member,
    Overwrite,
    Role,
    Sticker,
    Tag,
    User,
)
from sandbox.discord.kinds import CUSTOMARY, ChannelKind, Permission
from sandbox.discord.snowflakes import Snowflakes, made_at
from sandbox.discord.stickers import GIF, PNG

OF_MANAGERS = (
    CUSTOMARY
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.MENTION_EVERYONE
    | Permission.MODERATE_MEMBERS
    | Permission.PIN_MESSAGES
)
OF_BOTS = CUSTOMARY | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS
HIDDEN = Permission.VIEW_CHANNEL
SILENT = Permission.SEND_MESSAGES


class Founded(Protocol):
    """What is needed of the world to found something in it."""

    ids: Snowflakes
    guilds: dict[int, Guild]

    def add_channel(self, channel: Channel) -> Channel: ...


def found_guild(world: Founded, name: str, owner: User, manager: User) -> Guild:
    """A guild with a channel of each kind, and a role for community managers."""
    guild = Guild(world.ids.take_old(), name, owner)
    world.guilds[guild.id] = guild
    managers = Role(world.ids.take_old(), "Community managers", OF_MANAGERS, 2, mentionable=True)
    guild.roles[managers.id] = managers
    for name, kind in (("thumbs", PNG), ("wave", GIF)):
        sticker = Sticker(world.ids.take_old(), name, kind, description=name.title(), tags=name)
        guild.stickers[sticker.id] = sticker
    for user in (owner, manager):
        add_member(world, guild, user)
    guild.members[manager.id].roles.append(managers.id)
    _open_channels(world, guild, managers)
    return guild


def add_member(world: Founded, guild: Guild, user: User) -> Member:
    """Let somebody in; a bot gets a role made for it."""
    member = Member(user, made_at(world.ids.take_old()))
    guild.members[user.id] = member
    if user.bot:
        role = Role(world.ids.take_old(), user.name, OF_BOTS, len(guild.roles), bot_id=user.id)
        guild.roles[role.id] = role
        member.roles.append(role.id)
    return member


def _open_channels(world: Founded, guild: Guild, managers: Role) -> None:
    def opened(kind: ChannelKind, name: str, parent: Channel | None = None) -> Channel:
        position = len(guild.channels)
        channel = Channel(world.ids.take_old(), kind, name, guild, parent, position)
        return world.add_channel(channel)

    opened(ChannelKind.TEXT, "general")
    news = opened(ChannelKind.ANNOUNCEMENT, "announcements")
    news.overwrites.append(Overwrite(guild.id, deny=SILENT))
    desk = opened(ChannelKind.CATEGORY, "Help")
    opened(ChannelKind.TEXT, "support", desk)
    forum = opened(ChannelKind.FORUM, "questions", desk)
    forum.topic = "Ask, and say what you have tried."
    forum.tags = [Tag(world.ids.take_old(), "billing"), Tag(world.ids.take_old(), "technical")]
    opened(ChannelKind.VOICE, "lounge")
    team = opened(ChannelKind.TEXT, "team")
    team.overwrites = [Overwrite(guild.id, deny=HIDDEN), Overwrite(managers.id, allow=HIDDEN)]
