"""Customers on three lines, who come with a question, some with a second one, and leave."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from sandbox.discord.guilds import User
from sandbox.persons import Person
from sandbox.server import Sandbox
from tests.crash.books import Books
from tests.crash.discord_customers import bot_says, shown
from tests.rigs.api import words
from tests.rigs.customer import Customer

PEOPLE: Final = 120
LINES: Final = (*4 * ("telegram",), *2 * ("discord",), "email")
"""What they write on, the usual more often."""
QUESTIONS_MAX: Final = 3
PAUSE_SECONDS: Final = 2.0
WORDS: Final = ("parcel", "invoice", "refund", "kettle", "Lisbon", "broken", "delivery", "lost")


class Spoilt(Exception):
    """Something was lost, doubled, out of order or somebody else's."""


class People:
    """`come` until cancelled; `said` is how many messages they have written."""

    def __init__(self, sandbox: Sandbox, rng: random.Random, visits_per_second: float) -> None:
        self._sandbox, self._rng, self._rate = sandbox, rng, visits_per_second
        self._free = [_person(sandbox, n) for n in range(PEOPLE)]
        self._people = list(self._free)
        self._names = {sandbox.discord.user(one.key): one.name for one in self._people}
        self._threads: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        """What was said, by whose name, and by the line or the mail's subject."""
        self.said = 0

    async def come(self, times: float = 1.0) -> None:
        """So many times as often as usual. Those who are there when this is cancelled say nothing
        more.
        """
        async with asyncio.TaskGroup() as visits:
            while True:
                await asyncio.sleep(self._rng.expovariate(times * self._rate))
                if self._free:
                    self._rng.shuffle(self._free)
                    visits.create_task(self._visit(self._free.pop()))

    def check(self, books: Books) -> None:
        """Everything is there, once, in order, in its own thread, under its author's name."""
        books.check()
        heard = Counter(
            (books.legs[log[0].leg].author_name, tuple(map(words, log)))
            for log in books.heard().values()
            if log
        )
        said = Counter((name, tuple(texts)) for (name, _), texts in self._threads.items())
        lost, more = said - heard, heard - said
        if lost or more:
            raise Spoilt(f"not as it was said: {list(lost)[:2]}, but {list(more)[:2]}")

    def read(self) -> Counter[tuple[str, str]]:
        """What has come to each of them, by their names."""
        channels = self._sandbox.world.discord.channels.values()
        told = Counter(
            (self._named(one.channel.recipients), shown(one)) for one in bot_says(channels)
        )
        for one in self._people:
            customer = Customer(self._sandbox, one.key)
            by_phone = customer.read_on_phone if self._threads.get((one.name, "telegram")) else []
            told.update((one.name, text) for text in (*by_phone, *customer.read_by_mail))
        return told

    async def _visit(self, who: Person) -> None:
        say = self._line(who, self._rng.choice(LINES))
        for _ in range(self._rng.randint(1, QUESTIONS_MAX)):
            self.said += 1
            say(f"{who.key} asks {self.said}: {' '.join(self._rng.sample(WORDS, 4))}")
            await asyncio.sleep(self._rng.uniform(0, 2 * PAUSE_SECONDS))
        self._free.append(who)

    def _line(self, who: Person, line: str) -> Callable[[str], object]:
        """-> how to say something there. Each mail exchange is a line of its own."""
        box = self._sandbox
        match line:
            case "telegram":
                says: Callable[[str], object] = partial(box.phone.say, who.key)
            case "discord":
                says = partial(box.discord.say, who.key)
            case _:
                line = f"matter {self.said}"
                says = self._letters(who, line)
        thread = self._threads[who.name, line]

        def noted(text: str) -> None:
            thread.append(text)
            says(text)

        return noted

    def _letters(self, who: Person, subject: str) -> Callable[[str], None]:
        """One after another, the later ones as answers to the first."""
        customer, first = Customer(self._sandbox, who.key), list[str]()

        def write(text: str) -> None:
            answers = first[0] if first else None
            first.append(customer.writes(text, subject=subject, in_reply_to=answers))

        return write

    def _named(self, users: Sequence[User]) -> str:
        """The one of them that is no bot."""
        (person,) = (one for one in users if not one.bot)
        return self._names[person]


def _person(sandbox: Sandbox, n: int) -> Person:
    number, key = 7_400_000_000 + n, f"person{n}"
    person = Person(key, key, "", number, f"{key}_tg", f"{key}@post.example")
    sandbox.world.add_person(person)
    return person
