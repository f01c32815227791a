"""Users, and what a guild adds to them as its members."""

from adapters.discord.objects.fields import ABSENT, Copy, Lost, Read, Reference, Snowflake

NO_DISCRIMINATOR = ("", "0", "0000")
"""Of people, whose usernames are unique by themselves. Bots still have four digits."""


class User(Read, frozen=True, kw_only=True):
    username: str = ""
    public_flags: Lost = None
    primary_guild: Lost = None
    id: Snowflake
    global_name: str | None = None
    display_name_styles: Lost = None
    discriminator: str = ""
    collectibles: Lost = None
    clan: Copy = ABSENT
    """The former name of `primary_guild`."""
    bot: bool = False
    system: bool = False
    avatar_decoration_data: Lost = None
    avatar: Lost = None
    banner: Lost = None
    banner_color: Lost = None
    accent_color: Lost = None
    flags: Copy = ABSENT
    """The public ones, once more."""
    member: Copy = ABSENT


class Member(Read, frozen=True, kw_only=True):
    """Without its user, which stands beside it."""

    roles: Lost = None
    premium_since: Lost = None
    pending: Lost = None
    nick: str | None = None
    mute: Lost = None
    joined_at: Lost = None
    flags: Lost = None
    deaf: Lost = None
    communication_disabled_until: Lost = None
    banner: Lost = None
    avatar: Lost = None
    avatar_decoration_data: Lost = None
    collectibles: Lost = None
    display_name_styles: Lost = None
    unusual_dm_activity_until: Lost = None
    permissions: Lost = None


class Somebody(Member, frozen=True, kw_only=True):
    """A member and their user."""

    user: User


class Nickname(Reference, frozen=True):
    nick: str | None = None


class Mentioned(Reference, frozen=True, kw_only=True):
    """Somebody who is named in a text: who they are, they say themselves."""

    id: Snowflake
    username: str = ""
    global_name: str | None = None
    bot: bool = False
    member: Nickname | None = None

    @property
    def name(self) -> str:
        nick = self.member.nick if self.member else None
        return nick or self.global_name or self.username
