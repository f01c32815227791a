"""Keeps a piece of work connected: opens another connection when one is lost, later each time."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

import structlog

from adapters.email.line.broken import ConnectionBroken
from adapters.email.line.oauth import Tokens
from adapters.email.line.session import Session, open_session
from adapters.email.settings import ImapSettings
from core.errors import AuthenticationError
from core.ports import Remark

TELL_AFTER = 3
"""An operator hears of a server that has failed so often in a row."""

log = structlog.get_logger()


class Connecting:
    """To one mailbox. Refused logins are counted over all its connections."""

    def __init__(
        self, settings: ImapSettings, tokens: Tokens | None, account: str, remark: Remark
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._account = account
        self._remark = remark
        self._refusals = 0
        self._told = False

    async def keep_on(
        self, work: Callable[[Session], Awaitable[None]], broke: Callable[[], None]
    ) -> None:
        """Until `work` returns. `broke` hears of each lost connection. Raises AuthenticationError
        after `refusals_max` refused logins in a row.
        """
        failures = 0
        while True:
            session: Session | None = None
            try:
                async with open_session(self._settings, self._tokens) as session:
                    self._refusals = 0
                    await work(session)
                    return
            except ConnectionBroken as broken:
                broke()
                failures = 1 if session and session.proved else failures + 1
                self._tell(str(broken), failures)
            except AuthenticationError:
                self._refusals += 1
                failures += 1
                if self._refusals >= self._settings.refusals_max:
                    raise
            await asyncio.sleep(self._pause(failures))

    def well(self, session: Session) -> None:
        """This connection has done what it is for."""
        session.proved = True
        if self._told:
            self._remark("")
            self._told = False

    def _tell(self, why: str, failures: int) -> None:
        log.info("mailbox connection lost", account=self._account, why=why, failures=failures)
        if failures >= TELL_AFTER:
            self._remark(f"{why}; trying again")
            self._told = True

    def _pause(self, failures: int) -> float:
        """Full jitter, so that a server that comes back is not met by everybody at once."""
        longest = min(
            self._settings.reconnect_seconds_max,
            self._settings.reconnect_seconds_min * 2 ** min(failures, 16),
        )
        return secrets.SystemRandom().uniform(0, longest)
