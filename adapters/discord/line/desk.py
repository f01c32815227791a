"""What acts in a community have in common: reading a message, writing to people, putting on record.

What the bot says by itself is in the conversation's log like everything else that is said there.
"""

from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from adapters.discord.community import saying, words
from adapters.discord.community.custom_ids import CustomIds
from adapters.discord.community.deciding import Reference
from adapters.discord.community.events import Scribe, Whose
from adapters.discord.incoming.envelope import Reader
from adapters.discord.incoming.normalise import normalise, normalise_history
from adapters.discord.known import Known
from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.patience import Patience
from adapters.discord.line.persisting import Persistence
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing import changes
from adapters.discord.outgoing.calls import Call
from adapters.discord.places import Place, is_snowflake, place_of
from adapters.discord.settings import DiscordSettings, Listen
from core.errors import MalformedPayload
from core.ids import derived_ulid, new_ulid
from core.model.event import ActorKind, Inbound, MessageCreated
from core.model.ids import MessageId
from core.ports import Brief, Deliver, Surroundings
from core.recent import Recent

DIRECT_MAX: Final = 10_000

CLOSED: Final = frozenset({50007, 50278})
"""Discord's codes: the person takes no direct messages, or shares no server with the bot."""


class DirectMessagesClosed(Exception):
    """The person takes no direct messages from the bot: tell them, where they asked."""


class Desk:
    """Of one bot. `told` are the ids of messages that are for us, of late, as `Reader` needs."""

    def __init__(
        self,
        rest: Rest,
        settings: DiscordSettings,
        surroundings: Surroundings,
        reader: Reader,
        told: Recent[str, bool],
        custom_ids: CustomIds,
    ) -> None:
        self.rest, self.settings, self.surroundings = rest, settings, surroundings
        self.custom_ids = custom_ids
        self.persistence = Persistence(
            rest, Patience(settings, surroundings.account, surroundings.remark)
        )
        self._told = told
        self._reader = replace(reader, listen=Listen.ALL)
        self._direct = Recent[str, str](DIRECT_MAX)

    @property
    def known(self) -> Known:
        return self._reader.known

    @property
    def scribe(self) -> Scribe:
        now = datetime.now(UTC)
        return Scribe(account=self.surroundings.account, now=now, new_id=new_ulid)

    # --- messages

    async def message(self, about: Reference) -> bytes:
        """As Discord has it now. Raises a Failure."""
        await self.rest.ready()
        call = changes.message(about.place, about.message)
        return msgspec.json.encode(await self.persistence.ask(call))

    def read(self, message: bytes | msgspec.Raw, guild: str) -> Inbound:
        """What its author said, as if it had come over the gateway and were for us. Raises
        MalformedPayload, also for what no person wrote.
        """
        now = datetime.now(UTC)
        events = normalise_history(message, guild, self._reader, now, new_ulid)
        for event in events:
            if isinstance(event.body, MessageCreated) and event.actor.kind is ActorKind.CUSTOMER:
                return event
        raise MalformedPayload("a message that no person wrote")

    def pressed(self, interaction: bytes) -> tuple[Inbound, ...]:
        """What somebody chose of what an agent's message offers. Raises MalformedPayload."""
        now = datetime.now(UTC)
        return normalise("INTERACTION_CREATE", interaction, self._reader, now, new_ulid, mark="")

    async def keep(self, event: Inbound, deliver: Deliver) -> None:
        """On record when it returns."""
        if isinstance(event.body, MessageCreated) and not place_of(event.thread.thread).direct:
            self._told.note(event.body.remote, True)
        await self.persistence.store(event, deliver)

    async def about(self, place: Place, message: str) -> Brief | None:
        """The conversation in which it is, as soon as that can be known."""
        thread = self.scribe.thread(place)
        desk = self.surroundings.front_desk
        return await self.persistence.know(lambda: desk.about(thread, message))

    async def kept(self, place: Place, message: str) -> tuple[Place, Brief] | None:
        """The same, and where that is: there, or in the thread that was opened on the message,
        which has its id.
        """
        for one in (place, Place(message, place.guild)):
            if found := await self.about(one, message):
                return one, found
        return None

    # --- saying something

    async def direct(self, person: str) -> Place:
        """Where the bot and this person write to one another. Raises a Failure,
        DirectMessagesClosed.
        """
        if (known := self._direct.get(person)) is not None:
            return Place(known)
        found = await self._say(saying.direct_channel(person))
        self._direct.note(person, found)
        return Place(found)

    async def write(self, place: Place, text: str, because: str, purpose: str) -> str:
        """Say it to a person once, because of the interaction with this id; -> the message's id.
        Raises a Failure, DirectMessagesClosed.
        """
        return await self._say(saying.say(place, text, self._id(because, purpose)))

    async def record(
        self, text: str, remote: str, leg: Whose, because: str, purpose: str, deliver: Deliver
    ) -> None:
        """Put on record what `write` has written."""
        said = self._id(because, purpose)
        answer = purpose == "first"
        event = self.scribe.said_by_us(text, remote, said, leg, answer=answer)
        await self.keep(event, deliver)

    async def announce(self, message: str, leg: Whose, place: Place, deliver: Deliver) -> bool:
        """Say under a message in public that support has it, and offer what who asked can do.
        Whether that was possible; what is said is on record as an aside, which answers nothing.
        """
        about = Reference(place=place, message=message, asker=leg.author.remote)
        said = self._id(message, "handed")
        presses = saying.offered_in_public(about, self.custom_ids)
        text = words.HANDED_PUBLICLY
        call = saying.say(place, text, said, answers=message, presses=presses)
        try:
            remote = await self._say(call)
        except (Failure, DirectMessagesClosed):
            return False
        event = self.scribe.said_by_us(text, remote, said, leg, answer=False)
        await self.keep(event, deliver)
        return True

    def _id(self, because: str, purpose: str) -> MessageId:
        """Of what the bot says by itself because of something on Discord: always the same one, so
        that saying it again is known for what it is.
        """
        return MessageId(derived_ulid(self.surroundings.account, because, purpose))

    async def _say(self, call: Call) -> str:
        try:
            made = await self.persistence.ask(call)
        except Refusal as refusal:
            if refusal.code in CLOSED:
                raise DirectMessagesClosed from refusal
            raise
        found = made.get("id") if isinstance(made, dict) else None
        if not isinstance(found, str) or not is_snowflake(found):
            raise Refusal(502, message="an answer without an id", told=False)
        return found
