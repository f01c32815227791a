"""The one world that every emulated platform shares."""

import random
import time
from collections.abc import Callable

from sandbox.discord.state import DiscordState
from sandbox.dns.zones import Zones
from sandbox.errors import UnknownThing
from sandbox.faults import Faults
from sandbox.feed import Feed
from sandbox.journal import Journal
from sandbox.mail.mailboxes import MailState
from sandbox.mail.post import Post
from sandbox.mail.signing import Signers
from sandbox.persons import Person, cast
from sandbox.telegram.state import TelegramState


class World:
    """Plain state plus a feed of its changes. The same seed gives the same ids and tokens.

    `now` (unix seconds) dates what a person writes on Telegram, and decides when updates and
    floods are over.
    """

    def __init__(self, seed: int = 0, now: Callable[[], float] = time.time) -> None:
        rng = random.Random(seed)  # noqa: S311  reproducible ids of an emulator, not secrets
        self.feed = Feed()
        self.faults = Faults()
        self.journal = Journal()
        self.telegram = TelegramState(self.feed, self.faults, rng, now)
        self.mail = MailState(self.feed, rng, now)
        self.dns = Zones()
        self.discord = DiscordState(self.feed, random.Random(f"discord {seed}"), now)  # noqa: S311  as above
        self.signers = Signers(self.dns)
        self.post = Post(self.mail, self._name_of)
        self.persons: dict[str, Person] = {}
        for person in cast():
            self.add_person(person)

    def add_person(self, person: Person) -> None:
        """Let a person live here: they get a mailbox, and accounts on Telegram and Discord."""
        self.persons[person.key] = person
        self.mail.host(person.address, owner=person.key)
        self.discord.add_person(person)
        self.feed.publish("person", person.key)

    def _name_of(self, key: str | None) -> str:
        return self.persons[key].name if key in self.persons else ""

    def person(self, key: str) -> Person:
        """The person with this key; raises UnknownThing."""
        person = self.persons.get(key)
        if person is None:
            raise UnknownThing(f"no person {key!r}; there are {', '.join(self.persons)}")
        return person
