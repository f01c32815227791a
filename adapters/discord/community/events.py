"""What is put on record of an act: events for core, in the words of `core.model`. Pure.

Each is called after the interaction, or the message, that it came from: however often Discord
tells of that one, it has one effect.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from adapters.discord.community import words
from adapters.discord.community.asking import Asked, User
from adapters.discord.community.forms import Intake
from adapters.discord.places import CHANNEL, Place
from core.model.content import Text
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Actor,
    ActorKind,
    Body,
    Inbound,
    MessageCreated,
    Origin,
    Settled,
)
from core.model.ids import EventId, MessageId, ThreadRef
from core.model.message import Audience, Automatic

PRIVATE_THREAD: Final = 12
"""Discord's kind of a thread that only those who were invited can read."""


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """The leg of somebody in a thread, which what happens to it is put on."""

    thread: ThreadRef
    author: Actor
    audience: Audience
    title: str = ""


def whose(event: Inbound) -> Whose:
    author = event.customer or event.actor
    return Whose(thread=event.thread, author=author, audience=event.audience, title=event.title)


class Scribe(msgspec.Struct, frozen=True, kw_only=True):
    """Writes events of one account; `now` is when Discord told of what happened."""

    account: str
    now: datetime
    new_id: Callable[[], str]

    def thread(self, place: Place) -> ThreadRef:
        return ThreadRef(channel=CHANNEL, account=self.account, thread=place.thread)

    def moved(self, message: Inbound, place: Place) -> Inbound:
        """The same message where its thread is that was opened on it."""
        return replace(message, thread=self.thread(place))

    def request(self, asked: Asked, direct: Place, intake: Intake) -> Inbound:
        """The form that somebody filled in, as their message."""
        said = MessageCreated(remote=asked.key, parts=(Text(intake.text),), subject=intake.subject)
        return self._privately(said, direct, asked.key, customer(asked), title=intake.subject)

    def went_private(self, asked: Asked, direct: Place, number: str) -> Inbound:
        """They go on in private with what has this number in public."""
        body = ActionInvoked(value="continue_in_private", label=words.CONTINUE)
        return self._privately(body, direct, asked.key, customer(asked), claims=number)

    def said_by_us(
        self, text: str, remote: str, message: MessageId, leg: Whose, *, answer: bool
    ) -> Inbound:
        """What the bot wrote by itself. `answer`: it counts as one; else nothing follows."""
        body = MessageCreated(
            remote=remote,
            parts=(Text(text),),
            automatic=Automatic.NO if answer else Automatic.REPLY,
        )
        bot = Actor(kind=ActorKind.OURSELVES, remote="bot", name="Trunkline")
        event = self._on(leg, body, f"said{message}", bot)
        return replace(event, id=EventId(message), origin=Origin.ECHO)

    def noted(self, leg: Whose, key: str, by: Actor, text: str) -> Inbound:
        """A manager's word to the agents on the conversation that they opened with a member."""
        return self._on(leg, AccountStatus(code="opened_by_manager", text=text), key, by)

    def handed_over(self, leg: Whose, key: str, by: Actor, text: str) -> Inbound:
        """What somebody wrote is given to support: by a manager, or by themselves."""
        return self._on(leg, AccountStatus(code="handed_over", text=text), key, by)

    def settled(
        self, leg: Whose, key: str, by: Actor, text: str, *, question: str, answer: str
    ) -> Inbound:
        """What the platform's message `question` asks is answered by its message `answer`."""
        return self._on(leg, Settled(question=question, answer=answer, text=text), key, by)

    def _on(self, leg: Whose, body: Body, key: str, by: Actor) -> Inbound:
        return Inbound(
            id=EventId(self.new_id()),
            thread=leg.thread,
            dedup=key,
            actor=by,
            body=body,
            occurred_at=self.now,
            received_at=self.now,
            customer=leg.author,
            audience=leg.audience,
            title=leg.title,
        )

    def _privately(
        self,
        body: Body,
        place: Place,
        dedup: str,
        actor: Actor,
        *,
        title: str = "",
        claims: str = "",
    ) -> Inbound:
        return Inbound(
            id=EventId(self.new_id()),
            thread=self.thread(place),
            dedup=dedup,
            actor=actor,
            body=body,
            occurred_at=self.now,
            received_at=self.now,
            title=title,
            claims=claims,
        )


def audience_of(asked: Asked) -> Audience:
    """Who reads what is written where this was asked."""
    if asked.place.direct:
        return Audience.PRIVATE
    return Audience.GROUP if asked.channel.type == PRIVATE_THREAD else Audience.PUBLIC


def customer(asked: Asked) -> Actor:
    return as_customer(asked.person, asked.name)


def manager(asked: Asked) -> Actor:
    person = asked.person
    return Actor(kind=ActorKind.STAFF, remote=person.id, name=asked.name, handle=person.username)


def as_customer(user: User, name: str = "") -> Actor:
    return Actor(
        kind=ActorKind.CUSTOMER,
        remote=user.id,
        name=name or user.global_name or user.username,
        handle=user.username,
    )
