"""Customers of a Discord bot, wherever they can write to it, and who may read what it says."""

import random
import re
from asyncio import sleep
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final

from core.model.message import Audience
from sandbox.discord.app import File
from sandbox.discord.guilds import Channel
from sandbox.discord.messages import Message
from sandbox.errors import UnknownThing
from sandbox.persons import Person
from sandbox.server import Sandbox
from tests.crash.weather import ACT_SECONDS, GONE, Got, Reply, Said
from tests.rigs.api import Api

CUSTOMERS: Final = 4
ACTS: Final = 14
FILE_BYTES_MAX: Final = 50_000
LIKE: Final = "👍"
BUTTONS: Final = [[{"label": "Yes", "value": "yes"}, {"label": "No", "value": "no"}]]
ESCAPED: Final = re.compile(r"\\([^\w\s])")


class Told(StrEnum):
    """What of what customers do comes to the gateway, in such a storm."""

    ALL = "all"
    MESSAGES = "messages"
    """That one was changed, or a button pressed, may be lost with a session."""
    MOST = "most"
    """Whatever comes may be spoilt."""


async def dressed(agent: Api, count: int) -> tuple[dict[str, Any], Sequence[bytes]]:
    """Some replies have buttons, others files."""
    if count % 2:
        return {"buttons": BUTTONS}, ()
    files = [random.Random(count).randbytes(10_000 * (n + 1)) for n in range(count % 4)]
    kind = "application/octet-stream"
    uploads = [await agent.upload(f"file{n}.bin", one, kind) for n, one in enumerate(files)]
    return {"attachments": [one.id for one in uploads]}, files


def people(sandbox: Sandbox, seed: int, told: Told) -> list["DiscordCustomer"]:
    rng, places = random.Random(seed), list[Channel]()
    return [DiscordCustomer(sandbox, f"{seed}x{n}", rng, places, told) for n in range(CUSTOMERS)]


class DiscordCustomer:
    """Writes in private, in channels, threads and posts, own ones and others'. `places` are all
    these that customers have opened.
    """

    def __init__(
        self, sandbox: Sandbox, name: str, rng: random.Random, places: list[Channel], told: Told
    ) -> None:
        self._app, self._rng, self._places, self._kept = sandbox.discord, rng, places, told
        self._bot = sandbox.world.discord.applications[0]
        number = 7_300_000_000 + len(sandbox.world.persons)
        self._key = f"storm{name}@everyone"  # who is answered by this name must call nobody
        self.person = Person(self._key, name, "", number, f"{name}_dc", f"{name}@post.example")
        sandbox.world.add_person(self.person)
        self._threads: dict[int, list[Said]] = {}
        self._said: list[tuple[Message, Said]] = []
        """What may still be changed."""
        self._pressed: set[int] = set()
        self._count = 0
        self.begin()

    @property
    def threads(self) -> list[list[Said]]:
        return list(self._threads.values())

    @property
    def got(self) -> list[Got]:
        """All in private, and in public what names them."""
        return [
            Got(shown(one), tuple(file.content for file in one.attachments))
            for one in self._answers()
        ]

    async def talk(self) -> None:
        acts: list[Callable[[], object]] = [
            self.begin,
            self._in_support,
            self._in_general,
            self._post,
            self._thread,
            self._in_some_place,
            self._with_files,
            self._lose,
            self._chat,
            self._ask,
            self._press,
        ]
        if self._kept is not Told.MOST:
            acts += 2 * [self._edit, self._react, self._delete]
        for _ in range(ACTS):
            await sleep(self._rng.uniform(0, 2 * ACT_SECONDS))
            self._rng.choice(acts)()

    # --- writing

    def begin(self) -> None:
        """In private, where there is nobody but us."""
        self._say(None)

    def _in_support(self) -> None:
        self._say("support")

    def _in_general(self) -> None:
        """Where the bot has to be named."""
        self._say("general", before=f"<@{self._bot.id}> ", shown=f"@{self._bot.user.name} ")

    def _chat(self) -> None:
        """With others."""
        self._app.say(self._key, "Nice weather", "general")

    def _post(self) -> None:
        message = self._app.forum_post(self._key, f"Post of {self.person.name}", self._next())
        self._note(message)
        self._places.append(message.channel)

    def _thread(self) -> None:
        private = self._rng.random() < 0.3
        bot = [str(self._bot.id)] if private else []
        title = f"Thread of {self.person.name}"
        thread = self._app.open_thread(self._key, title, "support", private=private, invite=bot)
        if not private:
            self._places.append(thread)
        self._say(thread)

    def _in_some_place(self) -> None:
        if self._places:
            self._say(self._rng.choice(self._places))

    def _with_files(self) -> Said:
        count = self._rng.choice((1, 3))
        files = [self._rng.randbytes(self._rng.randrange(1, FILE_BYTES_MAX)) for _ in range(count)]
        given = [File(name=f"file{n}.bin", content=one) for n, one in enumerate(files)]
        place = self._rng.choice((None, "support"))
        self._note(self._app.say(self._key, self._next(), place, files=given), files=files)
        return self._said[-1][1]

    def _lose(self) -> None:
        """Discord no longer has it when we ask."""
        said = self._with_files()
        self._said[-1][0].attachments[-1].lost = True
        said.files[-1] = None

    def _say(self, place: Channel | str | None, before: str = "", shown: str = "") -> None:
        text = self._next()
        self._note(self._app.say(self._key, before + text, place), shown + text)

    def _next(self) -> str:
        self._count += 1
        return f"{self.person.name} says {self._count}"

    def _note(self, message: Message, text: str = "", files: Iterable[bytes] = ()) -> None:
        said = Said(text or message.content, list(files), skipped=self._kept is Told.MOST)
        self._threads.setdefault(message.channel.id, []).append(said)
        self._said.append((message, said))

    # --- changing what was written

    def _edit(self) -> None:
        """Once: what is put behind it then stays there."""
        if self._said:
            message, said = self._said[-1]
            more = ", as a correction"
            if not said.text.endswith(more):
                self._app.edit(self._key, message, message.content + more)
                said.becomes(more, surely=self._surely)

    def _react(self) -> None:
        if self._said:
            message, said = self._said.pop(self._rng.randrange(len(self._said)))
            self._app.react(self._key, message, LIKE)
            said.becomes(LIKE, surely=self._surely)

    def _delete(self) -> None:
        """What has files may be gone with them, or have been fetched before."""
        plain = [one for one in self._said if not one[1].files]
        if plain:
            message, said = self._rng.choice(plain)
            self._said.remove((message, said))
            self._app.delete(self._key, message)
            said.becomes(GONE, surely=self._surely)
            said.skipped = not self._surely

    @property
    def _surely(self) -> bool:
        return self._kept is Told.ALL

    # --- asking, answering

    def _ask(self) -> None:
        """What only they are told."""
        with suppress(UnknownThing):  # the bot has not said yet what can be asked
            self._app.slash(self._key, "status", place=self._rng.choice((None, "support")))

    def _press(self) -> None:
        for message in self._answers():
            if message.components and message.id not in self._pressed:
                self._pressed.add(message.id)
                self._app.press(self._key, message, "Yes")
                said = Said("[Yes]", skipped=not self._surely, loose=True)
                self._threads.setdefault(message.channel.id, []).append(said)
                return

    def _answers(self) -> list[Message]:
        return [one for one in bot_says(self._app.state.channels.values()) if self._is_for_me(one)]

    def _is_for_me(self, message: Message) -> bool:
        if message.channel.direct:
            return self._app.user(self._key) in message.channel.recipients
        return self._key in shown(message)


def bot_says(places: Iterable[Channel]) -> list[Message]:
    """Everything of the bot's that is not for one person's eyes alone."""
    return [
        message
        for place in list(places)
        for message in place.messages.values()
        if message.author.bot and message.only_for is None
    ]


def shown(message: Message) -> str:
    """As people see it."""
    return ESCAPED.sub(r"\1", message.content)


def check_discretion(sandbox: Sandbox, replies: Sequence[Reply]) -> None:
    """Nothing private is in public, and nobody is called."""
    private = {
        text
        for reply in replies
        if reply.entry.message.audience is Audience.PRIVATE
        for text in reply.forms
    }
    for message in bot_says(sandbox.world.discord.channels.values()):
        assert message.channel.direct or shown(message) not in private, message.content
        assert not message.pinged, (message.content, message.pinged)
