"""What happened in a chat, of which Telegram makes a message though nobody says anything. Pure."""

from datetime import UTC, datetime
from typing import Any

from adapters.telegram.incoming.envelope import full_name
from adapters.telegram.incoming.summaries import HAPPENINGS
from adapters.telegram.objects.common import MentionedUser
from adapters.telegram.objects.message import Message
from adapters.telegram.objects.service import (
    Boost,
    DeletionTimer,
    Invited,
    NewOwner,
    Payment,
    Pinned,
    PollOptionChange,
    Proximity,
    Topic,
    VideoChatEnded,
    VideoChatScheduled,
)
from core.model.event import AccountStatus, Body, MemberChanged

MEMBERS = ("new_chat_members", "left_chat_member")
_MIGRATED = "migrate_to_chat_id"


def happened(message: Message, kind: str, value: Any) -> tuple[Body, ...]:
    """`value` is what the message's field `kind` holds; of people who came there is one each."""
    if kind == "new_chat_members":
        return tuple(_member(user, "joined") for user in value)
    if kind == "left_chat_member":
        change = "left" if message.from_ and message.from_.id == value.id else "removed"
        return (_member(value, change),)
    if kind == _MIGRATED:
        return (AccountStatus(code="migrated", text=str(value)),)
    detail = _detail(value)
    text = f"{HAPPENINGS[kind]}: {detail}" if detail else HAPPENINGS[kind]
    return (AccountStatus(code=kind, text=text),)


def _member(user: MentionedUser, change: str) -> MemberChanged:
    return MemberChanged(member=str(user.id), change=change)


def _detail(value: object) -> str:
    """What there is to say besides that it happened."""
    match value:
        case str():
            return value
        case Topic(name=name):
            return name
        case Pinned(message_id=number):
            return f"number {number}"
        case DeletionTimer(message_auto_delete_time=seconds) | VideoChatEnded(duration=seconds):
            return f"{seconds} seconds"
        case VideoChatScheduled(start_date=at):
            return datetime.fromtimestamp(at, UTC).isoformat()
        case Boost(boost_count=count):
            return f"{count} times"
        case Payment(total_amount=amount, currency=currency):
            return f"{amount} of the smallest unit of {currency}"
        case PollOptionChange(option_text=text):
            return text
        case _:
            return _about_people(value)


def _about_people(value: object) -> str:
    match value:
        case Invited(users=users):
            return ", ".join(f"{full_name(user)} ({user.id})" for user in users)
        case NewOwner(new_owner=user):
            return f"{full_name(user)} ({user.id})"
        case Proximity(traveler=one, watcher=other, distance=metres):
            near = f"{full_name(one)} ({one.id}) is {metres} m from"
            return f"{near} {full_name(other)} ({other.id})"
        case int() if not isinstance(value, bool):
            return str(value)
        case _:
            return ""
