"""One IMAP connection, with aioimaplib's sharp edges covered.

What has to be minded (seen in aioimaplib 2.0.3):
- After a timeout a command stays pending and swallows the next answer: the connection is dropped.
- A lost connection wakes neither IDLE nor a waiting command: every wait also watches for the loss.
- Untagged lines are parsed by recursion and quadratically: only small batches are asked for, and
  only literals, UID and RFC822.SIZE, since it alters quoted strings.
- Neither the login name nor folder names are quoted; SEARCH names a charset that Exchange refuses.
- An EXISTS that arrives while another command runs is thrown away, and the server will not repeat
  it during IDLE: `news` remembers it.
"""

import asyncio
import contextlib
import logging
import re
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from aioimaplib import aioimaplib  # type: ignore[import-untyped]
from typing_extensions import override

from adapters.email.line.folders import quoted_folder
from adapters.email.line.tls import client_context
from adapters.email.settings import ImapSettings
from core.errors import AuthenticationError, ConfigurationError

# The library writes mail and, when it holds a quote, the password into its debug log.
logging.getLogger("aioimaplib").setLevel(logging.WARNING)

CLOSE_SECONDS = 1.0
FETCH_SECONDS_MAX = 600.0
NOT_NOW = re.compile(rb"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
FETCHED = re.compile(rb"\bUID (\d+)\b.*\bRFC822\.SIZE (\d+)|\bRFC822\.SIZE (\d+)\b.*\bUID (\d+)")
UID = re.compile(rb"\bUID (\d+)")
SHORT_BODY = re.compile(rb'BODY\[\](?:<\d+>)? "((?:[^"\\]|\\.)*)"')


class ConnectionBroken(Exception):
    """This connection is of no use any more: open another one."""


class Folder(NamedTuple):
    """What SELECT said. `uid_next` 0: the server did not say."""

    uid_validity: int
    uid_next: int


class _Protocol(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]
    """Remembers that new mail was announced, whatever command was under way."""

    news = False

    @override
    def _untagged_response(self, line: bytes) -> Any:
        if line.endswith(b" EXISTS"):
            self.news = True
        return super()._untagged_response(line)


class _Client(aioimaplib.IMAP4):  # type: ignore[misc]
    """Uses our protocol, also for TLS, where the library offers no way to hear of a loss."""

    @override
    def create_client(
        self,
        host: str,
        port: int,
        loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: Callable[[Exception | None], None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        running = asyncio.get_running_loop()
        self.protocol = _Protocol(running, conn_lost_cb)
        self._client_task = running.create_task(
            running.create_connection(lambda: self.protocol, host, port, ssl=ssl_context)
        )


@contextlib.asynccontextmanager
async def open_session(settings: ImapSettings) -> AsyncIterator["Session"]:
    """A logged-in connection. Raises ConnectionBroken, or AuthenticationError when the login is
    refused.
    """
    session = Session(settings)
    try:
        await session.log_in()
        yield session
    finally:
        await session.close()


class Session:
    """Every method raises ConnectionBroken when the connection is lost or the server too slow."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idling: asyncio.Future[Any] | None = None
        implicit = client_context(settings.ca_file) if settings.tls == "tls" else None
        self._client = _Client(
            settings.host,
            settings.port or (993 if implicit else 143),
            timeout=settings.command_seconds,
            conn_lost_cb=self._note_loss,
            ssl_context=implicit,
        )

    @property
    def news(self) -> bool:
        """New mail was announced since the last search."""
        return bool(self._client.protocol.news)

    @property
    def can_idle(self) -> bool:
        return bool(self._client.has_capability("IDLE"))

    async def log_in(self) -> None:
        await self._answer(self._client.wait_hello_from_server())
        if self._settings.tls == "starttls":
            await self._start_tls()
        if self._client.get_state() == "NONAUTH":
            await self._authenticate()
        # What the server offers changes with the login; aioimaplib keeps the old list.
        await self._answer(self._client.protocol.capability())

    async def select(self, folder: str) -> Folder:
        response = await self._answer(self._client.select(quoted_folder(folder)))
        if response.result != "OK":
            raise ConnectionBroken(
                f"folder {folder!r} cannot be opened on {self._settings.host}: check imap.folder"
            )
        found = {
            name: next(map(int, re.findall(rb"\[" + name + rb" (\d+)\]", _joined(response))), 0)
            for name in (b"UIDVALIDITY", b"UIDNEXT")
        }
        self._client.protocol.news = False
        return Folder(found[b"UIDVALIDITY"], found[b"UIDNEXT"])

    async def search(self, *criteria: str) -> list[int]:
        """UIDs, ascending."""
        self._client.protocol.news = False
        response = await self._checked(self._client.uid_search(*criteria, charset=None))
        lines = [line for line in response.lines[:-1] if re.fullmatch(rb"[\d ]*", line)]
        return sorted({int(uid) for line in lines for uid in line.split()})

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Bytes by UID; a mail that is gone is missing."""
        response = await self._checked(self._fetch(uids, "(UID RFC822.SIZE)"))
        found = {}
        for line in response.lines:
            match = FETCHED.search(line)
            if match:
                uid, size = match[1] or match[4], match[2] or match[3]
                found[int(uid)] = int(size)
        return found

    async def mails(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Whole mails by UID, without marking them as read."""
        return await self._bodies(uids, "(UID BODY.PEEK[])")

    async def head(self, uid: int, size_bytes: int) -> dict[int, bytes]:
        """The beginning of one mail."""
        return await self._bodies([uid], f"(UID BODY.PEEK[]<0.{size_bytes}>)")

    async def idle(self, seconds: float) -> None:
        """Until the server has news, at most so long."""
        self._idling = await self._answer(self._client.idle_start(timeout=seconds + 3600))
        pushes = self._client.protocol.idle_queue
        waiting = asyncio.ensure_future(pushes.get())
        try:
            await asyncio.wait(
                {waiting, self._idling, self._lost},
                timeout=seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waiting.cancel()
        if not self._idling.done():
            self._client.idle_done()
        await self._answer(_result_of(self._idling))
        self._idling = None
        while not pushes.empty():
            pushes.get_nowait()

    async def contains(self, message_id: str) -> bool:
        """Whether the selected folder has a mail with this Message-ID."""
        return bool(await self.search("HEADER", "Message-ID", f'"{message_id}"'))

    async def append(self, folder: str, mail: bytes) -> None:
        append = self._client.append(mail, quoted_folder(folder), flags=r"\Seen")
        await self._checked(append, seconds=FETCH_SECONDS_MAX)

    async def close(self) -> None:
        """Frees the connection; never raises and never waits for the server."""
        client = self._client
        client._client_task.cancel()
        await asyncio.gather(client._client_task, return_exceptions=True)
        if client._idle_waiter is not None:
            client._idle_waiter.cancel()
        transport = client.protocol.transport
        if transport is not None:
            transport.close()
            await asyncio.wait({self._lost}, timeout=CLOSE_SECONDS)
            transport.abort()
        lingering = (*client.tasks, *client.protocol.tasks)
        for task in lingering:
            task.cancel()
        await asyncio.gather(*lingering, return_exceptions=True)

    async def _authenticate(self) -> None:
        user, password = self._settings.user, self._settings.password.reveal()
        response = await self._answer(
            self._client.login(aioimaplib.quoted(user), password), secret=True
        )
        if response.result == "OK":
            return
        if NOT_NOW.search(_joined(response)):
            raise ConnectionBroken(f"{self._settings.host} takes no logins at the moment")
        raise AuthenticationError(
            f"IMAP login of {user!r} on {self._settings.host} was refused: renew imap.password"
        )

    async def _start_tls(self) -> None:
        protocol = self._client.protocol
        command = aioimaplib.Command("STARTTLS", protocol.new_tag())
        await self._checked(protocol.execute(command))
        protocol.incomplete_line = b""  # RFC 3501 6.2.1: nothing said before counts
        protocol.transport = await self._answer(
            asyncio.get_running_loop().start_tls(
                protocol.transport,
                protocol,
                client_context(self._settings.ca_file),
                server_hostname=self._settings.host,
            )
        )

    async def _bodies(self, uids: Sequence[int], items: str) -> dict[int, bytes]:
        # The library gives up when nothing comes for `command_seconds`; all may take longer.
        fetch = self._fetch(uids, items)
        return _bodies(await self._checked(fetch, seconds=FETCH_SECONDS_MAX))

    def _fetch(self, uids: Sequence[int], items: str) -> Coroutine[Any, Any, Any]:
        fetch: Coroutine[Any, Any, Any] = self._client.uid("fetch", ",".join(map(str, uids)), items)
        return fetch

    async def _checked(self, command: Coroutine[Any, Any, Any], *, seconds: float = 0) -> Any:
        response = await self._answer(command, seconds=seconds)
        if response.result != "OK":
            raise ConnectionBroken(f"{self._settings.host} refused: {response.result}")
        return response

    async def _answer(
        self, command: Coroutine[Any, Any, Any], *, seconds: float = 0, secret: bool = False
    ) -> Any:
        """The command's result, unless the connection is lost or the time is up before it."""
        task = asyncio.ensure_future(command)
        try:
            await asyncio.wait(
                {task, self._lost},
                timeout=seconds or self._settings.command_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if task.done():
                return task.result()
        except ValueError as error:
            if secret:
                raise ConfigurationError(
                    "imap.user and imap.password may not hold line breaks"
                ) from None
            raise ConnectionBroken(f"{self._settings.host} cannot be understood") from error
        except (aioimaplib.AioImapException, OSError, TimeoutError, LookupError) as error:
            raise ConnectionBroken(f"{self._settings.host}: {type(error).__name__}") from error
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        raise ConnectionBroken(f"{self._settings.host} hung up or did not answer")

    def _note_loss(self, _error: Exception | None) -> None:
        if not self._lost.done():
            self._lost.set_result(None)


async def _result_of(future: asyncio.Future[Any]) -> Any:
    return await asyncio.shield(future)


def _joined(response: Any) -> bytes:
    return b"\n".join(bytes(line) for line in response.lines)


def _bodies(response: Any) -> dict[int, bytes]:
    """Literals by UID. Other clients' flag changes may stand between."""
    found: dict[int, bytes] = {}
    uid = 0
    pending: bytes | None = None
    for line in response.lines:
        if isinstance(line, bytearray):
            pending = bytes(line)
        else:
            match = UID.search(line)
            uid = int(match[1]) if match else uid
            short = SHORT_BODY.search(line)
            if short:
                pending = re.sub(rb"\\(.)", rb"\1", short[1])
        if pending is not None and uid:
            found[uid] = pending
            pending, uid = None, 0
    return found
