"""Goes on asking until the store or Discord answers: what people asked for is not given up."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.patience import Patience
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import Call
from core.model.event import Inbound
from core.ports import Deliver

T = TypeVar("T")

ATTEMPTS_MAX: Final = 6
"""Of a call of Discord's, with growing pauses between them."""
TOO_MANY: Final = 429


class Persistence:
    def __init__(self, rest: Rest, patience: Patience) -> None:
        self._rest, self._patience = rest, patience

    async def store(self, event: Inbound, deliver: Deliver) -> None:
        """Returns when the event is durable, however long that takes."""
        await self._patience.until_done(lambda: deliver(event))

    async def know(self, question: Callable[[], Awaitable[T]]) -> T:
        """What the store answers, as soon as it does."""
        return await self._patience.until_done(question)

    async def ask(self, call: Call) -> Any:
        """As `Rest.ask`; only for what may be asked twice. Raises the Failure of the last attempt,
        or at once what will be no other the next time; AuthenticationError.
        """
        return await self._patience.until_done(
            lambda: self._rest.ask(call), attempts_max=ATTEMPTS_MAX
        )


def is_final(failure: Failure) -> bool:
    """Whether asking again changes nothing."""
    if not isinstance(failure, Refusal):
        return False
    return failure.status < 500 and failure.status != TOO_MANY
