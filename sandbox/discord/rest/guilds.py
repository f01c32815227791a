"""Guilds: what they are, their channels, roles and members."""

from sandbox.discord.kinds import Intent
from sandbox.discord.permissions import in_guild
from sandbox.discord.rest.places import named_guild, named_member
from sandbox.discord.rest.refusals import missing_access
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.discord.wire import channel_json, guild_json, member_json, role_json
from sandbox.payload import Json

MEMBERS_MAX, MEMBERS = 1000, 1
GUILDS_MAX = 200
TRUE = ("1", "true")


def get_guild(state: DiscordState, call: Request) -> Json:
    """A guild that the bot is in."""
    guild = named_guild(state, call)
    body = guild_json(guild)
    if str(call.query.get("with_counts", "")).lower() in TRUE:
        count = len(guild.members)
        body |= {"approximate_member_count": count, "approximate_presence_count": count}
    return body


def list_my_guilds(state: DiscordState, call: Request) -> list[Json]:
    """The guilds that the bot is in, by their ids."""
    asked = call.asked()
    limit = asked.integer("limit", least=1, most=GUILDS_MAX) or GUILDS_MAX
    after = asked.snowflake("after") or 0
    asked.check()
    application = call.application
    found = sorted(
        (one for one in state.guilds.values() if application.id in one.members and one.id > after),
        key=lambda guild: guild.id,
    )
    return [
        {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "banner": None,
            "owner": guild.owner is application.user,
            "permissions": str(int(in_guild(guild, guild.members[application.id]))),
            "features": list(guild.features),
        }
        for guild in found[:limit]
    ]


def list_channels(state: DiscordState, call: Request) -> list[Json]:
    """A guild's channels without its threads, also those whose messages the bot cannot read."""
    guild = named_guild(state, call)
    channels = [one for one in guild.channels.values() if not one.is_thread]
    return [channel_json(one, call.application.user) for one in channels]


def list_roles(state: DiscordState, call: Request) -> list[Json]:
    """A guild's roles."""
    return [role_json(role) for role in named_guild(state, call).roles.values()]


def get_member(state: DiscordState, call: Request) -> Json:
    """One member."""
    return member_json(named_member(state, call))


def list_members(state: DiscordState, call: Request) -> list[Json]:
    """A page of members by their ids, for bots with the intent for it."""
    guild = named_guild(state, call)
    if not call.application.granted & Intent.GUILD_MEMBERS:
        raise missing_access()
    asked = call.asked()
    limit = asked.integer("limit", least=1, most=MEMBERS_MAX) or MEMBERS
    after = asked.snowflake("after") or 0
    asked.check()
    found = sorted(one for one in guild.members if one > after)
    return [member_json(guild.members[one]) for one in found[:limit]]


def search_members(state: DiscordState, call: Request) -> list[Json]:
    """Members whose name or nickname begins so."""
    guild = named_guild(state, call)
    asked = call.asked()
    begins = (asked.text("query", most=100, least=1, required=True) or "").casefold()
    limit = asked.integer("limit", least=1, most=MEMBERS_MAX) or MEMBERS
    asked.check()
    found = [
        one
        for one in guild.members.values()
        if any(
            name.casefold().startswith(begins)
            for name in (one.user.username, one.user.name, one.nick or "")
        )
    ]
    return [member_json(one) for one in found[:limit]]
