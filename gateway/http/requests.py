"""Each request has an id: the caller's own, or a new one. It is in the answer and in what is logged
meanwhile."""

import re
import time
from typing import Final

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from core.ids import new_ulid
from gateway.logs import belonging
from gateway.metrics.registry import HTTP
from gateway.tracing import traced

HEADER: Final = b"x-request-id"
ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{7,63}")
"""What we take from a caller: it goes into our log. It begins with a letter, so it is no number."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN: Final = "unknown"
"""The route of what leads nowhere: the path itself may hold anything."""

log = structlog.get_logger()


def with_ids(app: ASGIApp) -> ASGIApp:
    async def numbered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            return await app(scope, receive, send)
        request = _given(scope) or new_ulid()
        status, began = 0, time.perf_counter()

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [one for one in message["headers"] if one[0].lower() != HEADER]
                message["headers"] = [*headers, (HEADER, request.encode())]
            await send(message)

        with belonging(request=request), traced("HTTP", request=request) as span:
            try:
                await app(scope, receive, answered)
            finally:
                seconds = time.perf_counter() - began
                method = scope["method"] if scope["method"] in METHODS else UNKNOWN
                route = scope.get("path_template") or UNKNOWN
                HTTP.labels(method, route, str(status)).observe(seconds)
                if span:
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.response.status_code", status)
                log.debug(
                    "answered",
                    method=method,
                    route=route,
                    status=status,
                    seconds=round(seconds, 4),
                )
        return None

    return numbered


def _given(scope: Scope) -> str:
    found = next((value for name, value in scope["headers"] if name.lower() == HEADER), b"")
    text = found.decode("latin-1")
    return text if ID.fullmatch(text) else ""
