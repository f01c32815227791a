"""Who belongs to an exchange of several people: who was written to there, by one who may say so.

Whoever cites somebody's mail says nothing by it: forwarded mails and archives hand out ids. An
invitation is a message that names the person as one of its recipients, written by us or by a sender
who is proven.
"""

from collections.abc import Collection, Iterable

from core.model.content import System
from core.model.conversation import Entry, Leg, Status
from core.model.ids import IdentityId, identity_id
from core.model.message import DeliveryState, Direction, Message, SenderLevel

QUEUED, FAILED = DeliveryState.QUEUED, DeliveryState.FAILED


def invitations(
    leg: Leg, entries: Iterable[Entry], person: Collection[IdentityId]
) -> tuple[Message, ...]:
    """The leg's messages that were addressed to the person, whose identities these are."""
    thread = leg.thread
    return tuple(
        entry.message
        for entry in entries
        if may_invite(entry)
        and any(
            identity_id(thread.channel, thread.account, recipient.address) in person
            for recipient in entry.message.recipients
        )
    )


def answers_one(entries: Iterable[Entry], invited: Iterable[Message]) -> bool:
    """Whether somebody has answered one of these invitations. That they were invited says little if
    they wrote before: a stranger may write to anybody whom they find in an exchange.
    """
    remotes = {remote for message in invited for remote in message.refs}
    return any(
        entry.message.answers.remote in remotes
        for entry in entries
        if entry.message.direction is Direction.IN and entry.message.answers
    )


def may_invite(entry: Entry) -> bool:
    """Written by us, if it has left; or proven to be from whom it says."""
    message, delivery = entry.message, entry.delivery
    if message.direction is Direction.OUT:
        return delivery is None or delivery.state not in (QUEUED, FAILED)
    return message.direction is Direction.IN and message.sender.level is SenderLevel.VERIFIED


def has_ended(leg: Leg) -> bool:
    return leg.sealed or leg.status is Status.CLOSED


def joined(other: Leg) -> System:
    """The line that tells agents why a leg is part of somebody else's conversation."""
    return System(code="exchange", text=f"part of {other.number}: one of them wrote to the other")


def claimed(number: str) -> System:
    """The line for a number that somebody names who is not there. Numbers are no secrets."""
    return System(code="cites", text=f"names {number}, where nothing of this person's is")


def apart(leg: Leg, other: Leg, *, full: bool = False) -> System:
    """The line that tells agents with what a leg has to do, and why it is not joined with it.
    `full`: else it would be.
    """
    if leg.doubted:
        why = "the domain of its sender disowns it"
    elif has_ended(other):
        why = "that has ended"
    elif full:
        why = "so many are joined there already"
    else:
        why = "nobody there is known to have written to them"
    return System(code="cites", text=f"belongs to {other.number}, but is not joined with it: {why}")
