"""What an operator may set for one Telegram account, and where every bound of the adapter is."""

import re
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from core.model.secret import Secret

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
"""The token becomes part of an address: nothing in it may mean something there."""

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Rate = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class GroupPolicy(StrEnum):
    """Which messages of a group are for us: those that answer, name or command the bot, or all."""

    NONE = "none"
    ADDRESSED = "addressed"
    ALL = "all"


class TelegramSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One bot. `token` comes from @BotFather; everything else has a sensible default.

    `api_url` is the only host that the adapter ever talks to.
    """

    token: Secret
    api_url: str = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    groups: GroupPolicy = GroupPolicy.ALL
    link_previews: bool = False
    paid_broadcast: bool = False
    """Pay Telegram Stars for every message beyond 30 a second. Never without being told so."""

    account_per_second: Rate = 25.0
    account_burst: Count = 5
    chat_per_second: Rate = 1.0
    chat_burst: Count = 3
    group_per_minute: Rate = 15.0
    group_burst: Count = 5
    """What may be sent in the long run and, beside it, at once: see `budgets`."""

    poll_timeout_seconds: Annotated[int, msgspec.Meta(ge=0, le=50)] = 50
    updates_per_poll: Annotated[int, msgspec.Meta(ge=1, le=100)] = 100
    poll_size_bytes_max: Count = 32 * 1024 * 1024
    webhook_size_bytes_max: Count = 1024 * 1024
    webhook_connections: Annotated[int, msgspec.Meta(ge=1, le=100)] = 40
    webhook_check_seconds: Seconds = 300.0
    connections_max: Count = 16
    connect_timeout_seconds: Seconds = 10.0
    request_timeout_seconds: Seconds = 30.0
    upload_timeout_seconds: Seconds = 180.0
    back_off_seconds_min: Seconds = 1.0
    back_off_seconds_max: Seconds = 60.0
    download_size_bytes_max: Count = 20 * 1000 * 1000
    upload_size_bytes_max: Count = 50 * 1000 * 1000

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token.reveal()):
            raise ValueError("token must be what @BotFather gave, like 4711:ABC-def")
        if not _is_base_url(self.api_url):
            raise ValueError("api_url must be an address like https://api.telegram.org")


def _is_base_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return (
            url.scheme in ("http", "https")
            and bool(url.hostname)
            and url.port != 0  # raises ValueError for what is no port
            and not (url.query or url.fragment or url.username)
        )
    except ValueError:
        return False
