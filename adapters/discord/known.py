"""What the gateway has told of guilds: their channels, threads and roles, and what the bot may do.

Messages and members are not kept. What Discord takes away is forgotten, and threads, of which a
guild has no end, are so many at most.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from adapters.discord.objects.channel import (
    DM,
    THREADS,
    Channel,
    Guild,
    MemberChange,
    Overwrite,
    Ready,
    Role,
    RoleChange,
    Tag,
    ThreadMember,
    ThreadMembers,
    ThreadSync,
)
from adapters.discord.objects.permissions import Permission, of_guild, within_channel
from adapters.discord.places import Place
from core.errors import MalformedPayload
from core.recent import Recent

THREADS_MAX: Final = 20_000
CHANNELS_MAX: Final = 100_000
_ABOVE_MAX = 3
"""A thread is in a channel, a channel in a category."""

T = TypeVar("T")


class ChannelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`guild` is empty for direct messages. `joined`: the bot is a member of this thread.
    `last_message` is the newest message's id when Discord last spoke of the channel. `offered`: the
    tags that posts of this forum may have; `tags`: the ids of those that this post has.
    """

    id: str
    kind: int
    guild: str = ""
    parent: str = ""
    name: str = ""
    owner: str = ""
    joined: bool = False
    archived: bool = False
    locked: bool = False
    last_message: str = ""
    overwrites: tuple[Overwrite, ...] = ()
    offered: tuple[Tag, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def place(self) -> Place:
        return Place(self.id, self.guild)


class GuildFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`own_roles` are the bot's; everybody has the role that is called like the guild."""

    id: str
    name: str = ""
    owner: str = ""
    roles: dict[str, Role] = {}
    own_roles: frozenset[str] = frozenset()


class Known:
    """One connection's knowledge; several shards may share it."""

    def __init__(self, bot: str = "") -> None:
        self.bot = bot
        """The bot's own id; READY tells it, too."""
        self._guilds: dict[str, GuildFacts] = {}
        self._expected: set[str] = set()
        self._channels = Recent[str, ChannelFacts](CHANNELS_MAX)
        self._threads = Recent[str, ChannelFacts](THREADS_MAX)
        self._listed: dict[str, frozenset[str]] = {}
        """Of each guild the channels that it was told to have, to see which of them are gone."""

    def note(self, kind: str, data: bytes | msgspec.Raw) -> None:
        """Take in a dispatch event of any kind. Raises MalformedPayload."""
        if taker := _TAKERS.get(kind):
            decode, take = taker
            try:
                take(self, decode(data))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise MalformedPayload(f"not a {kind} of Discord: {error}") from error

    def channel(self, channel: str) -> ChannelFacts | None:
        """Of a channel, a thread, or a DM that Discord has spoken of."""
        return self._channels.get(channel) or self._threads.get(channel)

    def guild(self, guild: str) -> GuildFacts | None:
        return self._guilds.get(guild)

    def expects(self, guild: str) -> bool:
        """Whether Discord has said at the beginning that the bot is in this guild."""
        return guild in self._expected or guild in self._guilds

    def guilds(self) -> Iterator[GuildFacts]:
        return iter(tuple(self._guilds.values()))

    def channels(self) -> Iterator[ChannelFacts]:
        """All, threads last."""
        yield from tuple(self._channels.values())
        yield from tuple(self._threads.values())

    def above(self, channel: str) -> Iterator[str]:
        """The channel itself, then what it is in: a thread's channel, that one's category."""
        for _ in range(_ABOVE_MAX):
            if not channel:
                return
            yield channel
            facts = self.channel(channel)
            channel = facts.parent if facts else ""

    def tags(self, forum: str, ids: tuple[str, ...]) -> tuple[str, ...]:
        """What these tags of a forum are called; by its id one that is not known."""
        facts = self.channel(forum)
        names = {one.id: one.name for one in facts.offered} if facts else {}
        return tuple(names.get(one, one) for one in ids)

    def permissions(self, channel: str) -> Permission:
        """The bot's. None where the channel or its guild is not known; a thread's are those of its
        channel.
        """
        facts = self.channel(channel)
        if facts and facts.is_thread:
            facts = self.channel(facts.parent)
        guild = self._guilds.get(facts.guild) if facts else None
        if not facts or not guild:
            return Permission(0)
        roles = [guild.roles[role] for role in guild.own_roles if role in guild.roles]
        everyone = guild.roles.get(guild.id)
        allowed = of_guild(
            int(everyone.permissions) if everyone else 0, (int(one.permissions) for one in roles)
        )
        named = [role.id for role in roles]
        return Permission(within_channel(allowed, facts.overwrites, guild.id, named, self.bot))

    def may(self, channel: str, permission: Permission) -> bool:
        """Whether the bot may do all of this there."""
        return self.permissions(channel) & permission == permission

    def join(self, thread: str) -> None:
        """The bot has become a member of a thread."""
        self._joins(thread, True)

    # --- what is told

    def _ready(self, ready: Ready) -> None:
        self.bot = ready.user.id
        self._expected |= {one.id for one in ready.guilds}

    def _guild(self, guild: Guild) -> None:
        if guild.unavailable:
            return
        members = (one for one in guild.members if one.user and one.user.id == self.bot)
        own = next((frozenset(one.roles) for one in members), None)
        before = self._guilds.get(guild.id)
        self._guilds[guild.id] = GuildFacts(
            id=guild.id,
            name=guild.name,
            owner=guild.owner_id or "",
            roles={role.id: role for role in guild.roles},
            own_roles=own if own is not None else before.own_roles if before else frozenset(),
        )
        if guild.channels:
            self._list(guild)

    def _list(self, guild: Guild) -> None:
        """All channels of a guild, of which Discord tells when the bot connects or is let in."""
        listed = frozenset(one.id for one in guild.channels)
        for gone in self._listed.get(guild.id, frozenset()) - listed:
            self._channels.take(gone)
        self._listed[guild.id] = listed
        for one in (*guild.channels, *guild.threads):
            self._note(one, guild.id)

    def _no_guild(self, guild: Guild) -> None:
        """One that is unavailable is only out of reach for a while."""
        if guild.unavailable:
            return
        self._guilds.pop(guild.id, None)
        self._expected.discard(guild.id)
        self._listed.pop(guild.id, None)
        for known in (self._channels, self._threads):
            for one in [one.id for one in known.values() if one.guild == guild.id]:
                known.take(one)

    def _channel(self, channel: Channel) -> None:
        self._note(channel, channel.guild_id or "")

    def _no_channel(self, channel: Channel) -> None:
        self._channels.take(channel.id)
        self._threads.take(channel.id)
        for one in [one.id for one in self._threads.values() if one.parent == channel.id]:
            self._threads.take(one)

    def _synced(self, sync: ThreadSync) -> None:
        """What is not named is no longer active, or no longer to be seen."""
        told, within = {one.id for one in sync.threads}, set(sync.channel_ids)
        for one in list(self._threads.values()):
            there = one.guild == sync.guild_id and (not within or one.parent in within)
            if there and one.id not in told:
                self._threads.take(one.id)
        for thread in sync.threads:
            self._note(thread, sync.guild_id)
        for member in sync.members:
            self._member(member)

    def _member(self, member: ThreadMember) -> None:
        """Of the bot itself: of others these are not told."""
        if member.id:
            self._joins(member.id, True)

    def _members(self, change: ThreadMembers) -> None:
        if any(one.user_id == self.bot for one in change.added_members):
            self._joins(change.id, True)
        if self.bot in change.removed_member_ids:
            self._joins(change.id, False)

    def _role(self, change: RoleChange) -> None:
        guild = self._guilds.get(change.guild_id)
        if guild and change.role:
            roles = {**guild.roles, change.role.id: change.role}
            self._guilds[guild.id] = replace(guild, roles=roles)

    def _no_role(self, change: RoleChange) -> None:
        if guild := self._guilds.get(change.guild_id):
            roles = {role: one for role, one in guild.roles.items() if role != change.role_id}
            self._guilds[guild.id] = replace(guild, roles=roles)

    def _own_roles(self, change: MemberChange) -> None:
        guild = self._guilds.get(change.guild_id)
        if guild and change.user.id == self.bot:
            self._guilds[guild.id] = replace(guild, own_roles=frozenset(change.roles))

    def _note(self, channel: Channel, guild: str) -> None:
        """Whether the bot is a member of a thread is not repeated each time it is spoken of."""
        known = self._threads if channel.type in THREADS else self._channels
        before = known.get(channel.id)
        state = channel.thread_metadata
        known.note(
            channel.id,
            ChannelFacts(
                id=channel.id,
                kind=channel.type,
                guild="" if channel.type == DM else guild,
                parent=channel.parent_id or "",
                name=channel.name or next((one.name for one in channel.recipients), ""),
                owner=channel.owner_id or "",
                joined=channel.member is not None or (before is not None and before.joined),
                archived=state is not None and state.archived,
                locked=state is not None and state.locked,
                last_message=channel.last_message_id or (before.last_message if before else ""),
                overwrites=channel.permission_overwrites or (),
                offered=channel.available_tags,
                tags=channel.applied_tags,
            ),
        )

    def _joins(self, thread: str, joined: bool) -> None:
        if facts := self._threads.get(thread):
            self._threads.note(thread, replace(facts, joined=joined))


def _taker(kind: type[T], take: Callable[[Known, T], None]) -> tuple[Any, Any]:
    return msgspec.json.Decoder(kind).decode, take


_TAKERS: Final = {
    "READY": _taker(Ready, Known._ready),
    "GUILD_CREATE": _taker(Guild, Known._guild),
    "GUILD_UPDATE": _taker(Guild, Known._guild),
    "GUILD_DELETE": _taker(Guild, Known._no_guild),
    "CHANNEL_CREATE": _taker(Channel, Known._channel),
    "CHANNEL_UPDATE": _taker(Channel, Known._channel),
    "CHANNEL_DELETE": _taker(Channel, Known._no_channel),
    "THREAD_CREATE": _taker(Channel, Known._channel),
    "THREAD_UPDATE": _taker(Channel, Known._channel),
    "THREAD_DELETE": _taker(Channel, Known._no_channel),
    "THREAD_LIST_SYNC": _taker(ThreadSync, Known._synced),
    "THREAD_MEMBER_UPDATE": _taker(ThreadMember, Known._member),
    "THREAD_MEMBERS_UPDATE": _taker(ThreadMembers, Known._members),
    "GUILD_ROLE_CREATE": _taker(RoleChange, Known._role),
    "GUILD_ROLE_UPDATE": _taker(RoleChange, Known._role),
    "GUILD_ROLE_DELETE": _taker(RoleChange, Known._no_role),
    "GUILD_MEMBER_UPDATE": _taker(MemberChange, Known._own_roles),
}
"""What each event is decoded as, and what it changes."""
