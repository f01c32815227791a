"""What customers write: messages of a hundred characters in many languages, with ids as Telegram
gives them. None of it is in what the dictionary for messages was made of (scripts/dictionary).
"""

import random
from collections import deque
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from typing_extensions import override

from core.ids import new_ulid
from core.model.content import Text
from core.model.event import Actor, ActorKind, Inbound, MessageCreated
from core.model.ids import EventId, ThreadRef
from core.model.outbound import Outbound, Receipt
from tests.rigs.events import thread
from tests.rigs.platform import MemoryAdapter

CHARACTERS: Final = 100
SEED: Final = 7
FIRST_UPDATE: Final = 684_210_000
FIRST_NAMES: Final = ("Aisha", "Björn", "Chiara", "Dmitri", "Esra", "Femi", "Greta", "Haruka")
LAST_NAMES: Final = ("Adeyemi", "Bianchi", "Costa", "Demir", "Eriksson", "Fischer", "Sokolova")


def _sentences(number: int) -> tuple[str, ...]:
    """Each of words that people use, in an order of its own: a saying from some place on, and what
    of it comes before.
    """
    chance = random.Random(SEED)  # noqa: S311
    lines = (Path(__file__).parent / "sayings.txt").read_text(encoding="utf-8").splitlines()
    return tuple(_from(chance.choice(lines), chance.random()) for _ in range(number))


def _from(line: str, part: float) -> str:
    """A hundred characters that begin at this part of the line."""
    at = round(part * len(line))
    turned = f"{line[at:]} {line[:at]}".strip()
    return turned[:CHARACTERS].ljust(CHARACTERS, ".")


SENTENCES: Final = _sentences(1024)


class Customers:
    """Numbered people in private chats of their own. Each message has ids that count up, and the
    second in which it was written; chats' own numbers of messages, and of people, are as if there
    were many bots with customers of all years.
    """

    def __init__(self) -> None:
        self._ids = count(100_000)
        self._foreseen: dict[tuple[int, str], deque[Inbound]] = {}

    def foresee(self, people: int, each: int, account: str) -> None:
        """Make what these will say next, so that `says` has only to find it."""
        for n in range(people):
            known = self._foreseen.setdefault((n, account), deque())
            known.extend(self._made(n, account) for _ in range(each - len(known)))

    def chat(self, n: int, account: str = "bot") -> ThreadRef:
        return thread(_number(n), account=account)

    def says(self, n: int, account: str = "bot") -> Inbound:
        foreseen = self._foreseen.get((n, account))
        return foreseen.popleft() if foreseen else self._made(n, account)

    def _made(self, n: int, account: str) -> Inbound:
        one, who, now = next(self._ids), _number(n), datetime.now(UTC)
        name = f"{FIRST_NAMES[n % len(FIRST_NAMES)]} {LAST_NAMES[n % len(LAST_NAMES)]}"
        return Inbound(
            id=EventId(new_ulid()),
            thread=ThreadRef(channel="telegram", account=account, thread=who),
            dedup=f"u{FIRST_UPDATE + one}",
            actor=Actor(kind=ActorKind.CUSTOMER, remote=who, name=name),
            body=MessageCreated(
                remote=f"{who}:{one}", parts=(Text(text=SENTENCES[one % len(SENTENCES)]),)
            ),
            occurred_at=now.replace(microsecond=0),
            received_at=now,
        )


def _number(n: int) -> str:
    """Of a person, all over the space of such numbers."""
    return str(500_000_000 + n * 2_654_435_761 % 7_000_000_000)


class NoOp(MemoryAdapter):
    """Takes everything at once and remembers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._ids = count(500_000)

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        return Receipt(remotes=(f"{outbound.thread.thread}:{next(self._ids)}",))
