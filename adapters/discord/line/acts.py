"""What is done when somebody asks for it, one method for each kind of job.

What begins in private is put on record before anything is said about it; what begins in public is
first made to stand where it will be answered. Each step may be done again.
"""

import asyncio
from contextlib import suppress
from typing import Final

import msgspec

from adapters.discord.community import saying, words
from adapters.discord.community.answers import Answer, Press
from adapters.discord.community.asking import Asked, User
from adapters.discord.community.deciding import (
    Begin,
    GoOn,
    Hand,
    Job,
    Open,
    Pressed,
    Redeem,
    Reference,
    Solve,
    TellCode,
    TellStatus,
    TellStatusOf,
    WriteTo,
)
from adapters.discord.community.events import (
    Whose,
    as_customer,
    audience_of,
    customer,
    manager,
    whose,
)
from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.desk import Desk, DirectMessagesClosed
from adapters.discord.places import Place, link_to
from core.errors import MalformedPayload, NotFound, Refused, StoreUnavailable
from core.model.event import Actor, Inbound, MessageCreated
from core.model.message import Audience
from core.ports import Brief, Deliver

LOOK_SECONDS: Final = 10.0
"""How long one waits to be told something."""
EXISTS: Final = 160004
"""Discord's code: the message has a thread already."""


class Acts:
    """Of one bot. Every act returns when it is on record, with what to tell who asked."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def do(self, job: Job, asked: Asked, data: bytes, deliver: Deliver) -> Answer:
        """`data` is the interaction as it came. Raises Refused with words for who asked,
        StoreError, MalformedPayload, AuthenticationError, a Failure.
        """
        match job:
            case TellStatus() | TellCode() | Redeem() | TellStatusOf():
                return Answer(text=await self._look(job, asked))
            case Begin():
                return await self._begin(job, asked, deliver)
            case WriteTo():
                return await self._write_to(job, asked, deliver)
            case Open():
                return await self._open(job, asked, deliver)
            case Hand():
                return await self._hand(job, asked, deliver)
            case GoOn():
                return await self._go_on(job, asked, deliver)
            case Solve():
                return await self._solve(job, asked, deliver)
            case Pressed():
                for event in self._desk.pressed(data):
                    await self._desk.keep(event, deliver)
                return Answer(text="")

    # --- what is only told

    async def _look(self, job: TellStatus | TellCode | Redeem | TellStatusOf, asked: Asked) -> str:
        desk, person = self._desk.surroundings.front_desk, asked.person.id
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                match job:
                    case TellStatus(""):
                        return words.briefs(await desk.conversations(person))
                    case TellStatus(number, by_manager):
                        return words.brief(await self._named(number, person, by_manager))
                    case TellCode():
                        return words.code(await desk.link_code(customer(asked)))
                    case Redeem(code):
                        return await desk.redeem(customer(asked), code)
                    case TellStatusOf(about):
                        thread = self._desk.scribe.thread(about.place)
                        found = await desk.about(thread, about.message)
                        return words.brief(found) if found else words.NO_CONVERSATION_HERE
        except TimeoutError:
            raise StoreUnavailable("the front desk does not answer") from None

    async def _named(self, number: str, person: str, by_manager: bool) -> Brief:
        """One's own; for a manager anybody's, but not what it is about where others do not read it.
        To everybody else the one that is another's is as if it were none.
        """
        desk = self._desk.surroundings.front_desk
        try:
            return await desk.conversation(number, person)
        except NotFound:
            if not by_manager:
                raise Refused(words.NO_SUCH) from None
        try:
            found = await desk.conversation(number)
        except NotFound:
            raise Refused(words.NO_SUCH) from None
        in_public = found.audience is Audience.PUBLIC
        return found if in_public else msgspec.structs.replace(found, title="")

    # --- in private

    async def _begin(self, job: Begin, asked: Asked, deliver: Deliver) -> Answer:
        """The form first, and durably: what can be said about it is another matter."""
        desk = self._desk
        try:
            place = asked.place if asked.place.direct else await desk.direct(asked.person.id)
        except DirectMessagesClosed:
            return Answer(text=words.DMS_CLOSED)
        event = desk.scribe.request(asked, place, job.intake)
        await desk.keep(event, deliver)
        text = words.REQUEST_GREETING
        try:
            remote = await desk.write(place, text, asked.id, "greeting")
        except DirectMessagesClosed:
            return Answer(text=words.REQUEST_KEPT_DMS_CLOSED)
        except Failure:  # it is stored: that the greeting is missing changes nothing
            return Answer(text=words.REQUEST_KEPT)
        await desk.record(text, remote, whose(event), asked.id, "greeting", deliver)
        return _with_way(words.REQUEST_KEPT, place, remote)

    async def _go_on(self, job: GoOn, asked: Asked, deliver: Deliver) -> Answer:
        """The greeting first: who cannot be written to has no private conversation to begin."""
        desk, about = self._desk, job.about
        public = await desk.about(about.place, about.message)
        if public is None:
            return Answer(text=words.NO_CONVERSATION_HERE)
        text = words.gone_private(
            self._named_place(about.place), link_to(about.place, about.message)
        )
        try:
            place = await desk.direct(asked.person.id)
            remote = await desk.write(place, text, asked.id, "private")
        except DirectMessagesClosed:
            return Answer(text=words.DMS_CLOSED)
        event = desk.scribe.went_private(asked, place, public.number)
        await desk.keep(event, deliver)
        await desk.record(text, remote, whose(event), asked.id, "private", deliver)
        return _with_way(words.GONE_THERE, place, remote)

    async def _write_to(self, job: WriteTo, asked: Asked, deliver: Deliver) -> Answer:
        desk = self._desk
        text = words.writing_first(self._guild(asked.place), job.subject)
        try:
            place = await desk.direct(job.member)
            remote = await desk.write(place, text, asked.id, "first")
        except DirectMessagesClosed:
            return Answer(text=words.MEMBER_CLOSED)
        member = asked.data.resolved.users[job.member]
        leg = Whose(
            thread=desk.scribe.thread(place),
            author=as_customer(member),
            audience=Audience.PRIVATE,
            title=job.subject,
        )
        await desk.record(text, remote, leg, asked.id, "first", deliver)
        told = words.opened_by(asked.name, job.subject, job.note)
        await desk.keep(desk.scribe.noted(leg, asked.key, manager(asked), told), deliver)
        return Answer(text=words.WRITTEN_TO)

    # --- in public

    async def _open(self, job: Open, asked: Asked, deliver: Deliver) -> Answer:
        """The message goes where it will be answered: into a thread of its own, where Discord lets
        the bot open one; else it is answered where it is.
        """
        desk, here = self._desk, asked.place
        event = _read(desk, job.message, here.guild)
        message, own = _remote(event), event.actor.remote == asked.person.id
        if kept := await desk.kept(here, message):
            place, known = kept
            offered = self._offered(place, event, message) if own else ()
            return Answer(text=words.open_already(known), presses=offered)
        place = await self._thread_for(event, here)
        event = desk.scribe.moved(event, place)
        await desk.keep(event, deliver)
        await desk.announce(message, whose(event), place, deliver)
        offered = self._offered(place, event, message) if own else ()
        return Answer(text=words.opened(link_to(place)), presses=offered)

    async def _thread_for(self, event: Inbound, here: Place) -> Place:
        facts = self._desk.known.channel(here.channel)
        if facts and facts.is_thread:
            return here
        name = next((getattr(part, "text", "") for part in _created(event).parts), "")
        call = saying.open_thread(here, _remote(event), name)
        place = Place(_remote(event), here.guild)
        try:
            await self._desk.persistence.ask(call)
        except Refusal as refusal:
            if refusal.code != EXISTS:
                return here
        with suppress(Refusal):  # they find it all the same, under their message
            await self._desk.persistence.ask(saying.let_in(place, event.actor.remote))
        return place

    async def _hand(self, job: Hand, asked: Asked, deliver: Deliver) -> Answer:
        desk, about = self._desk, job.about
        try:
            message = await desk.message(about)
        except Refusal:
            return Answer(text=words.NOT_TO_BE_READ)
        event = _read(desk, message, about.place.guild)
        told = words.handed_over(asked.name, job.why.reason, job.why.urgency.value)
        said = await hand_over(desk, event, about.place, manager(asked), asked.key, told, deliver)
        return Answer(text=words.HANDED if said else words.HANDED_QUIETLY)

    async def _solve(self, job: Solve, asked: Asked, deliver: Deliver) -> Answer:
        desk, about = self._desk, job.about
        if await desk.about(about.place, about.message) is None:
            return Answer(text=words.NO_CONVERSATION_HERE)
        own = about.asker == asked.person.id
        author = customer(asked) if own else as_customer(User(id=about.asker))
        leg = Whose(
            thread=desk.scribe.thread(about.place), author=author, audience=audience_of(asked)
        )
        by = customer(asked) if own else manager(asked)
        text = words.SOLVED_BY_ASKER if own else words.SOLVED_BY_MANAGER
        said = about.message
        event = desk.scribe.settled(leg, asked.key, by, text, question=said, answer=said)
        await desk.keep(event, deliver)
        return Answer(text=words.SOLVED_THANKS)

    # --- what things are called

    def _offered(self, place: Place, event: Inbound, message: str) -> tuple[Press, ...]:
        about = Reference(place=place, message=message, asker=event.actor.remote)
        return saying.offered_in_public(about, self._desk.custom_ids)

    def _guild(self, place: Place) -> str:
        guild = self._desk.known.guild(place.guild)
        return guild.name if guild else ""

    def _named_place(self, place: Place) -> str:
        facts = self._desk.known.channel(place.channel)
        channel = f"#{facts.name}" if facts and facts.name else ""
        return " of ".join(one for one in (channel, self._guild(place)) if one)


async def hand_over(
    desk: Desk,
    event: Inbound,
    place: Place,
    by: Actor,
    key: str,
    told: str,
    deliver: Deliver,
) -> bool:
    """Put a message of somebody's, and that it was handed to support, on record; -> whether that
    is to be seen under it. Nothing is said there where it was in a conversation already.
    """
    message = _remote(event)
    kept = await desk.kept(place, message)
    if kept:
        event = desk.scribe.moved(event, kept[0])
    await desk.keep(event, deliver)
    await desk.keep(desk.scribe.handed_over(whose(event), key, by, told), deliver)
    if kept:
        return True
    return await desk.announce(message, whose(event), place, deliver)


def _read(desk: Desk, message: bytes | msgspec.Raw, guild: str) -> Inbound:
    try:
        return desk.read(message, guild)
    except MalformedPayload:
        raise Refused(words.NOT_TO_BOTS) from None


def _created(event: Inbound) -> MessageCreated:
    if not isinstance(event.body, MessageCreated):
        raise TypeError(type(event.body).__name__)
    return event.body


def _remote(event: Inbound) -> str:
    return _created(event).remote


def _with_way(text: str, place: Place, message: str) -> Answer:
    return Answer(text=text, presses=(Press(words.GO_THERE, url=link_to(place, message)),))
