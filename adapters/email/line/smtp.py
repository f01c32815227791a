"""Mail out: a few kept connections, opened when they are needed."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator

import aiosmtplib

from adapters.email.line.oauth import Tokens, TokenUnavailable
from adapters.email.line.tls import client_context
from adapters.email.line.transaction import Envelope, HungUp, refused, said, transact
from adapters.email.settings import SmtpSettings
from core.errors import (
    AuthenticationError,
    DeliveryError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
)

CLOSE_SECONDS = 2.0
REFUSALS_MAX = 2
"""After so many refused logins in a row, over all connections, the password is to blame. More would
lock the mailbox.
"""


class Connection:
    """One kept connection and how much it has been used. `used_at` is monotonic."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.mails = 0
        self.used_at = time.monotonic()

    async def close(self) -> None:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, ValueError):
            await self.client.quit(timeout=CLOSE_SECONDS)
        self.client.close()


class Pool:
    """At most `connections_max` connections; whoever comes later waits for one."""

    def __init__(self, settings: SmtpSettings, tokens: Tokens | None = None) -> None:
        self._settings = settings
        self._tokens = tokens
        self._room = asyncio.Semaphore(settings.connections_max)
        self._kept: list[Connection] = []
        self._closed = False
        self._refusals = 0

    async def send(self, envelope: Envelope, mail: bytes) -> tuple[str, ...]:
        """Returns when the server has taken responsibility; -> in words, which copies it did not
        take. Raises a DeliveryError.

        A server may hang up on a kept connection at any time: that costs no attempt, the mail is
        begun anew on another one.
        """
        async with self._turn():
            while connection := await self._kept_one():
                with contextlib.suppress(HungUp):
                    return await self._through(connection, envelope, mail)
            return await self._through(await self._opened(), envelope, mail)

    async def look(self) -> None:
        """Log in and out again. Raises a DeliveryError."""
        await (await self._opened()).close()

    async def close(self) -> None:
        """A mail that is still on its way leaves nothing open behind it."""
        self._closed = True
        while self._kept:
            await self._kept.pop().close()

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Waits for one of the connections, but not for ever: they may all be stuck."""
        try:
            async with asyncio.timeout(self._settings.command_seconds):
                await self._room.acquire()
        except TimeoutError as error:
            raise TemporaryDeliveryError(
                f"all {self._settings.connections_max} connections to {self._settings.host} are "
                "taken by other mails: raise smtp.connections_max if this is usual",
                code="busy",
            ) from error
        try:
            yield
        finally:
            self._room.release()

    async def _through(
        self, connection: Connection, envelope: Envelope, mail: bytes
    ) -> tuple[str, ...]:
        """Send it, and keep the connection if it can still be used: also a refusal leaves it so."""
        client, limit = connection.client, self._settings.final_dot_seconds
        try:
            notes = await transact(client, envelope, mail, final_dot_seconds=limit)
        except HungUp:
            client.close()
            raise
        except (PermanentDeliveryError, TemporaryDeliveryError):
            await self._cleared(connection)
            raise
        except BaseException:
            client.close()
            raise
        connection.mails += 1
        await self._keep(connection)
        return notes

    async def _cleared(self, connection: Connection) -> None:
        """The refused mail is forgotten, so that nothing of it is left for the next one."""
        if await _reset(connection):
            await self._keep(connection)

    async def _keep(self, connection: Connection) -> None:
        connection.used_at = time.monotonic()
        if connection.mails < self._settings.mails_per_connection_max and not self._closed:
            self._kept.append(connection)
        else:
            await connection.close()

    async def _kept_one(self) -> Connection | None:
        while self._kept:
            connection = self._kept.pop()
            if not connection.client.is_connected:
                continue
            if time.monotonic() - connection.used_at < self._settings.idle_check_seconds:
                return connection
            if await _reset(connection):
                return connection
        return None

    async def _opened(self) -> Connection:
        """A login that is refused once is tried again on another connection: large providers refuse
        good ones now and then, and whoever hears of it pauses the whole inbox.
        """
        while True:
            try:
                connection = await self._connected()
            except AuthenticationError:
                self._refusals += 1
                if self._refusals >= REFUSALS_MAX:
                    raise
            else:
                self._refusals = 0
                return connection

    async def _connected(self) -> Connection:
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port or (465 if settings.tls == "tls" else 587),
            timeout=settings.command_seconds,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=None if settings.tls == "none" else client_context(settings.ca_file),
        )
        try:
            await client.connect()
            await _introduced(client)
            await self._log_in(client)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise self._not_opened(error) from error
        except BaseException:
            client.close()
            raise
        return Connection(client)

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        settings = self._settings
        if settings.user and settings.password:
            await _log_in_by_password(client, settings.user, settings.password.reveal())
        elif settings.user and self._tokens:
            await self._log_in_by_token(client, self._tokens)

    async def _log_in_by_token(self, client: aiosmtplib.SMTP, tokens: Tokens) -> None:
        """A refused token is not offered again: it may have been withdrawn."""
        try:
            token = await tokens.token()
        except TokenUnavailable as error:
            raise TemporaryDeliveryError(str(error), code="oauth") from error
        try:
            await client.auth_xoauth2(self._settings.user, token)
        except aiosmtplib.SMTPAuthenticationError:
            tokens.refused(token)
            raise

    def _not_opened(self, error: Exception) -> DeliveryError:
        host = self._settings.host
        if isinstance(error, aiosmtplib.SMTPResponseException):
            verdict = refused(host, error.code, error.message)
            if isinstance(verdict, AuthenticationError):
                return verdict
            return TemporaryDeliveryError(
                f"{host} does not take mail at the moment ({error.code} {said(error.message)})",
                code=str(error.code),
            )
        if trouble := _tls_trouble(error):
            return TemporaryDeliveryError(f"no TLS with {host}: {trouble}", code="tls")
        why = said(str(error)) if isinstance(error, aiosmtplib.SMTPException) else ""
        return TemporaryDeliveryError(
            f"{host} cannot be reached ({why or type(error).__name__})", code="connect"
        )


async def _introduced(client: aiosmtplib.SMTP) -> None:
    """So that it is known what the server can and how much it takes, before anything is asked."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError:
            await client.helo()


async def _log_in_by_password(client: aiosmtplib.SMTP, user: str, password: str) -> None:
    """By one mechanism. The library's own `login` tries a refused password with every one that is
    offered, and so locks mailboxes.
    """
    encrypted = client.get_transport_info("sslcontext") is not None
    known = {
        "plain": client.auth_plain,
        "login": client.auth_login,
        "cram-md5": client.auth_crammd5,
    }
    # In the clear first the one that does not show the password.
    preferred = list(known) if encrypted else ["cram-md5", "plain", "login"]
    chosen = next((name for name in preferred if name in client.server_auth_methods), "")
    if not chosen:
        raise aiosmtplib.SMTPException(
            "it takes no password on this connection: set smtp.tls, or oauth"
        )
    await known[chosen](user, password)


async def _reset(connection: Connection) -> bool:
    """Whether the server is still there; it forgets what was begun."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await connection.client.rset()
        return True
    connection.client.close()
    return False


def _tls_trouble(error: BaseException | None) -> str:
    """What is wrong and what would help; "" if it is not about TLS. The library wraps errors."""
    while error is not None:
        match error:
            case ssl.SSLCertVerificationError():
                return (
                    f"its certificate is not trusted ({error.verify_message}): check smtp.host, or "
                    "name its authority in smtp.ca_file"
                )
            case ssl.SSLError():
                return f"{error.reason or 'the handshake failed'}: check smtp.port and smtp.tls"
            case aiosmtplib.SMTPException() if "STARTTLS extension" in str(error):
                return 'it offers no STARTTLS: try smtp.tls = "tls"'
        error = error.__cause__
    return ""
