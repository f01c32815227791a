"""What an operator may say about one mailbox."""

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from adapters.email.addresses import domain_of, normalise_address
from adapters.email.signing import DkimSettings
from core.model.secret import Secret

Tls = Literal["tls", "starttls", "none"]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Folder = Annotated[str, msgspec.Meta(min_length=1)]
AUTO = "auto"
DNS_PORT = 53
WHOLE_SIZE_BYTES_MAX = 64 * 1024 * 1024
"""The longest mail that may be asked for whole: while it is read it is in memory."""


class ImapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where mail is read. `port` 0: 993 with `tls`, else 143.

    `ca_file`: certificates to trust instead of the system's.
    New mail of `folder` is pushed. Others are looked through every `poll_seconds`: `folders`;
    `junk`, by its name or, if true, by what the server says; and, with `watch_sent`, the folder of
    sent mail, so that what people send from another mail program is part of the conversation.
    On the very first start, mail of the last `first_look_back_days` days is taken; after it, older
    mail of the last `backfill_days`. `idle_seconds`: how long one round of waiting for news lasts
    before a search makes sure; some servers cut at 300. A server without IDLE is asked every
    `poll_seconds`.
    """

    host: str
    user: str
    password: Secret | None = None
    """Not needed with `[channel.oauth]`."""
    port: Port = 0
    tls: Tls = "tls"
    ca_file: str = ""
    folder: Folder = "INBOX"
    folders: tuple[Folder, ...] = ()
    junk: bool | Folder = False
    sent_folder: str = ""
    """If given, a copy of what is sent is kept there, and looked for before sending again. `auto`:
    the folder that the server marks as such.
    """
    watch_sent: bool = False
    mark_seen: bool = False
    """Whether mail that was taken is marked as read."""
    move_to: str = ""
    """Where mail that was taken is moved; empty: it stays."""
    first_look_back_days: Annotated[int, msgspec.Meta(ge=0)] = 1
    backfill_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    command_seconds: Seconds = 60.0
    idle_seconds: Annotated[float, msgspec.Meta(gt=0, le=270)] = 110.0
    poll_seconds: Seconds = 60.0
    reconnect_seconds_min: Seconds = 1.0
    reconnect_seconds_max: Seconds = 300.0
    store_retry_seconds: Seconds = 1.0
    refusals_max: Count = 3
    """So many refused logins in a row pause the inbox: more would lock the mailbox."""


class SmtpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where replies leave. `port` 0: 465 with `tls`, else 587. No `user`: no login."""

    host: str
    user: str = ""
    password: Secret | None = None
    port: Port = 0
    tls: Tls = "starttls"
    ca_file: str = ""
    connections_max: Annotated[int, msgspec.Meta(ge=1, le=4)] = 2
    mails_per_connection_max: Count = 100
    idle_check_seconds: float = 30.0
    command_seconds: Seconds = 60.0
    final_dot_seconds: Seconds = 600.0
    """RFC 5321 section 4.5.3.2.6: giving up earlier makes duplicates."""
    null_sender_for_automatic: bool = False
    """Whether what a machine of ours writes leaves with `<>` as its sender, so that nobody answers
    it, not even with a bounce. Many relays take no such mail.
    """


class OAuthSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where access tokens come from, for IMAP and SMTP alike. Without a `refresh_token` the client
    asks in its own name (client credentials), as services of Microsoft 365 do.
    """

    token_url: str
    client_id: str
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    scope: str = ""

    def __post_init__(self) -> None:
        url = urlsplit(self.token_url)
        here = url.hostname in ("127.0.0.1", "::1", "localhost")
        if not url.hostname or (url.scheme != "https" and not (url.scheme == "http" and here)):
            raise ValueError('"token_url" must begin with https://')
        if self.client_secret is None and self.refresh_token is None:
            raise ValueError('"client_secret" or "refresh_token" is needed')


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Law 10. A longer mail is taken in by its head; what is left out is named in `lost`."""

    message_size_bytes_max: Annotated[int, msgspec.Meta(ge=1, le=WHOLE_SIZE_BYTES_MAX)] = (
        25 * 1024 * 1024
    )
    head_size_bytes: Count = 256 * 1024
    batch_messages_max: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    batch_size_bytes_max: Annotated[int, msgspec.Meta(ge=1, le=32 * 1024 * 1024)] = 8 * 1024 * 1024
    parts_max: Count = 200
    depth_max: Count = 20
    text_length_max: Count = 1_000_000
    html_length_max: Count = 2_000_000
    html_depth_max: Count = 2_000
    outgoing_size_bytes_max: Count = 20 * 1024 * 1024
    shown_picture_size_bytes_max: Annotated[int, msgspec.Meta(ge=0)] = 1024 * 1024
    """A picture that has more bytes is attached to a reply instead of shown in it."""
    references_max: Annotated[int, msgspec.Meta(ge=2)] = 20


class TrustSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What proves who wrote a mail. `authserv_ids`: whose Authentication-Results are believed, that
    is the mailbox's own servers as they call themselves there: `mx.example.org`, `*.example.org`
    for every host below, `-` for servers that write no name. `check_dkim`: where they give no
    verdict, the mail's own signature is checked. `nameservers`: `address` or `address:port`, asked
    instead of the system's; what they have not said after `dns_seconds` counts as not said.
    """

    authserv_ids: tuple[str, ...] = ()
    check_dkim: bool = True
    nameservers: tuple[str, ...] = ()
    dns_seconds: Annotated[float, msgspec.Meta(gt=0, le=10)] = 3.0

    def __post_init__(self) -> None:
        for given in self.nameservers:
            nameserver(given)


class EmailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One mailbox: customers write to `address`, replies come from it under `name`.

    `plus_address`: its server delivers `support+anything@example.org` to it, too.
    `quote_history`: below a reply stands the mail that it answers.
    """

    address: str
    imap: ImapSettings
    smtp: SmtpSettings
    oauth: OAuthSettings | None = None
    name: str = ""
    plus_address: bool = False
    trust: TrustSettings = TrustSettings()
    dkim: DkimSettings | None = None
    quote_history: bool = False
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if not self.mailbox.isascii() or not self.mailbox:
            raise ValueError('"address" must be a mail address, like support@example.org')
        if self.imap.password is None and self.oauth is None:
            raise ValueError('"imap.password" is needed, or [channel.oauth]')
        if self.smtp.user and self.smtp.password is None and self.oauth is None:
            raise ValueError('"smtp.password" is needed for "smtp.user", or [channel.oauth]')
        own = domain_of(self.mailbox)
        if self.dkim and f".{own}".removesuffix(f".{self.dkim.domain}") == f".{own}":
            raise ValueError(f'"dkim.domain" must be {own} or above it: else it proves nothing')

    @property
    def mailbox(self) -> str:
        """`address` in its one spelling."""
        return normalise_address(self.address) or ""


def nameserver(text: str) -> tuple[str, int]:
    """(address, port) of `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1` or `[2001:db8::1]:53`.

    Raises ValueError for anything else.
    """
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        return str(ipaddress.ip_address(host)), int(port or DNS_PORT)
    except ValueError as error:
        raise ValueError(
            f'"nameservers" are addresses like "192.0.2.1", "192.0.2.1:53" or "[::1]:53", '
            f"not {text!r}"
        ) from error
