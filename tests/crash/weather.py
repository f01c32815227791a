"""Customers and agents of an inbox while everything on the line goes wrong by chance.

What was said and what was sent is written down here, to be compared with what the gateway tells.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import aiohttp

from adapters.email.adapter import MAY_ARRIVE_TWICE
from core.model.content import Attachment, Choice, Media, Text
from core.model.conversation import Conversation, Entry, Leg
from core.model.message import Delivery, DeliveryState, Direction
from core.rules.delivery import ADVANCES
from sandbox.faults import Storm
from sandbox.persons import Person
from sandbox.server import Sandbox
from tests.rigs.api import Api, words
from tests.rigs.waiting import eventually

REPLIES: Final = 5
"""To each customer."""
ACT_SECONDS: Final = 0.15
RETRY_SECONDS: Final = 0.1
SETTLE_SECONDS: Final = 30.0
GONE: Final = " (deleted)"
STATES: Final = frozenset(DeliveryState)
T = TypeVar("T")


@dataclass
class Said:
    """A message of a customer, and what agents can have of its files; None: nothing, it is gone.

    `also` is what they may read instead, `skipped` that they may never read it, `loose` that it may
    stand anywhere among the others.
    """

    text: str
    files: list[bytes | None] = field(default_factory=list)
    also: frozenset[str] = frozenset()
    skipped: bool = False
    loose: bool = False

    def becomes(self, more: str, *, surely: bool = True) -> None:
        """Agents read this behind it from now on; unless `surely` it may not have come to them."""
        if not surely:
            known = {self.text, *self.also}
            self.also = frozenset(known | {one + more for one in known})
        self.text += more

    def reads(self, told: str) -> bool:
        return told == self.text or told in self.also


class Got(NamedTuple):
    """A message of ours as a customer sees it."""

    text: str
    files: tuple[bytes, ...] = ()


class Customer(Protocol):
    """`threads` is what agents have to see of them, each in order; there is one from the start."""

    @property
    def person(self) -> Person: ...

    @property
    def threads(self) -> Sequence[list[Said]]: ...

    @property
    def got(self) -> list[Got]: ...

    async def talk(self) -> None: ...


Dress = Callable[[Api, int], Awaitable[tuple[dict[str, Any], Sequence[bytes]]]]
"""What else goes into the n-th reply: fields of the request, and the files that have to arrive."""


@dataclass(frozen=True)
class Reply:
    """`change`: what it was to say instead, once it was there."""

    entry: Entry
    files: tuple[bytes, ...]
    change: Entry | None = None

    @property
    def forms(self) -> set[str]:
        """What it may say by now."""
        return {words(one) for one in (self.entry, self.change) if one}


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """However often it takes: a reply's key sees to it that it is one reply."""
    while True:
        try:
            return await ask()
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(RETRY_SECONDS)


class Weather:
    """One storm over some customers, and the agents who answer them. `customers` makes them, each
    of whom says a first word. `changes_every` so many replies one is said otherwise; 0: none.
    `set_aside` is how many messages the gateway could not read: so many that agents need not read
    may be missing. None: all of these.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        agent: Api,
        storm: Storm,
        customers: Callable[[], Sequence[Customer]],
        dress: Dress,
        changes_every: int = 0,
        set_aside: Callable[[], int] | None = None,
    ) -> None:
        self._changes_every, self._set_aside = changes_every, set_aside
        self._sandbox, self._agent, self._dress = sandbox, agent, dress
        self._make, self._began = customers, ""
        self._customers: Sequence[Customer] = ()
        self.replies: list[Reply] = []
        self.missed = 0
        """Messages that agents need not read, and do not."""
        self.storm = storm
        sandbox.world.faults.storms.append(storm)
        self.states: Counter[str] = Counter()
        """How the replies ended; `sent twice` of those that say so and came twice."""

    async def begin(self) -> None:
        """Everybody says a first word; it is noted where the live stream is by then."""
        async with self._agent.live() as events:
            self._customers = self._make()
            self._began = (await anext(events))["id"]

    async def blow(self) -> None:
        """Until everybody has said everything and was answered."""
        async with asyncio.TaskGroup() as tasks:
            for customer in self._customers:
                tasks.create_task(customer.talk())
                tasks.create_task(self._answer(customer))

    async def check(self) -> None:
        """Once everything has come to its end; the files when it is calm again. Raises
        TimeoutError, AssertionError.
        """
        with suppress(TimeoutError):  # what is missing is told by what is there
            await eventually(self._all_heard, timeout_seconds=SETTLE_SECONDS)
        for customer in self._customers:
            told = await self._told(customer)
            missed = unread(told, customer.threads)
            assert missed is not None, f"once and in order: {told}, not {customer.threads}"
            self.missed += missed
        assert self._set_aside is None or self.missed <= self._set_aside(), self.missed
        for reply in self.replies:
            await self._check_reply(reply)
        sent = {text for reply in self.replies for text in reply.forms}
        assert {got.text for one in self._customers for got in one.got} <= sent
        self._sandbox.world.faults.clear()
        await self._check_states()
        for customer in self._customers:
            await self._check_files(customer)

    async def _answer(self, customer: Customer) -> None:
        for count in range(REPLIES):
            await asyncio.sleep(2 * ACT_SECONDS)
            text = f"reply {count} to {customer.person.key}"
            fields, files = await patiently(partial(self._dress, self._agent, count))
            conversation = (await self._conversations(customer))[-1]
            leg = conversation.legs[count % len(conversation.legs)]
            reply = partial(self._agent.reply, leg.id, text, key=text, **_on(leg), **fields)
            entry = await patiently(reply)
            change = None
            if self._changes_every and count % self._changes_every == 0:
                change = await patiently(partial(self._changed, entry, f"{text}, corrected"))
            self.replies.append(Reply(entry, tuple(files), change))

    async def _changed(self, entry: Entry, text: str) -> Entry | None:
        """Asked for as soon as there is something to change."""
        end = await self._agent.settled(entry, timeout_seconds=SETTLE_SECONDS)
        if end.delivery is None or end.delivery.state is not DeliveryState.SENT:
            return None
        url = f"/api/v1/conversations/{entry.leg}/messages/{entry.message.id}"
        return await self._agent.change("PATCH", url, {"text": text})

    async def _conversations(self, customer: Customer) -> list[Conversation]:
        """All with this customer, once there is one."""
        while True:
            everybodys = await patiently(self._agent.all_conversations)
            if found := [one for one in everybodys if _name(one) == customer.person.name]:
                return found
            await asyncio.sleep(ACT_SECONDS)

    async def _heard(self, customer: Customer) -> dict[str, list[Entry]]:
        """By leg: a leg is a thread. Conversations that are joined meanwhile tell the same entries
        under either's number.
        """
        heard: dict[str, dict[int, Entry]] = {}
        for one in await self._conversations(customer):
            for entry in await self._agent.entries(one.number):
                if entry.message.direction is Direction.IN:
                    heard.setdefault(entry.leg, {})[entry.position] = entry
        return {leg: list(entries.values()) for leg, entries in heard.items()}

    async def _told(self, customer: Customer) -> list[list[str]]:
        heard = (await self._heard(customer)).values()
        return [[said_in(entry) for entry in entries] for entries in heard]

    async def _all_heard(self) -> bool:
        missed = [unread(await self._told(one), one.threads) for one in self._customers]
        count = sum(one for one in missed if one is not None)
        return None not in missed and (self._set_aside is None or count <= self._set_aside())

    async def _check_files(self, customer: Customer) -> None:
        """Whoever asks has all of a file, or hears that it cannot be had. Never a part of it."""
        said = [one for thread in customer.threads for one in thread]
        files = {text: one.files for one in said for text in (one.text, *one.also)}
        for heard in (await self._heard(customer)).values():
            for entry in heard:
                there = _files([entry])
                for (_, file), content in zip(there, files[said_in(entry)], strict=True):
                    await self._check_file(entry, file, content)

    async def _check_file(self, entry: Entry, file: Attachment, content: bytes | None) -> None:
        refused, got = "", None
        try:
            got = await self._agent.download(entry.leg, entry, file)
        except aiohttp.ClientResponseError as error:
            refused = str(error)
        assert got == content, f"{file}: {refused or len(got or b'')}"
        now = [one for _, one in _files([await self._agent.now(entry)]) if one.id == file.id]
        assert [bool(one.sha256) for one in now] == [content is not None], now

    async def _check_states(self) -> None:
        """They only went forward, as the live stream tells it."""
        entries = [reply.entry for reply in self.replies]
        ours = {(one.leg, one.position): DeliveryState.SENDING for one in entries}
        leg = (await self._conversations(self._customers[0]))[0].legs[0]
        last = await self._agent.reply(leg.id, "The end", **_on(leg))
        await self._agent.settled(last)
        async with self._agent.live(self._began) as events:
            async for event in events:
                place, kind = (event["leg"], event["position"]), event["kind"]
                if place == (last.leg, last.position):
                    return
                if place in ours and kind in STATES:
                    assert kind in ADVANCES[ours[place]], (place, ours[place], kind)
                    ours[place] = DeliveryState(kind)

    async def _check_reply(self, reply: Reply) -> None:
        entry = reply.entry
        end = (await self._agent.settled(entry, timeout_seconds=SETTLE_SECONDS)).delivery
        assert end
        texts = await self._texts(reply)
        arrived = [got for one in self._customers for got in one.got if got.text in reply.forms]
        assert {got.text for got in arrived} <= texts, (arrived, texts)
        self.states[end.state] += 1
        self.states["told: maybe twice"] += MAY_ARRIVE_TWICE in end.reason
        self.states["came twice"] += len(arrived) > 1
        assert is_true(end, len(arrived)), (words(entry), len(arrived), end)
        assert all(got.files == reply.files for got in arrived), words(entry)

    async def _texts(self, reply: Reply) -> set[str]:
        """What it can say, by what is told of its change."""
        if reply.change is None:
            return reply.forms
        change = await self._agent.settled(reply.change, timeout_seconds=SETTLE_SECONDS)
        assert change.delivery
        self.states[f"change {change.delivery.state}"] += 1
        match change.delivery.state:
            case DeliveryState.SENT:
                return {words(reply.change)}
            case DeliveryState.FAILED:
                return {words(reply.entry)}
            case _:
                return reply.forms


def unread(told: list[list[str]], threads: Sequence[list[Said]]) -> int | None:
    """How many of the messages of these threads nobody is told of, who need not be; None if what is
    told is not what was said.
    """
    missed, left = 0, list(threads)
    for texts in told:
        found = ((one, _unread(texts, one)) for one in left)
        thread, count = next((one for one in found if one[1] is not None), (None, None))
        if thread is None or count is None:
            return None
        left = [one for one in left if one is not thread]
        missed += count
    rest = [one for thread in left for one in thread]
    return missed + len(rest) if all(one.skipped for one in rest) else None


def _unread(told: list[str], thread: list[Said]) -> int | None:
    """The same of one thread."""
    rest, missed = list(told), 0
    for one in sorted(thread, key=lambda said: not said.loose):
        at = next((n for n, text in enumerate(rest) if one.reads(text)), None)
        if at is not None and (one.loose or at == 0):
            del rest[at]
        elif one.skipped:
            missed += 1
        else:
            return None
    return missed if not rest else None


def is_true(end: Delivery, times: int) -> bool:
    """Whether what the agent reads in the end is what has happened (law 4)."""
    told_twice = MAY_ARRIVE_TWICE in end.reason
    match end.state:
        case DeliveryState.SENT:
            return times == 1 or (times > 1 and told_twice)
        case DeliveryState.FAILED:
            return times == 0
        case DeliveryState.UNKNOWN:
            return times <= 1 or told_twice
        case _:
            return False


def _on(leg: Leg) -> dict[str, str]:
    """Where a reply goes, and that it is meant for whoever reads there."""
    return {"leg": leg.id, "audience": leg.audience}


def _name(conversation: Conversation) -> str:
    return conversation.legs[0].author_name


def _files(entries: list[Entry]) -> list[tuple[Entry, Attachment]]:
    return [
        (entry, part.attachment)
        for entry in entries
        for part in entry.message.parts
        if isinstance(part, Media)
    ]


def said_in(entry: Entry) -> str:
    """What a message says, and what became of it."""
    message = entry.message
    return (
        _words(entry)
        + "".join(one.emoji for one in message.reactions)
        + (GONE if message.deleted_at else "")
    )


def _words(entry: Entry) -> str:
    """The text, the caption or the choice of a message."""
    match entry.message.parts:
        case (Text(text=text), *_):
            return text.strip()
        case (Media(caption=caption), *_):
            return caption
        case (Choice(label=label),):
            return f"[{label}]"
        case other:
            return str(other)
