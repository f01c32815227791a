"""Receiving updates: the long poll with its one-poller rule, and where the webhook goes."""

import asyncio
import re
from itertools import islice
from urllib.parse import urlsplit

from sandbox.loopback import is_loopback
from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.refusals import bad_request, conflict
from sandbox.telegram.state import Bot, Poll, TelegramState, Webhook

LIMIT_MAX = 100
TIMEOUT_SECONDS_MAX = 50
SECRET = re.compile(r"[A-Za-z0-9_-]*")
SECRET_LENGTH_MAX = 256
CONNECTIONS_MAX = 100
CONNECTIONS_USUAL = 40
OTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)


async def get_updates(_state: TelegramState, call: Call) -> list[Json]:
    """Acknowledge everything before `offset`, then wait up to `timeout` seconds for updates.

    Of two pollers the older one is ended with 409, so two running gateways take turns at it.
    """
    bot = call.bot
    if bot.webhook is not None:
        raise conflict(
            "can't use getUpdates method while webhook is active;"
            " use deleteWebhook to delete the webhook first"
        )
    _end_poll(bot, OTHER_POLLER)
    _remember_kinds(bot, call)
    bot.updates.acknowledge(call.integer("offset"))
    limit = min(max(call.integer("limit", LIMIT_MAX), 1), LIMIT_MAX)
    timeout = min(max(call.integer("timeout"), 0), TIMEOUT_SECONDS_MAX)
    poll = bot.poll = Poll()
    try:
        await _wait(bot, poll, timeout)
    finally:
        if bot.poll is poll:
            bot.poll = None
    return _hand_out(bot, limit)


async def set_webhook(_state: TelegramState, call: Call) -> bool:
    """Register an address; an empty one removes it. A waiting poll is ended."""
    url = call.text("url")
    if not url:
        return await delete_webhook(_state, call)
    _check_address(url)
    secret = _secret(call)
    _end_poll(call.bot, "terminated by setWebhook request")
    _remember_kinds(call.bot, call)
    _drop_pending(call)
    connections = call.integer("max_connections", CONNECTIONS_USUAL)
    _change_webhook(call.bot, Webhook(url, secret, min(max(connections, 1), CONNECTIONS_MAX)))
    return True


async def delete_webhook(_state: TelegramState, call: Call) -> bool:
    """Remove the address, so that getUpdates may be used."""
    _drop_pending(call)
    _change_webhook(call.bot, None)
    return True


async def get_webhook_info(_state: TelegramState, call: Call) -> Json:
    """A `WebhookInfo` object."""
    bot = call.bot
    bot.updates.forget_old()
    info: Json = {
        "url": bot.webhook.url if bot.webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates),
    }
    if bot.webhook is not None:
        info["max_connections"] = bot.webhook.max_connections
        if bot.webhook.last_error_date is not None:
            info["last_error_date"] = bot.webhook.last_error_date
            info["last_error_message"] = bot.webhook.last_error_message
    if bot.allowed_updates is not None:
        info["allowed_updates"] = sorted(bot.allowed_updates)
    return info


async def _wait(bot: Bot, poll: Poll, timeout: float) -> None:
    try:
        async with asyncio.timeout(timeout):
            while not _ready(bot, poll):
                await bot.arrived.next_ring().wait()
    except TimeoutError:
        return


def _ready(bot: Bot, poll: Poll) -> bool:
    """True when there is something to answer; raises the refusal that ended the poll."""
    if poll.ended_by is not None:
        raise poll.ended_by
    bot.updates.forget_old()
    return bool(bot.updates)


def _hand_out(bot: Bot, limit: int) -> list[Json]:
    updates = list(islice(bot.updates, limit))
    for update in updates:
        update.replayed = False
    return [update.body for update in updates]


def _end_poll(bot: Bot, reason: str) -> None:
    if bot.poll is not None:
        bot.poll.ended_by = conflict(reason)
        bot.poll = None
        bot.arrived.ring()


def _remember_kinds(bot: Bot, call: Call) -> None:
    """`allowed_updates` stays in force until a call names it again; empty means the default."""
    kinds = call.strings("allowed_updates")
    if kinds is not None:
        bot.allowed_updates = frozenset(kinds) or None


def _check_address(url: str) -> None:
    """Refuse what the sandbox must not call: it speaks to this machine only."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise bad_request("bad webhook: Invalid URL") from error
    if parts.scheme not in ("http", "https") or not host:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not is_loopback(host):
        raise bad_request(f"bad webhook: the sandbox calls loopback addresses only, not {host}")


def _secret(call: Call) -> str:
    secret = call.text("secret_token")
    if len(secret) > SECRET_LENGTH_MAX:
        raise bad_request("secret token is too long")
    if not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    return secret


def _change_webhook(bot: Bot, webhook: Webhook | None) -> None:
    """What has failed at the old address is tried at the new one at once."""
    bot.webhook = webhook
    for update in bot.updates:
        update.failures, update.not_before = 0, 0.0
    bot.arrived.ring()


def _drop_pending(call: Call) -> None:
    if call.flag("drop_pending_updates"):
        call.bot.updates.clear()
