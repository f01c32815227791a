"""What the bot may do in a guild, held against what it needs there. Pure."""

from collections.abc import Iterator
from typing import Final

from adapters.discord.known import ChannelFacts, Known
from adapters.discord.objects.permissions import Permission
from adapters.discord.settings import DiscordSettings
from core.ports import Finding

NAMES: Final = {
    Permission.VIEW_CHANNEL: "View Channel",
    Permission.SEND_MESSAGES: "Send Messages",
    Permission.SEND_MESSAGES_IN_THREADS: "Send Messages in Threads",
    Permission.READ_MESSAGE_HISTORY: "Read Message History",
    Permission.ADD_REACTIONS: "Add Reactions",
    Permission.ATTACH_FILES: "Attach Files",
    Permission.CREATE_PUBLIC_THREADS: "Create Public Threads",
    Permission.EMBED_LINKS: "Embed Links",
    Permission.SEND_POLLS: "Create Polls",
}
"""As Discord's settings of a channel call them."""

NEEDED: Final = (
    Permission.VIEW_CHANNEL,
    Permission.SEND_MESSAGES,
    Permission.SEND_MESSAGES_IN_THREADS,
    Permission.READ_MESSAGE_HISTORY,
)
"""Without these nothing is read there, or nobody is answered."""
HELPFUL: Final = (
    Permission.ADD_REACTIONS,
    Permission.ATTACH_FILES,
    Permission.EMBED_LINKS,
    Permission.SEND_POLLS,
    Permission.CREATE_PUBLIC_THREADS,
)
"""Without these some of what agents do is refused there."""
INVITED: Final = sum(map(int, (*NEEDED, *HELPFUL, Permission.USE_EXTERNAL_EMOJIS)))
"""What a bot asks for that is added to a guild, as the link for that tells it."""

TEXT: Final = frozenset({0, 5, 15, 16})
"""Kinds of channels in which people write: text, announcements, forums, media."""
NAMED_MAX: Final = 5


def rights(known: Known, settings: DiscordSettings, guild: str) -> Iterator[Finding]:
    """Of each support channel in the guild; where it has none, of all that the bot sees."""
    ours = [one for one in known.channels() if one.guild == guild and not one.is_thread]
    supported = [one for one in ours if one.id in settings.support_channels]
    for channel in supported:
        yield of_channel(known, channel)
    if not supported:
        yield _of_guild(known, guild, [one for one in ours if one.kind in TEXT])


def of_channel(known: Known, channel: ChannelFacts) -> Finding:
    subject = f"#{channel.name or channel.id}"
    missing = [one for one in NEEDED if not known.may(channel.id, one)]
    lacking = [one for one in HELPFUL if not known.may(channel.id, one)]
    if not missing and not lacking:
        return Finding(subject=subject, ok=True, text="the bot has all rights that it needs")
    names = ", ".join(NAMES[one] for one in (*missing, *lacking))
    return Finding(
        subject=subject,
        ok=False if missing else None,
        text=f"the bot lacks {names}",
        remedy=f"allow it to the bot's role in the permissions of {subject}",
    )


def slow_mode(known: Known, channel: str, seconds: int) -> Iterator[Finding]:
    """Whether the bot has to wait there like anybody else before it can write again."""
    facts = known.channel(channel)
    if facts and seconds > 0 and not known.may(channel, Permission.MANAGE_MESSAGES):
        yield Finding(
            subject=f"#{facts.name or channel}",
            ok=None,
            text=f"slow mode lets the bot write once in {seconds} s",
            remedy="allow it Manage Messages there, which frees it of that",
        )


def _of_guild(known: Known, guild: str, channels: list[ChannelFacts]) -> Finding:
    facts = known.guild(guild)
    subject = facts.name if facts and facts.name else guild
    seen = [one for one in channels if known.may(one.id, Permission.VIEW_CHANNEL)]
    mute = [one for one in seen if not all(known.may(one.id, right) for right in NEEDED)]
    if not seen:
        remedy = "allow it View Channel in the guild, or in those channels where it is to answer"
        return Finding(subject=subject, ok=False, text="the bot sees no channel", remedy=remedy)
    if mute:
        names = ", ".join(f"#{one.name or one.id}" for one in mute[:NAMED_MAX])
        more = f" and {len(mute) - NAMED_MAX} more" if len(mute) > NAMED_MAX else ""
        needed = ", ".join(NAMES[one] for one in NEEDED[1:])
        return Finding(
            subject=subject,
            ok=None,
            text=f"the bot sees {len(seen)} channels, and cannot answer in {names}{more}",
            remedy=f"allow it {needed} there, or let it not see them",
        )
    return Finding(subject=subject, ok=True, text=f"the bot can answer in {len(seen)} channels")
