"""Posts updates to webhooks: one at a time within a chat, chats beside each other, until taken."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice

import aiohttp

from sandbox.faults import POSTED, Fault, Kind
from sandbox.payload import encode
from sandbox.telegram.queue import PLATFORM, Update
from sandbox.telegram.settings import TelegramSettings
from sandbox.telegram.state import Bot, Webhook
from sandbox.world import World

WINDOW = 1000
"""How far into the queue it is looked for updates that may go out now."""
EARLY_SECONDS = 0.002
"""By which a timer of an event loop may go off too soon."""
RETRY_AFTER_SECONDS_MAX = 3600
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name, no secret
CLOSED = "Webhook connection closed"


class _NotTaken(Exception):
    """The post failed; the message is what getWebhookInfo tells."""

    def __init__(self, reason: str, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@asynccontextmanager
async def delivering(world: World) -> AsyncIterator[None]:
    """Post every bot's updates to its webhook while the block runs."""
    connector = aiohttp.TCPConnector(limit=0, ssl=False)  # loopback only: no certificate to check
    async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as group:
        running = group.create_task(_Postman(world, http).run())
        try:
            yield
        finally:
            running.cancel()


class _Postman:
    """Starts posts whenever the queues or the webhooks have changed or an update has waited long
    enough, and owns them.
    """

    def __init__(self, world: World, http: aiohttp.ClientSession) -> None:
        self._world = world
        self._telegram = world.telegram
        self._http = http
        self._under_way: dict[asyncio.Task[None], tuple[Bot, Webhook]] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                changed = self._telegram.arrived.next_ring()
                self._call_back()
                for bot in self._telegram.bots:
                    self._send_out(bot, group)
                await changed.wait()

    def _call_back(self) -> None:
        """Break off the posts to addresses that are no longer in force."""
        for task, (bot, webhook) in self._under_way.items():
            if bot.webhook is not webhook:
                task.cancel()

    def _send_out(self, bot: Bot, group: asyncio.TaskGroup) -> None:
        webhook = bot.webhook
        if webhook is None:
            return
        bot.updates.forget_old()
        for update in list(due(bot, webhook, _clock())):
            webhook.busy.add(lane(update))
            task = group.create_task(self._deliver(bot, webhook, update))
            self._under_way[task] = bot, webhook
            task.add_done_callback(self._under_way.pop)

    async def _deliver(self, bot: Bot, webhook: Webhook, update: Update) -> None:
        try:
            await self._post(webhook, update)
        except _NotTaken as failure:
            webhook.last_error_date = int(self._telegram.now())
            webhook.last_error_message = str(failure)
            wait = failure.retry_after or wait_seconds(update.failures, self._telegram.settings)
            update.failures += 1
            update.not_before = _clock() + wait
            woken_at = update.not_before + EARLY_SECONDS
            asyncio.get_running_loop().call_at(woken_at, self._telegram.arrived.ring)
        else:
            bot.updates.taken(update)
        finally:
            webhook.busy.discard(lane(update))
            self._telegram.arrived.ring()

    async def _post(self, webhook: Webhook, update: Update) -> None:
        """Post once; raises _NotTaken unless the answer was 2xx."""
        self._world.journal.count(PLATFORM, POSTED)
        fault = self._world.faults.take(PLATFORM, POSTED, update.target)
        if fault is not None and fault.kind is Kind.DROP_BEFORE:
            raise _NotTaken(CLOSED)
        try:
            async with asyncio.timeout(self._telegram.settings.webhook_timeout_seconds):
                await self._ask(webhook, update, fault)
        except TimeoutError as error:
            raise _NotTaken("Read timeout expired") from error
        except aiohttp.ClientConnectorError as error:
            raise _NotTaken(os.strerror(error.errno) if error.errno else CLOSED) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _NotTaken(CLOSED) from error

    async def _ask(self, webhook: Webhook, update: Update, fault: Fault | None) -> None:
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers[SECRET_HEADER] = webhook.secret_token
        body = encode(update.body).encode()
        async with self._http.post(
            webhook.url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            if fault is not None and fault.kind is Kind.SLOW_AFTER:
                await asyncio.sleep(fault.seconds)
            if fault is not None and fault.kind is Kind.DROP_AFTER:
                raise _NotTaken(CLOSED)
            if not 200 <= answer.status < 300:
                reason = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                raise _NotTaken(reason, _retry_after(answer))


def due(bot: Bot, webhook: Webhook, now: float) -> Iterator[Update]:
    """The updates that may be posted now: the first one of each chat, if it has waited enough."""
    room = webhook.max_connections - len(webhook.busy)
    passed = set(webhook.busy)
    for update in islice(bot.updates, WINDOW):
        if room <= 0:
            return
        if lane(update) in passed:
            continue
        passed.add(lane(update))
        if update.not_before <= now:
            room -= 1
            yield update


def lane(update: Update) -> object:
    """What is delivered in order: a chat. An update about no chat waits for nobody."""
    return update if update.chat_id is None else update.chat_id


def wait_seconds(failures: int, settings: TelegramSettings) -> float:
    """How long to wait after one more failure, `failures` having come before it."""
    grown = settings.webhook_retry_seconds * 2.0 ** min(failures, 60)
    return min(grown, settings.webhook_retry_seconds_max)


def _retry_after(answer: aiohttp.ClientResponse) -> int:
    told = answer.headers.get("Retry-After", "")
    return min(int(told), RETRY_AFTER_SECONDS_MAX) if told.isdecimal() else 0


def _clock() -> float:
    return asyncio.get_running_loop().time()
