"""Customers and agents of a Telegram bot while everything on the line goes wrong by chance.

What was said and what was sent is written down here, to be compared with what the gateway tells.
"""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import Any, Final

import aiohttp

from core.model.content import Attachment, Choice, Media, Text
from core.model.conversation import Entry
from core.model.message import DeliveryState, Direction
from core.rules.delivery import ADVANCES
from sandbox.faults import Chance, Fault, Kind, Storm
from sandbox.persons import Person
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.phone.given import Given
from sandbox.telegram.state import Bot, Message
from tests.crash.crowd import patiently
from tests.rigs.api import Api, words
from tests.rigs.waiting import eventually

CUSTOMERS: Final = 4
ACTS: Final = 10
REPLIES: Final = 5
"""Of and to each customer."""
ACT_SECONDS: Final = 0.15
FILE_BYTES_MAX: Final = 100_000
SETTLE_SECONDS: Final = 30.0
ARRIVALS: Final = {
    DeliveryState.SENT: (1,),
    DeliveryState.FAILED: (0,),
    DeliveryState.UNKNOWN: (0, 1),
}
"""How often a message may have arrived of which the agent hears this in the end."""
STATES: Final = frozenset(DeliveryState)
BUTTONS: Final = [[{"label": "Yes", "value": "yes"}, {"label": "No", "value": "no"}]]


def chances(slow_seconds: float) -> tuple[Chance, ...]:
    """Every fault of the line but a revoked token, which is no weather."""

    def strikes(method: str, kind: Kind, probability: float, **more: Any) -> Chance:
        return Chance(Fault("telegram", method, kind, **more), probability)

    return (
        strikes("getUpdates", Kind.CONFLICT, 0.03),
        strikes("getUpdates", Kind.GARBLED, 0.15),
        strikes("sendMessage", Kind.BLOCKED, 0.03),
        strikes("update", Kind.DUPLICATE, 0.2),
        strikes("webhook", Kind.DROP_BEFORE, 0.1),
        strikes("webhook", Kind.DROP_AFTER, 0.1),
        strikes("webhook", Kind.SLOW_AFTER, 0.03, seconds=slow_seconds),
        strikes("*", Kind.RATE_LIMIT, 0.03, retry_after=1),
        strikes("*", Kind.SERVER_ERROR, 0.03),
        strikes("*", Kind.SERVER_ERROR, 0.03, html=True, status=504),
        strikes("*", Kind.DROP_BEFORE, 0.03),
        strikes("*", Kind.DROP_AFTER, 0.04),
        strikes("*", Kind.SLOW_AFTER, 0.02, seconds=slow_seconds),
        strikes("*", Kind.RESET, 0.03, seconds=0.0),
        strikes("*", Kind.GARBLED, 0.03),
        strikes("*", Kind.CUT, 0.03),
        strikes("*", Kind.TRICKLE, 0.03, seconds=0.1),
    )


class Customer:
    """`said` is what agents have to see of them, in order."""

    def __init__(self, sandbox: Sandbox, key: str, rng: random.Random) -> None:
        self._phone, self._rng, self._faults = sandbox.phone, rng, sandbox.world.faults
        number = 7_100_000_000 + len(sandbox.world.persons)
        self.person = Person(key, key, "", number, f"{key}_tg", f"{key}@post.example")
        sandbox.world.add_person(self.person)
        self.said: list[str] = []
        self.files: list[bytes | None] = []
        """What agents can have of each file; None: nothing, it is gone."""
        self.chat = self._say().chat
        self._tapped: set[int] = set()

    @property
    def answers(self) -> list[Message]:
        return [one for one in self.chat.messages.values() if isinstance(one.sender, Bot)]

    async def talk(self) -> None:
        acts = (self._say, self._edit_at_once, self._album, self._file, self._lose, self._tap)
        for _ in range(ACTS):
            await asyncio.sleep(self._rng.uniform(0, 2 * ACT_SECONDS))
            self._rng.choice(acts)()

    def _say(self) -> Message:
        return self._phone.say(self.person.key, self._next())

    def _edit_at_once(self) -> None:
        """So fast that the edit overtakes what it edits."""
        overtaken = Fault("telegram", "update", Kind.REORDER, target=str(self.chat.id))
        self._faults.add(overtaken)
        message = self._say()
        self.said[-1] += ", as a correction"
        self._phone.edit(self.person.key, None, message.id, self.said[-1])
        self._faults.clear(overtaken.id)

    def _album(self) -> None:
        files = [self._given() for _ in range(3)]
        kinds = ["document"] * len(files)
        self._phone.album(self.person.key, kinds, Saying(text=self._next()), files=files)

    def _file(self) -> Message:
        caption = Saying(text=self._next())
        return self._phone.send(self.person.key, "document", caption, file=self._given())

    def _lose(self) -> None:
        """Telegram no longer has it when we ask."""
        stored = self._file().file
        assert stored
        self._phone.lose_file(stored.file_id)
        self.files[-1] = None

    def _tap(self) -> None:
        for message in self.answers:
            if message.reply_markup and message.id not in self._tapped:
                self._tapped.add(message.id)
                self.said.append("[Yes]")
                yes = message.reply_markup["inline_keyboard"][0][0]["callback_data"]
                self._phone.tap(self.person.key, None, message.id, yes)
                return

    def _next(self) -> str:
        self.said.append(f"{self.person.key} says {len(self.said)}")
        return self.said[-1]

    def _given(self) -> Given:
        content = self._rng.randbytes(self._rng.randrange(1, FILE_BYTES_MAX))
        self.files.append(content)
        return Given(content, f"file{len(self.files)}.bin")


class Weather:
    """One storm over some customers, and the agents who answer them."""

    def __init__(self, sandbox: Sandbox, agent: Api, seed: int, slow_seconds: float) -> None:
        self._sandbox, self._agent = sandbox, agent
        self.storm = Storm(seed, chances(slow_seconds))
        sandbox.world.faults.storms.append(self.storm)
        self._seed, self._began = seed, ""
        self._customers: list[Customer] = []
        self._replies: list[Entry] = []
        self.states: Counter[str] = Counter()

    async def begin(self) -> None:
        """Everybody says a first word; it is noted where the live stream is by then."""
        rng = random.Random(self._seed)
        async with self._agent.live() as events:
            keys = [f"storm{self._seed}x{number}" for number in range(CUSTOMERS)]
            self._customers += [Customer(self._sandbox, key, rng) for key in keys]
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
            said = [_said(entry) for entry in await self._heard(customer)]
            assert said == customer.said, "everything once and in order"
        for reply in self._replies:
            await self._check_reply(reply)
        sent = {words(reply) for reply in self._replies}
        assert {text for one in self._customers for text in _arrived(one)} <= sent
        self._sandbox.world.faults.clear()
        await self._check_states()
        for customer in self._customers:
            await self._check_files(customer)

    async def _answer(self, customer: Customer) -> None:
        where = await self._conversation(customer)
        for count in range(REPLIES):
            await asyncio.sleep(2 * ACT_SECONDS)
            text = f"reply {count} to {customer.person.key}"
            buttons = BUTTONS if count % 2 else []
            reply = partial(self._agent.reply, where, text, key=text, buttons=buttons)
            self._replies.append(await patiently(reply))

    async def _conversation(self, customer: Customer) -> str:
        """Its number, once there is one."""
        while True:
            for one in await patiently(self._agent.all_conversations):
                if one.legs[0].author_name == customer.person.name:
                    return str(one.number)
            await asyncio.sleep(ACT_SECONDS)

    async def _heard(self, customer: Customer) -> list[Entry]:
        entries = await self._agent.entries(await self._conversation(customer))
        return [one for one in entries if one.message.direction is Direction.IN]

    async def _is_heard(self, customer: Customer) -> bool:
        entries = await self._heard(customer)
        return (len(entries), len(_files(entries))) >= (len(customer.said), len(customer.files))

    async def _check_files(self, customer: Customer) -> None:
        """Whoever asks has all of a file, or hears that it cannot be had. Never a part of it."""
        where = await self._conversation(customer)
        files = _files(await self._heard(customer))
        for (entry, file), content in zip(files, customer.files, strict=True):
            try:
                got: bytes | None = await self._agent.download(where, entry, file)
            except aiohttp.ClientResponseError:
                got = None
            assert got == content, file
            now = [one for _, one in _files([await self._agent.now(entry)]) if one.id == file.id]
            assert [bool(one.sha256) for one in now] == [content is not None], now

    async def _check_states(self) -> None:
        """They only went forward, as the live stream tells it."""
        ours = {(one.leg, one.position): DeliveryState.SENDING for one in self._replies}
        last = await self._agent.reply(await self._conversation(self._customers[0]), "The end")
        await self._agent.settled(last)
        async with self._agent.live(self._began) as events:
            async for event in events:
                place, kind = (event["leg"], event["position"]), event["kind"]
                if place == (last.leg, last.position):
                    return
                if place in ours and kind in STATES:
                    assert kind in ADVANCES[ours[place]], (place, ours[place], kind)
                    ours[place] = DeliveryState(kind)

    async def _check_reply(self, reply: Entry) -> None:
        end = (await self._agent.settled(reply, timeout_seconds=SETTLE_SECONDS)).delivery
        assert end
        self.states[end.state] += 1
        times = sum(_arrived(one).count(words(reply)) for one in self._customers)
        assert times in ARRIVALS[end.state], (words(reply), times, end)


def _arrived(customer: Customer) -> list[str]:
    return [message.text for message in customer.answers]


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
            return text
        case (Media(caption=caption), *_):
            return caption
        case (Choice(label=label),):
            return f"[{label}]"
        case other:
            return str(other)
