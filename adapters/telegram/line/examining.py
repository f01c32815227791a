"""Looks at a bot on Telegram: its login, how updates come, what it may hear. Changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from telegram.error import TelegramError

from adapters.telegram.line.api import BotApi, Me, WebhookInfo
from adapters.telegram.line.failures import rejects_token
from adapters.telegram.settings import GroupPolicy, TelegramSettings
from core.ports import Finding

PENDING_NORMAL: Final = 100
"""So many updates may wait at Telegram without anything being wrong."""

RECENT_SECONDS: Final = 3600
"""A failed call that is older is history."""


async def diagnose(
    api: BotApi, settings: TelegramSettings, hook_url: str, registered: str | None
) -> tuple[Finding, ...]:
    """`registered`: the webhook that this inbox set last."""
    try:
        me, info = await api.me(), await api.webhook()
    except TelegramError as failure:
        return (_no_login(failure),)
    now = datetime.now(UTC)
    return (
        Finding(subject="login", ok=True, text=f"the bot is @{me.username} ({me.id})"),
        updates(info, settings.mode, hook_url, registered),
        *failing(info, now),
        pending(info),
        privacy(me, settings.groups),
    )


def _no_login(failure: TelegramError) -> Finding:
    if rejects_token(failure):
        text, remedy = "Telegram refuses the token", "get the current one from @BotFather"
    else:
        text = f"Telegram was not reached ({type(failure).__name__})"
        remedy = "look whether this machine reaches api_url"
    return Finding(subject="login", ok=False, text=text, remedy=remedy)


def updates(info: WebhookInfo, mode: str, hook_url: str, registered: str | None) -> Finding:
    """Whether updates come the way that is set."""

    def found(*, ok: bool | None, text: str, remedy: str = "") -> Finding:
        return Finding(subject="updates", ok=ok, text=text, remedy=remedy)

    if mode == "polling":
        if not info.url:
            return found(ok=True, text="long polling")
        if info.url in (hook_url, registered):
            text, remedy = "our own webhook is set still", "start the gateway, which deletes it"
            return found(ok=None, text=text, remedy=remedy)
        text = "another program's webhook is set: no update comes here"
        return found(ok=False, text=text, remedy='end that program, or set mode = "webhook"')
    if not hook_url:
        remedy = "set web.public_url to how this gateway is reached from outside"
        return found(ok=False, text="a webhook needs an address", remedy=remedy)
    if info.url != hook_url:
        text = "another webhook is set than ours" if info.url else "the webhook is not set"
        return found(ok=None, text=text, remedy="start the gateway, which registers it")
    return found(ok=True, text="our webhook is set")


def failing(info: WebhookInfo, now: datetime) -> Iterator[Finding]:
    """What Telegram met when it called last."""
    ago = now.timestamp() - info.last_error_date
    if info.url and info.last_error_date and ago < RECENT_SECONDS:
        yield Finding(
            subject="webhook calls",
            ok=False,
            text=f"Telegram failed {ago / 60:.0f} min ago: {info.last_error_message}",
            remedy="lead /hooks/ of web.public_url to the gateway, with a valid certificate",
        )


def pending(info: WebhookInfo) -> Finding:
    """Whether somebody takes the updates."""
    count = info.pending_update_count
    if count > PENDING_NORMAL:
        return Finding(
            subject="waiting updates",
            ok=None,
            text=f"{count} wait; Telegram drops them after 24 hours",
            remedy="start the gateway, or look into its log why it does not take them",
        )
    return Finding(subject="waiting updates", ok=True, text=f"{count}")


def privacy(me: Me, groups: GroupPolicy) -> Finding:
    """Whether Telegram shows the bot what is set to be for us."""
    if groups is GroupPolicy.ALL and not me.can_read_all_group_messages:
        return Finding(
            subject="privacy mode",
            ok=None,
            text="it is on: in groups Telegram shows the bot only what addresses it",
            remedy='/setprivacy at @BotFather and add the bot anew, or set groups = "addressed"',
        )
    word = "off" if me.can_read_all_group_messages else "on"
    return Finding(subject="privacy mode", ok=True, text=f'{word}, groups = "{groups}"')
