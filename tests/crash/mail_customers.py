"""Customers with mail programs: several threads each, with files, also in answer to ours."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.mail.programs import Enclosure, Letter, attachment
from sandbox.persons import Person
from sandbox.server import Sandbox
from tests.crash.weather import ACT_SECONDS, Got, Said
from tests.rigs.api import Api
from tests.rigs.customer import Customer

CUSTOMERS: Final = 4
ACTS: Final = 8
FILE_BYTES_MAX: Final = 100_000
FILES_MAX: Final = 3


async def with_files(agent: Api, count: int) -> tuple[dict[str, Any], Sequence[bytes]]:
    """Every other reply has some."""
    files = [random.Random(count).randbytes(10_000 * (n + 1)) for n in range(count % 2 * 2)]
    kind = "application/octet-stream"
    uploads = [await agent.upload(f"file{n}.bin", one, kind) for n, one in enumerate(files)]
    return {"attachments": [one.id for one in uploads]}, files


def people(sandbox: Sandbox, seed: int, count: int = CUSTOMERS) -> list["MailCustomer"]:
    rng = random.Random(seed)
    return [MailCustomer(sandbox, f"storm{seed}x{n}", rng) for n in range(count)]


@dataclass
class Thread:
    """`ids` are the Message-IDs of the customer's mails in it."""

    subject: str
    said: list[Said] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


class MailCustomer:
    """Begins threads and goes on in them, beside one another."""

    def __init__(self, sandbox: Sandbox, key: str, rng: random.Random) -> None:
        self._sandbox, self._rng = sandbox, rng
        number = 7_200_000_000 + len(sandbox.world.persons)
        self.person = Person(key, key, "", number, f"{key}_tg", f"{key}@post.example")
        sandbox.world.add_person(self.person)
        self._program = Customer(sandbox, key)
        self._threads: list[Thread] = []
        self._begin()

    @property
    def threads(self) -> list[list[Said]]:
        return [thread.said for thread in self._threads]

    @property
    def got(self) -> list[Got]:
        inbox = self._sandbox.mail_programs.mailbox(self.person.key).inbox
        mails = zip(self._program.read_by_mail, inbox.messages, strict=True)
        return [
            Got(text, tuple(file for n in range(FILES_MAX) if (file := attachment(mail, n))))
            for text, mail in mails
        ]

    async def talk(self) -> None:
        acts = (self._begin, self._go_on, self._go_on, self._answer, self._answer)
        for _ in range(ACTS):
            await asyncio.sleep(self._rng.uniform(0, 2 * ACT_SECONDS))
            self._rng.choice(acts)()

    def _begin(self) -> None:
        self._threads.append(Thread(f"{self.person.key} has matter {len(self._threads)}"))
        self._write(self._threads[-1], after="")

    def _go_on(self) -> None:
        """Without waiting for an answer."""
        thread = self._rng.choice(self._threads)
        self._write(thread, after=thread.ids[-1])

    def _answer(self) -> None:
        """The newest mail of ours, if there is one."""
        for mail in reversed(self._program.mails):
            thread = next(one for one in self._threads if one.ids[0] in mail["references"])
            return self._write(thread, after=str(mail["message_id"]))
        return self._go_on()

    def _write(self, thread: Thread, *, after: str) -> None:
        count = sum(map(len, self.threads))
        said = Said(f"{self.person.key} writes {count}", [*self._given()])
        thread.said.append(said)
        letter = Letter(
            text=said.text,
            subject=thread.subject,
            in_reply_to=after or None,
            enclosures=[Enclosure(f"file{n}.bin", one) for n, one in enumerate(said.files) if one],
            signed=bool(self._rng.randrange(2)),
        )
        thread.ids.append(self._sandbox.mail_programs.send(self.person.key, letter))

    def _given(self) -> list[bytes]:
        count = self._rng.choice((0, 0, 0, 1, FILES_MAX))
        return [self._rng.randbytes(self._rng.randrange(1, FILE_BYTES_MAX)) for _ in range(count)]
