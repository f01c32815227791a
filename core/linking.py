"""Proving on one line who one is on another: a code that is given out here and given back there.

Whoever asks for a code is established by their platform. Who gives it elsewhere, in private, has
read it. That the two are one both confirm, in private, seeing the other's handle: first who gave
the code, then whose it is. So nothing is linked by somebody who looked over a shoulder, nor by
somebody who was talked into giving a stranger's code.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from secrets import randbelow
from typing import Final

import msgspec

from core.errors import DeliveryError, PermanentDeliveryError, Refused
from core.ids import derived_ulid
from core.joins import Joins
from core.model.content import Part, Text
from core.model.conversation import Leg
from core.model.ids import IdentityId, LegId, MessageId
from core.model.message import Audience, Direction, Message, Sender, SenderKind, SenderLevel
from core.model.people import Identity
from core.private import PrivateThreads
from core.rules import linking as words
from core.rules.codes import CHANCE, fingerprint, parse, said, written
from core.rules.incoming import is_aside_message
from core.store.store import Store
from core.telling import Telling

CODES_MAX: Final = 5
CODES_SECONDS: Final = 3600
"""So many codes one person may ask for in that time."""

TRIES_MAX: Final = 3
TRIES_SECONDS: Final = 600
"""So many codes one person may give in that time."""

BURNT: Final = "burnt"
"""In the place of who has given a code that nobody may give any more."""

WRITER: Final = Sender(kind=SenderKind.SYSTEM, id="system:link")


class _Asked(msgspec.Struct, frozen=True):
    """`person` is asked whether `other` is them. `agreed`: the other has said so already."""

    person: IdentityId
    other: IdentityId
    agreed: bool


_read_asked = msgspec.json.Decoder(_Asked).decode
_write_asked = msgspec.json.Encoder().encode


class LinkCodes:
    """`chance`: a number below so many that nobody can foresee."""

    def __init__(
        self,
        store: Store,
        joins: Joins,
        private: PrivateThreads,
        telling: Telling,
        now: Callable[[], datetime],
        chance: Callable[[int], int] = randbelow,
    ) -> None:
        self._store, self._joins, self._private = store, joins, private
        self._telling, self._now, self._chance = telling, now, chance

    async def issue(self, person: IdentityId) -> str:
        """A code for somebody whom we know. Raises Refused, with words for them."""
        if await self._store.proofs.tally(person, "codes", CODES_SECONDS) > CODES_MAX:
            raise Refused(words.TOO_MANY_CODES)
        code = written(self._chance(CHANCE))
        await self._store.proofs.issue(fingerprint(code), person)
        return code

    async def redeem(self, giver: IdentityId, code: str) -> str:
        """Somebody whom we know gives a code; they are asked in private whether it is theirs. ->
        words for them.

        Raises Refused, with words for them.
        """
        await self._give(giver, code)
        return words.ASKED_HERE

    async def _give(self, giver: IdentityId, code: str) -> None:
        if await self._store.proofs.tally(giver, "tries", TRIES_SECONDS) > TRIES_MAX:
            raise Refused(words.TOO_MANY_TRIES)
        meant = parse(code)
        if meant is None:
            raise Refused(words.MISTYPED)
        used = await self._store.proofs.use(fingerprint(meant), giver)
        if used and used.of == giver:
            raise Refused(words.OWN_LINE)
        if used is None or used.by != giver:
            raise Refused(words.NOT_VALID)
        if giver in await self._store.people.linked_with(used.of):
            raise Refused(words.KNOWN)
        name, asked = derived_ulid("link", fingerprint(meant)), _Asked(giver, used.of, False)
        try:
            await self._ask(name, asked)
        except DeliveryError as error:
            raise Refused(words.NOT_REACHED_HERE) from error

    # --- what comes as a message

    def concern(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """Those that are a code, or the answer to a question of ours."""
        return tuple(
            one
            for one in messages
            if one.direction is Direction.IN
            and not is_aside_message(one)
            and self._store.may_be_answered(one.at)
            and (said(one) or words.answered(one.parts))
        )

    async def take(self, leg: LegId, message: Message) -> None:
        """Do what a message of this leg asks for, once."""
        head, code = await self._store.legs.head(leg), said(message)
        answer = words.answered(message.parts)
        if head.audience is not Audience.PRIVATE:
            await self._burn(code)
        elif message.sender.level is not SenderLevel.VERIFIED:
            await self._unproven(head, message, code)
        elif code:
            await self._given(head, message, code)
        elif answer:
            await self._answered(head, message, *answer)

    async def _given(self, head: Leg, message: Message, code: str) -> None:
        try:
            await self._give(head.author, code)
        except Refused as refusal:
            await self._tell(head, message, str(refusal))

    async def _burn(self, code: str) -> IdentityId | None:
        """Nobody may give it any more. -> whose it was, if it was valid."""
        meant = parse(code)
        used = await self._store.proofs.use(fingerprint(meant), BURNT) if meant else None
        return used.of if used and used.by == BURNT else None

    async def _unproven(self, head: Leg, message: Message, code: str) -> None:
        """It may be from anybody: nobody is asked, and nobody is told but who is established."""
        of = await self._burn(code)
        if of is None:
            return
        here, there = await self._identities(head.author, of)
        await self._line(head, message.id, words.unproven(there))
        if leg := await self._private.current(of):
            await self._say(leg, derived_ulid("link", message.id, of), words.came_unproven(here))

    # --- asking, and the answer

    async def _ask(self, name: str, asked: _Asked) -> None:
        """Raises DeliveryError for somebody whom we cannot write to."""
        here, there = await self._identities(asked.person, asked.other)
        line = words.is_asked(there) if asked.agreed else words.given(there)
        try:
            leg = await self._private.leg_of(here.id, line, idle=True)
        except Refused as refusal:
            raise PermanentDeliveryError(str(refusal)) from refusal
        await self._store.proofs.ask(_question(name, here.id), _write_asked(asked).decode())
        question = words.question(name, here, there, agreed=asked.agreed)
        question_id = MessageId(derived_ulid(name, "question", here.id))
        await self._telling.tell(leg, question_id, question, WRITER)
        await self._line(leg, name, line)

    async def _ask_owner(self, name: str, here: Identity, there: Identity) -> str:
        """-> words for who gave the code."""
        try:
            await self._ask(name, _Asked(there.id, here.id, True))
        except DeliveryError:
            return words.NOT_REACHED
        return words.asked(here, there)

    async def _answered(self, head: Leg, message: Message, name: str, answer: str) -> None:
        found = await self._store.proofs.answer(_question(name, head.author), answer)
        if found is None:
            return await self._tell(head, message, words.ENDED)
        asked, first = _read_asked(found[0].encode()), found[1]
        here, there = await self._identities(asked.person, asked.other)
        if first == words.NO:
            told = _denied(here, there, agreed=asked.agreed)
        elif asked.agreed:
            told = await self._link(name, here, there)
        else:
            text = await self._ask_owner(name, here, there)
            return await self._say(head, derived_ulid(name, "asked", here.id), text)
        await self._line(head, f"{name} {first}", told.line_here)
        await self._say(head, derived_ulid(name, first, here.id), told.here)
        if theirs := await self._private.current(there.id):
            await self._line(theirs, f"{name} {first}", told.line_there)
            await self._say(theirs, derived_ulid(name, first, there.id), told.there)
        return None

    async def _link(self, name: str, of: Identity, giver: Identity) -> "_Told":
        evidence = f"{giver.id} gave a code of {of.id}, and both confirmed it"
        try:
            await self._joins.link(f"link {name}", of.id, giver.id, f"customer {of.id}", evidence)
        except Refused as refusal:
            line = f"{words.confirmed(giver)}; they could not be linked: {refusal}"
            return _Told(words.NOT_LINKED, words.NOT_LINKED, line, line)
        return _Told(
            words.linked(giver), words.linked(of), words.confirmed(giver), words.is_confirmed(of)
        )

    # --- telling

    async def _identities(self, *ids: IdentityId) -> list[Identity]:
        return [await self._store.people.identity(one) for one in ids]

    async def _tell(self, head: Leg, message: Message, text: str) -> None:
        """An answer to what somebody wrote."""
        told = MessageId(derived_ulid("link", message.id))
        await self._telling.tell(head, told, _text(text), WRITER, message)

    async def _say(self, leg: Leg, message_id: str, text: str) -> None:
        await self._telling.tell(leg, MessageId(message_id), _text(text), WRITER)

    async def _line(self, leg: Leg, about: str, text: str) -> None:
        """For agents, once."""
        message = Message(
            id=MessageId(derived_ulid("line", about, leg.id)),
            direction=Direction.ACTIVITY,
            sender=WRITER,
            at=self._now(),
            parts=words.line(text),
        )
        await self._store.legs.note(leg.id, message, "activity")


class _Told(msgspec.Struct, frozen=True):
    """What both sides are told, and what agents see there. `here` is where it was answered last."""

    here: str
    there: str
    line_here: str
    line_there: str


def _denied(here: Identity, there: Identity, *, agreed: bool) -> _Told:
    """Whose code it is does not learn who gave it, if those say at once that it is not theirs."""
    refused = words.refused(here) if agreed else words.REFUSED_THERE
    return _Told(words.REFUSED_HERE, refused, words.denied(there), words.is_denied(here))


def _question(name: str, of: IdentityId) -> str:
    """Nobody but who was asked finds it."""
    return f"{name} {of}"


def _text(text: str) -> tuple[Part, ...]:
    return (Text(text=text),)
