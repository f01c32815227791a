"""Waiting for what will come right by itself: longer after each failure, and told to operators."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.settings import DiscordSettings
from core.errors import AuthenticationError, Stale, StoreError
from core.ports import Remark
from core.remarks import Remarks

_log = logging.getLogger(__name__)
T = TypeVar("T")

_UNAUTHORISED: Final = 401
_TOO_MANY: Final = 429
_HOPELESS: Final = frozenset(range(400, 500)) - {_TOO_MANY, 408}


class Patience:
    """Of one account. Each thing that is waited for has a remark of its own."""

    def __init__(self, settings: DiscordSettings, account: str, remark: Remark) -> None:
        self._settings, self._account = settings, account
        self._remarks = Remarks(remark)

    async def until_done(
        self, act: Callable[[], Awaitable[T]], *, attempts_max: int | None = None
    ) -> T:
        """Try until it succeeds; -> its result. Raises AuthenticationError when the token is
        refused, Refusal where asking Discord again would change nothing, the last failure after
        `attempts_max`, Stale.
        """
        failures, what = 0, object()
        try:
            while True:
                try:
                    return await act()
                except (Failure, StoreError, OSError) as failure:
                    failures += 1
                    _raise_if_hopeless(failure, self._account)
                    if failures == attempts_max:
                        raise
                    self._remarks.say(what, str(failure))
                    await self._wait(failure, failures)
        finally:
            self._remarks.say(what, "")

    async def _wait(self, failure: Exception, failures: int) -> None:
        """Longer after each failure in a row, never in step with others who wait."""
        seconds = self.seconds(failures)
        if isinstance(failure, Refusal):
            seconds = max(seconds, failure.retry_after_seconds or 0)
        _log.warning("account=%s waits %.1f s: %s", self._account, seconds, failure)
        await asyncio.sleep(seconds)

    def seconds(self, failures: int) -> float:
        longest = self._settings.back_off_seconds_max
        doubled: float = self._settings.back_off_seconds_min * 2.0 ** min(failures - 1, 16)
        return min(doubled, longest) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret depends on it


def _raise_if_hopeless(failure: Exception, account: str) -> None:
    if isinstance(failure, Stale):
        raise failure
    if not isinstance(failure, Refusal) or failure.status not in _HOPELESS or not failure.told:
        return
    if failure.status == _UNAUTHORISED:
        raise AuthenticationError(
            f"Discord refuses the token of inbox {account}: reset it on the Bot page of the "
            "developer portal, and set the new one"
        ) from None
    raise failure
