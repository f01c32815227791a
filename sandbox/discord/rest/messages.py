"""Messages of a channel: reading, sending, editing, deleting."""

from collections.abc import Sequence

from sandbox.discord.guilds import Channel
from sandbox.discord.happenings import change, delete, delete_many, post, type_in
from sandbox.discord.kinds import (
    NOTHING,
    WORDLESS,
    MessageFlag,
    MessageKind,
    Permission,
)
from sandbox.discord.messages import Message, Reference
from sandbox.discord.rest.drafts import Draft, read_change, read_draft, read_reference
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.places import (
    held,
    message_in,
    named_channel,
    named_message,
    require,
    require_open,
)
from sandbox.discord.rest.refusals import (
    Refusal,
    invalid_form,
    missing_permissions,
    refused_by_person,
    slowmode,
    thread_archived,
    unknown,
)
from sandbox.discord.rest.request import Request
from sandbox.discord.snowflakes import made_at
from sandbox.discord.state import DiscordState
from sandbox.discord.wire_messages import message_json, nonce_json, snapshot_json
from sandbox.payload import Json

PAGE_MAX, PAGE = 100, 50
BULK_MIN, BULK_MAX = 2, 100
BULK_SECONDS_MAX = 14 * 86_400.0
OF_SYSTEM = frozenset(MessageKind) - {
    MessageKind.DEFAULT,
    MessageKind.REPLY,
    MessageKind.CHAT_INPUT_COMMAND,
    MessageKind.CONTEXT_MENU_COMMAND,
}
UNDELETABLE = frozenset({MessageKind.THREAD_STARTER, MessageKind.RECIPIENT_ADD})


def list_messages(state: DiscordState, call: Request) -> list[Json]:
    """A page of a channel, newest first: `before`, `after` or `around` an id."""
    channel = named_channel(state, call)
    asked = call.asked()
    limit = asked.integer("limit", least=1, most=PAGE_MAX) or PAGE
    before, after, around = (asked.snowflake(name) for name in ("before", "after", "around"))
    asked.check()
    if not held(state, channel, call.application.user) & Permission.READ_MESSAGE_HISTORY:
        return []
    seen = [one for one in channel.messages.values() if not one.ephemeral]
    # A thread's sign towards the message it began with is younger than it, but comes first.
    seen.sort(key=lambda message: message.id)
    page = _page(seen, limit, before, after, around)
    return [message_json(one, state.links, call.application.user) for one in reversed(page)]


def _page(
    seen: Sequence[Message], limit: int, before: int | None, after: int | None, around: int | None
) -> Sequence[Message]:
    if around is not None:
        older = [one for one in seen if one.id <= around][-(limit // 2 + 1) :]
        return older + [one for one in seen if one.id > around][: limit - len(older)]
    if before is not None:
        return [one for one in seen if one.id < before][-limit:]
    if after is not None:
        return [one for one in seen if one.id > after][:limit]
    return seen[-limit:]


def get_message(state: DiscordState, call: Request) -> Json:
    """One message."""
    return message_json(named_message(state, call), state.links, call.application.user)


def create_message(state: DiscordState, call: Request) -> Json:
    """Send a message. An enforced nonce that was used a little while ago gets the message that was
    sent with it, if that is still there.
    """
    channel = named_channel(state, call)
    require_writable(state, channel, call)
    form = call.form()
    reference, strict = read_reference(form, channel)
    forwards = reference is not None and reference.forward
    draft = read_draft(state, call, form, channel, may_be_empty=forwards)
    require_contents(state, channel, call, draft)
    if (earlier := _sent_before(state, call, draft)) is not None:
        return _sent_json(state, call, earlier)
    message = draft.fill(Message(state.ids.take(), channel, call.application.user))
    if reference is not None:
        _point_at(state, call, message, reference, strict)
    post(state, message)
    if draft.nonce is not None:
        author, seconds = call.application.id, state.settings.nonce_seconds
        state.nonces.keep(author, draft.nonce, message, seconds)
    return _sent_json(state, call, message)


def _sent_json(state: DiscordState, call: Request, message: Message) -> Json:
    return message_json(message, state.links, call.application.user) | nonce_json(message)


def require_writable(state: DiscordState, channel: Channel, call: Request) -> None:
    """Raises Refusal where the bot may not say anything now."""
    user = call.application.user
    if channel.direct:
        _require_open_person(channel, call)
        return
    if channel.kind in WORDLESS:
        raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    require(state, channel, call.application, needed)
    rights = held(state, channel, user)
    moderates = bool(rights & Permission.MANAGE_THREADS)
    if channel.thread is not None and channel.thread.locked and not moderates:
        raise (
            thread_archived()
            if channel.thread.archived
            else Refusal(403, 160005, "Thread is locked")
        )
    exempt = rights & (Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS)
    waited = state.now() - channel.last_sent.get(user.id, 0.0)
    if channel.slowmode_seconds > waited and not exempt:
        raise slowmode(round(channel.slowmode_seconds - waited, 3))


def _require_open_person(channel: Channel, call: Request) -> None:
    bot = call.application.user
    if any(one.closed or bot.id in one.blocked for one in channel.recipients):
        raise refused_by_person()


def require_contents(state: DiscordState, channel: Channel, call: Request, draft: Draft) -> None:
    """Raises Refusal 403 for files, voice and polls without the permission for them."""
    rights = held(state, channel, call.application.user)
    voice = draft.flags & MessageFlag.IS_VOICE_MESSAGE
    needed = NOTHING
    needed |= Permission.ATTACH_FILES if draft.files else NOTHING
    needed |= Permission.SEND_VOICE_MESSAGES if voice else NOTHING
    needed |= Permission.SEND_POLLS if draft.poll else NOTHING
    if needed & ~rights:
        raise missing_permissions()
    if draft.embeds and not rights & Permission.EMBED_LINKS:
        draft.embeds = []


def _sent_before(state: DiscordState, call: Request, draft: Draft) -> Message | None:
    if draft.nonce is None or not draft.enforced:
        return None
    earlier = state.nonces.find(call.application.id, draft.nonce)
    if earlier is not None and earlier.deleted:
        raise unknown("Message")
    return earlier


def _point_at(
    state: DiscordState, call: Request, message: Message, reference: Reference, strict: bool
) -> None:
    """Make it an answer, or hand on what another one says."""
    if reference.forward:
        _forward(state, call, message, reference)
        return
    original = message.channel.messages.get(reference.message_id or 0)
    if original is None or original.ephemeral:
        if strict:
            raise _bad_reference("REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return
    rights = held(state, message.channel, call.application.user)
    if not rights & Permission.READ_MESSAGE_HISTORY:
        words = "Cannot reply without permission to read message history"
        raise Refusal(403, 160002, words)
    if original.kind in OF_SYSTEM:
        words = "Cannot reply to a system message"
        raise _bad_reference("REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", words)
    message.kind = MessageKind.REPLY
    message.reference, message.referenced = reference, original


def _forward(state: DiscordState, call: Request, message: Message, reference: Reference) -> None:
    source = state.channels.get(reference.channel_id)
    if source is None:
        raise unknown("Channel")
    require(state, source, call.application, Permission.READ_MESSAGE_HISTORY)
    message.reference = reference
    message.flags |= MessageFlag.HAS_SNAPSHOT
    message.snapshots = [snapshot_json(message_in(source, reference.message_id or 0), state.links)]


def _bad_reference(code: str, message: str) -> Refusal:
    return invalid_form({"message_reference": {"_errors": [{"code": code, "message": message}]}})


def update_message(state: DiscordState, call: Request) -> Json:
    """Change one's own message, or suppress the previews of somebody else's."""
    message = named_message(state, call)
    require_open(message.channel)
    form = call.form()
    own = message.author is call.application.user
    if not own:
        _suppress_only(state, call, form, message)
    elif message.poll is not None:
        raise Refusal(400, 520003, "Cannot edit a poll message")
    edit(state, call, form, message, edited=own)
    return message_json(message, state.links, call.application.user)


def edit(
    state: DiscordState, call: Request, form: Form, message: Message, *, edited: bool = True
) -> None:
    """Change a message and tell; raises Refusal when nothing would be left of it."""
    before = (message.content, message.embeds, message.components, message.attachments)
    read_change(state, call, form, message)
    shown = message.content.strip(), message.embeds, message.components, message.attachments
    if not any(shown) and not message.stickers:
        message.content, message.embeds, message.components, message.attachments = before
        raise Refusal(400, 50006, "Cannot send an empty message")
    change(state, message, edited=edited)


def _suppress_only(state: DiscordState, call: Request, form: Form, message: Message) -> None:
    if set(form.fields) - {"flags"}:
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
    require(state, message.channel, call.application, Permission.MANAGE_MESSAGES)


def delete_message(state: DiscordState, call: Request) -> None:
    """Delete a message; others' only as a moderator."""
    message = named_message(state, call)
    require_open(message.channel)
    if message.author is not call.application.user:
        if message.channel.direct:
            raise Refusal(403, 50003, "Cannot execute action on a DM channel")
        require(state, message.channel, call.application, Permission.MANAGE_MESSAGES)
    if message.kind in UNDELETABLE:
        raise Refusal(403, 50021, "Cannot execute action on a system message")
    delete(state, message)


def bulk_delete_messages(state: DiscordState, call: Request) -> None:
    """Delete up to 100 messages of the last two weeks."""
    channel = named_channel(state, call, Permission.MANAGE_MESSAGES)
    if channel.direct:
        raise Refusal(403, 50003, "Cannot execute action on a DM channel")
    form = call.form()
    named = form.snowflakes("messages", most=BULK_MAX, least=BULK_MIN)
    form.check()
    if any(state.now() - made_at(one) > BULK_SECONDS_MAX for one in named):
        words = "You can only bulk delete messages that are under 14 days old."
        raise Refusal(400, 50034, words)
    found = [channel.messages[one] for one in named if one in channel.messages]
    delete_many(state, channel, [one for one in found if not one.ephemeral])


def trigger_typing_indicator(state: DiscordState, call: Request) -> None:
    """Show for ten seconds that the bot writes."""
    channel = named_channel(state, call)
    require_writable(state, channel, call)
    type_in(state, channel, call.application.user)
