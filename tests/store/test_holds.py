"""What only one process may do: others wait, take over when it ends or dies, and it knows."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from core.errors import Stale, StoreError
from core.store.holds import AccountHolds
from core.store.store import Store, StoreSettings, open_store
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import PATIENCE_SECONDS, eventually

TERM_SECONDS = 1.0
ROOT = Path(__file__).parents[2]


def holds(store: Store, term_seconds: float = TERM_SECONDS) -> AccountHolds:
    """As another process would have it."""
    return AccountHolds(store.read, store.commit, store.keys, "bot", term_seconds=term_seconds)


async def lasts(store: Store, longer_than_ms: int) -> bool:
    return bool(await store.redis.pttl(store.keys.hold("bot", "receive")) > longer_than_ms)


class Rival:
    """Somebody who wants the same, in a task of their own."""

    def __init__(self, holds: AccountHolds) -> None:
        self.inside, self._leave = asyncio.Event(), asyncio.Event()
        self._holds = holds

    async def run(self) -> None:
        async with self._holds("receive"):
            self.inside.set()
            await self._leave.wait()

    def leave(self) -> None:
        self._leave.set()


@asynccontextmanager
async def rival(store: Store, term_seconds: float = TERM_SECONDS) -> AsyncIterator[Rival]:
    one = Rival(holds(store, term_seconds))
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, StoreError):
            await task


async def test_whoever_comes_second_waits_until_the_first_lets_go(store: Store) -> None:
    """Two gateways that poll with one token end each other's polls all day."""
    async with rival(store, 60) as first, rival(store, 60) as second:
        await eventually(lambda: first.inside.is_set() or second.inside.is_set())
        holder, waiting = (first, second) if first.inside.is_set() else (second, first)
        assert not waiting.inside.is_set()

        holder.leave()

        await eventually(waiting.inside.is_set)


async def test_holds_of_other_accounts_and_names_are_apart(store: Store) -> None:
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        store.holds("bot")("receive"),
        store.holds("bot")("other"),
        store.holds("mail")("receive"),
    ):
        pass


async def test_a_hold_is_renewed_again_and_again(store: Store) -> None:
    """An idle inbox must not wander from gateway to gateway."""
    async with rival(store, 3) as first:
        await eventually(first.inside.is_set)
        async with rival(store, 3) as second:
            for _ in range(2):
                await store.redis.pexpire(store.keys.hold("bot", "receive"), 2000)
                await eventually(lambda: lasts(store, 2000))

            assert not second.inside.is_set()


async def test_what_runs_inside_is_cancelled_when_somebody_else_has_it(store: Store) -> None:
    """A process that was away for a while must not go on where another one works now."""
    ended: list[str] = []

    async def work() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), holds(store)("receive"):
            await store.redis.set(store.keys.hold("bot", "receive"), "somebody else", ex=60)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

    with pytest.raises(Stale, match="another process has"):
        await work()

    assert ended == ["cancelled"]
    assert await store.redis.get(store.keys.hold("bot", "receive")) == b"somebody else"


async def test_who_is_ended_while_the_hold_is_lost_ends(store: Store) -> None:
    """A mailbox with a new password went on with the old one, and a gateway that was told to end
    did not: each began again, as after any lost hold.
    """
    losing, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with holds(store)("receive"):
            await store.redis.set(store.keys.hold("bot", "receive"), "somebody else", ex=60)
            try:
                await asyncio.Event().wait()
            finally:
                losing.set()
                with suppress(asyncio.CancelledError):
                    await ended.wait()

    task = asyncio.create_task(work())
    await losing.wait()
    task.cancel()
    await asyncio.wait((task,))

    assert task.cancelled()


async def test_a_store_that_is_away_for_longer_than_the_term_ends_what_runs_inside() -> None:
    """Nobody knows whether another process has begun meanwhile."""

    async def work(server: RedisServer, store: Store) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), holds(store)("receive"):
            server.kill()
            await asyncio.Event().wait()

    with RedisServer() as server:
        async with open_store(StoreSettings(url=server.url)) as store:
            with pytest.raises(Stale, match="not renewed in time"):
                await work(server, store)


async def test_a_store_that_is_away_for_a_moment_ends_nothing() -> None:
    with RedisServer() as server:
        async with (
            open_store(StoreSettings(url=server.url)) as store,
            asyncio.timeout(PATIENCE_SECONDS),
            holds(store, 6)("receive"),
        ):
            server.kill()
            server.start()
            await store.redis.pexpire(store.keys.hold("bot", "receive"), 5000)
            await eventually(lambda: lasts(store, 5000))


async def test_an_error_inside_leaves_as_it_is_and_lets_go(store: Store) -> None:
    with pytest.raises(KeyError):
        async with holds(store, 60)("receive"):
            raise KeyError("ours")

    assert await store.redis.get(store.keys.hold("bot", "receive")) is None


async def test_whoever_stops_waiting_holds_nothing(store: Store) -> None:
    async with rival(store, 60) as one:
        await eventually(one.inside.is_set)
        async with rival(store, 60):
            pass

    assert await store.redis.get(store.keys.hold("bot", "receive")) is None


async def test_a_full_server_lets_nobody_lose_their_hold(store: Store) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), holds(store, 3)("receive"):
        await store.redis.pexpire(store.keys.hold("bot", "receive"), 2000)
        await store.redis.config_set("maxmemory", 1)
        try:
            await eventually(lambda: lasts(store, 2000))
        finally:
            await store.redis.config_set("maxmemory", 0)


@asynccontextmanager
async def process(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`tests.rigs.holder`, gone at the end."""
    one = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.rigs.holder", url, str(TERM_SECONDS)),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield one
    finally:
        if one.returncode is None:
            one.kill()
        await one.wait()


async def says(one: asyncio.subprocess.Process) -> str:
    assert one.stdout
    return (await asyncio.wait_for(one.stdout.readline(), PATIENCE_SECONDS)).decode().strip()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
async def test_a_process_that_dies_is_followed_after_its_term(
    server: RedisServer, store: Store, number: signal.Signals
) -> None:
    async with process(server.url) as one:
        assert await says(one) == "held"
        async with process(server.url) as other:
            one.send_signal(number)

            assert await says(other) == "held"


async def test_a_process_that_was_stopped_finds_out_that_it_has_lost(
    server: RedisServer, store: Store
) -> None:
    async with process(server.url) as one:
        assert await says(one) == "held"
        async with process(server.url) as other:
            one.send_signal(signal.SIGSTOP)
            assert await says(other) == "held"

            one.send_signal(signal.SIGCONT)

            assert await says(one) == "lost"
            other.kill()
            assert await says(one) == "held"


async def test_a_checkpoint_of_whoever_has_lost_the_hold_is_refused(store: Store) -> None:
    """A process that was stopped for a while would set the one that took over back to where it was
    itself.
    """
    async with holds(store)("receive") as checkpoints:
        await checkpoints.save("imap", "5")
        key = store.keys.hold("bot", "receive")
        token = await store.redis.get(key)
        assert isinstance(token, bytes)

        await store.redis.set(key, "somebody else", ex=60)
        with pytest.raises(Stale):
            await checkpoints.save("imap", "6")
        await store.redis.delete(key)
        with pytest.raises(Stale):
            await checkpoints.save("imap", "7")

        await store.redis.set(key, token, ex=60)
        assert await checkpoints.load("imap") == "5"
