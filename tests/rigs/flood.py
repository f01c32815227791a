"""A platform that refuses one chat for a minute, while others talk."""

from collections import Counter

from typing_extensions import override

from core.errors import TemporaryDeliveryError
from core.model.outbound import Outbound, Receipt
from tests.rigs.platform import BudgetedAdapter

RETRY_AFTER_SECONDS = 60.0


class FloodedAdapter(BudgetedAdapter):
    """Every chat whose name begins with "flooded" is answered with 429. `asked` counts the calls
    into each chat, refused ones too.
    """

    def __init__(self) -> None:
        super().__init__(chat=(1e4, 1000), account=(1e5, 10_000))
        self.asked: Counter[str] = Counter()

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        chat = outbound.thread.thread
        self.asked[chat] += 1
        if chat.startswith("flooded"):
            raise TemporaryDeliveryError(
                "too many requests", code="rate_limited", retry_after_seconds=RETRY_AFTER_SECONDS
            )
        return await super().send(outbound)
