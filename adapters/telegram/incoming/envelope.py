"""What is the same of an event whatever the update says: where, when, who, for whom."""

from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec

from adapters.telegram.incoming.reading import Held
from adapters.telegram.objects.common import Chat, NamedChat, NamedUser, SpeakingChat, User
from adapters.telegram.objects.update import Whereabouts
from adapters.telegram.settings import GroupPolicy
from core.model.event import Actor, ActorKind, Body, Inbound, Origin
from core.model.ids import EventId, ThreadRef
from core.model.message import Audience

CHANNEL = "telegram"
NOWHERE = "account"
"""The thread of what belongs to no chat."""
_AUDIENCES = {
    "private": Audience.PRIVATE,
    "group": Audience.GROUP,
    "supergroup": Audience.GROUP,
    "channel": Audience.PUBLIC,
}


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """For whom updates are read: the account, its bot, and what it wants of groups.

    `chats`: of groups that became supergroups, the new id and the old one, after which the thread
    is still called. `topics`: in which topic the latest messages of forums are. `albums`:
    those of groups of which a file was meant for the bot: so are the others.
    """

    account: str
    bot_id: int
    bot_username: str
    groups: GroupPolicy = GroupPolicy.ALL
    chats: Mapping[int, int] = MappingProxyType({})
    topics: Mapping[str, int] = MappingProxyType({})
    albums: Container[str] = frozenset()


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """One update on its way into events; `held` is what it holds (see `reading`)."""

    reader: Reader
    update_id: int
    raw: bytes
    held: Held
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
        chat: Chat | Whereabouts | None,
        lost: tuple[str, ...] | None = None,
        customer: Actor | None = None,
        origin: Origin = Origin.LIVE,
        context: dict[str, str] | None = None,
        part: int | None = None,
    ) -> Inbound:
        """`at` in Unix time, 0 if the update does not say. `chat` None: it is between the actor and
        us. `part` of several events of one update, counted from 0.
        """
        return Inbound(
            id=EventId(self.new_id()),
            thread=ThreadRef(channel=CHANNEL, account=self.reader.account, thread=thread),
            dedup=f"u{self.update_id}" if part is None else f"u{self.update_id}.{part}",
            actor=actor,
            body=body,
            occurred_at=datetime.fromtimestamp(at, UTC) if at else self.received_at,
            received_at=self.received_at,
            customer=customer,
            audience=_AUDIENCES.get(chat.type, Audience.PUBLIC) if chat else Audience.PRIVATE,
            origin=origin,
            title=chat.title if chat else "",
            context=context or {},
            lost=self.lost if lost is None else lost,
        )

    def thread(self, chat_id: int, *, topic: int | None = None, business: str = "") -> str:
        """`<chat>`, `<chat>/<topic>`, or `<chat>/b<connection>` for a chat of a business account.

        A chat that was another before is called after that.
        """
        known = self.reader.chats.get(chat_id, chat_id)
        if business:
            return f"{known}/b{business}"
        return str(known) if topic is None else f"{known}/{topic}"

    def actor(self, user: User) -> Actor:
        kind = ActorKind.BOT if user.is_bot else ActorKind.CUSTOMER
        return Actor(
            kind=ActorKind.OURSELVES if user.id == self.reader.bot_id else kind,
            remote=str(user.id),
            name=full_name(user),
            handle=user.username,
            language=user.language_code,
        )


def remote(chat: Chat, message_id: int) -> str:
    """Telegram counts messages per chat."""
    return f"{chat.id}:{message_id}"


def album(chat: Chat, group: str) -> str:
    """Empty for what is part of none."""
    return f"{chat.id}:album:{group}" if group else ""


def public_name(chat: Chat, field: str) -> tuple[str, ...]:
    """What is lost of a group or channel that everybody can find by its name."""
    return (f"{field}.chat.username",) if chat.username and chat.type != "private" else ()


def full_name(person: User | NamedUser | Chat | NamedChat) -> str:
    return f"{person.first_name} {person.last_name}".strip()


def chat_actor(chat: SpeakingChat, kind: ActorKind = ActorKind.CUSTOMER, name: str = "") -> Actor:
    """Whoever speaks as a chat: an anonymous administrator, a channel."""
    return Actor(kind=kind, remote=str(chat.id), name=name or chat.title, handle=chat.username)


def platform() -> Actor:
    return Actor(kind=ActorKind.PLATFORM, remote=CHANNEL)
