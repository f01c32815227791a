"""Mail out: a few kept connections, and an exact answer to "what became of it?".

Until the body is on its way nothing can have left: every failure there is temporary, or final if
the server says so. From then on only the server's own word counts: a connection that is lost before
it comes leaves the outcome unknown.
"""

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import AsyncIterator

import aiosmtplib

from adapters.email.line.tls import client_context
from adapters.email.settings import SmtpSettings
from core.errors import (
    AuthenticationError,
    DeliveryError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)

START_INPUT = 354
COMPLETED = 250
REFUSED_LOGIN = frozenset({530, 534, 535, 538})
CLOSE_SECONDS = 2.0
LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)


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

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._room = asyncio.Semaphore(settings.connections_max)
        self._kept: list[Connection] = []

    async def send(self, *, sender: str, recipient: str, mail: bytes) -> None:
        """Returns when the server has taken responsibility. Raises a DeliveryError."""
        async with self._connection() as connection:
            client = connection.client
            await self._envelope(client, sender, recipient, len(mail))
            await self._body(client, mail)
            connection.mails += 1

    async def close(self) -> None:
        while self._kept:
            await self._kept.pop().close()

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection that works; kept afterwards only if everything went well."""
        async with self._room:
            connection = await self._kept_one() or await self._opened()
            try:
                yield connection
            except BaseException:
                connection.client.close()
                raise
            connection.used_at = time.monotonic()
            if connection.mails < self._settings.mails_per_connection_max:
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
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await connection.client.rset()
                return connection
            connection.client.close()
        return None

    async def _opened(self) -> Connection:
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port or (465 if settings.tls == "tls" else 587),
            username=settings.user or None,
            password=settings.password.reveal() if settings.user and settings.password else None,
            timeout=settings.command_seconds,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=None if settings.tls == "none" else client_context(settings.ca_file),
        )
        try:
            await client.connect()
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            if error.code in REFUSED_LOGIN:
                raise self._login_refused() from None
            raise TemporaryDeliveryError(
                f"{settings.host} does not take mail at the moment ({error.code})",
                code=str(error.code),
            ) from error
        except ssl.SSLError as error:
            client.close()
            raise TemporaryDeliveryError(
                f"{settings.host} has no certificate that can be trusted: check smtp.ca_file",
                code="tls",
            ) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise TemporaryDeliveryError(
                f"{settings.host} cannot be reached ({type(error).__name__})", code="connect"
            ) from error
        return Connection(client)

    async def _envelope(
        self, client: aiosmtplib.SMTP, sender: str, recipient: str, size_bytes: int
    ) -> None:
        """MAIL, RCPT, DATA up to the server's "go ahead": nothing has left yet."""
        options = [f"SIZE={size_bytes}"] if client.supports_extension("size") else []
        try:
            await client.mail(sender, options=options)
            await client.rcpt(recipient)
            response = await client.execute_command(b"DATA")
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused) as error:
            raise self._refused(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._lost_before() from error
        if response.code != START_INPUT:
            raise self._refused(response.code, response.message)

    async def _body(self, client: aiosmtplib.SMTP, mail: bytes) -> None:
        """The mail and its final dot. What is asked of the library's protocol object here instead
        of `SMTP.data`: the one call would not tell a refusal before the body from one after it.
        """
        end = b".\r\n" if mail.endswith(b"\r\n") else b"\r\n.\r\n"
        protocol = client.protocol
        if protocol is None or not protocol.is_connected:
            raise self._lost_before()
        try:
            protocol.write(LINE_START_DOT.sub(b"..", mail) + end)
            response = await protocol.read_response(timeout=self._settings.final_dot_seconds)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UnknownOutcome(
                f"{self._settings.host} was given the mail and did not say whether it took it"
            ) from error
        if response.code != COMPLETED:
            raise self._refused(response.code, response.message)

    def _lost_before(self) -> TemporaryDeliveryError:
        return TemporaryDeliveryError(
            f"connection to {self._settings.host} lost before the mail was sent", code="connection"
        )

    def _refused(self, code: int, message: str) -> DeliveryError:
        if code in REFUSED_LOGIN:
            return self._login_refused()
        said = " ".join(re.sub(r"[^\x20-\x7e]+", " ", message).split())[:200]
        if 500 <= code < 600:
            return PermanentDeliveryError(f"refused for good: {code} {said}", code=str(code))
        return TemporaryDeliveryError(f"not taken now: {code} {said}", code=str(code))

    def _login_refused(self) -> AuthenticationError:
        return AuthenticationError(
            f"SMTP login on {self._settings.host} was refused: renew smtp.password"
        )
