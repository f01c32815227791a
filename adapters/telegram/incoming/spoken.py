"""The parts of a message's content that is neither text nor file; in words if there is no part."""

from datetime import UTC, datetime
from typing import Any

from adapters.telegram.entities import to_spans
from adapters.telegram.incoming.envelope import full_name
from adapters.telegram.incoming.summaries import SUMMARIES
from adapters.telegram.objects.said import (
    ChatShared,
    Checklist,
    ChecklistTask,
    Contact,
    Dice,
    Game,
    GiftInfo,
    Invoice,
    Location,
    Poll,
    Story,
    UsersShared,
    Venue,
    WebAppData,
)
from core.model.content import Choice, ContactCard, Part, PollOption, Text, Unsupported
from core.model.content import Location as LocationPart
from core.model.content import Poll as PollPart


def spoken(kind: str, value: Any) -> tuple[Part, ...]:
    """`value` is what the message's field `kind` holds; both are empty for an empty message."""
    match value:
        case Location():
            return (_location(value),)
        case Venue(location=location, title=title, address=address):
            return (_location(location, title, address),)
        case Contact(first_name=first, last_name=last, phone_number=phone, vcard=vcard):
            return (ContactCard(name=f"{first} {last}".strip(), phone=phone, vcard=vcard),)
        case Poll():
            return (_poll(value),)
        case WebAppData(data=data, button_text=label):
            return (Choice(value=data, label=label),)
        case GiftInfo(text=text, entities=entities) if text:
            return (_unsupported(kind), Text(text=text, spans=to_spans(text, entities)[0]))
        case _:
            return (_unsupported(kind, _detail(value)),)


def _location(where: Location, title: str = "", address: str = "") -> LocationPart:
    return LocationPart(
        latitude=where.latitude,
        longitude=where.longitude,
        accuracy_metres=where.horizontal_accuracy,
        live_seconds=where.live_period,
        title=title,
        address=address,
    )


def _poll(poll: Poll) -> PollPart:
    return PollPart(
        question=poll.question,
        options=tuple(PollOption(text=o.text, votes=o.voter_count) for o in poll.options),
        multiple=poll.allows_multiple_answers,
        closed=poll.is_closed,
    )


def _unsupported(kind: str, detail: str = "") -> Unsupported:
    summary = SUMMARIES.get(kind, "a message of a new kind" if kind else "an empty message")
    return Unsupported(platform_kind=kind or "empty", summary=f"{summary}{detail}")


def _detail(value: object) -> str:
    """What follows the summary."""
    match value:
        case Dice(emoji=emoji, value=number):
            shown = f" {emoji}" if emoji else ""
            return shown if number is None else f"{shown} showing {number}"
        case Game(title=title) | Invoice(title=title):
            return f": {title}"
        case Story(chat=chat, id=number):
            name = chat.title or full_name(chat)
            return f" of {name} ({chat.id}, number {number})"
        case Checklist(title=title, tasks=tasks):
            return f": {title}{''.join(_task(task) for task in tasks)}"
        case UsersShared(users=users):
            return ": " + ", ".join(
                _shared(f"{u.first_name} {u.last_name}", u.user_id) for u in users
            )
        case ChatShared(title=title, chat_id=chat_id):
            return f": {_shared(title, chat_id)}"
        case _:
            return ""


def _task(task: ChecklistTask) -> str:
    if not task.completion_date:
        return f"\n☐ {task.text}"
    done_at = datetime.fromtimestamp(task.completion_date, UTC)
    return f"\n☑ {task.text} ({done_at.isoformat()})"


def _shared(name: str, number: int) -> str:
    return f"{name.strip()} ({number})".lstrip()
