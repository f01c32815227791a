"""What an operator may set: a table of the file each. `gateway.settings_file` reads them."""

import ipaddress
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec

from core.model.acknowledgement import Acknowledgement
from core.model.flooding import FloodSettings
from core.model.secret import Secret
from core.model.taking import Takes
from core.rules.archive import Terms
from gateway.webhooks.targets import Allowed

HOST_AND_PORT: Final = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[^\[\]:\s]+):(?P<port>\d{1,5})")

Count = Annotated[int, msgspec.Meta(ge=1)]
CountOrZero = Annotated[int, msgspec.Meta(ge=0)]
Entries = Annotated[int, msgspec.Meta(ge=1000)]
"""Of a stream: one that is shorter than a burst loses what nobody has been told of yet."""

DAYS_MAX: Final = 36_500
"""TOML knows `inf`, which is no span of time."""


class Durability(StrEnum):
    """What has to be true before a platform is told that its message was accepted."""

    PROCESS = "process"
    DISK = "disk"
    REPLICATED = "replicated"


class AppSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The installation: what it is called, and where it keeps what is not in Redis."""

    name: str = "Trunkline"
    data_dir: str = "data"


class RedisSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything is stored. Without `url` an embedded server is started.

    `partitions` is fixed by the first start of an installation. With durability `replicated`, so
    many `replicas` must have a message before it is acknowledged.
    """

    url: Secret | None = None
    durability: Durability = Durability.PROCESS
    partitions: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 16
    replicas: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1

    def __post_init__(self) -> None:
        if self.url is None and self.durability is Durability.REPLICATED:
            raise ValueError('durability "replicated" needs "url": the embedded server is alone')


class WebSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API and the pages are served. Port 0 is any free one.

    `public_url` is how the same is reached from outside, through a proxy; empty: it is not.
    A file that is sent as a link can be had there for `link_seconds`. What `trusted_proxies`
    (addresses or networks) say in X-Forwarded-For and X-Forwarded-Proto is believed.
    """

    bind: str = "127.0.0.1:8080"
    public_url: str = ""
    link_seconds: Annotated[float, msgspec.Meta(gt=0, le=DAYS_MAX * 86_400)] = 7 * 86_400.0
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")

    def __post_init__(self) -> None:
        if self.public_url and not is_base_url(self.public_url):
            raise ValueError('"public_url" must be an address like https://support.example.com')
        if not is_address(self.bind):
            raise ValueError('"bind" must be host:port, like 127.0.0.1:8080 or [::1]:8080')
        for one in self.trusted_proxies:
            if not _is_network(one):
                raise ValueError(
                    f'"trusted_proxies": {one!r} is no address or network (10.0.0.0/8)'
                )

    def address_of(self, path: str) -> str:
        """A path as it is reached from outside; empty if it is not."""
        return self.public_url.rstrip("/") + path if self.public_url else ""

    @property
    def own_hosts(self) -> frozenset[str]:
        """Whose addresses lead back here."""
        public = urlsplit(self.public_url).hostname or ""
        return frozenset({self.host.lower(), public} - {""})

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def is_address(text: str) -> bool:
    """Whether it is host:port."""
    found = HOST_AND_PORT.fullmatch(text)
    return found is not None and int(found["port"]) <= 65535


def is_base_url(text: str) -> bool:
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


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Law 10: what could grow, and how far.

    `events_max`, `live_max` and `audit_max` count what streams keep, `live_listeners_max` open
    live feeds, `attachment_size_bytes_max` the bytes of a file that an agent or a customer sends.
    Customers' files are fetched as they come, unless `attachment_fetch` is off: then when somebody
    asks for one. Of one person so much is kept: `inbound_per_minute_max` in the long run, 0 for any
    amount, and `inbound_burst_max` at once. Work that has failed `work_attempts_max` times is laid
    aside, at most `dead_letters_max` of an inbox in each partition. Of one message so many files
    and characters of a text are taken: `message_files_max`, `message_text_length_max`. When a
    turn of the event loop takes longer than `turn_seconds_max`, less is taken in.
    """

    events_max: Entries = 100_000
    live_max: Entries = 100_000
    audit_max: Entries = 1_000_000
    send_attempts_max: Count = 12
    work_attempts_max: Annotated[int, msgspec.Meta(ge=2)] = 8
    dead_letters_max: Count = 1000
    message_files_max: CountOrZero = 100
    message_text_length_max: Count = 1_000_000
    attachment_size_bytes_max: Count = 100 * 1024 * 1024
    attachment_fetch: bool = True
    live_listeners_max: Count = 1000
    inbound_per_minute_max: CountOrZero = 60
    inbound_burst_max: Count = 120
    turn_seconds_max: Annotated[float, msgspec.Meta(ge=0.005, le=10)] = 0.02


class JournalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What platforms sent, as it came, is kept for `hours` (0: not at all), all inboxes' together
    no more than `size_bytes_max`.
    """

    hours: Annotated[float, msgspec.Meta(ge=0, le=DAYS_MAX * 24)] = 72.0
    size_bytes_max: Count = 1024 * 1024 * 1024


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How work is shared out.

    A lane that a worker has held for `lease_seconds` goes to another one. Workers look for work of
    which nobody told them every `poll_seconds` (up to four times as long while nothing happens).
    One call to a platform may take `send_seconds`; its lease is renewed meanwhile. Attachments of
    `fetches_max` threads are fetched at a time. At the end, work in hand gets `drain_seconds`.
    """

    lease_seconds: Annotated[float, msgspec.Meta(ge=1, le=600)] = 15.0
    poll_seconds: Annotated[float, msgspec.Meta(ge=0.01, le=60)] = 0.25
    send_seconds: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 630.0
    fetches_max: Count = 4
    drain_seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 5.0


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Programs elsewhere that are told of what happens.

    They are reached by https on the public internet; `allow_hosts` are names, addresses and
    networks (10.20.0.0/16) of one's own that may be reached besides, `allow_http` does without TLS.
    A receiver has `timeout_seconds` to answer, and gets events of `at_once_max` conversations at a
    time. An event is tried for `give_up_days`; a receiver that takes none for `disable_days` gets
    no more. Deliveries can be looked at and asked for again for `keep_days`, and no event waits
    longer, nor more of them than `waiting_max` for one endpoint.
    """

    allow_hosts: tuple[str, ...] = ()
    allow_http: bool = False
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=120)] = 15.0
    at_once_max: Annotated[int, msgspec.Meta(ge=1, le=100)] = 8
    give_up_days: Annotated[float, msgspec.Meta(gt=0, le=DAYS_MAX)] = 3.0
    disable_days: Annotated[float, msgspec.Meta(gt=0, le=DAYS_MAX)] = 5.0
    keep_days: Annotated[float, msgspec.Meta(gt=0, le=DAYS_MAX)] = 14.0
    waiting_max: Count = 100_000

    def __post_init__(self) -> None:
        Allowed(self.allow_hosts)


class LogSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How events are written to stderr; `auto`: for people on a terminal, else JSON."""

    format: Literal["auto", "console", "json"] = "auto"


class MetricsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where figures are served for Prometheus, apart from the API; empty: nowhere. They need no
    token, so they belong on an address that only the operator reaches.
    """

    bind: str = ""

    def __post_init__(self) -> None:
        if self.bind and not is_address(self.bind):
            raise ValueError('"bind" must be host:port, like 127.0.0.1:9464 or [::1]:9464')

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])


class TracingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where spans are sent, by OTLP over HTTP; empty: nowhere. `sample`: what part of them."""

    endpoint: str = ""
    sample: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0

    def __post_init__(self) -> None:
        found = urlsplit(self.endpoint)
        if self.endpoint and not (found.scheme in ("http", "https") and found.hostname):
            raise ValueError('"endpoint" must be a URL like http://127.0.0.1:4318')
        if "@" in found.netloc:
            raise ValueError('"endpoint" takes no password: set OTEL_EXPORTER_OTLP_HEADERS')


class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One inbox. `id` is its account name everywhere; `adapter` holds what its `kind` defines,
    `acknowledge` what it answers by itself to whoever begins a conversation, `flood` what it takes
    of one person and says to who sends more, `takes` what it takes of one message.
    """

    id: str
    kind: str
    adapter: msgspec.Struct
    acknowledge: Acknowledgement = Acknowledgement()
    flood: FloodSettings = FloodSettings()
    takes: Takes = Takes()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything. `base` is the directory of the file, to which its paths are relative."""

    base: Path
    app: AppSettings = AppSettings()
    redis: RedisSettings = RedisSettings()
    web: WebSettings = WebSettings()
    limits: LimitSettings = LimitSettings()
    journal: JournalSettings = JournalSettings()
    workers: WorkerSettings = WorkerSettings()
    webhooks: WebhookSettings = WebhookSettings()
    archive: Terms = Terms()
    logs: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    tracing: TracingSettings = TracingSettings()
    channels: tuple[ChannelSettings, ...] = ()

    @property
    def data_dir(self) -> Path:
        return self.base / Path(self.app.data_dir).expanduser()
