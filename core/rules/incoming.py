"""What an event becomes in a leg's log."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from core.model.content import Attachment, Choice, Media, Part, System, Unsupported
from core.model.conversation import Status
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Actor,
    ActorKind,
    DeliveryReported,
    Inbound,
    MemberChanged,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Opened,
    Origin,
    Reacted,
    ReactionsTold,
    Settled,
    Unknown,
)
from core.model.ids import AttachmentId, IdentityId, MessageId, identity_id
from core.model.message import (
    Automatic,
    DeliveryState,
    Direction,
    Message,
    Quote,
    Reaction,
    Revision,
    Sender,
    SenderKind,
)
from core.rules.choices import pressed, without_choice

_SENDER = {
    ActorKind.CUSTOMER: SenderKind.CONTACT,
    ActorKind.STAFF: SenderKind.AGENT,
    ActorKind.OURSELVES: SenderKind.AGENT,
    ActorKind.BOT: SenderKind.BOT,
    ActorKind.PLATFORM: SenderKind.SYSTEM,
}

# Before Python 3.12 an enum's member is found by a function in Python, which every event pays for.
_IN, _OUT, _BACKFILL = Direction.IN, Direction.OUT, Origin.BACKFILL
_OURS = (ActorKind.STAFF, ActorKind.OURSELVES)

HISTORY_MAX = 20
"""Earlier forms of a message that are kept; a message edited more often loses the oldest."""

REACTIONS_MAX = 200
"""Of a message, the newest; in a large group there is no end of them."""

ALBUM_MAX = 100
"""Files of one message; further ones are messages of their own."""

ASIDES = frozenset({Automatic.REPLY, Automatic.ABSENCE, Automatic.REPORT})
"""Not what is sent to many: a company may have its customers' mail through a list, and a question
that reopens nothing is a question that nobody sees.
"""

ORIGINAL = "original"
"""What a message has lost that is only known from an edit of it."""
NEWS = timedelta(days=2)
"""No platform takes longer to tell what has happened; what it repeats may be older."""


def as_message(event: Inbound) -> Message:
    """The message that a MessageCreated says; it is called after its event.

    A MessageEdited whose original nobody has seen says one, too. What begins a leg from our side is
    a line that agents see.
    """
    match event.body:
        case MessageCreated() as body:
            said, lost, rev = body, event.lost, 0
        case MessageEdited(remote=remote, parts=parts):
            said, lost, rev = MessageCreated(remote=remote, parts=parts), (*event.lost, ORIGINAL), 1
        case Opened():
            return as_activity(event)
        case other:
            raise TypeError(type(other).__name__)
    sender = _sender(event)
    return Message(
        id=MessageId(event.id),
        direction=_OUT if is_ours(event) else _IN,
        sender=sender,
        at=event.occurred_at,
        received_at=event.received_at,
        parts=said.parts,
        refs=(said.remote, *said.refs),
        audience=event.audience,
        album=said.album if len(said.parts) == 1 + len(said.refs) else "",
        answers=said.answers,
        forward=said.forward,
        subject=said.subject,
        recipients=said.recipients,
        automatic=said.automatic,
        protection=said.protection,
        language=event.actor.language,
        rev=rev,
        backfilled=event.origin is _BACKFILL,
        lost=lost,
    )


def is_ours(event: Inbound) -> bool:
    """Whether it was done by one of us, by another way than through Trunkline."""
    return event.actor.kind in _OURS


def customer_of(event: Inbound) -> Actor:
    """Whose leg it goes to."""
    return event.customer or event.actor


def identity_of(event: Inbound) -> IdentityId:
    """The identity of the one whose leg it goes to."""
    return identity_id(event.thread.channel, event.thread.account, customer_of(event).remote)


def is_aside(event: Inbound) -> bool:
    """Whether nothing follows from it: a machine answered, or it is brought from the past."""
    automatic = isinstance(event.body, MessageCreated) and event.body.automatic in ASIDES
    return automatic or event.origin is _BACKFILL


def is_aside_message(message: Message) -> bool:
    """The same of a message that is in a log."""
    return message.automatic in ASIDES or message.backfilled


def is_old(event: Inbound) -> bool:
    """Whether a platform speaks of it for another reason than that it has just happened: a message
    that was edited long ago is pinned, say.
    """
    return event.received_at - event.occurred_at > NEWS


def first_status(event: Inbound) -> Status:
    """What a leg is that begins with this message. Neither history nor what we have opened for
    ourselves floods the open view.
    """
    idle = isinstance(event.body, Opened) and event.body.idle
    return Status.RESOLVED if idle or event.origin is Origin.BACKFILL else Status.NEW


def as_choice(event: Inbound, offered: tuple[Part, ...]) -> Inbound:
    """A pressed button as the customer's message: what was chosen of what had been offered."""
    body = event.body
    if not isinstance(body, ActionInvoked):
        raise TypeError(type(body).__name__)
    button = pressed(offered, body.value)
    choice = Choice(value=body.value, label=body.label)
    if button:
        choice = Choice(value=button.value, label=button.label)
    created = MessageCreated(
        remote=f"action {event.dedup}",
        parts=(choice,),
        answers=Quote(remote=body.on) if body.on else None,
    )
    return replace(event, body=created)


def together(first: Message, further: Message) -> Message:
    """An album with a further file of it."""
    return replace(
        first,
        refs=first.refs + further.refs,
        parts=first.parts + further.parts,
        lost=tuple(sorted({*first.lost, *further.lost})),
    )


def continued(known: Message, message: Message) -> Message | None:
    """A message, after another came under the same id of the platform.

    It is a further file of its album, its own original after an edit of it came first, or what it
    says or said before, told once more. None: it is another message, whatever its id says.
    """
    if message.album and message.album == known.album:
        new = [n for n, ref in enumerate(message.refs) if ref not in known.refs]
        refs, parts = (tuple(own[n] for n in new) for own in (message.refs, message.parts))
        if not new:
            return known
        if len(known.refs) >= ALBUM_MAX:
            return None
        return together(known, replace(message, refs=refs, parts=parts))
    if ORIGINAL in known.lost:
        return replace(
            known,
            at=message.at,
            answers=message.answers,
            forward=message.forward,
            history=(Revision(parts=message.parts, until=known.at), *known.history)[-HISTORY_MAX:],
            lost=tuple(one for one in known.lost if one != ORIGINAL),
        )
    said, forms = _alike(message.parts), (known.parts, *(one.parts for one in known.history))
    return known if any(_alike(form) == said for form in forms) else None


def edited(before: Message, parts: tuple[Part, ...], at: datetime) -> Message:
    """The message with other parts. Files that it keeps stay the ones that are stored."""
    stored = {one.attachment.remote: one.attachment for one in _media(before.parts)}
    kept = tuple(
        replace(part, attachment=stored.get(part.attachment.remote, part.attachment))
        if isinstance(part, Media) and part.attachment.remote
        else part
        for part in parts
    )
    same = kept in (before.parts, without_choice(before.parts))
    return before if same else _revised(before, kept, before.refs, at)


def _revised(
    before: Message, parts: tuple[Part, ...], refs: tuple[str, ...], at: datetime
) -> Message:
    history = (*before.history, Revision(parts=before.parts, until=at))[-HISTORY_MAX:]
    return replace(before, parts=parts, refs=refs, rev=before.rev + 1, history=history)


def amended(before: Message, event: Inbound) -> Message | None:
    """The message after an edit, a deletion or a reaction; None if nothing changes."""
    match event.body:
        case MessageEdited(remote=remote, parts=parts, rev=rev):
            if before.album and remote in before.refs:
                at = before.refs.index(remote)
                parts = (*before.parts[:at], *parts[:1], *before.parts[at + 1 :])
            after = edited(before, parts, event.occurred_at)
            if after is before or (rev and rev <= before.rev):
                return None
            lost = tuple(sorted({*before.lost, *event.lost}))
            return replace(after, rev=rev or after.rev, lost=lost)
        case MessageDeleted(remote=remote):
            if before.deleted_at:
                return None
            if before.album and before.refs != (remote,):
                return _without(before, remote, event.occurred_at)
            return replace(before, deleted_at=event.occurred_at)
        case Reacted() as body:
            left = _reactions(before.reactions, body, event.actor.remote, event.occurred_at)
            return replace(before, reactions=left) if left != before.reactions else None
        case _:
            return None


def _reactions(
    before: tuple[Reaction, ...], body: Reacted, by: str, at: datetime
) -> tuple[Reaction, ...]:
    """All that a message has after this; what somebody adds again stays as it was."""
    named, kept, new = body.emojis, before, body.emojis
    match body.told:
        case ReactionsTold.CLEARED:
            return tuple(one for one in before if named and one.emoji not in named)
        case ReactionsTold.REMOVED:
            return tuple(one for one in before if one.by != by or one.emoji not in named)
        case ReactionsTold.ADDED:
            theirs = {one.emoji for one in before if one.by == by}
            new = tuple(emoji for emoji in named if emoji not in theirs)
        case ReactionsTold.EXACTLY:
            kept = tuple(one for one in before if one.by != by)
    added = tuple(Reaction(by=by, emoji=emoji, at=at) for emoji in new)
    return (kept + added)[-REACTIONS_MAX:]


def _without(album: Message, remote: str, at: datetime) -> Message | None:
    """An album less one of its files; None if that one is gone already."""
    if remote not in album.refs:
        return None
    left = [n for n, ref in enumerate(album.refs) if ref != remote]
    parts, refs = tuple(album.parts[n] for n in left), tuple(album.refs[n] for n in left)
    return _revised(album, parts, refs, at)


def as_activity(event: Inbound) -> Message:
    """An event that is no message, as a line that agents see. Nothing is dropped (law 5)."""
    part: Part
    match event.body:
        case ActionInvoked(value=value, label=label):
            part = Choice(value=value, label=label)
        case MemberChanged(member=member, change=change):
            part = System(code=f"member_{change}", text=member)
        case AccountStatus(code=code, text=text):
            part = System(code=code, text=text)
        case Settled(text=text) | Opened(text=text):
            part = System(code=str(event.body.__struct_config__.tag), text=text)
        case MessageDeleted(remote=remote) | Reacted(remote=remote):
            part = System(code=f"{event.body.__struct_config__.tag}_of_unknown", text=remote)
        case DeliveryReported() as told:
            part = System(code=f"delivery_{told.state}", text=_reported(told))
        case Unknown(platform_kind=kind):
            part = Unsupported(platform_kind=kind, summary=f"an event of the kind {kind}")
        case _:
            part = System(code=str(event.body.__struct_config__.tag))
    return _activity(event, (part,))


def _reported(told: DeliveryReported) -> str:
    what = f"the copy to {told.recipient}" if told.recipient else "a message of ours"
    states = {DeliveryState.SENDING: "is delayed", DeliveryState.FAILED: "did not arrive"}
    state = states.get(told.state, f"is {told.state}")
    return f"{what} {state}: {told.reason}" if told.reason else f"{what} {state}"


def _activity(event: Inbound, parts: tuple[Part, ...]) -> Message:
    return Message(
        id=MessageId(event.id),
        direction=Direction.ACTIVITY,
        sender=_sender(event),
        at=event.occurred_at,
        received_at=event.received_at,
        parts=parts,
        audience=event.audience,
        lost=event.lost,
    )


def _media(parts: tuple[Part, ...]) -> tuple[Media, ...]:
    return tuple(part for part in parts if isinstance(part, Media))


def _alike(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts without what differs each time they are read: a file is what it is called."""
    return tuple(
        replace(part, attachment=Attachment(id=AttachmentId(""), remote=part.attachment.remote))
        if isinstance(part, Media) and part.attachment.remote
        else part
        for part in without_choice(parts)
    )


def _sender(event: Inbound) -> Sender:
    actor = event.actor
    identity = identity_id(event.thread.channel, event.thread.account, actor.remote)
    name = actor.name or actor.handle or actor.remote
    return Sender(
        kind=_SENDER[actor.kind],
        id=identity,
        name=name,
        level=actor.level,
        evidence=actor.evidence,
    )
