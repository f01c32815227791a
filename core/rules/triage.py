"""What a conversation is as a piece of work, and what a change of it means for one of its legs."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from core.errors import InvalidRequest
from core.model.content import System
from core.model.conversation import Leg, Priority, Status
from core.model.triage import Triage
from core.rules.lifecycle import MOVES

TAGS_MAX: Final = 32
"""Of one leg."""

TAG_LENGTH_MAX: Final = 50

RISING: Final = (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT)


def highest(legs: Sequence[Leg]) -> Priority:
    """Of those that somebody has given one; what nobody has looked at says nothing."""
    given = [leg.priority for leg in legs if leg.priority is not Priority.NORMAL]
    return max(given, key=RISING.index, default=Priority.NORMAL)


def all_tags(legs: Sequence[Leg]) -> tuple[str, ...]:
    return tuple(sorted({tag for leg in legs for tag in leg.tags}))


def assignee(legs: Sequence[Leg]) -> str:
    """The one that was set last, which may be nobody."""
    set_once = [leg for leg in legs if leg.assigned_at]
    return max(set_once, key=_assigned, default=legs[0]).assignee


def wakes_at(legs: Sequence[Leg]) -> datetime | None:
    return min((leg.snoozed_until for leg in legs if leg.snoozed_until), default=None)


def is_spam(legs: Sequence[Leg]) -> bool:
    """A leg that nobody has marked brings the conversation back to the inbox."""
    return all(leg.spam for leg in legs)


def tidy(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags as they are kept: small letters, composed, each once, in order. Raises InvalidRequest
    for what is empty, too long, or has a space or a comma in it.
    """
    kept = {unicodedata.normalize("NFC", tag.casefold()) for tag in tags}
    for tag in kept:
        if not 0 < len(tag) <= TAG_LENGTH_MAX or "," in tag or _is_blank(tag):
            raise InvalidRequest(
                f"a tag is 1 to {TAG_LENGTH_MAX} characters without spaces and commas"
            )
    return tuple(sorted(kept))


def for_each(change: Triage, legs: Sequence[Leg]) -> list[Triage]:
    """What of a change each leg is asked for: one that cannot take the status is let be, if there
    is one that can.
    """
    if change.status is None or not any(change.status in MOVES[leg.status] for leg in legs):
        return [change] * len(legs)
    without = replace(change, status=None, snoozed_until=None)
    return [change if change.status in MOVES[leg.status] else without for leg in legs]


def lines(change: Triage, leg: Leg) -> tuple[System, ...]:
    """What it does to a leg, for agents to read."""
    told = []
    status = Status.OPEN if change.wake and leg.status is Status.SNOOZED else change.status
    if change.snoozed_until:
        told.append(System(code="snoozed", text=change.snoozed_until.isoformat(timespec="seconds")))
    elif status and status is not leg.status:
        told.append(System(code="status", text=status))
    if change.priority and change.priority is not leg.priority:
        told.append(System(code="priority", text=change.priority))
    tags = tags_after(leg.tags, change)
    if tags != leg.tags:
        told.append(System(code="tags", text=", ".join(tags)))
    if change.assignee is not None and change.assignee != leg.assignee:
        told.append(System(code="assigned", text=change.assignee))
    if change.spam is not None and change.spam != leg.spam:
        told.append(System(code="spam" if change.spam else "no_spam"))
    return tuple(told)


def tags_after(before: Sequence[str], change: Triage) -> tuple[str, ...]:
    kept = set(before if change.tags is None else change.tags)
    return tuple(sorted((kept | set(change.add_tags)) - set(change.remove_tags)))


def _assigned(leg: Leg) -> tuple[float, str]:
    return (leg.assigned_at.timestamp() if leg.assigned_at else 0.0, leg.id)


def _is_blank(tag: str) -> bool:
    """Whether it holds a space, a control character or half of one."""
    return any(unicodedata.category(one) in ("Zs", "Zl", "Zp", "Cc", "Cs") for one in tag)
