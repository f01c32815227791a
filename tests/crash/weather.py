"""Customers and agents of an inbox while everything on the line goes wrong by chance.

What was said and what was sent is written down here, to be compared with what the gateway tells.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

import aiohttp

from adapters.email.adapter import MAY_ARRIVE_TWICE
from core.model.content import Attachment, Choice, Media, Text
from core.model.conversation import Conversation, Entry
from core.model.message import Delivery, DeliveryState, Direction
from core.rules.delivery import ADVANCES
from sandbox.faults import Storm
from sandbox.persons import Person
from sandbox.server import Sandbox
from tests.crash.crowd import patiently
from tests.rigs.api import Api, words
from tests.rigs.waiting import eventually

REPLIES: Final = 5
"""To each customer."""
ACT_SECONDS: Final = 0.15
SETTLE_SECONDS: Final = 30.0
STATES: Final = frozenset(DeliveryState)


@dataclass
class Said:
    """A message of a customer, and what agents can have of its files; None: nothing, it is gone."""

    text: str
    files: list[bytes | None] = field(default_factory=list)


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
    entry: Entry
    files: tuple[bytes, ...]


class Weather:
    """One storm over some customers, and the agents who answer them. `customers` makes them, each
    of whom says a first word.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        agent: Api,
        storm: Storm,
        customers: Callable[[], Sequence[Customer]],
        dress: Dress,
    ) -> None:
        self._sandbox, self._agent, self._dress = sandbox, agent, dress
        self._make, self._began = customers, ""
        self._customers: Sequence[Customer] = ()
        self._replies: list[Reply] = []
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
        for customer in self._customers:
            with suppress(TimeoutError):  # what is missing is told by what is there
                await eventually(partial(self._is_heard, customer), timeout_seconds=SETTLE_SECONDS)
            heard = await self._heard(customer)
            told = sorted([_said(entry) for entry in entries] for entries in heard.values())
            assert told == _texts(customer), f"once and in order: {told}, not {_texts(customer)}"
        for reply in self._replies:
            await self._check_reply(reply)
        sent = {words(reply.entry) for reply in self._replies}
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
            where = str((await self._conversations(customer))[-1].number)
            reply = partial(self._agent.reply, where, text, key=text, **fields)
            self._replies.append(Reply(await patiently(reply), tuple(files)))

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

    async def _is_heard(self, customer: Customer) -> bool:
        entries = [one for heard in (await self._heard(customer)).values() for one in heard]
        said = [one for thread in customer.threads for one in thread]
        there = len(entries), len(_files(entries))
        return there >= (len(said), sum(len(one.files) for one in said))

    async def _check_files(self, customer: Customer) -> None:
        """Whoever asks has all of a file, or hears that it cannot be had. Never a part of it."""
        files = {one.text: one.files for thread in customer.threads for one in thread}
        for heard in (await self._heard(customer)).values():
            for entry in heard:
                there = _files([entry])
                for (_, file), content in zip(there, files[_said(entry)], strict=True):
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
        entries = [reply.entry for reply in self._replies]
        ours = {(one.leg, one.position): DeliveryState.SENDING for one in entries}
        somewhere = str((await self._conversations(self._customers[0]))[0].number)
        last = await self._agent.reply(somewhere, "The end")
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
        arrived = [got for one in self._customers for got in one.got if got.text == words(entry)]
        assert end
        self.states[end.state] += 1
        self.states["told: maybe twice"] += MAY_ARRIVE_TWICE in end.reason
        self.states["came twice"] += len(arrived) > 1
        assert _is_true(end, len(arrived)), (words(entry), len(arrived), end)
        assert all(got.files == reply.files for got in arrived), words(entry)


def _is_true(end: Delivery, times: int) -> bool:
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


def _name(conversation: Conversation) -> str:
    return conversation.legs[0].author_name


def _texts(customer: Customer) -> list[list[str]]:
    return sorted([one.text for one in thread] for thread in customer.threads)


def _files(entries: list[Entry]) -> list[tuple[Entry, Attachment]]:
    return [
        (entry, part.attachment)
        for entry in entries
        for part in entry.message.parts
        if isinstance(part, Media)
    ]


def _said(entry: Entry) -> str:
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
