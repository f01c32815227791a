"""Everything at once over one installation, and what has to be true of it afterwards."""

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from core.model.conversation import Entry
from core.store.live import Happened
from core.store.store import Store
from gateway.search import open_search
from gateway.search.index import moment_of
from sandbox.faults import Fault, Kind
from sandbox.persons import Person
from sandbox.server import Sandbox
from tests.crash import discord_customers, mail_customers, telegram_customers
from tests.crash.agents import Agents
from tests.crash.audience import Listener, Moody
from tests.crash.books import Books, check_told, in_order, read_books, stored, whole_log
from tests.crash.discord_customers import Told
from tests.crash.installation import Installation, embedded_url, token_of, trunkline
from tests.crash.weather import Customer, is_true, said_in, unread
from tests.rigs.api import Api, api, words
from tests.rigs.gateway import Gateway
from tests.rigs.receiver import Receiver, receiving
from tests.rigs.waiting import eventually
from tests.store.test_search_projector import caught_up, index_of
from tests.store.test_search_projector import kept as keeping

CHAOS: Final = bool(os.environ.get("CHAOS"))
ROUNDS: Final = 4 if CHAOS else 1
"""So often everybody talks, with pauses in which what is done is archived."""
PAUSE_SECONDS: Final = 1.2
FLOOD: Final = 300
KEPT: Final = 150
"""Of it; the setting."""
AGENTS: Final = 2
LISTENERS: Final = 2
SETTLE_SECONDS: Final = 30.0
STILL_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 0.2
ROWS_FROM: Final = 1 << 50
"""Numbers of rows are greater than all others."""


@dataclass
class Kept:
    """A backup, what was known when it began, and what there is in the end."""

    file: Path
    before: Books = field(default_factory=lambda: Books({}, {}, frozenset()))
    after: Books = field(default_factory=lambda: Books({}, {}, frozenset()))


class Turmoil:
    def __init__(self, sandbox: Sandbox, place: Installation, rng: random.Random) -> None:
        self._sandbox, self._place, self._rng = sandbox, place, rng
        # While an answer is awaited, a message is neither sent nor not: that is where to be killed.
        for platform, call in (("telegram", "sendMessage"), ("smtp", "DATA")):
            slow = Fault(platform, call, Kind.SLOW_AFTER, count=0, seconds=ANSWER_SECONDS)
            sandbox.world.faults.add(slow)
        self._customers: list[Customer] = []
        self._kept: list[Kept] = []
        self._restarted = asyncio.Event()

    async def blow(self, seed: int) -> Kept:
        token = token_of(self._place)
        async with (
            api(self._place.url, token) as agent,
            receiving() as receiver,
            asyncio.TaskGroup() as tasks,
        ):
            listeners = [Listener(agent.http, self._rng) for _ in range(LISTENERS)]
            moody = Moody(receiver, self._rng)
            began = await self._begin(seed, agent, receiver)
            keys = {one.person.name: one.person.key for one in self._customers}
            agents = [Agents(agent, self._rng, f"Agent {n}", keys) for n in range(AGENTS)]
            listening = [tasks.create_task(one.run()) for one in listeners]
            sulking = tasks.create_task(moody.run())
            working = [tasks.create_task(one.work()) for one in agents]
            async with asyncio.TaskGroup() as noise:
                noise.create_task(self._struck())
                noise.create_task(self._flood())
                noise.create_task(self._blocked())
                for customer in self._customers:
                    noise.create_task(self._talk(customer))
            for one in agents:
                one.over = True
            await asyncio.wait(working)
            sulking.cancel()
            moody.away = False
            self._sandbox.world.faults.clear()
            kept = await self._judge(agent, agents, listeners, moody, receiver, began)
            for task in listening:
                task.cancel()
        return kept

    # --- noise

    async def _begin(self, seed: int, agent: Api, receiver: Receiver) -> str:
        """Everybody is known, and one of them blocked. -> the event behind which all is told."""
        box = self._sandbox
        self._customers = [
            *telegram_customers.people(box, 10 * seed + 1, loses=False)[:3],
            *mail_customers.people(box, 10 * seed + 2, 2),
            *discord_customers.people(box, 10 * seed + 3, Told.ALL)[:2],
        ]
        for n, key in enumerate(("flooder", "blocked")):
            person = Person(key, key, "", 7_900_000_000 + n, f"{key}_tg", f"{key}@post.example")
            box.world.add_person(person)
        box.phone.say("blocked", "before")
        names = {"blocked", *(one.person.name for one in self._customers)}

        async def all_known() -> bool:
            found = await agent.conversations("open")
            return names <= {one.legs[0].author_name for one in found}

        await eventually(all_known, timeout_seconds=30)
        found = await agent.conversations("open")
        (who,) = {leg.author for one in found for leg in one.legs if leg.author_name == "blocked"}
        async with agent.http.post(f"/api/v1/blocks/{who}", json={"why": "insults"}) as answer:
            assert answer.status == 200
        body = {"url": receiver.url, "events": ["*"]}
        async with agent.http.post("/api/v1/webhooks", json=body) as answer:
            made = await answer.json()
        receiver.secret, self._webhook = made["secret"], f"/api/v1/webhooks/{made['webhook']['id']}"
        async with self._stored() as store:
            return await store.live.last_id()

    async def _talk(self, customer: Customer) -> None:
        for _ in range(ROUNDS):
            await customer.talk()
            await asyncio.sleep(self._rng.uniform(0.5, 1.5) * PAUSE_SECONDS)

    async def _flood(self) -> None:
        await asyncio.sleep(self._rng.uniform(0, 3))
        for n in range(FLOOD):
            self._sandbox.phone.say("flooder", f"flood {n}")
            if n % 50 == 0:
                await asyncio.sleep(0.05)

    async def _blocked(self) -> None:
        """By then every process knows it."""
        await self._restarted.wait()
        for n in range(10):
            self._sandbox.phone.say("blocked", f"never {n}")
            await asyncio.sleep(0.2)

    async def _struck(self) -> None:
        """By whatever can happen to an installation, in any order."""
        blows = [self._kill, self._kill_redis, self._reload, self._back_up]
        blows = blows * 2 if CHAOS else blows[1:]
        self._rng.shuffle(blows)
        await self._kill()
        self._restarted.set()
        for blow in blows:
            await asyncio.sleep(self._rng.uniform(0.2, 1.5))
            await blow()

    async def _kill(self) -> None:
        await self._place.kill(self._rng)

    async def _kill_redis(self) -> None:
        await self._place.kill_redis()

    async def _reload(self) -> None:
        self._place.reload()

    async def _back_up(self) -> None:
        kept = Kept(self._place.directory / f"backup{len(self._kept)}.tar.zst")
        async with self._stored() as store:
            kept.before = await read_books(store)
        await trunkline(self._place, "backup", str(kept.file))
        self._kept.append(kept)

    @asynccontextmanager
    async def _stored(self) -> AsyncIterator[Store]:
        async with stored(self._place.redis_url(), self._place.data_dir) as store:
            yield store

    # --- judging

    async def _judge(
        self,
        agent: Api,
        agents: Sequence[Agents],
        listeners: Sequence[Listener],
        moody: Moody,
        receiver: Receiver,
        began: str,
    ) -> Kept:
        async with self._stored() as store:
            log = await self._settled(agent, store)
            books = await read_books(store)
            books.check()
            await check_told(agent, books)
            self._check_heard(books)
            self._check_sent(books, agents)
            self._check_kept_out(books)
            await eventually(lambda: all(one.last == log[-1].id for one in listeners))
            for listener in listeners:
                listener.check(log)
            moody.check(log, began)
            await self._check_found(agent, books)
            self._print(books, agents, listeners, receiver, log)
            await self._place.stop()
            await self._check_index(store)
        kept = self._kept[-1]
        kept.after = books
        return kept

    async def _settled(self, agent: Api, store: Store) -> list[Happened]:
        """Once nothing is left to be done. -> all that has happened"""
        clock = asyncio.get_running_loop().time
        since, known = clock(), ""

        async def is_quiet() -> bool:
            lanes = await store.redis.keys("*}lane:*") + await store.redis.keys("*}snoozed")
            nonlocal since, known
            before, known = known, await store.live.last_id()
            waiting = self._sandbox.world.telegram.bots[0].updates
            if lanes or waiting or known != before:
                since = clock()
            return clock() - since > STILL_SECONDS

        async def is_heard() -> bool:
            books = await read_books(store)
            return all(self._unread(books, one) is not None for one in self._customers)

        try:
            await eventually(is_heard, timeout_seconds=SETTLE_SECONDS)
        except TimeoutError:  # what is missing is told by what is there
            self._check_heard(await read_books(store))
        try:
            await eventually(is_quiet, timeout_seconds=SETTLE_SECONDS)
        except TimeoutError:
            raise AssertionError(
                f"never quiet: {await _waiting(store)}, {(await whole_log(store))[-20:]}"
            ) from None
        await eventually(partial(self._all_told, agent), timeout_seconds=SETTLE_SECONDS)
        return await whole_log(store)

    async def _all_told(self, agent: Api) -> bool:
        """With an operator who does not wait for the next attempt."""
        async with agent.http.get(self._webhook) as answer:
            if not (await answer.json()).get("waiting"):
                return True
        async with agent.http.post(f"{self._webhook}/resume"):
            await asyncio.sleep(0.2)
        return False

    async def check_restored(self, gateway: Gateway, kept: Kept) -> None:
        """An installation made of a backup is what was there, goes on from there, sends nothing."""
        sent = self._all_sent()
        done = await gateway.command("restore", str(kept.file))
        assert done.returncode == 0, done.stderr
        async with gateway, stored(embedded_url(gateway.data_dir), gateway.data_dir) as store:

            async def mails_are_back() -> bool:
                books = await read_books(store)
                return all(
                    in_order(log, books.heard().get(where, []))
                    for where, log in kept.after.heard().items()
                    if where[0].startswith("email:")
                )

            await eventually(mails_are_back, timeout_seconds=SETTLE_SECONDS)
            books = await read_books(store)
        books.check()
        for where, log in kept.before.heard().items():
            assert in_order(log, books.heard()[where]), f"lost in {where}"
        for where, log in books.heard().items():
            assert in_order(log, kept.after.heard()[where]), f"not as it was in {where}"
        for leg, entries in kept.before.logs.items():
            ids = [one.message.id for one in entries]
            assert [one.message.id for one in books.logs[leg]][: len(ids)] == ids
        assert self._all_sent() == sent

    def _all_sent(self) -> Counter[tuple[str, str]]:
        return Counter((one.person.name, got.text) for one in self._customers for got in one.got)

    def _unread(self, books: Books, customer: Customer) -> int | None:
        told = [[said_in(one) for one in log] for log in self._logs(books, customer)]
        return unread(told, customer.threads)

    def _logs(self, books: Books, customer: Customer) -> list[list[Entry]]:
        return [log for log in books.heard(customer.person.name).values() if log]

    def _check_heard(self, books: Books) -> None:
        for customer in self._customers:
            told = [[said_in(one) for one in log] for log in self._logs(books, customer)]
            said = [[one.text for one in thread] for thread in customer.threads]
            assert unread(told, customer.threads) is not None, f"told {told}\nsaid {said}"

    def _check_sent(self, books: Books, agents: Sequence[Agents]) -> None:
        """What an agent reads of a reply is what has happened, to whom it was meant for."""
        arrived = self._all_sent()
        for who in agents:
            for reply in who.replies:
                leg = books.legs[reply.leg]
                (end,) = [one for one in books.logs[leg.id] if one.position == reply.position]
                assert end.message.id == reply.message.id
                assert end.delivery
                times = arrived.pop((leg.author_name, words(end)), 0)
                assert is_true(end.delivery, times), (words(end), times, end.delivery)
        left = [one for one in arrived if "writes" in one[1]]
        assert not left, f"to the wrong person, or refused: {left}"

    def _check_kept_out(self, books: Books) -> None:
        """The first of a flood are kept, in order; nothing of who is blocked."""
        flood = [words(one) for log in books.heard("flooder").values() for one in log]
        numbers = [int(one.removeprefix("flood ")) for one in flood]
        assert numbers[:KEPT] == list(range(KEPT))
        assert numbers == sorted(set(numbers))
        said = [words(one) for log in books.heard("blocked").values() for one in log]
        assert said == ["before"]

    async def _check_found(self, agent: Api, books: Books) -> None:
        """Every message is found by its words."""
        for log in books.heard().values():
            for entry in log:
                if text := words(entry).strip():
                    assert (entry.leg, entry.position) in await self._found(agent, text), text

    async def _found(self, agent: Api, text: str) -> set[tuple[str, int]]:
        found: set[tuple[str, int]] = set()
        after = ""
        while True:
            query = {"q": f'"{text}"', "limit": "50", "after": after}
            async with agent.http.get("/api/v1/search", params=query) as answer:
                page = await answer.json()
            found |= {(one["leg"], one["position"]) for one in page.get("rows", ())}
            if not (after := page.get("next")):
                return found

    async def _check_index(self, store: Store) -> None:
        """What was kept up to date all the while is what it is when it is made anew."""
        while await store.live.relay(tuple(range(store.keys.partitions))):
            pass
        async with keeping(self._place.data_dir, store) as search:
            await caught_up(search, store)
        before: Any = index_of(self._place.data_dir)
        async with open_search(self._place.data_dir, store) as search:
            await search.rebuild()
        after: Any = index_of(self._place.data_dir)
        for kept, anew in zip(before, after, strict=True):
            assert _by_moment(kept) == _by_moment(anew)

    def _print(
        self,
        books: Books,
        agents: Sequence[Agents],
        listeners: Sequence[Listener],
        receiver: Receiver,
        log: Sequence[Happened],
    ) -> None:
        kinds = Counter(one.kind for one in log)
        print(
            f"{sum(map(len, books.heard().values()))} heard on {len(books.legs)} legs,"
            f" {len(books.archived)} archived at the end; {kinds['archived']} times archived,"
            f" {kinds['thawed']} thawed; {sum(len(one.replies) for one in agents)} replies;"
            f" {len(receiver.once())} events taken, {len(receiver.told)} requests;"
            f" listeners returned {[one.returns for one in listeners]}"
        )
        print(dict(sum((one.answers for one in agents), Counter())))


async def _waiting(store: Store) -> list[bytes]:
    """What something waits in."""
    found = [key async for key in store.redis.scan_iter("*}lane:*", count=1000)]
    snoozed = [key async for key in store.redis.scan_iter("*}snoozed", count=1000)]
    return found + snoozed


def _by_moment(rows: list[tuple[object, ...]]) -> list[list[object]]:
    """Which of two of the same millisecond has the first row, or in which order a value names its
    joins, is nobody's concern.
    """
    return sorted(([_value(one) for one in row] for row in rows), key=repr)


def _value(column: object) -> object:
    if isinstance(column, int):
        return moment_of(column) if column > ROWS_FROM else column
    if isinstance(column, bytes):  # behind the byte that says in which format
        packed = msgspec.msgpack.decode(column[1:])
        return json.loads(msgspec.json.encode(packed, order="deterministic"))
    return column
