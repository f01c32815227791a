"""Which messages of a lane are filed together: those in front that one author wrote."""

from core.model.conversation import Status
from core.model.event import Inbound, MessageCreated
from core.model.message import Message
from core.rules.incoming import (
    as_message,
    first_status,
    identity_of,
    is_aside,
    is_ours,
    together,
)
from core.rules.routing import author_key

Messages = list[tuple[int, Message]]
"""With their seqs."""


def leading(events: list[tuple[int, Inbound]]) -> tuple[Messages, Inbound]:
    """The messages in front that one author wrote, and the last of their events. Files of an album
    that came together are one message already.
    """
    seq, newest = events[0]
    run = [(seq, as_message(newest))]
    for seq, event in events[1:]:
        if not _belongs(event, newest):
            break
        message, newest = as_message(event), event
        if message.album and message.album == run[-1][1].album:
            run[-1] = (seq, together(run[-1][1], message))
        else:
            run.append((seq, message))
    return run, newest


def _belongs(event: Inbound, before: Inbound) -> bool:
    """Whether an event may be filed together with the one before it."""
    same = author_of(event) == author_of(before) and _sort(event) == _sort(before)
    return same and says_something(event)


def _sort(event: Inbound) -> tuple[bool, bool, Status]:
    """What a run has in common besides its author: what follows from it."""
    return is_ours(event), is_aside(event), first_status(event)


def is_usual(event: Inbound) -> bool:
    """A customer's message of now: it may be filed as it comes."""
    return says_something(event) and not is_ours(event) and not is_aside(event)


def author_of(event: Inbound) -> str:
    """Whose leg of its thread it goes to; see `author_key`."""
    return author_key(event.audience, identity_of(event))


def says_something(event: Inbound) -> bool:
    return isinstance(event.body, MessageCreated)
