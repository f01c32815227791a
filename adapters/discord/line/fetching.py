"""The bytes of what people sent, streamed from Discord's file servers.

An attachment is named by its link, which is good for a day; when it has expired, Discord is asked
for a new one. Nothing else than Discord's own servers is ever asked for a file, and they are not
shown the token.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final

import aiohttp
import msgspec
from yarl import URL

from adapters.discord.line.answers import Failure, Refusal, Uncertain
from adapters.discord.line.failures import change_error, refresh_error
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import Call
from adapters.discord.settings import DiscordSettings
from core.errors import InvalidRequest, NotFound, TemporaryDeliveryError
from core.model.content import Attachment

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_GONE = (403, 404, 410)
"""What the file servers answer for what has expired, and for what is deleted."""
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
_CHUNK_SIZE_BYTES = 64 * 1024


class _Refreshed(msgspec.Struct, frozen=True):
    refreshed: str | None = None


class _Links(msgspec.Struct, frozen=True):
    refreshed_urls: tuple[_Refreshed, ...] = ()


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
        link, again, received = _link(attachment.remote, attachment.id), True, 0
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
            again, link = False, await self._refreshed(link, attachment)
        if received < (attachment.size_bytes or 0):
            raise TemporaryDeliveryError(
                f"of attachment {attachment.id} only {received} of {attachment.size_bytes} bytes"
                " came"
            )

    async def _refreshed(self, link: URL, attachment: Attachment) -> URL:
        """Where an attachment is now, whose link has expired."""
        call = Call(
            method="POST",
            path="/attachments/refresh-urls",
            body={"attachment_urls": [str(link)]},
        )
        try:
            links = msgspec.convert(await self._rest.ask(call), _Links)
        except Failure as failure:
            raise refresh_error(failure, self._account, attachment.id) from None
        except msgspec.ValidationError:
            links = _Links()
        fresh = next((one.refreshed for one in links.refreshed_urls if one.refreshed), None)
        if not fresh:
            raise NotFound(f"Discord no longer has attachment {attachment.id}")
        return _link(fresh, attachment.id)

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


def _link(text: str, attachment: str) -> URL:
    try:
        link = URL(text, encoded=True)
        ours = link.scheme == "https" and link.host in HOSTS and link.explicit_port in (None, 443)
    except ValueError:
        ours, link = False, URL()
    if not ours or link.user is not None or link.password is not None:
        raise InvalidRequest(f"attachment {attachment} is not on Discord's own servers")
    return link
