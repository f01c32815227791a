"""What is the same of an event whatever the update says: where, when, who, for whom."""

from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec

from adapters.telegram.incoming.reading import Held
from adapters.telegram.objects.common import Chat, NamedChat, NamedUser, SpeakingChat, User
from adapters.telegram.objects.message import DirectTopic, Written
from adapters.telegram.objects.update import Offered, Whereabouts
from adapters.telegram.places import Place
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
# Before Python 3.12 an enum's member is found by a function in Python, which every update pays for.
_PRIVATE, _PUBLIC = Audience.PRIVATE, Audience.PUBLIC
_BOT, _CUSTOMER, _OURSELVES = ActorKind.BOT, ActorKind.CUSTOMER, ActorKind.OURSELVES
LIVE = Origin.LIVE


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """For whom updates are read: the account, its bot, and what it wants of groups.

    `chats`: of groups that became supergroups, the new id and the old one, after which the thread
    is still called. `topics`: where within
    their chats the latest messages are. `albums`:
    those of groups of which a file was meant for the bot: so are the others.
    """

    account: str
    bot_id: int
    bot_username: str
    groups: GroupPolicy = GroupPolicy.ALL
    chats: Mapping[int, int] = MappingProxyType({})
    topics: Mapping[str, str] = MappingProxyType({})
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
        private: bool = False,
        origin: Origin = LIVE,
        part: int | None = None,
    ) -> Inbound:
        """`at` in Unix time, 0 if the update does not say. `chat` None: it is between the actor and
        us, as it is wherever `private` says so. `part` of several events of one update, counted
        from 0.
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
            audience=_audience(None if private else chat),
            origin=origin,
            title=chat.title if chat else "",
            lost=self.lost if lost is None else lost,
        )

    def thread(self, chat_id: int, within: str = "") -> str:
        """`within` as in `Place`. A chat that was another before is called after that."""
        known = self.reader.chats.get(chat_id, chat_id)
        return f"{known}/{within}" if within else str(known)

    def actor(self, user: User) -> Actor:
        kind = _BOT if user.is_bot else _CUSTOMER
        return Actor(
            kind=_OURSELVES if user.id == self.reader.bot_id else kind,
            remote=str(user.id),
            name=full_name(user),
            handle=user.username,
            language=user.language_code,
        )


def remote(chat: Chat, message_id: int) -> str:
    """Telegram counts messages per chat."""
    return f"{chat.id}:{message_id}"


def within(holder: Written | Offered, direct: DirectTopic | None = None) -> str:
    """Where in its chat a message is, as in `Place`."""
    if holder.business_connection_id:
        return Place("", connection=holder.business_connection_id).within
    if direct:
        return Place("", direct=str(direct.topic_id)).within
    return str(holder.message_thread_id or "") if holder.is_topic_message else ""


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


def _audience(chat: Chat | Whereabouts | None) -> Audience:
    return _AUDIENCES.get(chat.type, _PUBLIC) if chat else _PRIVATE


def platform() -> Actor:
    return Actor(kind=ActorKind.PLATFORM, remote=CHANNEL)
