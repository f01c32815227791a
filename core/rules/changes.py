"""What an agent does to a message that is on the platform already: may it be, and what comes of it.

A change is asked for, waits in the thread's lane behind the message that it changes, is asked of
the platform step by step, and is then kept on the stored message.
"""

from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from core.errors import Conflict, InvalidRequest, UnsupportedFeature
from core.model.capabilities import Capabilities
from core.model.content import Media, Part, Text
from core.model.conversation import Entry
from core.model.message import Change, ChangeKind, DeliveryState, Direction, Message, Reaction
from core.model.outbound import Plan
from core.rules.degrade import Link
from core.rules.editing import overlay
from core.rules.incoming import edited
from core.rules.quoting import quoted

OURS: Final = "agent:"
"""Before the name in a Reaction of ours. On the platform all of us are one: there is one a message.
"""


class EditPiece(NamedTuple):
    """The platform message `remotes` is to say what this piece of the new plan says."""

    piece: int
    remotes: tuple[str, ...]


class Withdraw(NamedTuple):
    remotes: tuple[str, ...]


class SetReaction(NamedTuple):
    remote: str
    emoji: str


Step = EditPiece | Withdraw | SetReaction


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask of the platform, in order. `plan`: how an edit's new content travels; `left`: the
    platform's ids of each of its pieces.
    """

    steps: tuple[Step, ...]
    plan: Plan = Plan(pieces=())
    left: tuple[tuple[str, ...], ...] = ()


def check(entry: Entry, kind: ChangeKind) -> None:
    """Whether this can be done to a message at all. Raises InvalidRequest, Conflict."""
    message, delivery = entry.message, entry.delivery
    if message.direction not in (Direction.IN, Direction.OUT):
        raise InvalidRequest(f"message {message.id} is not on a platform: only agents see it")
    if kind is ChangeKind.EDIT and message.direction is Direction.IN:
        raise InvalidRequest(f"message {message.id} is the customer's: only ours can be edited")
    if message.deleted_at:
        raise Conflict(f"message {message.id} was deleted: nothing can be done to it any more")
    if delivery is None:
        return
    if delivery.state is DeliveryState.UNKNOWN:
        raise Conflict(f"nobody knows whether message {message.id} arrived: look, or ask")
    if delivery.state is DeliveryState.FAILED and not delivery.pieces_sent:
        raise Conflict(f"message {message.id} was never sent: write a new one")


def reworded(parts: tuple[Part, ...], text: Text) -> tuple[Part, ...]:
    """With another text, or caption where that is all the text there is; everything else stays.

    Raises InvalidRequest if nothing is left.
    """
    bare = tuple(_bare(part) for part in parts if not isinstance(part, Text))
    if not text.text.strip():
        if not any(isinstance(part, Media) for part in bare):
            raise InvalidRequest("nothing would be left of the message: delete it instead")
        return bare
    before = next((n for n, part in enumerate(parts) if isinstance(part, Text)), 0)
    return (*bare[:before], text, *bare[before:])


def _bare(part: Part) -> Part:
    return replace(part, caption="", spans=()) if isinstance(part, Media) else part


def steps(
    request: Message,
    target: Entry,
    remotes: tuple[tuple[str, ...], ...],
    capabilities: Capabilities,
    link: Link | None = None,
) -> Steps:
    """What a change asks of the platform, decided before anything leaves.

    `remotes` are the platform's ids of the target, a tuple for each of its pieces; `link` as in
    `plan`. Raises Refused, UnsupportedFeature.
    """
    change = _change_of(request)
    if change.kind is ChangeKind.DELETE and target.message.deleted_at:
        return Steps(steps=())  # it is as it should be
    check(target, change.kind)
    if not remotes:
        raise UnsupportedFeature("what the platform calls the message is not known")
    match change.kind:
        case ChangeKind.EDIT:
            return _edit(request, target, remotes, capabilities, link)
        case ChangeKind.DELETE if capabilities.deletes:
            return Steps(steps=(Withdraw(tuple(one for piece in remotes for one in piece)),))
        case ChangeKind.DELETE:
            raise UnsupportedFeature("this channel cannot take messages back: send a correction")
        case ChangeKind.REACT if capabilities.reactions:
            return Steps(steps=(SetReaction(remotes[0][0], change.emoji),))
        case ChangeKind.REACT:
            raise UnsupportedFeature("this channel has no reactions: answer in words")


def _edit(
    request: Message,
    target: Entry,
    remotes: tuple[tuple[str, ...], ...],
    capabilities: Capabilities,
    link: Link | None,
) -> Steps:
    """Piece over piece; what is too many is withdrawn."""
    window, sent_at = capabilities.edit_window, target.delivery and target.delivery.at
    if not capabilities.edits:
        raise UnsupportedFeature("this channel cannot edit: send a correction")
    if window is not None and sent_at and request.at - sent_at > window:
        hours = window.total_seconds() / 3600
        raise UnsupportedFeature(f"this channel edits only for {hours:g} hours: send a correction")
    before = target.message
    quote = quoted(before)
    found = overlay(before.parts, request.parts, len(remotes), capabilities, link, quote)
    if found.surplus and not capabilities.deletes:
        raise UnsupportedFeature(
            f"the new text takes {len(found.over)} messages, the old one has {len(remotes)},"
            " and this channel cannot take the rest back: send a correction"
        )
    left = tuple(remotes[at] for at in found.over)
    edits = (EditPiece(piece, ids) for piece, ids in enumerate(left))
    withdrawals = (Withdraw(remotes[at]) for at in found.surplus)
    return Steps(steps=(*edits, *withdrawals), plan=found.plan, left=left)


def changed(before: Message, request: Message) -> Message:
    """The message after a change that the platform agreed to.

    Times are those of the request, so that doing it again finds the same.
    """
    change = _change_of(request)
    match change.kind:
        case ChangeKind.EDIT:
            return edited(before, request.parts, request.at)
        case ChangeKind.DELETE:
            return before if before.deleted_at else replace(before, deleted_at=request.at)
        case ChangeKind.REACT:
            others = tuple(one for one in before.reactions if not one.by.startswith(OURS))
            ours = Reaction(by=OURS + request.sender.id, emoji=change.emoji, at=request.at)
            return replace(before, reactions=(*others, ours) if change.emoji else others)


def _change_of(request: Message) -> Change:
    if request.change is None:
        raise TypeError(f"message {request.id} changes nothing")
    return request.change
