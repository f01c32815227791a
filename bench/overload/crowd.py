"""Customers who write whether or not anybody keeps up, on lines of the emulated Telegram."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from core.model.content import Text
from core.model.message import Direction
from core.store.store import Store
from sandbox.persons import Person
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Bot
from tests.rigs.gateway import bot_channel

TICK_SECONDS: Final = 0.01
AT_ONCE_MAX: Final = 100
"""Of what is late: platforms, too, have to do what is asked of them meanwhile."""
PAGE: Final = 500
SAID: Final = re.compile(r"^(\d+) of p\d+: where is my parcel\? Order (\d+)\.$")
BACKLOG_MAX: Final = 150_000
"""Updates that the platform keeps for all bots. It keeps 100 000 a bot and forgets what is more;
where that is near, nobody writes until there is room: what is too much is too much all the same.
"""

UNBOUND: Final[dict[str, Any]] = {
    "chat_per_second": 1000,
    "chat_burst": 1000,
    "account_per_second": 1000,
    "account_burst": 1000,
}
"""Budgets are another measurement's matter."""


class Crowd:
    """`people` of them, each with a bot of their own to write to, in turns."""

    def __init__(self, sandbox: Sandbox, people: int, webhooks: int, pollers: int) -> None:
        self._sandbox = sandbox
        telegram = sandbox.world.telegram
        while len(telegram.bots) < webhooks + pollers:
            number = len(telegram.bots)
            telegram.add_bot(f"Acme {number}", f"acme_{number}_bot")
        self.bots: list[Bot] = telegram.bots[: webhooks + pollers]
        self._webhooks = webhooks
        self._keys = [self._person(number) for number in range(people)]
        self.said = 0
        self.unsaid = 0
        """For want of room on the platform."""
        self._said: defaultdict[str, list[int]] = defaultdict(list)

    def _person(self, number: int) -> str:
        key = f"p{number}"
        self._sandbox.world.add_person(
            Person(
                key=key,
                first_name=f"P {number}",
                last_name="",
                telegram_id=7_000_000_000 + number,
                username=f"{key}_tg",
                address=f"{key}@post.example",
            )
        )
        return key

    def channels(self, directory: Path) -> str:
        """An inbox for each bot."""
        return "".join(
            bot_channel(
                self._sandbox,
                directory,
                account=f"tg{number}",
                token=bot.token,
                mode="webhook" if number < self._webhooks else "polling",
                webhook_connections=100,
                **UNBOUND,
            )
            for number, bot in enumerate(self.bots)
        )

    def says(self) -> None:
        """The next one says something, if the platform has room for it."""
        if self.backlog >= BACKLOG_MAX:
            self.unsaid += 1
            return
        number = self.said % len(self._keys)
        key, bot = self._keys[number], self.bots[number % len(self.bots)]
        self.said += 1
        self._said[key].append(self.said)
        text = f"{len(self._said[key])} of {key}: where is my parcel? Order {self.said}."
        self._sandbox.phone.say(key, Saying(text=text, bot_id=bot.id))

    @property
    def backlog(self) -> int:
        """What the platform keeps still."""
        return sum(len(bot.updates) for bot in self.bots)

    async def judged(self, store: Store) -> tuple[int, int, int]:
        """-> what was lost, what is there more than once, and what is not in its order. Of the
        store one page of legs at a time is looked at: it may hold a million messages.
        """
        heard: defaultdict[str, list[int]] = defaultdict(list)
        for leg in sorted({leg async for page in store.legs.every(PAGE) for leg in page}):
            (head,) = await store.legs.heads((leg,))
            if not head:
                raise RuntimeError(f"leg {leg} is gone: nothing here ends any")
            chat = int(str(head.thread).rpartition(":")[2])
            for before in range(PAGE + 1, head.length + PAGE + 1, PAGE):
                for entry in await store.legs.entries(leg, before, PAGE):
                    if entry.message.direction is Direction.IN:
                        heard[f"p{chat - 7_000_000_000}"] += _orders(entry.message.parts)
        lost, doubled, disordered = 0, 0, 0
        for key in self._keys:
            said, found = self._said[key], heard[key]
            lost += len(set(said) - set(found))
            doubled += len(found) - len(set(found))
            disordered += found != sorted(found)
        return lost, doubled, disordered


def _orders(parts: tuple[Any, ...]) -> list[int]:
    texts = (SAID.match(part.text) for part in parts if isinstance(part, Text))
    return [int(found[2]) for found in texts if found]


async def by_schedule(act: Callable[[], None], rate: float, seconds: float) -> None:
    """So often a second, however long anything takes: what is late is made up for."""
    clock = asyncio.get_running_loop().time
    began, done = clock(), 0
    while (passed := clock() - began) < seconds:
        late = int(passed * rate) - done
        for _ in range(min(late, AT_ONCE_MAX)):
            act()
            done += 1
        await asyncio.sleep(0 if late > AT_ONCE_MAX else TICK_SECONDS)
