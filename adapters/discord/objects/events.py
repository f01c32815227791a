"""What the gateway tells of besides messages and guilds: reactions, deletions, votes, presses."""

from adapters.discord.objects.attachment import Emoji
from adapters.discord.objects.components import Component
from adapters.discord.objects.fields import ABSENT, Copy, Lost, Read, Reference, Snowflake
from adapters.discord.objects.people import Mentioned, Somebody, User


class _OfMessage(Read, frozen=True, kw_only=True):
    message_id: Snowflake
    channel_id: Snowflake
    guild_id: Snowflake | None = None


class Reaction(_OfMessage, frozen=True, kw_only=True):
    """Made or taken back; who takes one back is only told by id."""

    user_id: Snowflake
    emoji: Emoji
    member: Somebody | None = None
    message_author_id: Snowflake | None = None
    burst: Lost = None
    burst_colors: Lost = None
    type: Copy = ABSENT
    """Whether it is a super reaction, once more."""


class ReactionsCleared(_OfMessage, frozen=True, kw_only=True):
    """All of them or, if one is named, those with this emoji."""

    emoji: Emoji | None = None


class Deletion(Read, frozen=True, kw_only=True):
    id: Snowflake
    channel_id: Snowflake
    guild_id: Snowflake | None = None


class BulkDeletion(Read, frozen=True, kw_only=True):
    ids: tuple[Snowflake, ...] = ()
    channel_id: Snowflake
    guild_id: Snowflake | None = None


class TypingStart(Read, frozen=True, kw_only=True):
    channel_id: Snowflake
    guild_id: Snowflake | None = None
    user_id: Snowflake
    timestamp: Copy = ABSENT
    """In whole seconds; typing is of now or of no interest."""
    member: Somebody | None = None


class PollVote(_OfMessage, frozen=True, kw_only=True):
    user_id: Snowflake
    answer_id: int = 0


class GuildMemberRemoved(Read, frozen=True, kw_only=True):
    guild_id: Snowflake
    user: User


class Presser(Reference, frozen=True):
    """A member, in whose guild it was pressed."""

    user: Mentioned
    nick: str | None = None


class PressedMessage(Reference, frozen=True, kw_only=True):
    """The message that offered the button: it was told when it came."""

    id: Snowflake
    components: tuple[Component, ...] = ()


class PressedChannel(Reference, frozen=True):
    id: Snowflake
    type: int | None = None


class PressedData(Reference, frozen=True, kw_only=True):
    """`values` of a menu; a button has none."""

    custom_id: str = ""
    values: tuple[str, ...] = ()


class Press(Reference, frozen=True, kw_only=True):
    """As much of an interaction as there is to say of a button that was pressed."""

    id: Snowflake
    type: int = 0
    channel_id: Snowflake | None = None
    channel: PressedChannel | None = None
    guild_id: Snowflake | None = None
    member: Presser | None = None
    user: Mentioned | None = None
    locale: str = ""
    message: PressedMessage | None = None
    data: PressedData | None = None
