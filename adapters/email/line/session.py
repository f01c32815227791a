"""One IMAP connection, with aioimaplib's sharp edges covered.

What has to be minded besides its reading half, which `wire` replaces:
- After a timeout a command stays pending and swallows the next answer: the connection is dropped.
- A lost connection wakes neither IDLE nor a waiting command: every wait also watches for the loss.
- Neither login nor folder names are quoted; SEARCH names a charset that Exchange refuses.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from aioimaplib import aioimaplib  # type: ignore[import-untyped]
from typing_extensions import override

from adapters.email.line.answers import (
    Facts,
    Folder,
    bodies_of,
    capabilities_of,
    facts_of,
    folder_for,
    folder_of,
    uids_of,
)
from adapters.email.line.broken import CannotOpen, CommandRefused, ConnectionBroken
from adapters.email.line.folders import decoded_folder, quoted_folder
from adapters.email.line.login import LoggingIn
from adapters.email.line.oauth import Tokens
from adapters.email.line.tls import client_context
from adapters.email.line.wire import Response, Talk, Wire
from adapters.email.settings import WHOLE_SIZE_BYTES_MAX, ImapSettings

# The library writes mail and, when it holds a quote, the password into its debug log.
logging.getLogger("aioimaplib").setLevel(logging.WARNING)

CLOSE_SECONDS = 1.0
FETCH_SECONDS_MAX = 600.0


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
        self.protocol = Wire(conn_lost_cb or _nothing, WHOLE_SIZE_BYTES_MAX)
        self._client_task = running.create_task(
            running.create_connection(lambda: self.protocol, host, port, ssl=ssl_context)
        )

    async def greeted(self) -> bytes:
        await self._client_task
        greeting: bytes = await asyncio.shield(self.protocol.greeting)
        return greeting


@contextlib.asynccontextmanager
async def open_session(
    settings: ImapSettings, tokens: Tokens | None = None
) -> AsyncIterator["Session"]:
    """A logged-in connection. Raises ConnectionBroken, or AuthenticationError when the login is
    refused.
    """
    session = Session(settings, tokens)
    try:
        await session.log_in()
        yield session
    finally:
        await session.close()


class Session:
    """Every method raises ConnectionBroken when the connection is lost or the server too slow."""

    def __init__(self, settings: ImapSettings, tokens: Tokens | None) -> None:
        self._settings = settings
        self._tokens = tokens
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle_refused = False
        self.proved = False
        """It has done what it is for: if it breaks now, that is no failure in a row."""
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
        """New mail was announced since `forget_news`."""
        return bool(self._client.protocol.news.is_set())

    def forget_news(self) -> None:
        """Before looking for it: what is announced from now on is newer than that look."""
        self._client.protocol.news.clear()

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self._client.protocol.capabilities and not self._idle_refused

    @property
    def can_move(self) -> bool:
        return "MOVE" in self._client.protocol.capabilities

    async def log_in(self) -> None:
        protocol = self._client.protocol
        greeting = await self._answer(self._client.greeted())
        if greeting.startswith(b"* PREAUTH") and self._settings.tls != "starttls":
            protocol.state = "AUTH"
        elif greeting.startswith(b"* OK"):
            protocol.state = "NONAUTH"
        else:
            raise self._broken("it takes nobody at the moment")
        await self._ask_capabilities()
        if self._settings.tls == "starttls":
            await self._start_tls()
            await self._ask_capabilities()
        if protocol.state == "NONAUTH":
            await LoggingIn(self._settings, self._tokens, self.talk).run(protocol.capabilities)
            protocol.state = "AUTH"
            await self._ask_capabilities()

    async def talk(self, name: str, *words: str, replies: tuple[bytes, ...] = ()) -> Any:
        """A command whose words are on the wire as they are, with answers to the server's
        questions; -> `result` (OK, NO, BAD) and `lines`.
        """
        protocol = self._client.protocol
        command = Talk(name, protocol.new_tag(), *words, replies=replies)
        return await self._answer(protocol.execute(command))

    async def select(self, folder: str) -> Folder:
        response = await self._answer(self._client.select(quoted_folder(folder)))
        if response.result != "OK":
            raise CannotOpen(
                f"folder {folder!r} cannot be opened on {self._settings.host}: check imap.folder"
                " and the others"
            )
        found = folder_of(_untagged(response))
        if found.uid_next:
            return found
        return found._replace(uid_next=max(await self.search("UID *"), default=0) + 1)

    async def special_folder(self, use: str) -> str:
        r"""The name of the folder for `\Junk`, `\Sent` ...; empty if the server tells of none."""
        response = await self._checked(self._client.list('""', '"*"'))
        return decoded_folder(folder_for(use, _untagged(response)))

    async def has_folder(self, name: str) -> bool:
        """Whether the server lists it, though it may not open it."""
        response = await self._checked(self._client.list('""', quoted_folder(name)))
        return any(one[0][:5].upper() == b"LIST " for one in _untagged(response))

    async def search(self, *criteria: str) -> list[int]:
        """UIDs, ascending."""
        response = await self._checked(self._client.uid_search(*criteria, charset=None))
        return uids_of(_untagged(response))

    async def still_there(self, uids: Sequence[int]) -> list[int]:
        """Those that were not removed. A server tells of that only when asked for it."""
        protocol = self._client.protocol
        await self._checked(protocol.execute(aioimaplib.Command("NOOP", protocol.new_tag())))
        return sorted(await self.facts(uids))

    async def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        """By UID; a mail that is gone is missing."""
        response = await self._checked(self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)"))
        return facts_of(_untagged(response))

    async def facts_behind(self, uid: int) -> dict[int, Facts]:
        """Of every mail with a higher UID: to look and to ask in one, where it is known that there
        are few.
        """
        # "n:*" always names the last mail, even if its UID is below n.
        response = await self._checked(
            self._client.uid("fetch", f"{uid + 1}:*", "(UID RFC822.SIZE INTERNALDATE)")
        )
        facts = facts_of(_untagged(response))
        return {one: facts[one] for one in sorted(facts) if one > uid}

    async def mails(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Whole mails by UID, without marking them as read."""
        return await self._bodies(uids, "(UID BODY.PEEK[])")

    async def head(self, uid: int, size_bytes: int) -> dict[int, bytes]:
        """The beginning of one mail."""
        return await self._bodies([uid], f"(UID BODY.PEEK[]<0.{size_bytes}>)")

    async def idle(self, seconds: float) -> None:
        """Until new mail is announced, at most so long. What else the server tells of meanwhile
        wakes nobody.
        """
        protocol = self._client.protocol
        command = Talk("IDLE", protocol.new_tag())
        idling = asyncio.ensure_future(protocol.execute(command))
        asked = asyncio.ensure_future(command.asked.wait())
        news = asyncio.ensure_future(protocol.news.wait())
        try:
            # DONE before the server has said that it listens would be a command of its own.
            await self._first_of(asked, idling, seconds=self._settings.command_seconds)
            if asked.done():
                await self._first_of(news, idling, seconds=seconds)
                if not idling.done() and not self._lost.done():
                    protocol.send("DONE")
            response = await self._answer(idling)
            self._idle_refused = response.result != "OK"
        finally:
            for task in (asked, news, idling):
                task.cancel()
            await asyncio.gather(asked, news, idling, return_exceptions=True)

    async def mark_seen(self, uids: Sequence[int]) -> None:
        await self._checked(self._client.uid("store", _set(uids), "+FLAGS.SILENT", r"(\Seen)"))

    async def move(self, uids: Sequence[int], folder: str) -> None:
        await self._checked(self._client.uid("move", _set(uids), quoted_folder(folder)))

    async def contains(self, message_id: str) -> bool:
        """Whether the selected folder has a mail with this Message-ID."""
        return bool(await self.search("HEADER", "Message-ID", f'"{message_id}"'))

    async def append(self, folder: str, mail: bytes) -> None:
        append = self._client.append(mail, quoted_folder(folder), flags=r"\Seen")
        await self._checked(append, seconds=FETCH_SECONDS_MAX)

    async def create(self, folder: str) -> None:
        await self._checked(self._client.create(quoted_folder(folder)))

    async def close(self) -> None:
        """Frees the connection; never raises and never waits for the server."""
        client = self._client
        client._client_task.cancel()
        await asyncio.gather(client._client_task, return_exceptions=True)
        transport = client.protocol.transport
        if transport is not None:
            transport.close()
            await asyncio.wait({self._lost}, timeout=CLOSE_SECONDS)
            transport.abort()

    async def _ask_capabilities(self) -> None:
        """Again after TLS and login: what the server offers changes."""
        protocol = self._client.protocol
        command = aioimaplib.Command("CAPABILITY", protocol.new_tag())
        response = await self._checked(protocol.execute(command))
        protocol.capabilities = capabilities_of(_untagged(response))

    async def _start_tls(self) -> None:
        protocol = self._client.protocol
        command = aioimaplib.Command("STARTTLS", protocol.new_tag())
        await self._checked(protocol.execute(command))
        protocol.forget_what_was_said()
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
        return bodies_of(_untagged(await self._checked(fetch, seconds=FETCH_SECONDS_MAX)))

    def _fetch(self, uids: Sequence[int], items: str) -> Coroutine[Any, Any, Any]:
        fetch: Coroutine[Any, Any, Any] = self._client.uid("fetch", _set(uids), items)
        return fetch

    async def _checked(self, command: Coroutine[Any, Any, Any], *, seconds: float = 0) -> Any:
        response = await self._answer(command, seconds=seconds)
        if response.result != "OK":
            raise CommandRefused(f"{self._settings.host} refused a command: {response.result}")
        return response

    async def _answer(
        self, command: Coroutine[Any, Any, Any] | asyncio.Future[Any], *, seconds: float = 0
    ) -> Any:
        """The command's result, unless the connection is lost or the time is up before it."""
        task = asyncio.ensure_future(command)
        try:
            await self._first_of(task, seconds=seconds or self._settings.command_seconds)
            if task.done():
                return task.result()
        except (aioimaplib.AioImapException, OSError, TimeoutError, ValueError) as error:
            # Without the cause: the library's errors may show a command with its secrets.
            raise self._broken(type(error).__name__) from None
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        raise self._broken("it hung up or did not answer")

    async def _first_of(self, *futures: asyncio.Future[Any], seconds: float) -> None:
        waiting = {*futures, self._lost}
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    def _broken(self, why: str) -> ConnectionBroken:
        protocol = self._client.protocol
        return ConnectionBroken(f"{self._settings.host}: {protocol.last_words or why}")

    def _note_loss(self, _error: Exception | None) -> None:
        if not self._lost.done():
            self._lost.set_result(None)


def _nothing(_error: Exception | None) -> None:
    """Nobody wants to hear of a loss."""


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _untagged(response: Any) -> list[Response]:
    """Without the last line, which is the command's own."""
    return list(response.lines[:-1])
