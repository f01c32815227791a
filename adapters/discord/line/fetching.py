"""The bytes of what people sent, streamed from Discord's file servers.

A file is named by the message that it is in; where its bytes are is asked for each time, because
that is true for a day only. Nothing else than Discord's own servers is ever asked for a file, and
they are not shown the token.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from operator import itemgetter
from typing import Any, Final

import aiohttp
from yarl import URL

from adapters.discord.line.answers import Failure, Refusal, Uncertain
from adapters.discord.line.failures import change_error, lookup_error
from adapters.discord.line.rest import Rest
from adapters.discord.objects.remotes import FileOf, LinkedFile, StickerFile, file_at, remote_of
from adapters.discord.outgoing.changes import message
from adapters.discord.places import Place
from adapters.discord.settings import DiscordSettings
from core.errors import InvalidRequest, NotFound, TemporaryDeliveryError
from core.model.content import Attachment

HOSTS: Final = (".discordapp.com", ".discordapp.net")
_GONE = (403, 404, 410)
"""What the file servers answer for an address that is over, and for what is deleted."""
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
_CHUNK_SIZE_BYTES = 64 * 1024
_ADDRESSES: Final = ("url", "proxy_url")
_VALUES_MAX: Final = 10_000
"""Of a message, to look for an address in."""


class Fetching:
    """Of one account."""

    def __init__(self, rest: Rest, settings: DiscordSettings, account: str) -> None:
        self._rest, self._settings, self._account = rest, settings, account

    async def fetched(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """All of it or an error: NotFound when Discord no longer has it, InvalidRequest when it is
        too large or not Discord's, TemporaryDeliveryError when it cannot be had just now,
        AuthenticationError.
        """
        self._check_size(attachment, attachment.size_bytes or 0)
        link, again, received = await self._link(attachment), True, 0
        while True:
            try:
                async with aclosing(self._download(link)) as chunks:
                    async for chunk in chunks:
                        received += len(chunk)
                        self._check_size(attachment, received)
                        yield chunk
                break
            except Failure as failure:
                if not (isinstance(failure, Refusal) and failure.status in _GONE):
                    what = f"the fetching of attachment {attachment.id}"
                    raise change_error(failure, self._account, what) from None
                if not again:
                    raise NotFound(f"Discord no longer has attachment {attachment.id}") from None
            again, link = False, await self._link(attachment)  # its address has just expired
        if received < (attachment.size_bytes or 0):
            raise TemporaryDeliveryError(
                f"of attachment {attachment.id} only {received} of {attachment.size_bytes} bytes"
                " came"
            )

    async def _link(self, attachment: Attachment) -> URL:
        """Where the bytes are now. Raises as `fetched` does."""
        match remote_of(attachment.remote):
            case FileOf() as file:
                return _checked(await self._address(file, attachment.id), attachment.id)
            case LinkedFile(url=address) | StickerFile(url=address):
                return _checked(address, attachment.id)
            case None:
                raise NotFound(f"attachment {attachment.id} is none of Discord's")

    async def _address(self, file: FileOf, attachment: str) -> str:
        """As the message tells it now."""
        try:
            told = await self._rest.ask(message(Place(file.channel), file.message))
        except Failure as failure:
            raise lookup_error(failure, self._account, attachment) from None
        named = (one for one in _addresses(told, file.file) if file_at(one[1]) == file.file)
        if not (found := max(named, key=itemgetter(0), default=None)):
            raise NotFound(f"Discord no longer has attachment {attachment}")
        return found[1]

    async def _download(self, link: URL) -> AsyncGenerator[bytes, None]:
        """Raises a Failure, outside of any `except`: a link is as good as the file."""
        client = await self._rest.ready()
        failure: Failure | None = None
        headers = {"User-Agent": client.http.user_agent, "Accept-Encoding": "identity"}
        timeout = aiohttp.ClientTimeout(
            connect=self._settings.connect_timeout_seconds,
            sock_read=self._settings.request_timeout_seconds,
        )
        try:
            async with (
                aiohttp.ClientSession(
                    connector=client.http.connector,
                    connector_owner=False,
                    cookie_jar=aiohttp.DummyCookieJar(),
                ) as session,
                session.get(link, headers=headers, timeout=timeout, allow_redirects=False) as got,
            ):
                if got.status == 200:
                    async for chunk in got.content.iter_chunked(_CHUNK_SIZE_BYTES):
                        yield chunk
                else:
                    failure = Refusal(got.status, told=False)
        except _BROKEN as error:
            failure = Uncertain(f"the download from Discord broke ({type(error).__name__})")
        if failure is not None:
            raise failure

    def _check_size(self, attachment: Attachment, size_bytes: int) -> None:
        limit = self._settings.download_size_bytes_max
        if size_bytes > limit:
            raise InvalidRequest(
                f"attachment {attachment.id} is larger than the {limit} bytes that are fetched"
                " from Discord"
            )


def _checked(address: str, attachment: str) -> URL:
    try:
        link = URL(address, encoded=True)
        plain = link.scheme == "https" and link.explicit_port in (None, 443) and link.user is None
        if plain and f".{link.host}".endswith(HOSTS):
            return link
    except ValueError:
        pass
    raise InvalidRequest(f"attachment {attachment} is not on Discord's own servers")


def _addresses(told: Any, file: str) -> Iterator[tuple[bool, str]]:
    """Those in a message, wherever they are, for forwards and layouts have files, too; and whether
    the file itself says so: the card of a link to it repeats what somebody wrote, and may be over.
    """
    waiting = [told]
    for _ in range(_VALUES_MAX):
        if not waiting:
            return
        match waiting.pop():
            case dict() as values:
                itself = values.get("id") == file
                found = (values.get(name) for name in _ADDRESSES)
                yield from ((itself, one) for one in found if isinstance(one, str))
                waiting.extend(reversed(values.values()))
            case list() as values:
                waiting.extend(reversed(values))
            case _:
                pass
