"""What people do besides writing (react, delete, type, vote, press), to events. Pure."""

from collections.abc import Iterator

from adapters.discord.incoming.addressing import concerns_us, is_heard, is_spoken_to
from adapters.discord.incoming.envelope import (
    Envelope,
    person,
    place_in,
    platform,
    unnamed,
)
from adapters.discord.incoming.reading import Payload, Reads, Told, decode
from adapters.discord.objects.components import Component
from adapters.discord.objects.events import (
    BulkDeletion,
    Deletion,
    PollVote,
    Press,
    Reaction,
    ReactionsCleared,
    TypingStart,
)
from adapters.discord.objects.people import Somebody
from adapters.discord.places import Place
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Actor,
    ActorKind,
    Inbound,
    MessageDeleted,
    Reacted,
    ReactionsTold,
    Typing,
)

_read_reaction = Reads(Reaction)
_read_cleared = Reads(ReactionsCleared)
_read_deletion = Reads(Deletion)
_read_bulk = Reads(BulkDeletion)
_read_typing = Reads(TypingStart)
_read_vote = Reads(PollVote)

_COMPONENT = 3
"""The type of an interaction: a button or a menu."""
_LABEL_DEPTH_MAX = 8


def reaction_added(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    return _reacted(data, ReactionsTold.ADDED, envelope)


def reaction_removed(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    return _reacted(data, ReactionsTold.REMOVED, envelope)


def reactions_cleared(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """By a moderator, of whom Discord does not tell."""
    cleared, lost = _read_cleared(data)
    place, reader = place_in(cleared.guild_id, cleared.channel_id), envelope.reader
    if not concerns_us(cleared.message_id, place, reader):
        return ()
    emojis = (cleared.emoji.shown,) if cleared.emoji else ()
    body = Reacted(remote=cleared.message_id, emojis=emojis, told=ReactionsTold.CLEARED)
    dedup = f"r{cleared.message_id}.{envelope.mark}"
    return (envelope.around(body, place=place, dedup=dedup, actor=platform(), lost=lost),)


def deleted(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    deletion, lost = _read_deletion(data)
    place = place_in(deletion.guild_id, deletion.channel_id)
    return tuple(_deleted((deletion.id,), place, lost, envelope))


def deleted_in_bulk(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    deletion, lost = _read_bulk(data)
    place = place_in(deletion.guild_id, deletion.channel_id)
    return tuple(_deleted(tuple(dict.fromkeys(deletion.ids)), place, lost, envelope))


def typing(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    start, lost = _read_typing(data)
    place, reader = place_in(start.guild_id, start.channel_id), envelope.reader
    if start.user_id == reader.bot or not is_heard(place, reader):
        return ()
    actor, lost = _member(start.member, start.user_id, lost, envelope)
    dedup = f"t{start.user_id}.{envelope.mark}"
    return (envelope.around(Typing(), place=place, dedup=dedup, actor=actor, lost=lost),)


def voted(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    return _voted(data, "poll_voted", "voted for", envelope)


def vote_taken_back(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    return _voted(data, "poll_vote_taken_back", "no longer votes for", envelope)


def pressed(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """A button is ours and so is the press, whatever is wanted of the guild. Of a menu the value is
    what was chosen. Nothing for any other interaction.
    """
    press = decode(data, Press)
    channel = press.channel_id or (press.channel.id if press.channel else None)
    who = press.member or press.user
    if press.type != _COMPONENT or not (press.data and channel and who):
        return ()
    value = press.data.values[0] if press.data.values else press.data.custom_id
    offered = press.message.components if press.message else ()
    body = ActionInvoked(
        value=value,
        label=_label(offered, value, _LABEL_DEPTH_MAX),
        on=press.message.id if press.message else "",
    )
    return (
        envelope.around(
            body,
            place=place_in(press.guild_id, channel),
            dedup=f"i{press.id}",
            actor=_presser(press),
            kind=press.channel.type if press.channel else None,
        ),
    )


def _reacted(data: Payload, told: ReactionsTold, envelope: Envelope) -> tuple[Inbound, ...]:
    """Ours are known when they are made."""
    reaction, lost = _read_reaction(data)
    reader, message = envelope.reader, reaction.message_id
    place = place_in(reaction.guild_id, reaction.channel_id)
    on_ours = reaction.message_author_id == reader.bot
    if reaction.user_id == reader.bot:
        return ()
    if not concerns_us(message, place, reader, on_ours=on_ours):
        return ()
    actor, lost = _member(reaction.member, reaction.user_id, lost, envelope)
    return (
        envelope.around(
            Reacted(remote=message, emojis=(reaction.emoji.shown,), told=told),
            place=place,
            dedup=f"r{message}.{envelope.mark}",
            actor=actor,
            lost=lost,
        ),
    )


def _member(
    member: Somebody | None, remote: str, lost: Told, envelope: Envelope
) -> tuple[Actor, Told]:
    """Whoever did it, by name where Discord tells it, and what is lost of that."""
    if member is None:
        return person(remote), lost
    actor = envelope.actor(member.user, member)
    return actor, lost + unnamed(member.user, member, "member.user")


def _deleted(
    messages: tuple[str, ...], place: Place, lost: tuple[str, ...], envelope: Envelope
) -> Iterator[Inbound]:
    """By its author or a moderator: Discord does not say. What was addressed to us may lie long
    ago, so wherever anything may be, all are told.
    """
    if not is_spoken_to(place, envelope.reader):
        return
    for message in messages:
        yield envelope.around(
            MessageDeleted(remote=message),
            place=place,
            dedup=f"d{message}",
            actor=platform(),
            lost=lost,
        )


def _voted(data: Payload, code: str, did: str, envelope: Envelope) -> tuple[Inbound, ...]:
    vote, lost = _read_vote(data)
    place = place_in(vote.guild_id, vote.channel_id)
    if not concerns_us(vote.message_id, place, envelope.reader):
        return ()
    text = f"{did} answer {vote.answer_id} of the poll {vote.message_id}"
    return (
        envelope.around(
            AccountStatus(code=code, text=text),
            place=place,
            dedup=f"v{vote.message_id}.{envelope.mark}",
            actor=person(vote.user_id),
            lost=lost,
        ),
    )


def _presser(press: Press) -> Actor:
    """In a guild the user is within the member."""
    user = press.member.user if press.member else press.user
    nick = press.member.nick if press.member else None
    if user is None:
        return platform()
    return Actor(
        kind=ActorKind.CUSTOMER,
        remote=user.id,
        name=nick or user.name,
        handle=user.username,
        language=press.locale,
    )


def _label(components: tuple[Component, ...], value: str, depth: int) -> str:
    """What stood on the button or the line of the menu that stands for this value."""
    if not depth:
        return ""
    for one in components:
        if one.custom_id == value and one.label:
            return one.label
        if chosen := next((option.label for option in one.options if option.value == value), ""):
            return chosen
        if found := _label(one.components, value, depth - 1):
            return found
    return ""
