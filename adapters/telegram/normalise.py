"""From one raw update to what happened, in the model's words. Pure.

Threads are `<chat>` or `<chat>/<topic>`, messages `<chat>:<message>` (Telegram counts messages
per chat), people go by their Telegram id, and an update is known again by `u<update id>`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec

from adapters.telegram.content import Content, covered, read_content
from adapters.telegram.payload import (
    Chat,
    ChatMemberUpdated,
    Message,
    MessageOrigin,
    Occurrence,
    OriginalSender,
    Update,
    User,
)
from adapters.telegram.reading import read_at, read_update
from adapters.telegram.settings import GroupPolicy
from core.model.content import Forward, Span, Style
from core.model.event import (
    AccountStatus,
    Actor,
    ActorKind,
    Body,
    Inbound,
    MessageCreated,
    MessageEdited,
    Unknown,
)
from core.model.ids import EventId, ThreadRef
from core.model.message import Audience, Quote

CHANNEL = "telegram"
_AUDIENCES = {
    "private": Audience.PRIVATE,
    "group": Audience.GROUP,
    "supergroup": Audience.GROUP,
    "channel": Audience.PUBLIC,
}
_NOWHERE = "account"
"""The thread of what belongs to no chat."""
_GONE = frozenset({"left", "kicked"})


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """For whom updates are read: the account, its bot, and what it wants of groups.

    `chats`: of groups that became supergroups, the new id and the old one, after which the thread
    is still called.
    """

    account: str
    bot_id: int
    bot_username: str
    groups: GroupPolicy = GroupPolicy.ALL
    chats: Mapping[int, int] = MappingProxyType({})


class _Envelope(msgspec.Struct, frozen=True):
    """What is the same whatever the update says."""

    reader: Reader
    update_id: int
    raw: bytes
    lost: tuple[str, ...]
    received_at: datetime
    new_id: Callable[[], str]

    def around(
        self,
        body: Body,
        *,
        thread: str,
        actor: Actor,
        at: int,
        chat_type: str,
        title: str = "",
        lost: tuple[str, ...] = (),
    ) -> Inbound:
        return Inbound(
            id=EventId(self.new_id()),
            thread=ThreadRef(channel=CHANNEL, account=self.reader.account, thread=thread),
            dedup=f"u{self.update_id}",
            actor=actor,
            body=body,
            occurred_at=datetime.fromtimestamp(at, UTC) if at else self.received_at,
            received_at=self.received_at,
            audience=_AUDIENCES.get(chat_type, Audience.PUBLIC),
            title=title,
            lost=lost,
        )


def normalise(
    raw: bytes, reader: Reader, received_at: datetime, new_id: Callable[[], str]
) -> tuple[Inbound, ...]:
    """What the update says; nothing if it is talk of a group that is not meant for the bot.

    Raises MalformedPayload for bytes that are not an update.
    """
    update, lost = read_update(raw)
    envelope = _Envelope(reader, update.update_id, raw, lost, received_at, new_id)
    if update.message is not None:
        return _message(update.message, "message", envelope)
    if update.edited_message is not None:
        return _message(update.edited_message, "edited_message", envelope)
    return (_other(update, envelope),)


def _message(message: Message, field: str, envelope: _Envelope) -> tuple[Inbound, ...]:
    chat = message.chat
    content = read_content(message, field, envelope.raw, envelope.lost, envelope.new_id)
    private = chat.type == "private"
    if not private and not _is_for_us(message, content, envelope.reader):
        return ()
    lost = content.lost
    if not private and chat.username:
        lost += (f"{field}.chat.username",)
    edited = field == "edited_message"
    return (
        envelope.around(
            _edited(message, content) if edited else _created(message, content),
            thread=_thread(message, envelope.reader),
            actor=_author(message, envelope.reader),
            at=(edited and message.edit_date) or message.date,
            chat_type=chat.type,
            title=chat.title,
            lost=lost,
        ),
    )


def _other(update: Update, envelope: _Envelope) -> Inbound:
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, envelope)
    kind = next((name for name in envelope.lost if "." not in name), "empty")
    said = read_at(envelope.raw, kind, Occurrence) or Occurrence()
    where = said.chat or (said.message.chat if said.message else None)
    who = said.from_ or said.user
    return envelope.around(
        Unknown(platform_kind=kind),
        thread=str(where.id) if where else _NOWHERE,
        actor=Actor(
            kind=ActorKind.CUSTOMER if who else ActorKind.PLATFORM,
            remote=str(who.id) if who else CHANNEL,
        ),
        at=said.date,
        chat_type=where.type if where else "private",
        title=where.title if where else "",
        lost=envelope.lost,
    )


def _membership(change: ChatMemberUpdated, envelope: _Envelope) -> Inbound:
    """The bot's own place in a chat has changed. In a private chat that is being blocked or not."""
    chat, before, now = change.chat, change.old_chat_member.status, change.new_chat_member.status
    if chat.type == "private":
        code = "blocked" if now in _GONE else "unblocked"
    elif now in _GONE:
        code = "removed"
    else:
        code = "joined" if before in _GONE else "rights_changed"
    return envelope.around(
        AccountStatus(code=code, text=now),
        thread=str(chat.id),
        actor=_actor(change.from_, envelope.reader),
        at=change.date,
        chat_type=chat.type,
        title=chat.title,
        lost=envelope.lost,
    )


def _created(message: Message, content: Content) -> Body:
    if message.migrate_to_chat_id is not None:
        return AccountStatus(code="migrated", text=str(message.migrate_to_chat_id))
    return MessageCreated(
        remote=_remote(message.chat, message.message_id),
        parts=content.parts,
        answers=_quote(message),
        forward=_forward(message.forward_origin) if message.forward_origin else None,
    )


def _edited(message: Message, content: Content) -> MessageEdited:
    return MessageEdited(remote=_remote(message.chat, message.message_id), parts=content.parts)


def _thread(message: Message, reader: Reader) -> str:
    chat = reader.chats.get(message.chat.id, message.chat.id)
    if message.is_topic_message and message.message_thread_id is not None:
        return f"{chat}/{message.message_thread_id}"
    return str(chat)


def _remote(chat: Chat, message_id: int) -> str:
    return f"{chat.id}:{message_id}"


def _quote(message: Message) -> Quote | None:
    """What it answers. Everything in a topic formally answers the topic's first message."""
    answered, text = message.reply_to_message, message.quote.text if message.quote else ""
    in_topic = message.is_topic_message
    if answered is not None and not (in_topic and answered.message_id == message.message_thread_id):
        return Quote(remote=_remote(message.chat, answered.message_id), text=text)
    return Quote(text=text) if text else None


def _forward(origin: MessageOrigin) -> Forward:
    name, remote = origin.sender_user_name, ""
    if origin.sender_user is not None:
        name, remote = _full_name(origin.sender_user), str(origin.sender_user.id)
    chat = origin.chat or origin.sender_chat
    if chat is not None:
        name = (
            f"{chat.title} ({origin.author_signature})" if origin.author_signature else chat.title
        )
        remote = f"{chat.id}:{origin.message_id}" if origin.message_id else str(chat.id)
    at = datetime.fromtimestamp(origin.date, UTC) if origin.date else None
    return Forward(name=name, remote=remote, at=at)


def _author(message: Message, reader: Reader) -> Actor:
    """Whoever speaks as a chat (an anonymous admin, a channel) has a placeholder for a sender."""
    if message.sender_chat is not None:
        chat = message.sender_chat
        return Actor(
            kind=ActorKind.CUSTOMER, remote=str(chat.id), name=chat.title, handle=chat.username
        )
    if message.from_ is not None:
        return _actor(message.from_, reader)
    return Actor(kind=ActorKind.PLATFORM, remote=str(message.chat.id), name=message.chat.title)


def _actor(user: User, reader: Reader) -> Actor:
    kind = ActorKind.BOT if user.is_bot else ActorKind.CUSTOMER
    return Actor(
        kind=ActorKind.OURSELVES if user.id == reader.bot_id else kind,
        remote=str(user.id),
        name=_full_name(user),
        handle=user.username,
        language=user.language_code,
    )


def _full_name(person: User | OriginalSender) -> str:
    return f"{person.first_name} {person.last_name}".strip()


def _is_for_us(message: Message, content: Content, reader: Reader) -> bool:
    match reader.groups:
        case GroupPolicy.ALL:
            return True
        case GroupPolicy.NONE:
            return False
        case GroupPolicy.ADDRESSED:
            answered = message.reply_to_message
            if answered and answered.from_ and answered.from_.id == reader.bot_id:
                return True
            return any(_addresses(span, text, reader) for span, text in covered(content.parts))


def _addresses(span: Span, text: str, reader: Reader) -> bool:
    """`/command` is for every bot, `/command@name` and `@name` for the one of that name."""
    name = text.rpartition("@")[2].lower() if "@" in text else ""
    named = bool(name) and name == reader.bot_username.lower()
    if span.style is Style.COMMAND:
        return named or not name
    return span.style is Style.MENTION and (named or span.value == str(reader.bot_id))
