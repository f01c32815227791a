"""The folder of sent mail: whether a mail is in it, and putting a copy there.

One connection is kept while mail is being sent. Keeping a copy is a service: whatever goes wrong
with it changes nothing about the mail, which has left.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import structlog

from adapters.email.line.broken import CannotOpen, ConnectionBroken
from adapters.email.line.oauth import Tokens
from adapters.email.line.session import Session, open_session
from adapters.email.settings import AUTO, ImapSettings
from core.errors import AuthenticationError, ConfigurationError

SENT = "\\Sent"
"""RFC 6154."""
KEPT_SECONDS = 60.0
"""A connection that was idle for longer is not trusted any more."""
COPY_SECONDS = 30.0
"""So long a send may wait for its copy."""
REST_SECONDS = 60.0
"""After a failure no copy is tried for so long: a server that is gone must not slow down mail."""

FAILURES = (ConnectionBroken, AuthenticationError, ConfigurationError, TimeoutError)

log = structlog.get_logger()


class SentFolder:
    """Of one mailbox. Does nothing when `imap.sent_folder` is empty."""

    def __init__(self, settings: ImapSettings, account: str, tokens: Tokens | None) -> None:
        self._settings, self._account, self._tokens = settings, account, tokens
        self._lock = asyncio.Lock()
        self._open: contextlib.AsyncExitStack | None = None
        self._session: Session | None = None
        self._folder = ""
        self._closed = False
        self._used_at = self._rests_until = -KEPT_SECONDS

    async def contains(self, message_id: str) -> bool:
        """Whether a mail with this id is there. Raises ConnectionBroken, AuthenticationError,
        ConfigurationError.
        """
        if not self._settings.sent_folder:
            return False
        async with self._lock, self._connected() as (session, exists):
            return exists and await session.contains(message_id)

    async def keep(self, message_id: str, mail: bytes) -> None:
        """Unless the server has done so by itself. A failure is worth a line in the log, no more;
        the mails of the next `REST_SECONDS` are not kept either.
        """
        if not self._settings.sent_folder or time.monotonic() < self._rests_until:
            return
        try:
            async with asyncio.timeout(COPY_SECONDS), self._lock:
                await self._copy(message_id, mail)
        except FAILURES as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            why = str(error) or type(error).__name__
            log.warning("no copy of a sent mail", account=self._account, why=why)

    async def close(self) -> None:
        """A mail that is still on its way leaves nothing open behind it."""
        self._closed = True
        await self._hang_up()

    async def _hang_up(self) -> None:
        opened, self._open, self._session = self._open, None, None
        if opened is not None:
            await opened.aclose()

    async def _copy(self, message_id: str, mail: bytes) -> None:
        async with self._connected() as (session, exists):
            if exists and await session.contains(message_id):
                return
            if not exists:
                await session.create(self._folder)
            await session.append(self._folder, mail)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[Session, bool]]:
        """A session in the folder, if that exists; given up after any trouble."""
        try:
            yield await self._kept() or await self._opened()
        except BaseException:
            await self._hang_up()
            raise
        self._used_at = time.monotonic()
        if self._closed:
            await self._hang_up()

    async def _kept(self) -> tuple[Session, bool] | None:
        """The kept session, if the server is still there."""
        if self._session and time.monotonic() - self._used_at < KEPT_SECONDS:
            with contextlib.suppress(ConnectionBroken):
                return self._session, await self._selected(self._session)
        await self._hang_up()
        return None

    async def _opened(self) -> tuple[Session, bool]:
        self._open = contextlib.AsyncExitStack()
        session = await self._open.enter_async_context(open_session(self._settings, self._tokens))
        self._folder = self._settings.sent_folder
        if self._folder == AUTO:
            self._folder = await session.special_folder(SENT)
        if not self._folder:
            raise ConnectionBroken(
                f"{self._settings.host} marks no folder as the one for sent mail: name it in "
                "imap.sent_folder"
            )
        self._session = session
        return session, await self._selected(session)

    async def _selected(self, session: Session) -> bool:
        """Anew each time: then also what others put there meanwhile is seen. False: there is no
        such folder yet.
        """
        try:
            await session.select(self._folder)
        except CannotOpen:
            if await session.has_folder(self._folder):
                raise  # what is in it now, nobody knows
            return False
        return True
