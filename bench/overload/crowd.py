"""Customers who write whether or not anybody keeps up, on lines of the emulated Telegram."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from core.model.content import Text
from core.model.message import Direction
from sandbox.persons import Person
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Bot
from tests.crash.books import Books
from tests.rigs.gateway import bot_channel

TICK_SECONDS: Final = 0.01
SAID: Final = re.compile(r"^(\d+) of p\d+: where is my parcel\? Order (\d+)\.$")
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
        """The next one says something."""
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

    def judged(self, books: Books) -> tuple[int, int, int]:
        """-> what was lost, what is there more than once, and what is not in its order."""
        lost, doubled, disordered = 0, 0, 0
        heard: defaultdict[str, list[int]] = defaultdict(list)
        for (thread, _), entries in books.heard().items():
            chat = int(thread.rpartition(":")[2])
            for entry in entries:
                if entry.message.direction is Direction.IN:
                    heard[f"p{chat - 7_000_000_000}"] += _orders(entry.message.parts)
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
    """So often a second, however long anything takes: what is late is made up for at once."""
    clock = asyncio.get_running_loop().time
    began, done = clock(), 0
    while (passed := clock() - began) < seconds:
        while done < passed * rate:
            act()
            done += 1
        await asyncio.sleep(TICK_SECONDS)
