"""Customers who do what the plan says, and write down what they said and what they got."""

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from hashlib import sha256
from typing import Final, Protocol

from typing_extensions import override

from core.model.message import Audience
from sandbox.discord.app import File
from sandbox.discord.messages import Message as Post
from sandbox.faults import Fault, Kind
from sandbox.mail.programs import Enclosure, Letter
from sandbox.persons import Person
from sandbox.server import Sandbox
from sandbox.telegram.state import Message
from tests.crash.discord_customers import bot_says, shown
from tests.histories.logs import Changed, Got, Said
from tests.rigs.customer import Customer as Programs

TOKEN: Final = re.compile(r"\b(?:tg|ml|dc|a)\d+[mrne]\d+\b")
CHANGED: Final = "changed"
FILE_BYTES: Final = 20_000
Clock = Callable[[], float]


def token_in(text: str) -> str:
    found = TOKEN.search(text)
    return found.group() if found else ""


def thread_of(who: str, audience: str) -> str:
    """A customer's thread in private, and the one where others read along."""
    return who if audience == Audience.PRIVATE else f"{who}/public"


class Customer(Protocol):
    """`said` and `got` are their log; `do` is one act of the plan."""

    said: dict[str, Said]

    @property
    def got(self) -> list[Got]: ...

    def do(self, verb: str) -> None: ...


def customers(sandbox: Sandbox, names: tuple[str, ...], clock: Clock) -> dict[str, Customer]:
    kinds: dict[str, Callable[[Sandbox, str, Clock], Customer]] = {
        "tg": OnTelegram,
        "ml": ByMail,
        "dc": OnDiscord,
    }
    for n, name in enumerate(names):
        address = f"{name}@post.example"
        person = Person(name, name, "", 7_000_000_000 + n, f"{name}_of_history", address)
        sandbox.world.add_person(person)
    return {name: kinds[name[:2]](sandbox, name, clock) for name in names}


class _Writer(ABC):
    def __init__(self, sandbox: Sandbox, name: str, clock: Clock) -> None:
        self._sandbox, self._name, self._clock = sandbox, name, clock
        self.said: dict[str, Said] = {}

    def do(self, verb: str) -> None:
        {
            "say": self._say,
            "edit": self._edit,
            "correct": self._correct,
            "file": self._file,
            "post": self._post,
        }[verb]()

    @abstractmethod
    def _say(self) -> None: ...

    @abstractmethod
    def _file(self) -> None: ...

    def _edit(self) -> None:
        self._say()

    def _correct(self) -> None:
        self._say()
        self._edit()

    def _post(self) -> None:
        self._say()

    def _note(self, *files: bytes, thread: str = "") -> str:
        """-> the words of a new message."""
        token = f"{self._name}m{len(self.said)}"
        self.said[token] = Said(
            token=token,
            who=self._name,
            thread=thread or self._name,
            at=self._clock(),
            files=tuple(sha256(one).hexdigest() for one in files),
        )
        return f"{token} is what I say"

    def _changes(self, token: str, how: Changed) -> str:
        said = self.said[token]
        self.said[token] = Said(
            token=token, who=said.who, thread=said.thread, at=said.at, changed=how, files=said.files
        )
        return f"{token} is what I say, {CHANGED}"

    def _content(self) -> bytes:
        return random.Random(f"{self._name} {len(self.said)}").randbytes(FILE_BYTES)


class OnTelegram(_Writer):
    """In one chat with the bot."""

    _last: Message

    @property
    def got(self) -> list[Got]:
        programs = Programs(self._sandbox, self._name)
        return [_got(one.text, self._name, self._name) for one in programs.answers]

    @override
    def _say(self) -> None:
        self._last = self._sandbox.phone.say(self._name, self._note())

    @override
    def _edit(self) -> None:
        text = self._changes(token_in(self._last.text), Changed.SURELY)
        self._sandbox.phone.edit(self._name, None, self._last.id, text)

    @override
    def _correct(self) -> None:
        """So fast that the edit overtakes what it edits."""
        overtaken = Fault("telegram", "update", Kind.REORDER, target=str(self._last.chat.id))
        self._sandbox.world.faults.add(overtaken)
        super()._correct()
        self._sandbox.world.faults.clear(overtaken.id)

    @override
    def _file(self) -> None:
        content = self._content()
        programs = Programs(self._sandbox, self._name)
        programs.sends_file("file.bin", content, self._note(content))


class ByMail(_Writer):
    """In one thread."""

    _ids: tuple[str, ...] = ()

    @property
    def got(self) -> list[Got]:
        programs = Programs(self._sandbox, self._name)
        return [_got(text, self._name, self._name) for text in programs.read_by_mail]

    @override
    def _say(self) -> None:
        self._send(self._note())

    @override
    def _file(self) -> None:
        content = self._content()
        self._send(self._note(content), Enclosure("file.bin", content))

    def _send(self, text: str, *enclosures: Enclosure) -> None:
        letter = Letter(
            text=text,
            subject=f"The matter of {self._name}",
            in_reply_to=self._ids[-1] if self._ids else None,
            enclosures=list(enclosures),
        )
        self._ids += (self._sandbox.mail_programs.send(self._name, letter),)


class OnDiscord(_Writer):
    """In private, and in a channel for support."""

    _last: Post

    @property
    def got(self) -> list[Got]:
        app = self._sandbox.discord
        user, found = app.user(self._name), []
        for one in bot_says(app.state.channels.values()):
            text, direct = shown(one), one.channel.direct
            if user in one.channel.recipients if direct else f"to {self._name}" in text:
                audience = Audience.PRIVATE if direct else Audience.PUBLIC
                found.append(_got(text, self._name, thread_of(self._name, audience)))
        return found

    @override
    def _say(self) -> None:
        self._last = self._sandbox.discord.say(self._name, self._note(), None)

    @override
    def _post(self) -> None:
        thread = thread_of(self._name, Audience.PUBLIC)
        self._last = self._sandbox.discord.say(self._name, self._note(thread=thread), "support")

    @override
    def _edit(self) -> None:
        """A session that is lost takes with it that something was changed."""
        text = self._changes(token_in(self._last.content), Changed.PERHAPS)
        self._sandbox.discord.edit(self._name, self._last, text)

    @override
    def _file(self) -> None:
        content = self._content()
        text = self._note(content)
        files = [File(name="file.bin", content=content)]
        self._last = self._sandbox.discord.say(self._name, text, None, files=files)


def _got(text: str, who: str, thread: str) -> Got:
    return Got(token=token_in(text), who=who, thread=thread, changed=CHANGED in text)
