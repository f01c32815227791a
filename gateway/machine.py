"""What a look at the machine finds: its clock, disk and limits, and whether the world comes in."""

import asyncio
import hmac
import os
import resource
import secrets
import shutil
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from core.store.connection import connect
from gateway.finding import Row, State
from gateway.settings import Settings

MACHINE: Final = "machine"
WEB: Final = "web"
REDIS: Final = "redis"

SKEW_SECONDS: Final = 2.0
"""Links, codes and signatures bear this much."""

SKEW_SECONDS_MAX: Final = 60.0
FREE_BYTES: Final = 2 * 1024**3
FREE_BYTES_MIN: Final = 256 * 1024**2
FREE_NODES: Final = 0.05
FILES: Final = 4096
FILES_MIN: Final = 1024
REACH_SECONDS: Final = 10.0
HANDSHAKE: Final = "/hooks/-"


def answer_to(key: bytes, nonce: str) -> str:
    """What only a gateway of this installation says to a nonce."""
    return hmac.new(key, b"reached " + nonce.encode(), sha256).hexdigest()


def machine(data_dir: Path) -> Iterator[Row]:
    """Everything that needs no server."""
    yield disk(shutil.disk_usage(data_dir).free)
    yield from _nodes(data_dir)
    yield files(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    yield _sqlite()


def disk(free_bytes: int) -> Row:
    text = f"{free_bytes / 1024**3:.1f} GiB free in the data directory"
    if free_bytes >= FREE_BYTES:
        return _row("disk", State.OK, text)
    state = State.BROKEN if free_bytes < FREE_BYTES_MIN else State.WORSE
    return _row("disk", state, text, "make room, or move app.data_dir to a larger disk")


def _nodes(data_dir: Path) -> Iterator[Row]:
    found = os.statvfs(data_dir)
    if found.f_files and found.f_favail < FREE_NODES * found.f_files:
        text = f"{found.f_favail} inodes free in the data directory"
        yield _row("disk", State.WORSE, text, "remove small files there, or use another disk")


def files(allowed: int) -> Row:
    """How many files and connections one process may have open."""
    text = "unlimited" if allowed == resource.RLIM_INFINITY else f"{allowed} may be open"
    if allowed == resource.RLIM_INFINITY or allowed >= FILES:
        return _row("open files", State.OK, text)
    state = State.BROKEN if allowed < FILES_MIN else State.WORSE
    return _row("open files", state, text, f"allow {FILES}: ulimit -n, or LimitNOFILE= in the unit")


def _sqlite() -> Row:
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize='trigram')")
        except sqlite3.OperationalError:
            remedy = "use a Python whose SQLite has FTS5, version 3.34 or newer: search needs it"
            return _row("SQLite", State.BROKEN, sqlite3.sqlite_version, remedy)
    return _row("SQLite", State.OK, f"{sqlite3.sqlite_version}, with full-text search")


async def clock(url: str) -> Row:
    """Against the server's, by which everything is dated. Raises what Redis raises."""
    redis = connect(url)
    try:
        before = time.time()
        seconds, micros = await redis.time()
        here = (before + time.time()) / 2
    finally:
        await redis.aclose()
    return skew(REDIS, here - (seconds + micros / 1e6), "Redis'")


def skew(of: str, seconds: float, whose: str) -> Row:
    text = f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} {whose}"
    if abs(seconds) <= SKEW_SECONDS:
        return _row("clock", State.OK, f"as {whose}", of=of)
    state = State.BROKEN if abs(seconds) > SKEW_SECONDS_MAX else State.WORSE
    return _row("clock", state, text, "set the clocks by NTP: timedatectl set-ntp true", of=of)


async def reached(settings: Settings, key: bytes) -> AsyncIterator[Row]:
    """Whether `web.public_url` leads to a gateway of this installation, and what time it is there.

    `key` is the one by which request handlers sign.
    """
    nonce = secrets.token_hex(16)
    url = settings.web.address_of(f"{HANDSHAKE}?nonce={nonce}")
    if not url:
        text = "nothing from outside comes in: links to files and webhooks of platforms are off"
        yield _row("public_url", State.OK, f"not set: {text}", of=WEB)
        return
    remedy = "start the gateway, and lead /hooks/ and /files/ of web.public_url to web.bind"
    try:
        said, date = await asyncio.to_thread(_get, url)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        text = f"{settings.web.public_url} does not answer: {reason}"
        yield _row("public_url", State.BROKEN, text, remedy, of=WEB)
        return
    if hmac.compare_digest(said, answer_to(key, nonce)):
        yield _row("public_url", State.OK, f"{settings.web.public_url} leads here", of=WEB)
    else:
        text = f"{settings.web.public_url} is answered by something else"
        yield _row("public_url", State.BROKEN, text, remedy, of=WEB)
    if date:
        there = parsedate_to_datetime(date).timestamp()
        yield skew(WEB, time.time() - there, "the clock at public_url")


def _get(url: str) -> tuple[str, str]:
    """-> the body and the Date of the answer, whatever its status."""
    try:
        # The scheme is http or https: the settings take no other.
        with urllib.request.urlopen(url, timeout=REACH_SECONDS) as answer:  # noqa: S310
            return answer.read(1000).decode("latin-1").strip(), answer.headers.get("Date", "")
    except urllib.error.HTTPError as error:
        with error:
            return "", error.headers.get("Date", "")


def _row(subject: str, state: State, text: str, remedy: str = "", *, of: str = MACHINE) -> Row:
    return Row(of=of, subject=subject, state=state, text=text, remedy=remedy)
