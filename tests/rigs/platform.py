"""A platform in memory: an adapter that records what it was asked to send."""

import asyncio
from collections.abc import Callable

from core.errors import DeliveryError
from core.model.content import Text
from core.model.ids import ThreadRef
from core.model.outbound import Outbound, Receipt
from core.ports import Budget, Capabilities, Deliver, Resend


class MemoryAdapter:
    """Text of up to 1000 characters. `failures` are raised one after another, one a send."""

    def __init__(self, *, resend: Resend = Resend.NEVER, text_limit: int = 1000) -> None:
        self.sent: list[Outbound] = []
        self.failures: list[DeliveryError] = []
        self.before_send: Callable[[Outbound], None] = lambda _: None
        self._capabilities = Capabilities(text_limit=text_limit, resend=resend)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def run(self, deliver: Deliver) -> None:
        """Nothing arrives by itself: a test hands its events to `deliver`."""
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> Receipt:
        self.before_send(outbound)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(outbound)
        return Receipt(remotes=(f"sent-{len(self.sent)}-{outbound.key}",))

    def texts(self, thread: str = "") -> list[str]:
        """What was sent, in order; of one thread only, if it is named."""
        return [
            text_of(outbound)
            for outbound in self.sent
            if not thread or outbound.thread.thread == thread
        ]


class BudgetedAdapter(MemoryAdapter):
    """The same, with so much allowed into each thread and on the whole account."""

    def __init__(self, *, chat: tuple[float, int], account: tuple[float, int] = (1e4, 100)) -> None:
        super().__init__()
        self._chat, self._account = chat, account

    def budgets(self, thread: ThreadRef) -> tuple[Budget, ...]:
        whole = Budget(name="account", per_second=self._account[0], burst=self._account[1])
        chat = Budget(name=thread.thread, per_second=self._chat[0], burst=self._chat[1])
        return whole, chat


def text_of(outbound: Outbound) -> str:
    return "\n".join(part.text for part in outbound.parts if isinstance(part, Text))
