"""Many customers at once, and agents who answer them: what was said, to be compared afterwards."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, TypeVar

import aiohttp

from core.model.conversation import Entry
from core.model.message import DeliveryState
from sandbox.faults import Fault, Kind
from sandbox.persons import Person
from sandbox.server import Sandbox
from tests.rigs.api import Api, words
from tests.rigs.customer import Customer
from tests.rigs.gateway import MAIL, TELEGRAM
from tests.rigs.waiting import eventually

CUSTOMERS: Final = 12
MAIL_EVERY: Final = 12
SAY_SECONDS: Final = 0.03
REPLY_SECONDS: Final = 0.2
REPLIES_A_LOOK: Final = 4
RETRY_SECONDS: Final = 0.1
ANSWER_SECONDS: Final = 0.3

T = TypeVar("T")


class Crowd:
    """Writes and answers while `busy` is open. `check` compares with what the gateway tells."""

    def __init__(self, sandbox: Sandbox, agent: Api, rng: random.Random) -> None:
        self._sandbox, self._agent, self._rng = sandbox, agent, rng
        # While an answer is awaited, a message is neither sent nor not: that is where to be killed.
        for platform, call in (("telegram", "sendMessage"), ("smtp", "DATA")):
            slow = Fault(platform, call, Kind.SLOW_AFTER, count=0, seconds=ANSWER_SECONDS)
            sandbox.world.faults.add(slow)
        self._customers = [_customer(sandbox, number) for number in range(CUSTOMERS)]
        self._said: defaultdict[str, list[str]] = defaultdict(list)
        """What each customer has said on the phone, by Telegram's id of them."""
        self._mailed: defaultdict[str, list[str]] = defaultdict(list)
        """What was written in each mail thread, by its subject."""
        self._roots: dict[str, str] = {}
        self._replies: list[Entry] = []
        self._over = False

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """What is under way at the end is finished: a reply given up may have been taken."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._talk())
            tasks.create_task(self._answer())
            try:
                yield
            finally:
                self._over = True

    async def check(self) -> None:
        """Once everything has come to its end. Raises TimeoutError, AssertionError."""
        await eventually(self._is_all_heard, timeout_seconds=30)
        await eventually(lambda: not self._sandbox.world.telegram.bots[0].updates)
        heard = await self._heard()
        assert heard == self._expected(), "everything once and in order"
        ends = [await self._agent.settled(one, timeout_seconds=30) for one in self._replies]
        print(Counter(str(one.delivery.state) for one in ends if one.delivery))
        self._check_sends(ends)

    @property
    def told(self) -> str:
        said, mailed = (sum(map(len, one.values())) for one in (self._said, self._mailed))
        return f"{said} said, {mailed} mailed, {len(self._replies)} replies"

    # --- making noise

    async def _talk(self) -> None:
        while not self._over:
            customer = self._rng.choice(self._customers)
            if self._rng.randrange(MAIL_EVERY):
                said = self._said[str(customer.person.telegram_id)]
                said.append(f"{customer.person.key} says {len(said)}")
                customer.says(said[-1])
            else:
                self._write(customer)
            await asyncio.sleep(self._rng.uniform(0, 2 * SAY_SECONDS))

    def _write(self, customer: Customer) -> None:
        subject = f"{customer.person.key} writes"
        mailed = self._mailed[subject]
        mailed.append(f"mail {len(mailed)} of {customer.person.key}")
        root = self._roots.get(subject)
        sent = customer.writes(mailed[-1], subject=subject, in_reply_to=root)
        self._roots.setdefault(subject, sent)

    async def _answer(self) -> None:
        while not self._over:
            numbers = await patiently(self._numbers)
            for where in self._rng.sample(numbers, min(REPLIES_A_LOOK, len(numbers))):
                text = f"reply {len(self._replies)} in {where}"
                reply = partial(self._agent.reply, where, text, key=text)
                self._replies.append(await patiently(reply))
            await asyncio.sleep(REPLY_SECONDS)

    async def _numbers(self) -> list[str]:
        return [one.number for one in await self._agent.all_conversations()]

    # --- judging

    def _expected(self) -> dict[str, list[str]]:
        phones = {f"{TELEGRAM} {who}": said for who, said in self._said.items()}
        return phones | {f"{MAIL} {subject}": mailed for subject, mailed in self._mailed.items()}

    async def _is_all_heard(self) -> bool:
        heard, expected = await self._heard(), self._expected()
        return sum(map(len, heard.values())) >= sum(map(len, expected.values()))

    async def _heard(self) -> dict[str, list[str]]:
        """As `_expected`, from what the API tells."""
        heard: defaultdict[str, list[str]] = defaultdict(list)
        for conversation in await self._agent.all_conversations():
            leg = conversation.legs[0]
            about = leg.title if leg.thread.account == MAIL else leg.thread.thread
            texts = await self._agent.heard(conversation.number)
            heard[f"{leg.thread.account} {about}"] += [text.strip() for text in texts]
        return dict(heard)

    def _check_sends(self, ends: list[Entry]) -> None:
        """Sent: it arrived once. Unknown: once or not at all. Nobody invented one."""
        arrived = Counter(self._arrived())
        for end in ends:
            assert end.delivery is not None
            times = arrived.pop(words(end), 0)
            if end.delivery.state is DeliveryState.SENT:
                assert times == 1, f"{words(end)} arrived {times} times"
            else:
                assert end.delivery.state is DeliveryState.UNKNOWN, end.delivery
                assert times <= 1, f"{words(end)} arrived {times} times"
        assert not arrived, f"everything that arrived is in a conversation: {arrived}"

    def _arrived(self) -> list[str]:
        phones = [text for one in self._customers for text in one.read_on_phone]
        return phones + [text for one in self._customers for text in one.read_by_mail]


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """However often it takes: a reply's key sees to it that it is one reply."""
    while True:
        try:
            return await ask()
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(RETRY_SECONDS)


def _customer(sandbox: Sandbox, number: int) -> Customer:
    key = f"customer{number}"
    person = Person(
        key=key,
        first_name=f"Customer {number}",
        last_name="",
        telegram_id=7_000_000_000 + number,
        username=f"{key}_tg",
        address=f"{key}@post.example",
    )
    sandbox.world.add_person(person)
    return Customer(sandbox, key)
