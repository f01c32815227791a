"""/metrics, apart from the API: on an address of its own, without a token."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.following import Missed, follow
from core.store.store import Store
from gateway.metrics.looking import Looking, Sources
from gateway.metrics.registry import EVENTS, MISSED, REGISTRY, round_trip
from gateway.settings import MetricsSettings, WebSettings
from gateway.web import serve

PATH: Final = "/metrics"


class Metrics:
    """`run` serves the figures, and counts what happens, until cancelled."""

    def __init__(self, settings: MetricsSettings, store: Store, sources: Sources) -> None:
        self._settings, self._store = settings, store
        self._looking = Looking(store, sources)

    async def run(self) -> None:
        """Nothing where no address is set. Raises ConfigurationError when the port is taken."""
        if not self._settings.bind:
            return

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self._answer(scope, receive, send)  # the server takes a method for an older kind

        observers = self._store.commit.observers
        observers.append(round_trip)
        try:
            async with serve(app, WebSettings(bind=self._settings.bind)):
                await self._count()
        finally:
            observers.remove(round_trip)

    async def _count(self) -> None:
        """From now on: a counter begins with its process."""
        async for found in follow(self._store, await self._store.live.last_id(), "metrics"):
            if isinstance(found, Missed):
                MISSED.inc()
                continue
            for event in found:
                EVENTS.labels(event.kind).inc()

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI application of one page."""
        if scope["type"] == "lifespan":
            return await _live(receive, send)
        known = scope["path"] == PATH and scope["method"] in ("GET", "HEAD")
        if known:
            await self._looking.look()
        body = generate_latest(REGISTRY) if known else b"see /metrics\n"
        kind = CONTENT_TYPE_LATEST if known else "text/plain"
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        status = 200 if known else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return None


async def _live(receive: Any, send: Any) -> None:
    """Nothing to start or to stop: it may be ended at any time, which is no error to be logged."""
    with suppress(asyncio.CancelledError):
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
