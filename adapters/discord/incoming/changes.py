"""What becomes of threads, channels, guilds and who is in them, to events. Pure.

They are compared with what was known before.
"""

from adapters.discord.incoming.addressing import is_heard, is_wanted
from adapters.discord.incoming.envelope import Envelope, nowhere, person, place_in, platform
from adapters.discord.incoming.reading import Payload, Reads, decode
from adapters.discord.known import ChannelFacts, Known
from adapters.discord.objects.channel import Channel, Guild, ThreadMembers
from adapters.discord.objects.events import GuildMemberRemoved
from adapters.discord.places import Place
from core.model.event import AccountStatus, Body, Inbound, MemberChanged

_read_removed = Reads(GuildMemberRemoved)


def thread_created(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """Nothing for one that the bot is only let into. What is heard above it is heard in it."""
    thread = decode(data, Channel)
    place = place_in(thread.guild_id, thread.id)
    above = place_in(thread.guild_id, thread.parent_id or thread.id)
    if not thread.newly_created or not is_heard(above, envelope.reader):
        return ()
    tags = _tags(thread, envelope.reader.known)
    text = " ".join(filter(None, (thread.name, f"({tags})" if tags else "")))
    body = AccountStatus(code="thread_created", text=text)
    owner = thread.owner_id or ""
    return (_about(body, place, owner, f"c{thread.id}", envelope, kind=thread.type),)


def thread_updated(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """One event for each thing that has changed."""
    thread = decode(data, Channel)
    place = place_in(thread.guild_id, thread.id)
    before = envelope.reader.known.channel(thread.id)
    if before is None or not is_heard(place, envelope.reader):
        return ()
    return tuple(
        _about(body, place, before.owner, f"c{thread.id}.{body.code}.{envelope.mark}", envelope)
        for body in _changes(before, thread, envelope.reader.known)
    )


def channel_deleted(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """A thread or a channel: nothing can be said there any more."""
    channel = decode(data, Channel)
    place, reader = place_in(channel.guild_id, channel.id), envelope.reader
    if not is_heard(place, reader):
        return ()
    before = reader.known.channel(channel.id)
    name, owner = (before.name, before.owner) if before else (channel.name or "", "")
    code = "thread_deleted" if before and before.is_thread else "channel_deleted"
    body = AccountStatus(code=code, text=name)
    return (_about(body, place, owner, f"c{channel.id}.deleted", envelope, kind=channel.type),)


def members_changed(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """Who came to a thread and who left it, the bot aside."""
    change = decode(data, ThreadMembers)
    place, bot = place_in(change.guild_id, change.id), envelope.reader.bot
    if not is_heard(place, envelope.reader):
        return ()
    moves = [(one.user_id or "", "joined") for one in change.added_members]
    moves += [(one, "left") for one in change.removed_member_ids]
    return tuple(
        envelope.around(
            MemberChanged(member=who, change=how),
            place=place,
            dedup=f"j{who}.{how}.{envelope.mark}",
            actor=person(who),
        )
        for who, how in dict.fromkeys(moves)
        if who and who != bot
    )


def member_left(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """The guild, by themselves or not: Discord does not say."""
    removed, lost = _read_removed(data)
    if removed.user.id == envelope.reader.bot or not is_wanted(
        place_in(removed.guild_id, removed.guild_id), envelope.reader
    ):
        return ()
    return (
        envelope.around(
            MemberChanged(member=removed.user.id, change="left"),
            place=nowhere(),
            dedup=f"g{removed.guild_id}.{removed.user.id}.{envelope.mark}",
            actor=envelope.actor(removed.user),
            lost=lost,
        ),
    )


def guild_joined(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """Nothing for those that Discord named at the beginning: the bot was there already."""
    guild = decode(data, Guild)
    if guild.unavailable or envelope.reader.known.expects(guild.id):
        return ()
    return (_of_account("joined", guild.id, guild.name, envelope),)


def guild_left(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """Nothing for one that is out of reach for a while."""
    guild = decode(data, Guild)
    if guild.unavailable:
        return ()
    known = envelope.reader.known.guild(guild.id)
    return (_of_account("removed", guild.id, known.name if known else "", envelope),)


def _changes(before: ChannelFacts, thread: Channel, known: Known) -> list[AccountStatus]:
    found, state = [], thread.thread_metadata
    if thread.name and thread.name != before.name:
        found.append(AccountStatus(code="thread_renamed", text=thread.name))
    if set(thread.applied_tags) != set(before.tags):
        found.append(AccountStatus(code="thread_tagged", text=_tags(thread, known)))
    if state and state.archived != before.archived:
        found.append(AccountStatus(code="thread_archived" if state.archived else "thread_reopened"))
    if state and state.locked != before.locked:
        found.append(AccountStatus(code="thread_locked" if state.locked else "thread_unlocked"))
    return found


def _tags(post: Channel, known: Known) -> str:
    """What a forum's post is marked with."""
    return ", ".join(known.tags(post.parent_id or "", post.applied_tags))


def _about(
    body: Body, place: Place, owner: str, dedup: str, envelope: Envelope, kind: int | None = None
) -> Inbound:
    """Whoever began the thread is whose conversation it is."""
    return envelope.around(
        body,
        place=place,
        dedup=dedup,
        actor=platform(),
        kind=kind,
        customer=person(owner) if owner else None,
    )


def _of_account(code: str, guild: str, name: str, envelope: Envelope) -> Inbound:
    where = place_in(guild, guild).guild
    return envelope.around(
        AccountStatus(code=code, text=f"{name} ({where})" if name else where),
        place=nowhere(),
        dedup=f"g{guild}.{code}.{envelope.mark}",
        actor=platform(),
    )
