"""Discord's objects as JSON, from the state: users, guilds, channels, threads. Pure.

Messages are in `wire_messages.py`, what concerns applications in `wire_applications.py`.
"""

from datetime import UTC, datetime

from sandbox.discord.guilds import (
    Channel,
    Emoji,
    Guild,
    Member,
    Overwrite,
    Role,
    Sticker,
    Tag,
    User,
)
from sandbox.discord.kinds import FORUMS, WORDLESS, ChannelKind
from sandbox.discord.snowflakes import made_at
from sandbox.payload import Json


def moment(unix_seconds: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(unix_seconds, UTC).isoformat(timespec="microseconds")


def moment_or_none(unix_seconds: float | None) -> str | None:
    """A time that may not have come."""
    return None if unix_seconds is None else moment(unix_seconds)


def user_json(user: User) -> Json:
    """A `User` object."""
    body: Json = {
        "id": str(user.id),
        "username": user.username,
        "discriminator": "0",
        "global_name": user.global_name,
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "collectibles": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
    }
    return body | {"bot": True} if user.bot else body


def me_json(user: User) -> Json:
    """The `User` object that a bot is told of itself."""
    return user_json(user) | {
        "mfa_enabled": True,
        "locale": "en-US",
        "verified": True,
        "email": None,
        "premium_type": 0,
    }


def member_json(member: Member, *, with_user: bool = True) -> Json:
    """A `Guild Member` object; without its user where the user stands beside it."""
    body: Json = {
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "collectibles": None,
        "communication_disabled_until": moment_or_none(member.timed_out_until),
        "flags": 0,
        "joined_at": moment(member.joined_at),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": [str(role) for role in member.roles],
        "mute": False,
        "deaf": False,
    }
    return body | {"user": user_json(member.user)} if with_user else body


def role_json(role: Role) -> Json:
    """A `Role` object."""
    body: Json = {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.bot_id is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return body if role.bot_id is None else body | {"tags": {"bot_id": str(role.bot_id)}}


def emoji_json(emoji: Emoji) -> Json:
    """The part of an `Emoji` object that reactions carry."""
    body: Json = {"id": None if emoji.id is None else str(emoji.id), "name": emoji.name}
    return body | {"animated": True} if emoji.animated else body


def guild_emoji_json(emoji: Emoji) -> Json:
    """An `Emoji` object of a guild."""
    return emoji_json(emoji) | {
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": emoji.animated,
        "available": True,
    }


def sticker_json(sticker: Sticker, guild: Guild) -> Json:
    """A `Sticker` object of a guild."""
    return {
        "id": str(sticker.id),
        "name": sticker.name,
        "description": sticker.description,
        "tags": sticker.tags,
        "type": 2,
        "format_type": sticker.format,
        "available": True,
        "guild_id": str(guild.id),
    }


def guild_json(guild: Guild) -> Json:
    """A `Guild` object, as REST gives it."""
    return (
        _guild_looks(guild)
        | _guild_rules(guild)
        | {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner.id),
            "features": list(guild.features),
            "preferred_locale": guild.locale,
            "roles": [role_json(role) for role in guild.roles.values()],
            "emojis": [guild_emoji_json(emoji) for emoji in guild.emojis.values()],
            "stickers": [sticker_json(one, guild) for one in guild.stickers.values()],
        }
    )


def _guild_looks(guild: Guild) -> Json:
    nothing = ("icon", "description", "home_header", "splash", "discovery_splash", "banner")
    channels = (
        "afk_channel_id",
        "system_channel_id",
        "widget_channel_id",
        "rules_channel_id",
        "safety_alerts_channel_id",
        "public_updates_channel_id",
    )
    empty: Json = dict.fromkeys((*nothing, *channels, "application_id", "vanity_url_code"))
    return empty | {"region": "deprecated", "incidents_data": None, "max_presences": None}


def _guild_rules(guild: Guild) -> Json:
    return {
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "verification_level": 1,
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 2,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
    }


def guild_create_json(guild: Guild, viewer: User, seen: list[Channel]) -> Json:
    """What GUILD_CREATE brings to a bot that is a member: everything, of the channels what it sees.
    Archived threads are not among them.
    """
    threads = [one for one in seen if one.thread is not None and not one.thread.archived]
    member = guild.members[viewer.id]
    return guild_json(guild) | {
        "joined_at": moment(member.joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "voice_states": [],
        "members": [member_json(member)],
        "channels": [channel_json(one) for one in seen if not one.is_thread],
        "threads": [channel_json(one, viewer) for one in threads],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "version": 0,
    }


def overwrite_json(overwrite: Overwrite) -> Json:
    """A permission overwrite of a channel."""
    return {
        "id": str(overwrite.id),
        "type": int(overwrite.member),
        "allow": str(int(overwrite.allow)),
        "deny": str(int(overwrite.deny)),
    }


def tag_json(tag: Tag) -> Json:
    """A tag of a forum."""
    return {
        "id": str(tag.id),
        "name": tag.name,
        "moderated": tag.moderated,
        "emoji_id": None,
        "emoji_name": tag.emoji,
    }


def channel_json(channel: Channel, viewer: User | None = None) -> Json:
    """A `Channel` object of any kind. In direct ones the viewer sees the others; of a thread that
    they are in they see since when.
    """
    if channel.direct:
        return _direct_json(channel, viewer)
    if channel.is_thread:
        return thread_json(channel, viewer)
    body = _common_json(channel) | {
        "name": channel.name,
        "position": channel.position,
        "topic": channel.topic,
        "nsfw": channel.nsfw,
        "permission_overwrites": [overwrite_json(one) for one in channel.overwrites],
    }
    if channel.kind is ChannelKind.CATEGORY:
        return body
    if channel.kind in FORUMS:
        body |= _forum_json(channel)
    if channel.kind in (ChannelKind.VOICE, ChannelKind.STAGE):
        body |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    return body | _messages_json(channel)


def _common_json(channel: Channel) -> Json:
    body: Json = {
        "id": str(channel.id),
        "type": int(channel.kind),
        "flags": 1 << 4 if channel.requires_tag else 0,
        "parent_id": None if channel.parent is None else str(channel.parent.id),
    }
    return body if channel.guild is None else body | {"guild_id": str(channel.guild.id)}


def _messages_json(channel: Channel) -> Json:
    last = channel.last_message_id
    body: Json = {
        "last_message_id": None if last is None else str(last),
        "rate_limit_per_user": channel.slowmode_seconds,
    }
    if channel.last_pin_at is not None and channel.kind not in WORDLESS:
        body["last_pin_timestamp"] = moment(channel.last_pin_at)
    return body


def _forum_json(channel: Channel) -> Json:
    return {
        "available_tags": [tag_json(tag) for tag in channel.tags],
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
        "default_auto_archive_duration": 4320,
        "default_thread_rate_limit_per_user": 0,
    }


def _direct_json(channel: Channel, viewer: User | None) -> Json:
    others = [one for one in channel.recipients if one is not viewer]
    last = channel.last_message_id
    return {
        "id": str(channel.id),
        "type": int(channel.kind),
        "flags": 0,
        "last_message_id": None if last is None else str(last),
        "recipients": [user_json(one) for one in others],
    }


def thread_json(channel: Channel, viewer: User | None = None) -> Json:
    """A thread, with the viewer's membership if they are in it."""
    thread = channel.thread
    if thread is None:
        raise ValueError(f"channel {channel.id} is no thread")
    metadata: Json = {
        "archived": thread.archived,
        "archive_timestamp": moment(thread.archive_changed_at),
        "auto_archive_duration": thread.auto_archive_minutes,
        "locked": thread.locked,
        "create_timestamp": moment(thread.created_at),
    }
    if channel.kind is ChannelKind.PRIVATE_THREAD:
        metadata["invitable"] = thread.invitable
    body = (
        _common_json(channel)
        | _messages_json(channel)
        | {
            "name": channel.name,
            "owner_id": str(thread.owner.id),
            "thread_metadata": metadata,
            # Discord counts members up to 50 only.
            "member_count": min(len(thread.members), 50),
            "message_count": thread.message_count,
            "total_message_sent": thread.total_sent,
        }
    )
    if channel.parent is not None and channel.parent.kind in FORUMS:
        body["applied_tags"] = [str(tag) for tag in thread.tags]
    if viewer is not None and viewer.id in thread.members:
        body["member"] = thread_member_json(channel, viewer)
    return body


def thread_member_json(channel: Channel, user: User) -> Json:
    """Since when somebody is in a thread. Shape: id, user_id, join_timestamp, flags."""
    joined_at = channel.thread.members[user.id] if channel.thread else made_at(channel.id)
    return {
        "id": str(channel.id),
        "user_id": str(user.id),
        "join_timestamp": moment(joined_at),
        "flags": 0,
    }
