"""Goes on asking until the store or Discord answers: what people asked for is not given up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import Call
from adapters.discord.settings import DiscordSettings
from core.errors import StoreError
from core.model.event import Inbound
from core.ports import Deliver

T = TypeVar("T")

ATTEMPTS_MAX: Final = 6
"""Of a call of Discord's, with the settings' growing pauses between them."""
PAUSE_SECONDS_MAX: Final = 10.0
TOO_MANY: Final = 429


class Persistence:
    def __init__(self, rest: Rest, settings: DiscordSettings) -> None:
        self._rest = rest
        self._least, self._most = settings.back_off_seconds_min, settings.back_off_seconds_max

    async def store(self, event: Inbound, deliver: Deliver) -> None:
        """Returns when the event is durable, however long that takes."""
        await self.know(lambda: deliver(event))

    async def know(self, question: Callable[[], Awaitable[T]]) -> T:
        """What the store answers, as soon as it does."""
        pause = self._least
        while True:
            try:
                return await question()
            except StoreError:
                await asyncio.sleep(pause)
                pause = min(2 * pause, self._most)

    async def ask(self, call: Call) -> Any:
        """As `Rest.ask`; only for what may be asked twice. Raises the Failure of the last attempt,
        or at once what will be no other the next time.
        """
        pause = self._least
        for _ in range(ATTEMPTS_MAX - 1):
            try:
                return await self._rest.ask(call)
            except Failure as failure:
                if is_final(failure):
                    raise
                wanted = failure.retry_after_seconds if isinstance(failure, Refusal) else None
                await asyncio.sleep(min(wanted or pause, PAUSE_SECONDS_MAX))
                pause = min(2 * pause, self._most)
        return await self._rest.ask(call)


def is_final(failure: Failure) -> bool:
    """Whether asking again changes nothing."""
    if not isinstance(failure, Refusal):
        return False
    return failure.status < 500 and failure.status != TOO_MANY
