"""Messages as JSON: with files, reactions, polls and what they answer. Pure."""

from sandbox.discord.guilds import User
from sandbox.discord.links import Links
from sandbox.discord.messages import Message, Poll, Reference, StoredFile
from sandbox.discord.snowflakes import made_at
from sandbox.discord.wire import (
    emoji_json,
    member_json,
    moment,
    moment_or_none,
    thread_json,
    user_json,
)
from sandbox.payload import Json

OF_SNAPSHOTS = (
    "attachments",
    "components",
    "content",
    "edited_timestamp",
    "embeds",
    "flags",
    "mention_roles",
    "mentions",
    "sticker_items",
    "timestamp",
    "type",
)
"""What a forwarded message keeps of the one it passes on."""


def message_json(message: Message, links: Links, viewer: User | None = None) -> Json:
    """A `Message` object, as REST gives it to the viewer."""
    body = _content_json(message, links) | {
        "author": user_json(message.author),
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "pinned": message.pinned_at is not None,
        "mention_everyone": message.mention_everyone,
        "tts": message.tts,
    }
    for name in ("webhook_id", "application_id"):
        if (value := getattr(message, name)) is not None:
            body[name] = str(value)
    if message.reactions:
        body["reactions"] = reactions_json(message, viewer)
    if message.poll is not None:
        body["poll"] = poll_json(message.poll, viewer)
    if message.thread is not None:
        body["thread"] = thread_json(message.thread, viewer)
    if message.interaction is not None:
        body["interaction_metadata"] = message.interaction
    return body | _answered_json(message, links, viewer) | message.extra


def _content_json(message: Message, links: Links) -> Json:
    body: Json = {
        "type": int(message.kind),
        "content": message.content,
        "mentions": [user_json(user) for user in message.mentions],
        "mention_roles": [str(role) for role in message.mention_roles],
        "attachments": [attachment_json(one, links) for one in message.attachments],
        "embeds": message.embeds,
        "timestamp": moment(made_at(message.id)),
        "edited_timestamp": moment_or_none(message.edited_at),
        "flags": int(message.flags),
        "components": message.components,
    }
    if message.stickers:
        body["sticker_items"] = [
            {"id": str(one.id), "name": one.name, "format_type": one.format}
            for one in message.stickers
        ]
    return body


def _answered_json(message: Message, links: Links, viewer: User | None) -> Json:
    if message.reference is None:
        return {}
    body: Json = {"message_reference": reference_json(message.reference)}
    if message.reference.forward:
        return body | {"message_snapshots": message.snapshots}
    original = message.referenced
    if original is None or original.deleted:
        return body | {"referenced_message": None}
    shown = message_json(original, links, viewer)
    shown.pop("referenced_message", None)
    return body | {"referenced_message": shown}


def nonce_json(message: Message) -> Json:
    """Its nonce, which is told with a message when it is sent and never again.

    https://github.com/Rapptz/discord.py/issues/2451
    """
    return {} if message.nonce is None else {"nonce": message.nonce}


def message_event_json(message: Message, links: Links, viewer: User | None = None) -> Json:
    """What MESSAGE_CREATE and MESSAGE_UPDATE bring: the message, and where its author stands."""
    body = message_json(message, links, viewer)
    body.pop("reactions", None)
    body["channel_type"] = int(message.channel.kind)
    guild = message.channel.guild
    if guild is not None:
        body["guild_id"] = str(guild.id)
        if member := guild.members.get(message.author.id):
            body["member"] = member_json(member, with_user=False)
        for user in body["mentions"]:
            if mentioned := guild.members.get(int(user["id"])):
                user["member"] = member_json(mentioned, with_user=False)
    return body


def snapshot_json(message: Message, links: Links) -> Json:
    """What of a message goes along when it is forwarded."""
    body = _content_json(message, links)
    return {"message": {name: body[name] for name in OF_SNAPSHOTS if name in body}}


def reference_json(reference: Reference) -> Json:
    """What a message points at."""
    body: Json = {"type": int(reference.forward), "channel_id": str(reference.channel_id)}
    if reference.message_id is not None:
        body["message_id"] = str(reference.message_id)
    if reference.guild_id is not None:
        body["guild_id"] = str(reference.guild_id)
    return body


def attachment_json(stored: StoredFile, links: Links) -> Json:
    """An `Attachment` object, with an address that is good for a while."""
    body: Json = {
        "id": str(stored.id),
        "filename": stored.name,
        "size": len(stored.content),
        "url": links.url(stored),
        "proxy_url": links.proxy_url(stored),
        "content_type": stored.media_type,
        "width": stored.width,
        "height": stored.height,
        "description": stored.description,
        "duration_secs": stored.duration_seconds,
        "waveform": stored.waveform,
        "ephemeral": stored.ephemeral or None,
        "flags": 1 << 5 if stored.spoiler else None,
    }
    return {name: value for name, value in body.items() if value is not None}


def reactions_json(message: Message, viewer: User | None) -> list[Json]:
    """Each emoji with how many chose it."""
    return [
        {
            "emoji": emoji_json(emoji),
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "burst_colors": [],
            "me_burst": False,
            "me": viewer in users,
        }
        for emoji, users in message.reactions.items()
        if users
    ]


def poll_json(poll: Poll, viewer: User | None = None) -> Json:
    """A `Poll` object with its results so far."""
    answers = []
    for answer in poll.answers:
        media: Json = {} if answer.text is None else {"text": answer.text}
        if answer.emoji is not None:
            media["emoji"] = emoji_json(answer.emoji)
        answers.append({"answer_id": answer.id, "poll_media": media})
    counts = [
        {"id": one.id, "count": len(one.voters), "me_voted": viewer in one.voters}
        for one in poll.answers
    ]
    return {
        "question": {"text": poll.question},
        "answers": answers,
        "expiry": moment(poll.expires_at),
        "allow_multiselect": poll.multiple,
        "layout_type": 1,
        "results": {"answer_counts": counts, "is_finalized": poll.over},
    }


def without_content(event: Json) -> Json:
    """A message's event for an application that may not read it: MESSAGE_CONTENT is not granted.
    The caller leaves out direct messages, mentions of the bot and what the bot wrote itself.
    """
    hidden: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
    shown = {name: value for name, value in event.items() if name != "poll"}
    return shown | {name: value for name, value in hidden.items() if name in event}
