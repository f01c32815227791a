"""The webhook as Telegram knows it: set, looked after, taken back when it is ours to take back."""

import asyncio
import ipaddress
import logging
from urllib.parse import urlsplit

from telegram.error import TelegramError

from adapters.telegram.line.api import BotApi, WebhookInfo
from adapters.telegram.line.patience import Patience
from adapters.telegram.line.transport import Refusal
from adapters.telegram.settings import TelegramSettings
from core.errors import ConfigurationError, StoreError
from core.ports import Surroundings

_log = logging.getLogger(__name__)
CHECKPOINT = "webhook"
"""The address that was registered last: whose it is can be told even after it has changed."""

PENDING_NORMAL = 10
"""So many updates may wait at Telegram without anything being wrong."""


class Registration:
    """Of one account. `secret` is what Telegram sends with each call."""

    def __init__(
        self,
        api: BotApi,
        settings: TelegramSettings,
        surroundings: Surroundings,
        patience: Patience,
        secret: str,
    ) -> None:
        self._api, self._settings, self._surroundings = api, settings, surroundings
        self._patience, self._secret = patience, secret

    async def keep(self) -> None:
        """Register, then look every few minutes whether it still stands, until cancelled.

        Of several gateways one does this. Raises AuthenticationError, ConfigurationError.
        """
        url = _usable(self._surroundings.hook_url, self._surroundings.account)
        while True:
            try:
                async with self._surroundings.exclusive("receive"):
                    await self._register(url)
                    await self._watch(url)
            except StoreError as failure:
                await self._patience.wait(failure, 1)

    async def withdraw(self) -> bool:
        """Make room for polling: delete a webhook that is ours. -> whether there was one.

        Raises Occupied for one that is not ours, the transport's failures, StoreError.
        """
        info = await self._api.webhook()
        if not info.url:
            return False
        registered = await self._surroundings.checkpoints.load(CHECKPOINT)
        if info.url not in (self._surroundings.hook_url, registered):
            raise Occupied(info.url)
        await self._api.delete_webhook()
        _log.info("account=%s polls now: its webhook is deleted", self._surroundings.account)
        return True

    async def _register(self, url: str) -> None:
        await self._surroundings.checkpoints.save(CHECKPOINT, url)

        async def ask() -> None:
            try:
                await self._api.set_webhook(url, self._secret, self._settings.webhook_connections)
            except Refusal as refusal:
                if refusal.status == 400:
                    raise _refused(url, refusal) from None
                raise

        await self._patience.until_answered(ask)
        _log.info("account=%s: webhook registered at %s", self._surroundings.account, url)

    async def _watch(self, url: str) -> None:
        self._surroundings.remark("")
        before = await self._patience.until_answered(self._api.webhook)
        while True:
            await asyncio.sleep(self._settings.webhook_check_seconds)
            now = await self._patience.until_answered(self._api.webhook)
            found = trouble(before, now, url)
            self._surroundings.remark(found)
            if found:
                _log.warning("account=%s: %s", self._surroundings.account, found)
            if now.url != url:
                await self._register(url)
            before = now


class Occupied(TelegramError):
    """The updates go to a webhook that somebody else has set."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"the updates of this bot go to a webhook at {_host(url)} that is not ours: delete it "
            'there, set mode to "webhook", or get a new token for this inbox from @BotFather'
        )


def trouble(before: WebhookInfo, now: WebhookInfo, url: str) -> str:
    """What has gone wrong with the webhook at `url` since it was looked at before, and what would
    help; empty if nothing has. Pure.
    """
    if now.url != url:
        found = f"was set to {_host(now.url)}" if now.url else "was deleted"
        return (
            f"the webhook {found} and is registered again: if nobody here did that, another "
            "program has this token; get a new one from @BotFather"
        )
    if now.last_error_date > before.last_error_date:
        return (
            f"Telegram could not deliver to {url} ({now.last_error_message}): it has to reach "
            "this gateway there"
        )
    if now.pending_update_count > max(before.pending_update_count, PENDING_NORMAL):
        return (
            f"{now.pending_update_count} updates wait at Telegram, and they become more: it takes "
            f"them to {url} one after another; raise webhook_connections"
        )
    return ""


def _usable(url: str, account: str) -> str:
    if not url:
        raise ConfigurationError(
            f'inbox {account} has mode "webhook", which needs an address that Telegram can reach: '
            'set public_url in [web], or mode to "polling"; where roles are shared out (--only),'
            " start its process with --bind, too"
        )
    if not url.startswith("https://") and not _is_loopback(urlsplit(url).hostname or ""):
        raise ConfigurationError(
            f"Telegram calls https addresses only, so {url} is none for inbox {account}: "
            'set public_url in [web] to an https address, or mode to "polling"'
        )
    return url


def _refused(url: str, refusal: Refusal) -> ConfigurationError:
    return ConfigurationError(
        f"Telegram does not take {url} for a webhook ({refusal.description}): it wants a public "
        "https address on port 443, 80, 88 or 8443; set public_url in [web] accordingly"
    )


def _host(url: str) -> str:
    """Of a stranger's address no more than that: its path may be a secret."""
    return urlsplit(url).hostname or "another address"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
