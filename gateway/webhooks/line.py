"""The requests that carry webhooks, over connections to nowhere else than is allowed."""

import asyncio
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from core.errors import mistake
from gateway.webhooks.model import Outcome
from gateway.webhooks.targets import Allowed

CONNECT_SECONDS: Final = 5.0
RESPONSE_BYTES_MAX: Final = 16 * 1024
"""Of an answer, so much is read; what is longer costs the connection."""

IDLE_SECONDS: Final = 20.0
NAMES_SECONDS: Final = 10

HEADERS: Final = {
    "User-Agent": "Trunkline-Webhooks",
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
}


class _NotAllowed(OSError):
    """The address is none that webhooks may go to."""


class Line:
    """To one URL. `async with` closes its connections at the end.

    No redirect is followed, no proxy of the environment and no cookie is used.
    """

    def __init__(self, url: str, allowed: Allowed, timeout_seconds: float, at_once: int) -> None:
        self._url, self._allowed = url, allowed
        self._host = urlsplit(url).hostname or ""
        self._names = _Names()
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=CONNECT_SECONDS)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=at_once,
                resolver=self._names,
                ttl_dns_cache=NAMES_SECONDS,
                keepalive_timeout=IDLE_SECONDS,
                socket_factory=self._socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=HEADERS,
            timeout=self._timeout,
            auto_decompress=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        await self._names.close()

    async def post(self, body: bytes, headers: Mapping[str, str], now: float) -> Outcome:
        """One attempt; whatever becomes of it is an outcome. `now`: seconds since 1970."""
        began = time.monotonic()
        try:
            return await self._post(body, headers, now, began)
        except TimeoutError:
            error = f"no answer within {self._timeout.total:g} s"
        except aiohttp.ClientSSLError:
            error = "the receiver's certificate is not valid for it"
        except aiohttp.ClientConnectorDNSError:
            error = "the receiver's name is not known"
        except aiohttp.ClientConnectorError as failure:
            error = _told(failure.os_error)
        except aiohttp.ClientError as failure:
            error = f"the connection broke ({type(failure).__name__})"
        except (OSError, ValueError) as failure:
            error = _told(failure) if isinstance(failure, OSError) else mistake(failure)
        return Outcome(ok=False, duration_ms=_since(began), error=error)

    async def _post(
        self, body: bytes, headers: Mapping[str, str], now: float, began: float
    ) -> Outcome:
        async with self._session.post(
            self._url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            text = await _beginning(answer)
            ok = 200 <= answer.status < 300
            return Outcome(
                ok=ok,
                status=answer.status,
                duration_ms=_since(began),
                error="" if ok else _refusal(answer.status),
                response=text,
                retry_after_seconds=retry_after(answer.headers.get("Retry-After", ""), now),
                gone=answer.status == 410,
            )

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """For a connection to this very address, whatever its name stood for before."""
        family, kind, protocol, _, address = info
        if not self._allowed.connects(self._host, str(address[0])):
            raise _NotAllowed("refused")
        return socket.socket(family=family, type=kind, proto=protocol)


class _Names(AbstractResolver):
    """The system's resolver in a thread of its own: a slow one is in nobody else's way."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="webhook names")

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._thread,
            lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM),
        )
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=0
            )
            for kind, _, proto, _, address in found
        ]

    @override
    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def retry_after(text: str, now: float) -> float | None:
    """Seconds to wait, as a receiver asks for: a number, or a date. None: it does not say."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """Of an answer. Whoever answers at length is not listened to."""
    read = bytearray()
    try:
        async for chunk in answer.content.iter_any():
            read += chunk
            if len(read) > RESPONSE_BYTES_MAX:
                answer.close()
                break
    except (TimeoutError, aiohttp.ClientError):  # it has said what counts: the status
        answer.close()
    return read[:RESPONSE_BYTES_MAX].decode(errors="replace")


def _refusal(status: int) -> str:
    if 300 <= status < 400:
        return f"it answered {status}: redirects are not followed, give the final address"
    return f"it answered {status}"


def _told(error: OSError) -> str:
    if isinstance(error, _NotAllowed):
        return (
            "its name leads to a private or special network; an operator can name it in"
            " webhooks.allow_hosts"
        )
    return f"no connection ({error.strerror or type(error).__name__})"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
