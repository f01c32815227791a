"""Guilds, their channels, threads and roles, as far as somebody needs to know them."""

from typing import Annotated

import msgspec

from adapters.discord.objects.fields import Reference, Snowflake
from adapters.discord.objects.people import Mentioned

DM, GROUP_DM, CATEGORY = 1, 3, 4
FORUMS = frozenset({15, 16})
"""The kinds whose threads begin with a message of their own."""
PRIVATE_THREAD = 12
THREADS = frozenset({10, 11, 12})
TEXTUAL = frozenset({0, 1, 2, 3, 5, 10, 11, 12, 13})
"""The kinds of channel that hold messages."""

_Bits = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,40}$")]
"""Permissions, as a decimal number in a text."""


class Overwrite(Reference, frozen=True, kw_only=True):
    """`type` 0: of a role, 1: of a member."""

    id: Snowflake
    type: int = 0
    allow: _Bits = "0"
    deny: _Bits = "0"


class ThreadMember(Reference, frozen=True, kw_only=True):
    """`id` is the thread; Discord leaves both out where they are clear."""

    id: Snowflake | None = None
    user_id: Snowflake | None = None


class ThreadMetadata(Reference, frozen=True, kw_only=True):
    archived: bool = False
    locked: bool = False


class Tag(Reference, frozen=True, kw_only=True):
    id: Snowflake
    name: str = ""


class Channel(Reference, frozen=True, kw_only=True):
    """A forum has `available_tags`, each of its posts some of them."""

    id: Snowflake
    type: int = 0
    guild_id: Snowflake | None = None
    parent_id: Snowflake | None = None
    name: str | None = None
    owner_id: Snowflake | None = None
    last_message_id: Snowflake | None = None
    permission_overwrites: tuple[Overwrite, ...] | None = None
    thread_metadata: ThreadMetadata | None = None
    member: ThreadMember | None = None
    newly_created: bool = False
    available_tags: tuple[Tag, ...] = ()
    applied_tags: tuple[Snowflake, ...] = ()
    recipients: tuple[Mentioned, ...] = ()


class RoleTags(Reference, frozen=True):
    bot_id: Snowflake | None = None


class Role(Reference, frozen=True, kw_only=True):
    id: Snowflake
    name: str = ""
    permissions: _Bits = "0"
    tags: RoleTags | None = None


class Identified(Reference, frozen=True):
    id: Snowflake


class GuildMember(Reference, frozen=True, kw_only=True):
    user: Identified | None = None
    roles: tuple[Snowflake, ...] = ()


class Guild(Reference, frozen=True, kw_only=True):
    """GUILD_UPDATE has neither channels nor threads nor members."""

    id: Snowflake
    name: str = ""
    owner_id: Snowflake | None = None
    unavailable: bool = False
    roles: tuple[Role, ...] = ()
    channels: tuple[Channel, ...] = ()
    threads: tuple[Channel, ...] = ()
    members: tuple[GuildMember, ...] = ()


class Ready(Reference, frozen=True, kw_only=True):
    user: Identified
    guilds: tuple[Identified, ...] = ()
    session_id: str = ""
    resume_gateway_url: str = ""


class RoleChange(Reference, frozen=True, kw_only=True):
    """Of a deletion only the role's id is told."""

    guild_id: Snowflake
    role: Role | None = None
    role_id: Snowflake | None = None


class MemberChange(Reference, frozen=True, kw_only=True):
    guild_id: Snowflake
    user: Mentioned
    roles: tuple[Snowflake, ...] = ()


class ThreadSync(Reference, frozen=True, kw_only=True):
    """The active threads of `channel_ids`, of the whole guild if there are none named."""

    guild_id: Snowflake
    channel_ids: tuple[Snowflake, ...] = ()
    threads: tuple[Channel, ...] = ()
    members: tuple[ThreadMember, ...] = ()


class ThreadMembers(Reference, frozen=True, kw_only=True):
    id: Snowflake
    guild_id: Snowflake
    added_members: tuple[ThreadMember, ...] = ()
    removed_member_ids: tuple[Snowflake, ...] = ()
