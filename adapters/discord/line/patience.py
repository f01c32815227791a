"""Waiting for what will come right by itself: longer after each failure, and told to operators."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.settings import DiscordSettings
from core.errors import AuthenticationError, StoreError
from core.model.event import Inbound
from core.ports import Deliver, Surroundings

_log = logging.getLogger(__name__)
T = TypeVar("T")

_UNAUTHORISED: Final = 401
_TOO_MANY: Final = 429
_HOPELESS: Final = frozenset(range(400, 500)) - {_TOO_MANY, 408}


class Patience:
    """Of one account."""

    def __init__(self, settings: DiscordSettings, surroundings: Surroundings) -> None:
        self._settings, self._surroundings = settings, surroundings

    async def until_answered(
        self, ask: Callable[[], Awaitable[T]], *, attempts_max: int | None = None
    ) -> T:
        """Ask until there is an answer. Raises AuthenticationError when the token is refused,
        Refusal where asking again would change nothing, the last Failure after `attempts_max`.
        """
        failures = 0
        while True:
            try:
                answer = await ask()
            except Failure as failure:
                failures += 1
                _raise_if_hopeless(failure, self._surroundings.account)
                if failures == attempts_max:
                    raise
                await self.wait(failure, failures)
            else:
                if failures:
                    self._surroundings.remark("")
                return answer

    async def until_stored(self, event: Inbound, deliver: Deliver) -> None:
        failures = 0
        while True:
            try:
                await deliver(event)
            except StoreError as failure:
                failures += 1
                await self.wait(failure, failures)
            else:
                if failures:
                    self._surroundings.remark("")
                return

    async def wait(self, failure: Exception, failures: int) -> None:
        """Longer after each failure in a row, never in step with others who wait."""
        seconds = self.seconds(failures)
        if isinstance(failure, Refusal):
            seconds = max(seconds, failure.retry_after_seconds or 0)
        self._surroundings.remark(str(failure))
        _log.warning("account=%s waits %.1f s: %s", self._surroundings.account, seconds, failure)
        await asyncio.sleep(seconds)

    def seconds(self, failures: int) -> float:
        longest = self._settings.back_off_seconds_max
        doubled: float = self._settings.back_off_seconds_min * 2.0 ** min(failures - 1, 16)
        return min(doubled, longest) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret depends on it


def _raise_if_hopeless(failure: Failure, account: str) -> None:
    if not isinstance(failure, Refusal) or failure.status not in _HOPELESS or not failure.told:
        return
    if failure.status == _UNAUTHORISED:
        raise AuthenticationError(
            f"Discord refuses the token of inbox {account}: reset it on the Bot page of the "
            "developer portal, and set the new one"
        ) from None
    raise failure
