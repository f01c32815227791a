"""How the emulated Discord behaves where a test needs another Discord than everyday's."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordSettings:
    """`strict_buckets`: rate limits as small as Discord's; else nobody is told to wait.

    `invalid_requests_max` in ten minutes, then everything is answered by Cloudflare's page until
    they are over; 0: never.
    """

    strict_buckets: bool = False
    requests_per_second: int = 50
    """Over all routes, when `strict_buckets`."""
    invalid_requests_max: int = 10_000
    upload_bytes_max: int = 10 * MIB
    """One file; a whole request may have 25 MiB."""
    nonce_seconds: float = 300.0
    """For so long an enforced nonce finds the earlier message."""
    interaction_seconds: float = 3.0
    token_seconds: float = 900.0
    """Life of an interaction's token once it has been answered."""
    link_seconds: float = 86_400.0
    """Life of a file's address."""
    heartbeat_seconds: float = 41.25
    identifies_per_day: int = 1000
    max_concurrency: int = 1
    """How many identifies at once, by shard id modulo this, when `identify_seconds` is set."""
    identify_seconds: float = 0.0
    """How long after an identify the next one of its kind has to wait; Discord's 5 would slow
    every test, so by default nobody waits."""
    patience: float = 2.0
    """After so many heartbeats that did not come a client is taken for dead."""
    session_seconds: float = 180.0
    """How long a gateway session without a connection can be resumed."""
    kept_events_max: int = 1_000
    """A session that has missed more cannot be resumed."""
    gateway_sends_max: int = 120
    """In a minute, by one connection; beyond that it is closed."""
    guilds_per_shard_max: int = 2_500
