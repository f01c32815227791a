"""What an event becomes in a leg's log."""

import msgspec

from core.model.content import Choice, Part, System, Unsupported
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    ActorKind,
    Inbound,
    MemberChanged,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Origin,
    Reacted,
    Unknown,
)
from core.model.ids import MessageId, identity_id
from core.model.message import (
    Direction,
    Message,
    Quote,
    Reaction,
    Revision,
    Sender,
    SenderKind,
)

_SENDER = {
    ActorKind.CUSTOMER: SenderKind.CONTACT,
    ActorKind.STAFF: SenderKind.AGENT,
    ActorKind.OURSELVES: SenderKind.AGENT,
    ActorKind.BOT: SenderKind.BOT,
    ActorKind.PLATFORM: SenderKind.SYSTEM,
}
HISTORY_MAX = 20
"""Earlier forms of a message that are kept; a message edited more often loses the oldest."""


def as_message(event: Inbound) -> Message:
    """The message that a MessageCreated says; it is called after its event."""
    body = event.body
    if not isinstance(body, MessageCreated):
        raise TypeError(type(body).__name__)
    return Message(
        id=MessageId(event.id),
        direction=Direction.IN,
        sender=_sender(event),
        at=event.occurred_at,
        received_at=event.received_at,
        parts=body.parts,
        refs=(body.remote, *body.refs),
        audience=event.audience,
        answers=body.answers,
        forward=body.forward,
        subject=body.subject,
        language=event.actor.language,
        backfilled=event.origin is Origin.BACKFILL,
        lost=event.lost,
        identity=identity_id(event.thread.channel, event.thread.account, event.actor.remote),
    )


def as_created(event: Inbound) -> Inbound:
    """The first thing ever heard in a thread, though it is no new message: it is kept as one.

    Of an edit the text is all there is; a button that was pressed is a choice that was made.
    """
    match event.body:
        case MessageEdited(remote=remote, parts=parts):
            created = MessageCreated(remote=remote, parts=parts)
            return msgspec.structs.replace(event, body=created, lost=(*event.lost, "original"))
        case ActionInvoked(value=value, label=label, on=on):
            choice = Choice(value=value, label=label)
            created = MessageCreated(remote=f"action {event.dedup}", parts=(choice,))
            if on:
                created = msgspec.structs.replace(created, answers=Quote(remote=on))
            return msgspec.structs.replace(event, body=created)
        case body:
            raise TypeError(type(body).__name__)


def amended(before: Message, event: Inbound) -> Message | None:
    """The message after an edit, a deletion or a reaction; None if nothing changes."""
    match event.body:
        case MessageEdited(parts=parts, rev=rev):
            if parts == before.parts or (rev and rev <= before.rev):
                return None
            revision = Revision(parts=before.parts, until=event.occurred_at)
            return msgspec.structs.replace(
                before,
                parts=parts,
                rev=rev or before.rev + 1,
                history=(*before.history, revision)[-HISTORY_MAX:],
                lost=tuple(sorted({*before.lost, *event.lost})),
            )
        case MessageDeleted():
            if before.deleted_at:
                return None
            return msgspec.structs.replace(before, deleted_at=event.occurred_at)
        case Reacted(emojis=emojis):
            others = tuple(one for one in before.reactions if one.by != event.actor.remote)
            theirs = tuple(
                Reaction(by=event.actor.remote, emoji=emoji, at=event.occurred_at)
                for emoji in emojis
            )
            return msgspec.structs.replace(before, reactions=others + theirs)
        case _:
            return None


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
        case MessageEdited(parts=parts):
            return _activity(event, (System(code="edit_of_unknown_message"), *parts))
        case MessageDeleted(remote=remote) | Reacted(remote=remote):
            part = System(code=f"{event.body.__struct_config__.tag}_of_unknown", text=remote)
        case Unknown(platform_kind=kind):
            part = Unsupported(platform_kind=kind, summary=f"an event of the kind {kind}")
        case _:
            part = System(code=str(event.body.__struct_config__.tag))
    return _activity(event, (part,))


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


def _sender(event: Inbound) -> Sender:
    actor = event.actor
    identity = identity_id(event.thread.channel, event.thread.account, actor.remote)
    name = actor.name or actor.handle or actor.remote
    return Sender(kind=_SENDER[actor.kind], id=identity, name=name)
