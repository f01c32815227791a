"""What operators and their programs do with webhooks: make them, look at them, ask again."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from importlib.util import find_spec
from typing import Any, Final

import msgspec

from core.errors import Conflict, InvalidRequest, NotFound
from gateway.sqlite import Database
from gateway.webhooks import endpoints, log, queue
from gateway.webhooks.events import ANY, PING, TYPES
from gateway.webhooks.model import Endpoint, EndpointState, Occurrence, State, WebhookDelivery
from gateway.webhooks.queue import EVENT_PREFIX
from gateway.webhooks.rendering import PingData
from gateway.webhooks.signing import written
from gateway.webhooks.targets import Allowed
from gateway.webhooks.vault import Vault

ENDPOINTS_MAX: Final = 50
OVERLAP_SECONDS_MAX: Final = 30 * 86_400
UNTRIED: Final = {"failures": 0, "since_ms": 0, "retry_ms": 0}
"""Of an address that nothing was sent to yet."""

EXTRA: Final = ("aiohttp", "cryptography")


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook, with the secret that signs from now on. It is shown this once."""

    webhook: Endpoint
    secret: str


class Webhooks:
    """`last_event` is the live feed's position; `tell` has endpoints looked at by who sends."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        allowed: Allowed,
        last_event: Callable[[], Awaitable[str]],
        now_ms: Callable[[], int],
        tell: Callable[[Iterable[str]], None],
    ) -> None:
        self._database, self._vault, self._allowed = database, vault, allowed
        self._last_event, self._now_ms, self._tell = last_event, now_ms, tell

    # --- endpoints

    async def create(
        self,
        url: str,
        events: Sequence[str],
        inboxes: Sequence[str],
        description: str,
        asked: str,
    ) -> NewWebhook:
        """It hears of what happens from now on. Once for the id `asked`. Raises InvalidRequest,
        Conflict.
        """
        _check_extra()
        values = _checked(
            self._allowed,
            {"url": url, "events": events, "inboxes": inboxes, "description": description},
        )
        endpoint = f"wh_{asked}"
        secret, locked = self._vault.make(endpoint, asked)
        now_ms = self._now_ms()
        values |= {
            "id": endpoint,
            "created_ms": now_ms,
            "after": await self._last_event(),
            "secret": locked,
        }

        def insert(db: sqlite3.Connection) -> Endpoint:
            if endpoints.keys(db, endpoint):
                known = endpoints.get(db, endpoint, now_ms)
                if (known.url, known.events, known.inboxes) != (url, tuple(events), tuple(inboxes)):
                    raise Conflict(
                        "this Idempotency-Key was used for a webhook that is another one by now",
                        code="idempotency_conflict",
                    )
                return known
            if endpoints.count(db) >= ENDPOINTS_MAX:
                raise Conflict(f"there are {ENDPOINTS_MAX} webhooks: remove one that is unused")
            endpoints.insert(db, values)
            return endpoints.get(db, endpoint, now_ms)

        made = await self._database.write(insert)
        self._tell(())
        return NewWebhook(webhook=made, secret=written(secret))

    async def list(self) -> tuple[Endpoint, ...]:
        """In the order in which they were made."""
        now_ms = self._now_ms()
        return tuple(await self._database.read(lambda db: endpoints.every(db, now_ms)))

    async def get(self, endpoint: str) -> Endpoint:
        """Raises NotFound."""
        now_ms = self._now_ms()
        return await self._database.read(lambda db: endpoints.get(db, endpoint, now_ms))

    async def change(self, endpoint: str, values: dict[str, Any]) -> Endpoint:
        """`values`: those of url, events, inboxes, description that change. At a new address what
        waits is tried at once. Raises NotFound, InvalidRequest.
        """
        kept, now_ms = _checked(self._allowed, values), self._now_ms()

        def update(db: sqlite3.Connection) -> None:
            if kept:
                endpoints.update(db, endpoint, kept)
            if "url" in kept:
                _begin_anew(db, endpoint, now_ms)

        return await self._update(endpoint, update)

    async def remove(self, endpoint: str) -> None:
        """With all that waits for it, and its log. Raises NotFound."""
        await self._database.write(lambda db: endpoints.remove(db, endpoint))
        self._tell(())

    async def pause(self, endpoint: str) -> Endpoint:
        """Nothing leaves; what happens waits. Raises NotFound."""
        state = {"state": EndpointState.PAUSED.value, "reason": "paused by hand"}
        return await self._update(endpoint, lambda db: endpoints.update(db, endpoint, state))

    async def resume(self, endpoint: str) -> Endpoint:
        """What waited leaves, whether it was paused, disabled or just failing. Raises NotFound."""
        now_ms = self._now_ms()

        def resumed(db: sqlite3.Connection) -> None:
            state = {"state": EndpointState.ACTIVE.value, "reason": ""}
            endpoints.update(db, endpoint, state)
            _begin_anew(db, endpoint, now_ms)

        return await self._update(endpoint, resumed)

    async def rotate(self, endpoint: str, overlap_seconds: float, asked: str) -> NewWebhook:
        """A new secret; the one before signs besides for so long. Once for the id `asked`. Raises
        NotFound.
        """
        now_ms = self._now_ms()
        secret, locked = self._vault.make(endpoint, asked)
        until = now_ms + round(overlap_seconds * 1000)

        def replace(db: sqlite3.Connection) -> Endpoint:
            keys = endpoints.keys(db, endpoint)
            if keys is None:
                raise endpoints.unknown(endpoint)
            if locked in (keys.secret, keys.old_secret):
                return endpoints.get(db, endpoint, now_ms)
            old = keys.secret if overlap_seconds else None
            values = {"secret": locked, "old_secret": old, "old_until_ms": until if old else 0}
            endpoints.update(db, endpoint, values)
            return endpoints.get(db, endpoint, now_ms)

        made = await self._database.write(replace)
        self._tell((endpoint,))
        return NewWebhook(webhook=made, secret=written(secret))

    # --- deliveries

    async def test(self, endpoint: str, asked: str) -> WebhookDelivery:
        """Send a ping, at once: also to one that fails. Once for the id `asked`. Raises NotFound,
        Conflict.
        """
        now_ms = self._now_ms()
        ping = Occurrence(
            event=f"{EVENT_PREFIX}{asked}",
            type=PING,
            kind=PING,
            at_ms=now_ms,
            lane=asked,
            detail=msgspec.json.encode(PingData(webhook=endpoint)).decode(),
        )

        def queued(db: sqlite3.Connection) -> WebhookDelivery | None:
            if endpoints.get(db, endpoint, now_ms).state is not EndpointState.ACTIVE:
                raise Conflict("this webhook is not active: POST …/resume first")
            endpoints.update(db, endpoint, {"retry_ms": 0})
            return log.one(db, endpoint, queue.add_for(db, endpoint, ping, now_ms))

        return await self._sent(endpoint, queued)

    async def deliveries(
        self, endpoint: str, state: State | None, before: int, limit: int
    ) -> tuple[WebhookDelivery, ...]:
        """The newest first, below an id (0: the newest of all). Raises NotFound."""

        def read(db: sqlite3.Connection) -> tuple[WebhookDelivery, ...]:
            if endpoints.keys(db, endpoint) is None:
                raise endpoints.unknown(endpoint)
            return tuple(log.page(db, endpoint, state, before, limit))

        return await self._database.read(read)

    async def delivery(self, endpoint: str, delivery: int) -> WebhookDelivery:
        """Raises NotFound."""
        found = await self._database.read(lambda db: log.one(db, endpoint, delivery))
        if found is None:
            raise unknown_delivery()
        return found

    async def replay(self, endpoint: str, delivery: int) -> WebhookDelivery:
        """Send it again under the same id. Raises NotFound, Conflict."""
        now_ms = self._now_ms()

        def again(db: sqlite3.Connection) -> WebhookDelivery | None:
            known = log.one(db, endpoint, delivery)
            if known and not log.replay(db, endpoint, delivery, now_ms):
                raise Conflict(f"delivery {delivery} waits to be sent already")
            return log.one(db, endpoint, delivery)

        return await self._sent(endpoint, again)

    async def replay_since(self, endpoint: str, since: datetime) -> int:
        """Send all again that happened since then; -> how many deliveries. Raises NotFound."""
        since_ms, now_ms = round(since.timestamp() * 1000), self._now_ms()

        def again(db: sqlite3.Connection) -> int:
            if endpoints.keys(db, endpoint) is None:
                raise endpoints.unknown(endpoint)
            return log.replay_since(db, endpoint, since_ms, now_ms)

        count = await self._database.write(again)
        self._tell((endpoint,))
        return count

    async def _sent(
        self, endpoint: str, work: Callable[[sqlite3.Connection], WebhookDelivery | None]
    ) -> WebhookDelivery:
        found = await self._database.write(work)
        if found is None:
            raise unknown_delivery()
        self._tell((endpoint,))
        return found

    async def _update(self, endpoint: str, work: Callable[[sqlite3.Connection], None]) -> Endpoint:
        """As it is then. Whoever sends looks at all endpoints again: it may have a new address."""
        now_ms = self._now_ms()

        def update(db: sqlite3.Connection) -> Endpoint:
            work(db)
            return endpoints.get(db, endpoint, now_ms)

        changed = await self._database.write(update)
        self._tell(())
        return changed


def _begin_anew(db: sqlite3.Connection, endpoint: str, now_ms: int) -> None:
    """As if nothing had failed."""
    endpoints.update(db, endpoint, UNTRIED)
    queue.hurry(db, endpoint, 0, now_ms)


def unknown_delivery() -> NotFound:
    return NotFound("there is no such delivery: see GET /api/v1/webhooks/ID/deliveries")


def extra_is_there() -> bool:
    """Whether what webhooks need is installed."""
    return not _missing()


def _missing() -> list[str]:
    return [name for name in EXTRA if find_spec(name) is None]


def _check_extra() -> None:
    """Raises Conflict."""
    if missing := _missing():
        raise Conflict(
            f"webhooks need {' and '.join(missing)}: install Trunkline with the extra `webhooks`"
        )


def _checked(allowed: Allowed, values: dict[str, Any]) -> dict[str, Any]:
    """As they are kept. Raises InvalidRequest."""
    kept = dict(values)
    if "url" in values:
        allowed.checked(values["url"])
    if "events" in values:
        events = tuple(dict.fromkeys(values["events"]))
        if unknown := [one for one in events if one not in TYPES and one != ANY]:
            raise InvalidRequest(
                f"there are no events {unknown[0][:60]!r}: take * or some of {', '.join(TYPES)}"
            )
        kept["events"] = " ".join(events)
    if "inboxes" in values:
        kept["inboxes"] = " ".join(dict.fromkeys(values["inboxes"]))
    return kept
