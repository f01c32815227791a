"""Keeps a piece of work connected: opens another connection when one is lost, later each time."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from adapters.email.line.broken import ConnectionBroken
from adapters.email.line.oauth import Tokens
from adapters.email.line.session import Session, open_session
from adapters.email.settings import ImapSettings
from core.errors import AuthenticationError
from core.remarks import Remarks

Work = Callable[[Session, Callable[[], None]], Awaitable[None]]
"""What is done on a connection; calls its second argument whenever it has done what it is for."""

TELL_AFTER = 3
"""An operator hears of a server that has failed so often in a row."""

log = structlog.get_logger()


class Connecting:
    """To one mailbox. Refused logins are counted over all its connections."""

    def __init__(
        self, settings: ImapSettings, tokens: Tokens | None, account: str, remarks: Remarks
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._account = account
        self._remarks = remarks
        self._refusals = 0

    async def keep_on(self, work: Work, broke: Callable[[], None]) -> None:
        """Until `work` returns. `broke` hears of each lost connection. Raises AuthenticationError
        after `refusals_max` refused logins in a row.
        """
        speaker = object()
        try:
            await self._again_and_again(work, broke, speaker)
        finally:
            self._remarks.say(speaker, "")

    async def _again_and_again(
        self, work: Work, broke: Callable[[], None], speaker: object
    ) -> None:
        failures = 0
        while True:
            session: Session | None = None
            try:
                async with open_session(self._settings, self._tokens) as session:
                    self._refusals = 0
                    await work(session, partial(self._well, session, speaker))
                    return
            except ConnectionBroken as broken:
                broke()
                failures = 1 if session and session.proved else failures + 1
                self._tell(str(broken), failures, speaker)
            except AuthenticationError:
                self._refusals += 1
                failures += 1
                if self._refusals >= self._settings.refusals_max:
                    raise
            await asyncio.sleep(self._pause(failures))

    def _well(self, session: Session, speaker: object) -> None:
        session.proved = True
        self._remarks.say(speaker, "")

    def _tell(self, why: str, failures: int, speaker: object) -> None:
        log.info("mailbox connection lost", account=self._account, why=why, failures=failures)
        if failures >= TELL_AFTER:
            self._remarks.say(speaker, f"{why}; trying again")

    def _pause(self, failures: int) -> float:
        """Full jitter, so that a server that comes back is not met by everybody at once."""
        longest = min(
            self._settings.reconnect_seconds_max,
            self._settings.reconnect_seconds_min * 2 ** min(failures, 16),
        )
        return secrets.SystemRandom().uniform(0, longest)
