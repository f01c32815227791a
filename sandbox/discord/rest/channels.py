"""Channels: reading, opening, changing and deleting them; direct ones."""

from sandbox.discord.guilds import Channel
from sandbox.discord.kinds import THREADS, ChannelKind, Permission
from sandbox.discord.permissions import in_guild
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.places import held, named_channel, named_guild, require, require_open
from sandbox.discord.rest.refusals import Refusal, missing_permissions, refused_by_person
from sandbox.discord.rest.request import Request
from sandbox.discord.rest.threads import (
    AUTO_ARCHIVES,
    NAME_MAX,
    SLOWMODE_SECONDS_MAX,
    read_tags,
)
from sandbox.discord.state import DiscordState
from sandbox.discord.threads import archive, create_channel, remove_channel, tell_changed
from sandbox.discord.wire import channel_json
from sandbox.payload import Json

TOPIC_MAX, FORUM_TOPIC_MAX = 1024, 4096
OF_GUILDS = frozenset(ChannelKind) - THREADS - {ChannelKind.DM, ChannelKind.GROUP_DM}


def get_channel(state: DiscordState, call: Request) -> Json:
    """Any channel that the bot sees."""
    return channel_json(named_channel(state, call), call.application.user)


def create_dm(state: DiscordState, call: Request) -> Json:
    """The direct conversation with somebody, the same one each time. Opening it always works;
    writing into it may not.
    """
    form = call.form()
    user_id = form.snowflake("recipient_id", required=True)
    form.check()
    user = state.users.get(user_id or 0)
    if user is None:
        raise Refusal(400, 50033, "Invalid Recipient(s)")
    if user.bot:
        raise refused_by_person()
    return channel_json(state.direct(call.application.user, user), call.application.user)


def create_guild_channel(state: DiscordState, call: Request) -> Json:
    """Open a channel of a guild."""
    guild = named_guild(state, call)
    form = call.form()
    name = form.text("name", most=NAME_MAX, least=1, required=True) or ""
    kind = ChannelKind(form.choice("type", OF_GUILDS) or ChannelKind.TEXT)
    parent = guild.channels.get(form.snowflake("parent_id") or 0)
    topic = form.text("topic", most=TOPIC_MAX)
    form.check()
    if not in_guild(guild, guild.members[call.application.id]) & Permission.MANAGE_CHANNELS:
        raise missing_permissions()
    channel = Channel(state.ids.take(), kind, name, guild, parent, len(guild.channels))
    channel.topic = topic
    return channel_json(create_channel(state, channel), call.application.user)


def update_channel(state: DiscordState, call: Request) -> Json:
    """Change a channel or a thread; of a thread also whether it is archived or locked."""
    channel = named_channel(state, call)
    if channel.direct:
        raise Refusal(403, 50003, "Cannot execute action on a DM channel")
    form = call.form()
    if channel.is_thread:
        _update_thread(state, call, channel, form)
    else:
        _update_channel(state, call, channel, form)
    return channel_json(channel, call.application.user)


def _update_channel(state: DiscordState, call: Request, channel: Channel, form: Form) -> None:
    require(state, channel, call.application, Permission.MANAGE_CHANNELS)
    name = form.text("name", most=NAME_MAX, least=1)
    topic = form.text("topic", most=FORUM_TOPIC_MAX)
    slowmode = form.integer("rate_limit_per_user", most=SLOWMODE_SECONDS_MAX)
    form.check()
    channel.name = name or channel.name
    channel.topic = topic if "topic" in form.fields else channel.topic
    channel.slowmode_seconds = channel.slowmode_seconds if slowmode is None else slowmode
    tell_changed(state, channel)


def _update_thread(state: DiscordState, call: Request, channel: Channel, form: Form) -> None:
    name = form.text("name", most=NAME_MAX, least=1)
    minutes = form.choice("auto_archive_duration", AUTO_ARCHIVES)
    slowmode = form.integer("rate_limit_per_user", most=SLOWMODE_SECONDS_MAX)
    tags = read_tags(form, channel.parent) if channel.parent else []
    form.check()
    facts = channel.thread
    if facts is None:
        return
    _require_thread_rights(state, call, channel, form)
    if form.fields.get("archived") is not False:
        require_open(channel)
    channel.name = name or channel.name
    channel.slowmode_seconds = channel.slowmode_seconds if slowmode is None else slowmode
    facts.auto_archive_minutes = minutes or facts.auto_archive_minutes
    facts.tags = tags if "applied_tags" in form.fields else facts.tags
    if "archived" in form.fields or "locked" in form.fields:
        archived = form.flag("archived") if "archived" in form.fields else facts.archived
        locked = form.flag("locked") if "locked" in form.fields else None
        archive(state, channel, archived=archived, locked=locked)
    else:
        tell_changed(state, channel)


def _require_thread_rights(
    state: DiscordState, call: Request, channel: Channel, form: Form
) -> None:
    """Who opened a thread may change it, but not lock it nor open it when it is locked; in a
    thread that is not locked anybody who can write may fetch it back.
    """
    user, facts = call.application.user, channel.thread
    rights = held(state, channel, user)
    if facts is None or rights & Permission.MANAGE_THREADS:
        return
    if "locked" in form.fields or facts.locked:
        raise missing_permissions()
    revives = set(form.fields) == {"archived"} and form.fields["archived"] is False
    if facts.owner is not user and not (revives and rights & Permission.SEND_MESSAGES_IN_THREADS):
        raise missing_permissions()


def delete_channel(state: DiscordState, call: Request) -> Json:
    """Delete a channel or thread, or close a direct conversation, which stays as it was."""
    channel = named_channel(state, call)
    body = channel_json(channel, call.application.user)
    if channel.direct:
        return body
    needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    require(state, channel, call.application, needed)
    remove_channel(state, channel)
    return body
