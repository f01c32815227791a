"""What somebody asks for by a reaction: that a message goes to support, that an answer is the one.

Discord tells who reacted and what roles they have, not what they may do there: that is computed
here, from what the gateway has told of the guild. What is not known is not allowed. Pure.
"""

from enum import StrEnum
from typing import Final

import msgspec

from adapters.discord.community.asking import Member, Snowflake
from adapters.discord.community.rights import manages
from adapters.discord.known import Known
from adapters.discord.objects.permissions import ALL, of_guild, within_channel
from adapters.discord.places import Place, is_snowflake
from adapters.discord.settings import CommunitySettings, DiscordSettings
from core.errors import MalformedPayload

_COLOURED: Final = "\ufe0f"


class Wish(StrEnum):
    HAND = "hand"
    ACCEPT = "accept"


class Emoji(msgspec.Struct, frozen=True):
    """One of everybody's has a name alone, one of a guild's an id too."""

    name: str | None = None
    id: str | None = None

    def is_called(self, wanted: str) -> bool:
        """`wanted` is the emoji itself or the id of a guild's own; empty: none is. The invisible
        character that asks for a coloured picture is there or not, as the client likes it.
        """
        own = self.id or (self.name or "").replace(_COLOURED, "")
        return own != "" and own == wanted.replace(_COLOURED, "")


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """A MESSAGE_REACTION_ADD."""

    user_id: Snowflake
    channel_id: Snowflake
    message_id: Snowflake
    emoji: Emoji
    guild_id: Snowflake | None = None
    member: Member | None = None
    message_author_id: Snowflake | None = None

    @property
    def place(self) -> Place:
        return Place(self.channel_id, self.guild_id or "")

    @property
    def name(self) -> str:
        user = self.member.user if self.member else None
        nick = self.member.nick if self.member else ""
        return nick or (user.global_name or user.username if user else "") or self.user_id

    @property
    def handle(self) -> str:
        return self.member.user.username if self.member and self.member.user else ""


def read(payload: bytes | msgspec.Raw) -> Reaction:
    """Raises MalformedPayload."""
    try:
        reaction = _REACTION.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayload(f"no reaction: {type(error).__name__}") from None
    ids = (reaction.user_id, reaction.channel_id, reaction.message_id, reaction.guild_id)
    if not all(is_snowflake(one) for one in ids if one is not None):
        raise MalformedPayload("a reaction with ids that cannot be")
    return reaction


def wish_of(reaction: Reaction, settings: DiscordSettings, bot: str) -> Wish | None:
    """None: it is a reaction like any other."""
    guild, member = reaction.guild_id, reaction.member
    if not guild or (settings.guilds and guild not in settings.guilds):
        return None
    if reaction.user_id == bot or (member and member.user and member.user.bot):
        return None
    community = settings.community
    if reaction.emoji.is_called(community.hand_reaction):
        return Wish.HAND if reaction.message_author_id != bot else None
    if reaction.emoji.is_called(community.accept_reaction):
        return Wish.ACCEPT if reaction.message_author_id != bot else None
    return None


def by_manager(reaction: Reaction, known: Known, community: CommunitySettings) -> bool:
    roles = reaction.member.roles if reaction.member else ()
    return manages(_permissions(reaction, known), roles, community)


def _permissions(reaction: Reaction, known: Known) -> int:
    """Of who reacted, in the channel of the message; a thread's are those of its channel."""
    facts = known.channel(reaction.channel_id)
    if facts and facts.is_thread:
        facts = known.channel(facts.parent)
    guild = known.guild(reaction.guild_id or "")
    if not facts or not guild or facts.guild != guild.id or not reaction.member:
        return 0
    if guild.owner == reaction.user_id:
        return ALL
    roles = [role for role in reaction.member.roles if role in guild.roles]
    everyone = guild.roles.get(guild.id)
    allowed = of_guild(
        int(everyone.permissions) if everyone else 0,
        (int(guild.roles[role].permissions) for role in roles),
    )
    return within_channel(allowed, facts.overwrites, guild.id, roles, reaction.user_id)


_REACTION = msgspec.json.Decoder(Reaction)
