"""Customers of a Telegram bot, and all that goes wrong on its line."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final

from sandbox.faults import Chance, Fault, Kind, Storm
from sandbox.persons import Person
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.phone.given import Given
from sandbox.telegram.state import Bot, Message
from tests.crash.weather import ACT_SECONDS, Got, Said
from tests.rigs.api import Api

CUSTOMERS: Final = 4
ACTS: Final = 10
FILE_BYTES_MAX: Final = 100_000
BUTTONS: Final = [[{"label": "Yes", "value": "yes"}, {"label": "No", "value": "no"}]]


def telegram_storm(seed: int, slow_seconds: float) -> Storm:
    """Every fault of the line but a revoked token, which is no weather."""

    def strikes(method: str, kind: Kind, probability: float, **more: Any) -> Chance:
        return Chance(Fault("telegram", method, kind, **more), probability)

    chances = (
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
    return Storm(seed, chances)


async def with_buttons(_agent: Api, count: int) -> tuple[dict[str, Any], Sequence[bytes]]:
    return {"buttons": BUTTONS if count % 2 else []}, ()


def people(sandbox: Sandbox, seed: int, *, loses: bool = True) -> list["TelegramCustomer"]:
    """`loses`: some of their files are gone when we ask; we go on asking for long."""
    rng = random.Random(seed)
    keys = [f"storm{seed}x{n}" for n in range(CUSTOMERS)]
    return [TelegramCustomer(sandbox, key, rng, loses=loses) for key in keys]


class TelegramCustomer:
    """In one chat with the bot."""

    def __init__(self, sandbox: Sandbox, key: str, rng: random.Random, *, loses: bool) -> None:
        self._phone, self._rng, self._faults = sandbox.phone, rng, sandbox.world.faults
        number = 7_100_000_000 + len(sandbox.world.persons)
        self.person = Person(key, key, "", number, f"{key}_tg", f"{key}@post.example")
        sandbox.world.add_person(self.person)
        self._said: list[Said] = []
        self._chat = self._say().chat
        self._tapped: set[int] = set()
        self._loses = loses

    @property
    def threads(self) -> list[list[Said]]:
        return [self._said]

    @property
    def got(self) -> list[Got]:
        return [Got(message.text) for message in self._answers()]

    async def talk(self) -> None:
        acts = [self._say, self._edit_at_once, self._album, self._file, self._tap]
        acts += [self._lose] if self._loses else []
        for _ in range(ACTS):
            await asyncio.sleep(self._rng.uniform(0, 2 * ACT_SECONDS))
            self._rng.choice(acts)()

    def _answers(self) -> list[Message]:
        return [one for one in self._chat.messages.values() if isinstance(one.sender, Bot)]

    def _say(self) -> Message:
        return self._phone.say(self.person.key, self._next())

    def _edit_at_once(self) -> None:
        """So fast that the edit overtakes what it edits."""
        overtaken = Fault("telegram", "update", Kind.REORDER, target=str(self._chat.id))
        self._faults.add(overtaken)
        message = self._say()
        self._said[-1].text += ", as a correction"
        self._phone.edit(self.person.key, None, message.id, self._said[-1].text)
        self._faults.clear(overtaken.id)

    def _album(self) -> None:
        saying = Saying(text=self._next())
        files = [self._given() for _ in range(3)]
        self._phone.album(self.person.key, ["document"] * len(files), saying, files=files)

    def _file(self) -> Message:
        caption = Saying(text=self._next())
        return self._phone.send(self.person.key, "document", caption, file=self._given())

    def _lose(self) -> None:
        """Telegram no longer has it when we ask."""
        stored = self._file().file
        assert stored
        self._phone.lose_file(stored.file_id)
        self._said[-1].files[-1] = None

    def _tap(self) -> None:
        for message in self._answers():
            if message.reply_markup and message.id not in self._tapped:
                self._tapped.add(message.id)
                self._said.append(Said("[Yes]"))
                yes = message.reply_markup["inline_keyboard"][0][0]["callback_data"]
                self._phone.tap(self.person.key, None, message.id, yes)
                return

    def _next(self) -> str:
        self._said.append(Said(f"{self.person.key} says {len(self._said)}"))
        return self._said[-1].text

    def _given(self) -> Given:
        content = self._rng.randbytes(self._rng.randrange(1, FILE_BYTES_MAX))
        self._said[-1].files.append(content)
        return Given(content, f"file{len(self._said[-1].files)}.bin")
