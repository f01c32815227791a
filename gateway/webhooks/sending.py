"""Deliveries leave: each endpoint for itself, so that one that is slow or away delays no other.

In an endpoint, what belongs to one conversation goes one after another, conversations side by side.
"""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import msgspec
import structlog

from core.errors import ConfigurationError, StoreError, mistake
from core.view import Views
from gateway.metrics.registry import ATTEMPTS
from gateway.sqlite import Database
from gateway.tracing import traced
from gateway.webhooks import endpoints, queue
from gateway.webhooks.line import Line
from gateway.webhooks.model import Due, Outcome
from gateway.webhooks.persisting import persist
from gateway.webhooks.rendering import body_of
from gateway.webhooks.schedule import Policy
from gateway.webhooks.signing import headers, written
from gateway.webhooks.targets import Allowed
from gateway.webhooks.vault import Vault

LOOK_SECONDS: Final = 1.0
"""How often it is looked whether another process has changed something, such as an endpoint."""

IDLE_SECONDS: Final = 3600.0
"""With nothing to do, an endpoint looks again that often; whatever is new wakes it."""

RESPONSE_KEPT: Final = 1000
"""Characters of an answer that the log keeps."""

STORE_SECONDS: Final = 1.0
"""Until a store that could not be read is asked again."""

log = structlog.get_logger()


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """What all endpoints share. `chance` is from 0 to 1, `now_ms` milliseconds since 1970."""

    database: Database
    views: Views
    vault: Vault
    allowed: Allowed
    policy: Policy
    timeout_seconds: float
    at_once_max: int
    now_ms: Callable[[], int]
    chance: Callable[[], float] = random.random


class Sender:
    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._settling = _Settling(sending)
        self._running: dict[str, _Endpoint] = {}
        self._look = asyncio.Event()
        self._finishing = False

    def tell(self, touched: Iterable[str] = ()) -> None:
        """These endpoints have something to send; without any: something has changed."""
        known = [self._running.get(one) for one in touched]
        for endpoint in known:
            if endpoint:
                endpoint.wake.set()
        if not known or None in known:
            self._look.set()

    def finish(self) -> None:
        """Let `run` end when what is in hand is done; nothing more is begun."""
        self._finishing = True
        self.tell()
        for endpoint in self._running.values():
            endpoint.finish()

    async def run(self) -> None:
        """Until `finish`."""
        async with asyncio.TaskGroup() as tasks:
            settling = tasks.create_task(self._settling.run())
            async with asyncio.TaskGroup() as sending:
                await self._watch(sending)
            settling.cancel()

    async def _watch(self, tasks: asyncio.TaskGroup) -> None:
        """Run the endpoints that there are, whoever makes them."""
        seen, told = None, True
        while not self._finishing:
            version = await self._sending.database.read(_version)
            if told or version != seen:
                seen = version
                await self._start_and_wake(tasks)
            told = await _woken(self._look, LOOK_SECONDS)

    async def _start_and_wake(self, tasks: asyncio.TaskGroup) -> None:
        for endpoint in self._running.values():
            endpoint.wake.set()
        for one, url in (await self._sending.database.read(endpoints.active)).items():
            if one not in self._running and not self._finishing:
                self._running[one] = _Endpoint(self._sending, self._settling, one, url)
                tasks.create_task(self._one(one), name=f"webhook {one}")

    async def _one(self, endpoint: str) -> None:
        try:
            await self._running[endpoint].run()
        finally:
            del self._running[endpoint]
            self._look.set()


class _Turn(msgspec.Struct, frozen=True):
    """What an endpoint has to do now, and how long it may wait then, at most."""

    due: tuple[Due, ...]
    secrets: tuple[bytes, ...]
    wait_seconds: float


class _Endpoint:
    """One endpoint at one URL, as long as it is active there."""

    def __init__(self, sending: Sending, settling: "_Settling", endpoint: str, url: str) -> None:
        self._sending, self._settling = sending, settling
        self._id, self._url = endpoint, url
        self._busy: dict[int, str] = {}  # delivery → its lane
        self.wake = asyncio.Event()
        self._finishing = False

    def finish(self) -> None:
        """Begin nothing more."""
        self._finishing = True
        self.wake.set()

    async def run(self) -> None:
        """Until it is no longer active, or has another URL; then what is in hand is finished."""
        line = Line(
            self._url,
            self._sending.allowed,
            self._sending.timeout_seconds,
            self._sending.at_once_max,
        )
        async with line, asyncio.TaskGroup() as tasks:
            while turn := await self._read_turn():
                if self._finishing:
                    return
                for due in turn.due:
                    self._busy[due.id] = due.occurrence.lane
                    tasks.create_task(self._deliver(line, due, turn.secrets))
                await _woken(self.wake, turn.wait_seconds)

    async def _read_turn(self) -> _Turn | None:
        """Who is busy is taken down before anything is read: what ends meanwhile would be read as
        due, and be sent again.
        """
        return await self._sending.database.read(partial(self._turn, dict(self._busy)))

    def _turn(self, busy: dict[int, str], db: sqlite3.Connection) -> _Turn | None:
        """None: it is not to go on as it is. `busy` is as in `_busy`. In the database's thread."""
        standing, keys = queue.standing(db, self._id), endpoints.keys(db, self._id)
        if standing is None or keys is None or keys.url != self._url:
            return None
        now_ms = self._sending.now_ms()
        free = (1 if standing.is_down else self._sending.at_once_max) - len(busy)
        if now_ms < standing.retry_ms or free <= 0:
            return _Turn((), (), _until(standing.retry_ms, now_ms))
        if standing.is_down:
            found = queue.probe(db, self._id)
        else:
            found = queue.due(db, self._id, now_ms, free + len(busy))
        lanes = set(busy.values())
        ready = [one for one in found if one.id not in busy and one.occurrence.lane not in lanes]
        wait = IDLE_SECONDS
        if (following := queue.next_due(db, self._id, now_ms)) is not None:
            wait = _until(following, now_ms)
        return _Turn(tuple(ready[:free]), self._secrets(keys, now_ms), wait)

    def _secrets(self, keys: endpoints.Keys, now_ms: int) -> tuple[bytes, ...]:
        """The newest first; () when it cannot be read. The one before is not needed for long."""
        newest = self._opened(keys.secret)
        if not newest or not keys.old_secret or now_ms >= keys.old_until_ms:
            return newest
        return newest + self._opened(keys.old_secret)

    def _opened(self, locked: bytes) -> tuple[bytes, ...]:
        try:
            return (self._sending.vault.open(locked, self._id),)
        except ConfigurationError as error:
            log.error("a webhook cannot be signed", webhook=self._id, reason=str(error))
            return ()

    async def _deliver(self, line: Line, due: Due, secrets: tuple[bytes, ...]) -> None:
        try:
            with traced("deliver webhook", webhook=self._id) as span:
                outcome = await self._outcome(line, due, secrets)
                if span:
                    span.set_attribute("http.response.status_code", outcome.status)
            ATTEMPTS.labels("delivered" if outcome.ok else "failed").inc()
            await self._settling.note(self._id, self._url, due, outcome)
        except StoreError as error:  # nothing was tried: it is still its turn
            log.info("a webhook waits for the store", webhook=self._id, reason=str(error))
            await asyncio.sleep(STORE_SECONDS)
        finally:
            del self._busy[due.id]
            self.wake.set()

    async def _outcome(self, line: Line, due: Due, secrets: tuple[bytes, ...]) -> Outcome:
        """Of one attempt. Raises StoreError."""
        if not secrets:
            return Outcome(ok=False, error="its secret cannot be read: rotate it")
        try:
            body = await body_of(due.occurrence, self._sending.views)
            now_ms = self._sending.now_ms()
            signed = headers(due.occurrence.event, now_ms // 1000, body, secrets)
            outcome = await line.post(body, signed, now_ms / 1000)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one event must not end all webhooks
            log.error("a webhook failed", webhook=self._id, reason=mistake(error))
            return Outcome(ok=False, error=mistake(error))
        return _without(outcome, (*map(written, secrets), signed["webhook-signature"]))


class _Done(msgspec.Struct, frozen=True):
    """Of which endpoint, at which address, what, how it went, and who waits for it to be noted."""

    endpoint: str
    url: str
    due: Due
    outcome: Outcome
    noted: asyncio.Future[None]


class _Settling:
    """Outcomes are written down together, those of one moment in one transaction."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._waiting: list[_Done] = []
        self._wake = asyncio.Event()

    async def note(self, endpoint: str, url: str, due: Due, outcome: Outcome) -> None:
        """On disk when it returns."""
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Done(endpoint, url, due, outcome, noted))
        self._wake.set()
        await noted

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            taken, self._waiting = self._waiting, []
            if taken:
                await self._settle(taken)

    async def _settle(self, taken: list[_Done]) -> None:
        disabled = await persist(self._sending.database, partial(self._write, taken))
        for one, reason in zip(taken, disabled, strict=True):
            if reason:
                log.error("a webhook is disabled", webhook=one.endpoint, reason=reason)
            if not one.noted.done():
                one.noted.set_result(None)

    def _write(self, taken: list[_Done], db: sqlite3.Connection) -> list[str]:
        return [self._note(db, one) for one in taken]

    def _note(self, db: sqlite3.Connection, one: _Done) -> str:
        """-> why the endpoint is disabled by it."""
        keys = endpoints.keys(db, one.endpoint)
        if keys is None or (keys.url != one.url and not one.outcome.ok):
            return ""  # that it fails elsewhere says nothing of the address that it has now
        sending = self._sending
        now_ms, chance = sending.now_ms(), sending.chance()
        return queue.settle(db, one.endpoint, one.due, one.outcome, sending.policy, now_ms, chance)


def _without(outcome: Outcome, secrets: Iterable[str]) -> Outcome:
    """What the log keeps. An answer may repeat what it was asked: no secret goes there."""
    response = outcome.response
    for secret in secrets:
        response = response.replace(secret, "***")
    return msgspec.structs.replace(outcome, response=response[:RESPONSE_KEPT])


def _version(db: sqlite3.Connection) -> object:
    """Another one after each change that anybody made."""
    return db.execute("PRAGMA data_version").fetchone()[0]


def _until(moment_ms: int, now_ms: int) -> float:
    return min(max(0, moment_ms - now_ms) / 1000 or IDLE_SECONDS, IDLE_SECONDS)


async def _woken(event: asyncio.Event, timeout_seconds: float) -> bool:
    """Whether it was that, or just time."""
    try:
        async with asyncio.timeout(timeout_seconds):
            await event.wait()
    except TimeoutError:
        return False
    event.clear()
    return True
