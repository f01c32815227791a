"""What is the same of an event whatever it says: where, when, who, for whom."""

import re
from collections.abc import Callable, Container
from datetime import UTC, datetime

import msgspec

from adapters.discord.known import ChannelFacts, Known
from adapters.discord.objects.channel import GROUP_DM, PRIVATE_THREAD
from adapters.discord.objects.people import NO_DISCRIMINATOR, Member, User
from adapters.discord.places import CHANNEL, NOWHERE, Place
from adapters.discord.settings import Listen
from core.errors import MalformedPayload
from core.model.event import Actor, ActorKind, Body, Inbound, Origin
from core.model.ids import EventId, MessageId, ThreadRef
from core.model.message import Audience, Automatic

# Before Python 3.12 an enum's member is found by a function in Python, which every event pays for.
_PRIVATE, _GROUP, _PUBLIC = Audience.PRIVATE, Audience.GROUP, Audience.PUBLIC
BOT, CUSTOMER, OURSELVES = ActorKind.BOT, ActorKind.CUSTOMER, ActorKind.OURSELVES
NO, BULK = Automatic.NO, Automatic.BULK
LIVE = Origin.LIVE
_NOBODY = Member()


Ours = tuple[MessageId, int, int]
"""A message of ours, which piece of it, and in which form."""


def not_ours(_nonce: str) -> Ours | None:
    return None


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """For whom events are read: the account, its bot, what it knows of its guilds and wants of
    them.

    `ours`: what of ours a nonce stands for, None for a nonce of another's. `told`: ids of
    messages of late that were for us, where not all are. `keywords`: see `keywords_of`.
    """

    account: str
    known: Known
    guilds: frozenset[str] = frozenset()
    support_channels: frozenset[str] = frozenset()
    listen: Listen = Listen.ADDRESSED
    keywords: re.Pattern[str] | None = None
    told: Container[str] = frozenset()
    ours: Callable[[str], Ours | None] = not_ours

    @property
    def bot(self) -> str:
        return self.known.bot


def keywords_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds any of them as whole words, however they are written; None if there are none."""
    if not words:
        return None
    either = "|".join(re.escape(word.strip()) for word in words)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """One dispatch event on its way into the model. `mark` tells it apart from all others, also
    where Discord gives it no id.
    """

    reader: Reader
    mark: str
    received_at: datetime
    new_id: Callable[[], str]

    def around(
        self,
        body: Body,
        *,
        place: Place,
        dedup: str,
        actor: Actor,
        at: datetime | None = None,
        kind: int | None = None,
        lost: tuple[str, ...] = (),
        context: dict[str, str] | None = None,
        customer: Actor | None = None,
    ) -> Inbound:
        """`at` None: Discord does not say. `kind` of the channel, if the event tells it."""
        facts = self.reader.known.channel(place.channel)
        return Inbound(
            id=EventId(self.new_id()),
            thread=ThreadRef(channel=CHANNEL, account=self.reader.account, thread=place.thread),
            dedup=dedup,
            actor=actor,
            body=body,
            occurred_at=in_utc(at) if at else self.received_at,
            received_at=self.received_at,
            customer=customer,
            audience=audience_of(place, facts, kind),
            title=facts.name if facts and place.guild else "",
            context=context or {},
            lost=lost,
        )

    def actor(self, user: User, member: Member = _NOBODY) -> Actor:
        return actor_of(user, member, self.reader.known.bot)


def actor_of(user: User, member: Member, bot: str) -> Actor:
    """Whoever has a name of their own in the guild goes by that."""
    kind = BOT if user.bot or user.system else CUSTOMER
    named = user.discriminator not in NO_DISCRIMINATOR
    return Actor(
        kind=OURSELVES if user.id == bot else kind,
        remote=user.id,
        name=member.nick or user.global_name or user.username,
        handle=f"{user.username}#{user.discriminator}" if named else user.username,
    )


def place_in(guild: str | None, channel: str) -> Place:
    """Raises MalformedPayload for what can be no id."""
    digits = channel + guild if guild else channel
    if not (digits.isdecimal() and digits.isascii()):
        raise MalformedPayload("an id of Discord is a number, this one is not")
    return Place(channel, guild or "")


def in_utc(at: datetime) -> datetime:
    """Raises MalformedPayload for what no calendar has. Discord tells nearly all in UTC."""
    if at.tzinfo is UTC:
        return at
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise MalformedPayload("a time before the year 1 or after the year 9999") from error


def nowhere() -> Place:
    """Where things are that belong to no channel."""
    return Place(NOWHERE)


def unnamed(user: User, member: Member, path: str) -> tuple[str, ...]:
    """What is lost where somebody goes by another name in the guild."""
    name = user.global_name
    return (f"{path}.global_name",) if member.nick and name and name != member.nick else ()


def platform() -> Actor:
    return Actor(kind=ActorKind.PLATFORM, remote=CHANNEL)


def person(remote: str, name: str = "") -> Actor:
    """Somebody of whom no more is told."""
    return Actor(kind=CUSTOMER, remote=remote, name=name)


def audience_of(place: Place, facts: ChannelFacts | None, kind: int | None) -> Audience:
    """In doubt the wider one: what is not known to be private is read by the guild."""
    if kind is None and facts:
        kind = facts.kind
    if place.guild:
        return _GROUP if kind == PRIVATE_THREAD else _PUBLIC
    return _GROUP if kind == GROUP_DM else _PRIVATE
