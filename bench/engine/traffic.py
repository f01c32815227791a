"""What customers write: sentences of a hundred characters, under ids as platforms give them."""

import random
from itertools import count
from typing import Final

from typing_extensions import override

from core.model.event import Inbound
from core.model.ids import ThreadRef
from core.model.outbound import Outbound, Receipt
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter

CHARACTERS: Final = 100
SEED: Final = 7
TEXT: Final = """
the parcel has not come yet and I need it before Friday could you look where it is please my
order number address changed thank you very much still waiting refund card invoice wrong size
colour delivered neighbour nobody home again tomorrow morning phone works now great
"""
WORDS: Final = tuple(TEXT.split())


def _sentences(number: int) -> tuple[str, ...]:
    chance = random.Random(SEED)  # noqa: S311
    long = (" ".join(chance.choices(WORDS, k=CHARACTERS)) for _ in range(number))
    return tuple(text[:CHARACTERS].strip().ljust(CHARACTERS, ".") for text in long)


SENTENCES: Final = _sentences(1024)


class Customers:
    """Numbered people in numbered chats. Each message has ids that count up."""

    def __init__(self) -> None:
        self._ids = count(100_000)

    def chat(self, n: int, account: str = "bot") -> ThreadRef:
        return thread(str(700_000_000 + n), account=account)

    def says(self, n: int, account: str = "bot") -> Inbound:
        one = next(self._ids)
        text, who = SENTENCES[one % len(SENTENCES)], str(700_000_000 + n)
        return says(self.chat(n, account), who, text, remote=str(one), dedup=f"u{one}")


class NoOp(MemoryAdapter):
    """Takes everything at once and remembers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._ids = count(500_000)

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        return Receipt(remotes=(str(next(self._ids)),))
