"""What a look at an installation finds: at the machine, its Redis, then at each inbox.

Nothing is received, sent or changed.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final

from msgspec.structs import replace

from core.errors import ConfigurationError, StoreError, TrunklineError
from core.ports import Diagnoses, Finding
from core.store.connection import Server, connect, look
from gateway.data_dir import prepare
from gateway.finding import Row, State
from gateway.lending import Lending, codes_without_a_gateway, lending_of
from gateway.machine import MACHINE, REDIS, WEB, clock, machine, reached
from gateway.registry import open_channel
from gateway.secret_key import key_for, secret_key
from gateway.settings import ChannelSettings, Durability, Settings
from gateway.storage import open_stored, redis_of

INBOX_SECONDS: Final = 120.0
"""What a look at one inbox may take."""

NEARLY_FULL: Final = 0.9
"""Of the memory that Redis may use."""


async def examine(
    settings: Settings, environ: Mapping[str, str], only: frozenset[str] = frozenset()
) -> AsyncIterator[Row]:
    """Row by row, as they are found. `only`: nothing but these, which are MACHINE, REDIS, WEB and
    inboxes by their ids. Raises ConfigurationError for one that there is not.
    """
    known = {MACHINE, REDIS, WEB, *(channel.id for channel in settings.channels)}
    if unknown := only - known:
        raise ConfigurationError(
            f"there is no {min(unknown)} to look at (there are: {', '.join(sorted(known))})"
        )
    wanted = only or known
    data_dir = prepare(settings.data_dir)
    if MACHINE in wanted:
        for row in machine(data_dir):
            yield row
    if WEB in wanted:
        async for row in reached(settings, key_for(secret_key(data_dir), "web")):
            yield row
    channels = tuple(one for one in settings.channels if one.id in wanted)
    if channels or REDIS in wanted:
        async for row in _with_redis(replace(settings, channels=channels), environ):
            if row.of in wanted or row.state is State.BROKEN:
                yield row


async def _with_redis(settings: Settings, environ: Mapping[str, str]) -> AsyncIterator[Row]:
    """Raises nothing of its own."""
    try:
        async with redis_of(settings, environ) as (url, _):
            sound = True
            async for row in _redis(url, settings.redis.durability):
                sound = sound and row.state is not State.BROKEN
                yield row
            if sound:
                async for row in _inboxes(settings, url):
                    yield row
                return
    except TrunklineError as error:
        yield Row(of=REDIS, subject="store", state=State.BROKEN, text=str(error))
    for channel in settings.channels:
        yield _unseen(channel, "not looked at: its store comes first")


async def _redis(url: str, durability: Durability) -> AsyncIterator[Row]:
    redis = connect(url)
    try:
        server = await look(redis)
    except (ConfigurationError, StoreError) as error:
        remedy = "start it, or correct redis.url"
        yield Row(of=REDIS, subject="answers", state=State.BROKEN, text=str(error), remedy=remedy)
    else:
        yield Row(of=REDIS, subject="answers", state=State.OK, text=f"version {server.version}")
        yield persistence(server, durability)
        yield eviction(server)
        yield memory(server)
        yield await clock(url)
    finally:
        await redis.aclose()


def persistence(server: Server, durability: Durability) -> Row:
    """Whether a crash of Redis loses what it has accepted."""
    kept, fsync = server.config.get("appendonly"), server.config.get("appendfsync", "")

    def row(state: State, text: str, remedy: str = "") -> Row:
        return Row(of=REDIS, subject="persistence", state=state, text=text, remedy=remedy)

    if kept is None:
        remedy = "allow CONFIG GET, or make sure of appendonly yes yourself"
        return row(State.WORSE, "it may not be asked what it keeps", remedy)
    if durability is Durability.DISK and fsync != "always":
        remedy = "set appendfsync always there, or redis.durability to process"
        return row(State.BROKEN, f"appendfsync is {fsync}, redis.durability is disk", remedy)
    if kept != "yes":
        remedy = "set appendonly yes"
        return row(State.WORSE, "a crash of Redis loses what it has accepted", remedy)
    return row(State.OK, f"append-only file, appendfsync {fsync}")


def eviction(server: Server) -> Row:
    """Whether Redis throws away what it has accepted when it is full."""
    policy = server.config.get("maxmemory-policy")

    def row(state: State, text: str, remedy: str = "") -> Row:
        return Row(of=REDIS, subject="eviction", state=state, text=text, remedy=remedy)

    remedy = "set maxmemory-policy noeviction"
    if policy is None:
        return row(State.WORSE, "it may not be asked whether it evicts", f"make sure: {remedy}")
    if policy != "noeviction":
        return row(State.BROKEN, f"it evicts messages when it is full ({policy})", remedy)
    return row(State.OK, "it evicts nothing")


def memory(server: Server) -> Row:
    """Whether it has room for what comes."""
    used, allowed = server.used_memory_bytes, server.memory_bytes_max

    def row(state: State, text: str, remedy: str = "") -> Row:
        return Row(of=REDIS, subject="memory", state=state, text=text, remedy=remedy)

    text = f"{used / 1024**2:.1f} MiB used"
    if not allowed:
        return row(State.OK, f"{text}, no limit of its own")
    text = f"{text} of {allowed / 1024**2:.1f} MiB"
    remedy = "raise maxmemory, or let what is done be archived sooner (archive.closed_days)"
    if used >= allowed:
        return row(State.BROKEN, f"it is full ({text}): nothing is accepted", remedy)
    if used > NEARLY_FULL * allowed:
        return row(State.WORSE, f"it is nearly full: {text}", remedy)
    return row(State.OK, text)


async def _inboxes(settings: Settings, url: str) -> AsyncIterator[Row]:
    async with open_stored(settings, url) as (store, _):
        lending = lending_of(
            store, codes_without_a_gateway(store), prepare(settings.data_dir), settings.web
        )
        for channel in settings.channels:
            for row in await _inbox(channel, lending):
                yield row


async def _inbox(channel: ChannelSettings, lending: Lending) -> list[Row]:
    remedy = "try again; if it stays so, tell us what is in the log"
    try:
        async with (
            asyncio.timeout(INBOX_SECONDS),
            open_channel(channel, lending.to(channel, _unheard)) as adapter,
        ):
            if not isinstance(adapter, Diagnoses):
                return [_unseen(channel, "no checks for this channel yet")]
            return [_row(channel, one) for one in await adapter.diagnose()]
    except TimeoutError:
        text = f"it could not be looked at within {INBOX_SECONDS:.0f} s"
    except TrunklineError as error:
        text, remedy = str(error), ""
    except Exception as error:  # noqa: BLE001 - one inbox's fault must not hide another's
        text = f"it could not be looked at ({type(error).__name__})"
    return [Row(of=channel.id, subject=channel.kind, state=State.BROKEN, text=text, remedy=remedy)]


def _row(channel: ChannelSettings, found: Finding) -> Row:
    state = {True: State.OK, None: State.WORSE, False: State.BROKEN}[found.ok]
    return Row(
        of=channel.id,
        subject=found.subject,
        state=state,
        text=found.text,
        remedy=found.remedy,
    )


def _unseen(channel: ChannelSettings, text: str) -> Row:
    return Row(of=channel.id, subject=channel.kind, state=State.UNSEEN, text=text)


def _unheard(_text: str) -> None:
    """What an adapter remarks while it is looked at is among its findings."""
