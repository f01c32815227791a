"""Threads: opening them, alone, under messages and as posts of forums; who is in them; lists."""

from collections.abc import Callable
from typing import Final

from sandbox.discord.guilds import AUTO_ARCHIVE_MINUTES, Channel
from sandbox.discord.happenings import post
from sandbox.discord.kinds import FORUMS, ChannelKind, Permission
from sandbox.discord.messages import Message
from sandbox.discord.permissions import sees
from sandbox.discord.rest.drafts import read_draft
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.messages import require_contents
from sandbox.discord.rest.places import (
    named_channel,
    named_guild,
    named_message,
    require,
    require_kind,
    require_open,
)
from sandbox.discord.rest.refusals import Refusal, unknown, wrong_channel_kind
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.discord.threads import join_thread, leave_thread, open_thread
from sandbox.discord.wire import member_json, moment, thread_json, thread_member_json
from sandbox.discord.wire_messages import message_json
from sandbox.payload import Json

NAME_MAX = 100
TAGS_MAX = 5
SLOWMODE_SECONDS_MAX = 21_600
AUTO_ARCHIVES: Final = frozenset({60, 1440, 4320, 10080})
PAGE_MAX = 100
HELD: Final = {
    ChannelKind.ANNOUNCEMENT_THREAD: Permission.CREATE_PUBLIC_THREADS,
    ChannelKind.PUBLIC_THREAD: Permission.CREATE_PUBLIC_THREADS,
    ChannelKind.PRIVATE_THREAD: Permission.CREATE_PRIVATE_THREADS,
}


def create_thread(state: DiscordState, call: Request) -> Json:
    """Open a thread without a message, or a post of a forum."""
    parent = named_channel(state, call)
    if parent.kind in FORUMS:
        return _create_post(state, call, parent)
    require_kind(parent, ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT)
    form = call.form()
    kind = ChannelKind(form.choice("type", frozenset(HELD)) or ChannelKind.PRIVATE_THREAD)
    name, minutes, slowmode = _read_thread(form)
    form.check()
    require(state, parent, call.application, HELD[kind])
    thread = open_thread(
        state,
        parent,
        call.application.user,
        name,
        kind=kind,
        auto_archive_minutes=minutes,
        slowmode_seconds=slowmode,
        invitable=form.fields.get("invitable", True) is not False,
    )
    return thread_json(thread, call.application.user)


def _create_post(state: DiscordState, call: Request, forum: Channel) -> Json:
    require(state, forum, call.application, Permission.SEND_MESSAGES)
    form = call.form()
    name, minutes, slowmode = _read_thread(form)
    tags = read_tags(form, forum)
    first = form.form("message")
    if first is None:
        form.complain("message", "BASE_TYPE_REQUIRED", "This field is required")
    form.check()
    if forum.requires_tag and not tags:
        raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
    draft = read_draft(state, call, first or form, forum)
    require_contents(state, forum, call, draft)
    thread = open_thread(
        state,
        forum,
        call.application.user,
        name,
        tags=tags,
        auto_archive_minutes=minutes,
        slowmode_seconds=slowmode,
    )
    # What was uploaded is in the post, not in the forum.
    for stored in draft.files:
        stored.channel_id = thread.id
    message = post(state, draft.fill(Message(thread.id, thread, call.application.user)))
    viewer = call.application.user
    return thread_json(thread, viewer) | {"message": message_json(message, state.links, viewer)}


def create_thread_from_message(state: DiscordState, call: Request) -> Json:
    """Open a thread under a message; there is one at most."""
    starter = named_message(state, call, Permission.CREATE_PUBLIC_THREADS)
    require_kind(starter.channel, ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT)
    form = call.form()
    name, minutes, slowmode = _read_thread(form)
    form.check()
    if starter.thread is not None or starter.id in state.channels:
        raise Refusal(400, 160004, "A thread has already been created for this message")
    news = starter.channel.kind is ChannelKind.ANNOUNCEMENT
    thread = open_thread(
        state,
        starter.channel,
        call.application.user,
        name,
        kind=ChannelKind.ANNOUNCEMENT_THREAD if news else ChannelKind.PUBLIC_THREAD,
        starter=starter,
        auto_archive_minutes=minutes,
        slowmode_seconds=slowmode,
    )
    return thread_json(thread, call.application.user)


def _read_thread(form: Form) -> tuple[str, int, int]:
    """Name, minutes until it is archived, seconds of slow mode."""
    name = form.text("name", most=NAME_MAX, least=1, required=True) or ""
    minutes = form.choice("auto_archive_duration", AUTO_ARCHIVES) or AUTO_ARCHIVE_MINUTES
    slowmode = form.integer("rate_limit_per_user", most=SLOWMODE_SECONDS_MAX) or 0
    return name, minutes, slowmode


def read_tags(form: Form, forum: Channel) -> list[int]:
    """The tags of a post, which the forum must have."""
    tags = form.snowflakes("applied_tags", most=TAGS_MAX)
    for tag in set(tags) - {one.id for one in forum.tags}:
        form.complain("applied_tags", "FORUM_TAG_NOT_FOUND", f"Unknown tag {tag}")
    return tags


def join(state: DiscordState, call: Request) -> None:
    """Join a thread oneself, or add somebody else."""
    thread = _named_thread(state, call)
    require_open(thread)
    if "user_id" not in call.ids:
        join_thread(state, thread, call.application.user)
        return
    require(state, thread, call.application, Permission.SEND_MESSAGES_IN_THREADS)
    user_id = call.snowflake("user_id")
    guild = thread.guild
    if guild is None or user_id not in guild.members:
        raise unknown("User")
    join_thread(state, thread, guild.members[user_id].user)


def leave(state: DiscordState, call: Request) -> None:
    """Leave a thread oneself, or take somebody else out."""
    thread = _named_thread(state, call)
    require_open(thread)
    user = call.application.user
    if "user_id" in call.ids:
        require(state, thread, call.application, Permission.MANAGE_THREADS)
        user = state.users.get(call.snowflake("user_id")) or user
    leave_thread(state, thread, user)


def list_members(state: DiscordState, call: Request) -> list[Json]:
    """Who is in a thread; `with_member` also as what."""
    thread = _named_thread(state, call)
    found = thread.thread.members if thread.thread else {}
    return [_member_json(state, call, thread, one) for one in sorted(found)]


def get_member(state: DiscordState, call: Request) -> Json:
    """Whether somebody is in a thread: 404 if not."""
    thread = _named_thread(state, call)
    user_id = call.snowflake("user_id")
    if thread.thread is None or user_id not in thread.thread.members:
        raise unknown("Member")
    return _member_json(state, call, thread, user_id)


def _member_json(state: DiscordState, call: Request, thread: Channel, user_id: int) -> Json:
    body = thread_member_json(thread, state.users[user_id])
    asked = str(call.query.get("with_member", "")).lower() in ("1", "true")
    if asked and thread.guild is not None and user_id in thread.guild.members:
        body["member"] = member_json(thread.guild.members[user_id])
    return body


def _named_thread(state: DiscordState, call: Request) -> Channel:
    channel = named_channel(state, call)
    if channel.thread is None:
        raise wrong_channel_kind()
    return channel


def list_active(state: DiscordState, call: Request) -> Json:
    """Every thread of a guild that the bot sees and that is not archived."""
    guild = named_guild(state, call)
    threads = [one for one in guild.threads if one.thread and not one.thread.archived]
    seen = [one for one in threads if sees(one, call.application.user)]
    return _threads_json(call, sorted(seen, key=lambda one: -one.id), more=False)


def list_archived_public(state: DiscordState, call: Request) -> Json:
    """Archived threads that everybody can read."""
    kinds = (ChannelKind.PUBLIC_THREAD, ChannelKind.ANNOUNCEMENT_THREAD)
    return _archived(state, call, lambda thread: thread.kind in kinds)


def list_archived_private(state: DiscordState, call: Request) -> Json:
    """Archived private threads, for moderators."""
    named_channel(state, call, Permission.MANAGE_THREADS)
    return _archived(state, call, lambda thread: thread.kind is ChannelKind.PRIVATE_THREAD)


def list_archived_mine(state: DiscordState, call: Request) -> Json:
    """Archived private threads that the bot is in."""
    mine = call.application.id

    def wanted(thread: Channel) -> bool:
        private = thread.kind is ChannelKind.PRIVATE_THREAD
        return private and thread.thread is not None and mine in thread.thread.members

    return _archived(state, call, wanted)


def _archived(state: DiscordState, call: Request, wanted: Callable[[Channel], bool]) -> Json:
    """A page, those archived last first; `before` is a time."""
    parent = named_channel(state, call, Permission.READ_MESSAGE_HISTORY)
    asked = call.asked()
    limit = asked.integer("limit", least=1, most=PAGE_MAX) or PAGE_MAX
    before = asked.text("before", most=40)
    asked.check()
    found = [one for one in state.channels.values() if one.parent is parent and wanted(one)]
    archived = [one for one in found if one.thread is not None and one.thread.archived]
    archived.sort(key=_archived_at, reverse=True)
    if before is not None:
        archived = [one for one in archived if moment(_archived_at(one)) < before]
    return _threads_json(call, archived[:limit], more=len(archived) > limit)


def _archived_at(thread: Channel) -> float:
    return thread.thread.archive_changed_at if thread.thread else 0.0


def _threads_json(call: Request, threads: list[Channel], *, more: bool) -> Json:
    viewer = call.application.user
    joined = [one for one in threads if one.thread and viewer.id in one.thread.members]
    return {
        "threads": [thread_json(one, viewer) for one in threads],
        "members": [thread_member_json(one, viewer) for one in joined],
        "has_more": more,
    }
