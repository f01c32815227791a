"""What the parts of a running gateway share: built once by the composition root."""

from collections.abc import Callable, Mapping

import msgspec

from core.blocking import Blocking
from core.continuing import Continuing
from core.fetch import Fetcher
from core.gaps import Gaps
from core.joins import Joins
from core.ports import Adapter, Deliver
from core.pressure import Pressure
from core.reply import Agents
from core.starting import Starting
from core.store.store import Store
from core.triage import Triage
from core.view import Views
from gateway.blobs import DirectoryBlobs
from gateway.links import Links
from gateway.quarantine import DirectoryQuarantine
from gateway.search import Search
from gateway.tokens import Tokens
from gateway.webhooks.managing import Webhooks


class InboxHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One inbox: `state` is starting, running, waiting (restarts soon), paused, stopped, or away,
    when no process runs it.
    """

    account: str
    channel: str
    state: str
    restarts: int = 0
    reason: str = ""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`ready` is false while the store cannot be reached or the gateway drains. `settings`: what is
    wrong with those that were to be taken last, or what of them waits for a restart.
    """

    ready: bool
    store: str
    settings: str = ""
    inboxes: tuple[InboxHealth, ...] = ()


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """`adapters` are those that run now, by account, `here` those of this process: what another
    process runs can be told and asked some things, but neither sends nor receives by it. What a
    platform brings by itself is handed to `deliver`. `pressure` says who has to give way now.
    `health` is asked at any time.

    `secret` is a key of this installation, for signing what askers will hand back.
    """

    name: str
    store: Store
    views: Views
    agents: Agents
    triage: Triage
    joins: Joins
    gaps: Gaps
    continuing: Continuing
    starting: Starting
    blocking: Blocking
    blobs: DirectoryBlobs
    quarantine: DirectoryQuarantine
    links: Links
    fetcher: Fetcher
    tokens: Tokens
    webhooks: Webhooks
    search: Search
    adapters: Mapping[str, Adapter]
    here: Mapping[str, Adapter]
    deliver: Deliver
    pressure: Pressure
    health: Callable[[], Health]
    secret: bytes
    attachment_bytes_max: int = 100 * 1024 * 1024
