"""What a message answers, and where it was forwarded from. Pure."""

from datetime import UTC, datetime

from adapters.telegram.incoming.envelope import full_name, remote
from adapters.telegram.incoming.summaries import SUMMARIES
from adapters.telegram.objects.common import Chat, NamedChat
from adapters.telegram.objects.fields import ABSENT
from adapters.telegram.objects.message import (
    Answered,
    ExternalReply,
    Message,
    MessageOrigin,
    Written,
)
from core.model.content import Forward
from core.model.message import Quote
from core.rules.text import beginning

EXCERPT_MAX = 140
"""So many characters of an answered message are repeated with the answer."""

_EXTERNAL = [name for name in SUMMARIES if name in ExternalReply.__struct_fields__]


def answered(message: Written) -> Answered | None:
    """The message it answers. Everything in a topic formally answers the topic's first message."""
    found = message.reply_to_message
    if found and message.is_topic_message and found.message_id == message.message_thread_id:
        return None
    return found


def quote(message: Message) -> Quote | None:
    """The part that is quoted, else the beginning of what is answered: an agent sees what it is
    even if that message was never told to us.
    """
    part = message.quote.text if message.quote else ""
    if found := answered(message):
        return quote_of(found, message.chat, part)
    if external := message.external_reply:
        chat = external.chat
        known = f"{chat.id}:{external.message_id}" if chat and external.message_id else ""
        return Quote(remote=known, text=part or _external(external))
    if story := message.reply_to_story:
        text = part or f"a story of {_name(story.chat)}"
        return Quote(remote=f"{story.chat.id}:story:{story.id}", text=text)
    return Quote(text=part) if part else None


def quote_of(found: Answered, chat: Chat, part: str = "") -> Quote:
    text = part or _excerpt(found.text or found.caption)
    return Quote(remote=remote(chat, found.message_id), text=text)


def forward(origin: MessageOrigin) -> Forward:
    name, known = origin.sender_user_name, ""
    if origin.sender_user is not None:
        name, known = full_name(origin.sender_user), str(origin.sender_user.id)
    chat = origin.chat or origin.sender_chat
    if chat is not None:
        signature = origin.author_signature
        name = f"{_name(chat)} ({signature})" if signature else _name(chat)
        known = f"{chat.id}:{origin.message_id}" if origin.message_id else str(chat.id)
    at = datetime.fromtimestamp(origin.date, UTC) if origin.date else None
    return Forward(name=name, remote=known, at=at)


def _external(reply: ExternalReply) -> str:
    held = (name for name in _EXTERNAL if getattr(reply, name) is not ABSENT)
    what = SUMMARIES.get(next(held, ""), "a message")
    origin = forward(reply.origin)
    return f"{what} from {origin.name or origin.remote}"


def _name(chat: NamedChat) -> str:
    return chat.title or full_name(chat)


def _excerpt(text: str) -> str:
    """Ends where the sense allows it, never within a character as a reader sees it."""
    if len(text) <= EXCERPT_MAX:
        return text
    return f"{beginning(text, EXCERPT_MAX - 1).rstrip()}…"
