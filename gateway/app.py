"""The composition root: everything is built here, once, top to bottom.

To have something run in the background, add a line to `_Gateway._services`: its name, the role
whose processes run it, and how it begins, a coroutine function that ends by being cancelled. Say
`alone=True` when it writes a file of the data directory: then one process does so at a time. It is
begun again when it fails, ends before the work in hand is drained, and may use whatever
`__init__` has built. What request handlers need of it goes into the Desk.
"""

import asyncio
import os
import signal
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any

import msgspec
import structlog

from core.acknowledging import Acknowledging
from core.archiving import Archiver
from core.blocking import Blocking
from core.burying import BurialLimits, Burials
from core.continuing import Continuing
from core.deliver import Deliverer, Limits
from core.dispatch import Dispatcher
from core.door import Door
from core.errors import AuthenticationError
from core.fetch import Bounds, Fetcher
from core.floods import Floods
from core.ids import new_ulid
from core.joins import Joins
from core.linking import LinkCodes
from core.ports import Adapter, Deliver, Surroundings
from core.pressure import Pressure
from core.private import PrivateThreads
from core.reply import Agents
from core.showing import States
from core.starting import Starting
from core.telling import Telling
from core.triage import Triage
from core.waking import Waking
from gateway.data_dir import claimed, prepare
from gateway.desk import Desk, Health, InboxHealth
from gateway.elsewhere import Elsewhere
from gateway.embedded import EmbeddedRedis
from gateway.ending import Ending, at_signals
from gateway.http.app import hooks_app, http_app
from gateway.journal import JOURNAL, Journal
from gateway.lending import lending_of
from gateway.links import Links
from gateway.live_feed import live_feed
from gateway.metrics.looking import Sources
from gateway.metrics.server import Metrics
from gateway.registry import open_channel
from gateway.reloading import Reloading
from gateway.roles import Role, Roles, roles_of
from gateway.sd_notify import Systemd
from gateway.search import Search, open_search
from gateway.secret_key import key_for
from gateway.services import Service, running
from gateway.serving import Serving
from gateway.settings import ChannelSettings, Settings
from gateway.sqlite import Database
from gateway.storage import Stored, now, open_stored, redis_of
from gateway.store_watch import StoreWatch
from gateway.supervisor import Inbox
from gateway.tokens import Tokens
from gateway.tracing import traced_deliver, tracing
from gateway.web import serve
from gateway.webhooks.service import WebhookService, webhooks_file
from gateway.workers import HandOver, Workers

log = structlog.get_logger()


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How this process runs, besides the settings. `hand_over` off: all work goes by the lanes.
    `only` are the roles that it has, as `gateway.roles` reads them; none: all. One without `web`
    serves /hooks and the health where `web.bind` says, if it `listens`.
    """

    hand_over: bool = True
    only: tuple[str, ...] = ()
    listens: bool = False
    reload: Callable[[], Settings] | None = None
    """Read the settings again. Raises ConfigurationError."""
    frame_ancestors: str = "'none'"


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What a started gateway tells: where it answers ("": nowhere), whether with the API and the
    pages, and what its parts share.
    """

    url: str
    web: bool
    desk: Desk


async def run_gateway(
    settings: Settings,
    environ: Mapping[str, str],
    started: Callable[[Running], None],
    options: Options,
) -> None:
    """Run until SIGTERM or SIGINT, then drain, until another one at most. Raises
    ConfigurationError, StoreUnavailable.
    """
    roles = roles_of(options.only, tuple(one.id for one in settings.channels))
    with claimed(prepare(settings.data_dir), roles):
        async with (
            tracing(settings.tracing),
            redis_of(settings, environ) as (url, server),
            open_stored(settings, url) as stored,
            webhooks_file(settings.data_dir) as webhooks,
            open_search(settings.data_dir, stored.store) as search,
        ):
            for warning in stored.store.warnings:
                log.warning(warning)
            gateway = _Gateway(settings, stored, server, webhooks, search, options, roles)
            await gateway.run(started)


class _Gateway:
    """The parts of one process and the order in which they start and stop."""

    def __init__(
        self,
        settings: Settings,
        stored: Stored,
        server: EmbeddedRedis | None,
        webhooks: Database,
        search: Search,
        options: Options,
        roles: Roles,
    ) -> None:
        store = stored.store
        self._settings, self._store, self._server = settings, store, server
        self._options, self._roles = options, roles
        self._search = search
        self._data_dir = prepare(settings.data_dir)
        self._ending = Ending()
        self._systemd = Systemd(os.environ)
        self._store_watch = StoreWatch(store)
        self._adapters: dict[str, Adapter] = {}
        here = self._adapters.__contains__
        kinds = {one.id: one.kind for one in settings.channels}
        self._mine = set(roles.accounts if roles.whole else ())
        """The inboxes that this process runs; for others of its own it stands by."""
        self._elsewhere = Elsewhere(store, kinds, self._mine)
        self._everywhere = ChainMap(self._adapters, self._elsewhere.adapters)
        turn_seconds_max = settings.limits.turn_seconds_max
        self._pressure = Pressure(store, tuple(roles.accounts), turn_seconds_max)
        self._hand_over = HandOver()
        handed = self._hand_over if options.hand_over else None
        telling = Telling(store, now, handed, here)
        private = PrivateThreads(store, self._everywhere, lambda: self._dispatcher, new_ulid, now)
        self._joins = Joins(store, now)
        codes = LinkCodes(store, self._joins, private, telling, now)
        self._journal = Journal(
            self._data_dir / JOURNAL,
            hours=settings.journal.hours,
            size_bytes_max=settings.journal.size_bytes_max,
        )
        places = self._data_dir, settings.web
        self._lending = lending = lending_of(store, codes, *places, self._journal)
        web = settings.web
        key = key_for(lending.key, "links")
        self._links = Links(key, web.address_of("/files/"), web.link_seconds, now)
        self._inboxes = {
            channel.id: Inbox(channel.id, channel.kind, self._opener(channel), self._quiet)
            for channel in settings.channels
            if channel.id in roles.accounts
        }
        self._reloading = Reloading(settings, options.reload, self._reopen, self._systemd)
        answering = Acknowledging(store, self._reloading.answers, telling)
        self._floods = Floods(store, telling, self._reloading.limits, now)
        self._blocking = Blocking(store, lending.views, now)
        carries = roles.has(Role.WORKER)
        taken = handed if carries else None
        door = Door(self._blocking, self._floods, self._reloading.takes)
        self._dispatcher = Dispatcher(store, new_ulid, taken, answering, codes, door)
        self._continuing = Continuing(store, lending.views, private, now)
        self._agents = Agents(store, lending.views, now, handed, self._everywhere, here)
        self._starting = Starting(store, lending.views, private, self._agents, kinds)
        limits = Limits(
            send_seconds=settings.workers.send_seconds,
            attempts_max=settings.limits.send_attempts_max,
        )
        self._deliverer = deliverer = Deliverer(
            store, self._adapters, limits, self._pause, self._links.address if self._links else None
        )
        bounds = Bounds(size_bytes_max=settings.limits.attachment_size_bytes_max)
        self._fetcher = Fetcher(
            store, self._adapters, lending.blobs, bounds, self._pause, self._elsewhere.fetch
        )
        self._serving = Serving(store, self._adapters, self._fetcher, self._inboxes_here)
        self._archiver = Archiver(store, stored.archive, settings.archive, now)
        self._states = States(store, self._adapters)
        self._webhooks = WebhookService(
            webhooks,
            store,
            lending.views,
            key_for(lending.key, "webhooks"),
            settings.webhooks,
            now,
        )
        letters = BurialLimits(
            attempts_max=settings.limits.work_attempts_max,
            letters_max=settings.limits.dead_letters_max,
        )
        self._burials = Burials(store, letters)
        counts = {
            "accepted": self._dispatcher.taken,
            "known": self._dispatcher.known,
            "limited": self._floods.not_kept,
            "blocked": self._blocking.not_kept,
            "set_aside": lending.quarantine.set_aside,
            "buried": self._burials.buried,
        }
        journal = self._data_dir / JOURNAL
        sources = Sources(
            health=self._health,
            counts=counts,
            webhooks=webhooks,
            journal=journal,
            pressure=self._pressure,
        )
        self._metrics = Metrics(settings.metrics, store, sources)
        self._workers = Workers(
            store,
            self._hand_over,
            self._dispatcher,
            deliverer,
            self._fetcher,
            self._joins,
            self._burials,
            tuple(kinds),
            here,
            settings.workers.poll_seconds,
            settings.workers.fetches_max if settings.limits.attachment_fetch else 0,
            self._pressure,
            carries=carries,
        )

    def _opener(self, channel: ChannelSettings) -> Callable[[], Any]:
        return lambda: open_channel(channel, self._surroundings(channel))

    def _surroundings(self, channel: ChannelSettings) -> Surroundings:
        lent = self._lending.to(channel, self._inboxes[channel.id].remark)
        serves = self._options.listens or self._roles.has(Role.WEB)
        hook_url = lent.hook_url if serves else ""
        return msgspec.structs.replace(lent, hook_url=hook_url, spares=self._pressure.spares)

    async def _quiet(self, account: str) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.workers.drain_seconds):
                await self._deliverer.quiet(account)

    def _reopen(self, channel: ChannelSettings) -> None:
        if inbox := self._inboxes.get(channel.id):
            inbox.reopen(self._opener(channel))

    def _pause(self, account: str, error: AuthenticationError) -> None:
        self._inboxes[account].pause(error)

    def _health(self) -> Health:
        return Health(
            ready=self._store_watch.state == "ok" and not self._ending.is_told,
            store=self._store_watch.state,
            settings=self._reloading.fault,
            inboxes=(*self._inboxes_here(), *self._elsewhere.health()),
        )

    def _inboxes_here(self) -> tuple[InboxHealth, ...]:
        return tuple(self._inboxes[one].health for one in self._inboxes if one in self._mine)

    def _desk(self) -> Desk:
        lending = self._lending
        return Desk(
            name=self._settings.app.name,
            store=self._store,
            views=lending.views,
            agents=self._agents,
            triage=Triage(self._store, now),
            joins=self._joins,
            gaps=lending.gaps,
            continuing=self._continuing,
            starting=self._starting,
            blocking=self._blocking,
            blobs=lending.blobs,
            quarantine=lending.quarantine,
            links=self._links,
            fetcher=self._fetcher,
            tokens=Tokens(self._data_dir),
            webhooks=self._webhooks.managing,
            search=self._search,
            adapters=self._everywhere,
            here=self._adapters,
            deliver=self._deliver(),
            pressure=self._pressure,
            health=self._health,
            secret=key_for(lending.key, "web"),
            attachment_bytes_max=self._settings.limits.attachment_size_bytes_max,
        )

    async def run(self, started: Callable[[Running], None]) -> None:
        """Start from the inside out, stop from the outside in.

        At the end nothing new comes in, then nothing new is taken, then what is in hand is
        finished with the adapters still open.
        """
        desk = self._desk()
        await self._blocking.load()  # before anything is received
        with (
            self._ending.heeded(),
            at_signals(frozenset({signal.SIGHUP}), self._reloading.wanted.set),
        ):
            async with self._running(self._lasting()):
                async with self._serving_web(desk) as url, self._running(self._services()):
                    started(Running(url=url, web=self._roles.has(Role.WEB), desk=desk))
                    self._systemd.ready()
                    await self._ending.told()
                    self._systemd.stopping()
                    log.info("draining")
                    for inbox in self._inboxes.values():
                        inbox.stop_receiving()
                await self._workers.drain(self._settings.workers.drain_seconds)

    def _lasting(self) -> list[Service]:
        """What goes on until the work in hand is drained."""
        return [
            Service("store watch", Role.ANY, self._store_watch.run),
            Service("pressure", Role.ANY, self._pressure.run),
            Service("watchdog", Role.ANY, self._systemd.watchdog),
            Service("journal", Role.ADAPTER, self._journal.run),
            *([Service("embedded redis", Role.ANY, self._server.watch)] if self._server else []),
            *(
                Service(f"inbox {one}", Role.ADAPTER, partial(self._run_inbox, one), alone=True)
                for one in self._inboxes
            ),
        ]

    def _services(self) -> list[Service]:
        """What ends when the gateway is told to end: a line each, see above."""
        return [
            Service("workers", Role.WORKER | Role.ADAPTER, self._workers.run),
            Service("waking", Role.WORKER, Waking(self._store, now).run),
            Service("blocks", Role.ANY, self._blocking.run),
            Service("floods", Role.ADAPTER, self._floods.run),
            Service("settings", Role.ANY, self._reloading.run),
            Service("metrics", Role.ANY, self._metrics.run),
            Service("states", Role.ADAPTER, partial(self._states.run, self._inboxes)),
            Service("archive", Role.WORKER, self._archiver.run),
            Service("webhooks", Role.WORKER, self._webhooks.run, alone=True),
            Service("search", Role.WORKER, self._search.keep, alone=True),
            Service("inboxes here", Role.ADAPTER, self._serving.tell),
            *(
                Service(f"errands of {one}", Role.ADAPTER, partial(self._serving.errands, one))
                for one in self._inboxes
            ),
            Service("inboxes elsewhere", Role.ANY, self._elsewhere.run),
        ]

    async def _run_inbox(self, account: str) -> None:
        self._mine.add(account)
        await self._inboxes[account].run(self._deliver(), self._adapters)

    def _deliver(self) -> Deliver:
        """What comes from outside waits its turn."""
        return self._pressure.held_back(traced_deliver(self._dispatcher.accept))

    def _running(self, services: list[Service]) -> AbstractAsyncContextManager[None]:
        return running(services, self._roles, self._data_dir)

    @asynccontextmanager
    async def _serving_web(self, desk: Desk) -> AsyncIterator[str]:
        """-> where it answers: the API and the pages; of an inbox' process, if it is to listen at
        all, /hooks and the health. Empty: nowhere.
        """
        web = self._settings.web
        if self._roles.has(Role.WEB):
            listeners_max = self._settings.limits.live_listeners_max
            async with live_feed(self._store, listeners_max=listeners_max) as feed:
                app = http_app(desk, feed, frame_ancestors=self._options.frame_ancestors)
                async with serve(app, web) as url:
                    try:
                        yield url
                    finally:
                        feed.close()  # else the server would wait for who listens
        elif self._options.listens:
            async with serve(hooks_app(desk), web) as url:
                yield url
        else:
            yield ""
