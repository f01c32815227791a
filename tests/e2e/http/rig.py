"""A desk with a real store behind a real web server, and a customer who writes to it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn

from core.blocking import Blocking
from core.continuing import Continuing
from core.dispatch import Dispatcher
from core.door import Door
from core.errors import AuthenticationError
from core.fetch import Bounds, Fetcher
from core.floods import Floods
from core.gaps import Gaps
from core.ids import new_ulid
from core.joins import Joins
from core.model.conversation import Conversation
from core.model.event import Inbound
from core.model.ids import ThreadRef, identity_id
from core.ports import Adapter
from core.pressure import Pressure
from core.private import PrivateThreads
from core.reply import Agents
from core.rules.routing import author_key
from core.starting import Starting
from core.store.lanes import Lease
from core.store.store import Store, StoreSettings, open_store
from core.telling import Telling
from core.triage import Triage
from core.view import Views
from gateway.archive import ArchiveFile, open_archive
from gateway.blobs import DirectoryBlobs
from gateway.desk import Desk, Health, InboxHealth
from gateway.http.app import http_app
from gateway.links import Links
from gateway.live_feed import LiveFeed, live_feed
from gateway.quarantine import DirectoryQuarantine
from gateway.scopes import ALL
from gateway.search import Search, open_search
from gateway.settings import WebhookSettings
from gateway.sqlite import Database
from gateway.tokens import PER_MINUTE_MAX, Tokens
from gateway.webhooks.service import WebhookService, webhooks_file
from tests.rigs.waiting import PATIENCE_SECONDS, eventually

PARTITIONS = tuple(range(16))
UPLOAD_BYTES_MAX = 64 * 1024
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak plain HTTP: to read all of them takes longer than many a test."""
WEBHOOK_SETTINGS = WebhookSettings(allow_hosts=("127.0.0.0/8",))


class Rig:
    """`adapters`, `healthy` and the links' `now` may be changed while it runs. `webhooks` are sent
    by whoever runs them, on a clock that is `webhooks_ahead`.
    """

    def __init__(self, store: Store, data_dir: Path, webhooks: Database, search: Search) -> None:
        self.search = search
        self.store, self.data_dir = store, data_dir
        self.views = Views(store)
        self.joins = Joins(store, _now)
        self.gaps = Gaps(store, _now)
        self.adapters: dict[str, Adapter] = {}
        self.healthy = True
        blobs = DirectoryBlobs(data_dir / "blobs")
        self.links = Links(
            b"of the links", "https://desk.example/trunk/files/", 60, lambda: self.now
        )
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        bounds = Bounds(size_bytes_max=UPLOAD_BYTES_MAX)
        self.fetcher = Fetcher(store, self.adapters, blobs, bounds, self._paused)
        self._accepted: list[Lease] = []
        self.blocking = Blocking(store, self.views, _now)
        floods = Floods(store, Telling(store, _now, None), {}, _now)
        door = Door(self.blocking, floods)
        self._dispatcher = Dispatcher(store, new_ulid, self._take, door=door)
        dispatcher, adapters = self._dispatcher, self.adapters
        private = PrivateThreads(store, adapters, lambda: dispatcher, new_ulid, _now)
        self.webhooks_ahead = timedelta()
        self.webhooks = WebhookService(
            webhooks,
            store,
            self.views,
            b"k" * 32,
            WEBHOOK_SETTINGS,
            lambda: _now() + self.webhooks_ahead,
        )
        agents = Agents(store, self.views, _now, None, self.adapters)
        self.pressure = Pressure(store, (), 1.0)
        kinds = {"bot": "telegram", "mail": "email"}
        self.desk = Desk(
            name="Acme",
            store=store,
            views=self.views,
            agents=agents,
            triage=Triage(store, _now),
            joins=self.joins,
            gaps=self.gaps,
            blocking=self.blocking,
            continuing=Continuing(store, self.views, private, _now),
            starting=Starting(store, self.views, private, agents, kinds),
            blobs=blobs,
            quarantine=DirectoryQuarantine(data_dir / "quarantine"),
            links=self.links,
            fetcher=self.fetcher,
            tokens=Tokens(data_dir),
            webhooks=self.webhooks.managing,
            search=self.search,
            adapters=self.adapters,
            here=self.adapters,
            deliver=self._dispatcher.accept,
            pressure=self.pressure,
            health=self._health,
            secret=b"of this installation",
            attachment_bytes_max=UPLOAD_BYTES_MAX,
        )
        self.token = self.desk.tokens.create("Ines", ALL, per_minute=PER_MINUTE_MAX)

    async def hears(self, event: Inbound) -> Conversation:
        """A customer wrote: -> the conversation that it came to."""
        await self._dispatcher.accept(event)
        await self.settle()
        identity = identity_id(event.thread.channel, event.thread.account, event.actor.remote)
        bound = await self.store.threads.bound(event.thread, author_key(event.audience, identity))
        assert bound
        return await self.views.conversation(bound.leg)

    def _paused(self, account: str, error: AuthenticationError) -> None:
        raise error

    async def settle(self) -> None:
        """What a worker does with what was accepted."""
        while self._accepted:
            await self._dispatcher.dispatch(self._accepted.pop())
        await self.relay()

    def _health(self) -> Health:
        return Health(
            ready=self.healthy,
            store="ok" if self.healthy else "gone",
            inboxes=tuple(
                InboxHealth(account=account, channel="telegram", state="running")
                for account in self.adapters
            ),
        )

    def _take(self, lease: Lease) -> None:
        self._accepted.append(lease)

    async def relay(self) -> None:
        """What a worker does all the time: bring the events into the one order."""
        await self.store.live.relay(PARTITIONS)

    async def fetch(self, where: ThreadRef) -> None:
        """What a worker does when it is woken: have what waits of this thread's files fetched."""
        await self.fetcher.work(await self.store.lanes.take(where.account, "fetch", str(where)))
        await self.relay()

    async def carry_out(self) -> None:
        """What a worker does when it is woken: the waiting tasks on who is who."""
        lease = None

        async def taken() -> bool:
            nonlocal lease
            lease = await self.store.lanes.take("tasks", "task", "who is who")
            return lease is not None

        await eventually(taken)
        await self.joins.work(lease)


class Served(msgspec.Struct, frozen=True):
    """`http` sends a good token, `stranger` none."""

    rig: Rig
    feed: LiveFeed
    http: httpx.AsyncClient
    stranger: httpx.AsyncClient
    archive: ArchiveFile


@asynccontextmanager
async def indexed(desk: Served) -> AsyncIterator[None]:
    """While this is open the index is kept; what was said before is found."""
    search, live = desk.rig.search, desk.rig.store.live
    await desk.rig.relay()
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(search.keep())

        async def is_caught_up() -> bool:
            state = await search.state()
            return bool(state.answers) and state.position == await live.last_id()

        await eventually(is_caught_up)
        try:
            yield
        finally:
            keeping.cancel()


@asynccontextmanager
async def served(redis_url: str, data_dir: Path, **settings: Any) -> AsyncIterator[Served]:
    """`settings`: of StoreSettings."""
    async with (
        open_archive(data_dir) as archive,
        open_store(StoreSettings(url=redis_url, **settings), archive) as store,
        live_feed(store) as feed,
        webhooks_file(data_dir) as webhooks,
        open_search(data_dir, store) as search,
    ):
        rig = Rig(store, data_dir, webhooks, search)
        app = http_app(rig.desk, feed, frame_ancestors="http://127.0.0.1:9")
        async with _serving(app, feed) as url:
            bearer = {"Authorization": f"Bearer {rig.token}"}
            async with (
                _client(url, headers=bearer) as http,
                _client(url) as stranger,
            ):
                yield Served(rig, feed, http, stranger, archive)


def _client(url: str, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=url, headers=headers, timeout=PATIENCE_SECONDS, verify=NO_AUTHORITIES
    )


@asynccontextmanager
async def _serving(app: object, feed: LiveFeed) -> AsyncIterator[str]:
    """uvicorn on an ephemeral port, ended as the gateway ends it."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        port=0,
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve())
        await eventually(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            feed.close()
            server.should_exit = True


def _now() -> datetime:
    return datetime.now(UTC)
