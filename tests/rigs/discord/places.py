"""The invented guild, its channels and threads."""

from typing import Any

from tests.rigs.discord.people import (
    ADA,
    AT,
    BO,
    BOT,
    BOT_ROLE,
    CATEGORY,
    EARLIER,
    FORUM,
    GENERAL,
    GUILD,
    POST,
    SECRET,
    STAFF_ROLE,
    SUPPORT,
    THREAD,
    Json,
)


def guild() -> Json:
    """As the bot is told of it when it connects."""
    roles = [
        {"id": GUILD, "name": "@everyone", "permissions": "1071698660929"},
        {"id": BOT_ROLE, "name": "Harbour", "permissions": "8192", "tags": {"bot_id": BOT}},
        {"id": STAFF_ROLE, "name": "Staff", "permissions": "0"},
    ]
    return {
        "id": GUILD,
        "name": "Harbour",
        "owner_id": BO,
        "unavailable": False,
        "roles": roles,
        "channels": [
            channel(CATEGORY, "help", type=4),
            channel(SUPPORT, "support", parent_id=CATEGORY, last_message_id=EARLIER),
            channel(GENERAL, "general"),
            channel(FORUM, "questions", type=15),
        ],
        "threads": [
            thread(THREAD, "Lost parcel"),
            thread(POST, "My parcel is torn", parent_id=FORUM, member={"flags": 1}),
            thread(SECRET, "Ada and us", type=12, member={"flags": 1}),
        ],
        "members": [{"user": {"id": BOT}, "roles": [BOT_ROLE]}],
    }


def whole_guild() -> Json:
    """With all that a library insists on."""
    told = guild()
    of_role = {"color": 0, "hoist": False, "position": 1, "managed": False, "mentionable": False}
    roles = [of_role | {"tags": {}} | role for role in told["roles"]]
    of_member = {"id": BOT, "join_timestamp": AT, "flags": 1}
    threads = [thread | {"member": of_member} for thread in told["threads"]]
    return {**told, **_MORE, "roles": roles, "threads": threads}


_MORE: Json = {
    "members": [],
    "emojis": [],
    "stickers": [],
    "features": [],
    "member_count": 3,
    "region": "",
    "icon": None,
    "banner": None,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "premium_tier": 0,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "preferred_locale": "en-GB",
    "nsfw_level": 0,
    "afk_timeout": 0,
    "rules_channel_id": None,
    "public_updates_channel_id": None,
    "description": None,
    "splash": None,
    "discovery_splash": None,
    "vanity_url_code": None,
    "premium_progress_bar_enabled": False,
}


def channel(remote: str, name: str, **more: Any) -> Json:
    return {
        "id": remote,
        "type": 0,
        "guild_id": GUILD,
        "name": name,
        "parent_id": None,
        "position": 1,
        "permission_overwrites": [],
        "nsfw": False,
        **more,
    }


def thread(remote: str, name: str, **more: Any) -> Json:
    return {
        "id": remote,
        "type": 11,
        "guild_id": GUILD,
        "parent_id": SUPPORT,
        "owner_id": ADA,
        "name": name,
        "last_message_id": EARLIER,
        "message_count": 3,
        "member_count": 2,
        "total_message_sent": 3,
        "rate_limit_per_user": 0,
        "flags": 0,
        "thread_metadata": {
            "archived": False,
            "locked": False,
            "archive_timestamp": AT,
            "auto_archive_duration": 1440,
        },
        **more,
    }
