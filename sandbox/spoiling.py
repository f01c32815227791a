"""How an answer over HTTP is spoilt when a fault says so."""

import asyncio
import socket
import struct
from http import HTTPStatus

from aiohttp import web

from sandbox.faults import Fault, Kind

HTML_ERROR = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"
PIECES = 20
HUNG_SECONDS_MAX = 3600.0
RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: on, no seconds. Closing then sends a reset instead of an end."""


async def deliver(
    fault: Fault | None,
    request: web.Request,
    body: bytes,
    content_type: str,
    charset: str | None = "utf-8",
) -> web.StreamResponse:
    """Answer with the body, as well or as badly as the fault lets it. The character set is named
    with JSON only, and not when it is None.
    """
    match fault.kind if fault else None:
        case Kind.DROP_AFTER:
            return hang_up(request)
        case Kind.CUT:
            return await _cut(request, body, content_type)
        case Kind.GARBLED:
            body = body[: len(body) // 2]
        case Kind.SLOW_AFTER if fault:
            await asyncio.sleep(fault.seconds)
        case Kind.TRICKLE if fault:
            return await _trickle(request, body, content_type, fault.seconds)
        case _:
            pass
    named = charset if content_type == "application/json" else None
    return web.Response(body=body, content_type=content_type, charset=named)


async def break_before(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """End or freeze the connection if the fault does so before anything took effect."""
    match fault.kind:
        case Kind.DROP_BEFORE:
            return hang_up(request)
        case Kind.HANG:
            await asyncio.sleep(HUNG_SECONDS_MAX)  # until the other side has enough: cancelled
            return hang_up(request)
        case Kind.RESET:
            await asyncio.sleep(fault.seconds)
            return reset(request)
        case _:
            return None


def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection now; what is written afterwards reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def reset(request: web.Request) -> web.StreamResponse:
    """Close the connection so that the other side sees "connection reset by peer"."""
    if request.transport is not None:
        line = request.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    return hang_up(request)


def error_page(status: int) -> web.Response:
    """An error as a web server in front of the platform words it."""
    page = HTML_ERROR.format(f"{status} {HTTPStatus(status).phrase}")
    return web.Response(status=status, text=page, content_type="text/html")


async def _begin(request: web.Request, body: bytes, content_type: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": content_type})
    response.content_length = len(body)
    await response.prepare(request)
    return response


async def _cut(request: web.Request, body: bytes, content_type: str) -> web.StreamResponse:
    response = await _begin(request, body, content_type)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _trickle(
    request: web.Request, body: bytes, content_type: str, seconds: float
) -> web.StreamResponse:
    response = await _begin(request, body, content_type)
    size = max(len(body) // PIECES, 1)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / PIECES)
        await response.write(body[start : start + size])
    return response
