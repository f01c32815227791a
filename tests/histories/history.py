"""One history, lived through: from a plan to what everybody wrote down of it."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from adapters.email.adapter import MAY_ARRIVE_TWICE
from core.errors import StoreUnavailable
from core.model.content import Media
from core.model.conversation import Entry, Leg
from core.model.message import Direction
from core.store.keys import LIVE_CURSORS
from core.store.store import Store
from sandbox.discord.settings import DiscordSettings
from sandbox.server import Sandbox
from tests.crash.audience import Listener
from tests.crash.books import Books, read_books, stored, whole_log
from tests.crash.invariants import flaws_of
from tests.histories.agents import Agent, text_of, token_of
from tests.histories.blows import Blows
from tests.histories.checker import AT_AN_END
from tests.histories.logs import Event, Heard, Line, Logs
from tests.histories.logs import Place as Told
from tests.histories.people import CHANGED, Clock, Customer, customers, thread_of
from tests.histories.place import MISCONFIGURED, Place, placed
from tests.histories.plan import AGENTS, CUSTOMERS, Act, Kind, Plan
from tests.histories.room import NAMES, Room
from tests.rigs.api import Api, api
from tests.rigs.gateway import bot_channel, discord_channel, mail_channel
from tests.rigs.needs import names_are_missing
from tests.rigs.waiting import eventually

SETTLE_SECONDS: Final = 60.0
STILL_SECONDS: Final = 0.4
KNOWN_SECONDS: Final = 30.0
CALL_SECONDS: Final = 1.5
PATIENT: Final = DiscordSettings(heartbeat_seconds=1.0, patience=60.0)
UNHURRIED: Final[dict[str, Any]] = {
    "request_timeout_seconds": CALL_SECONDS,
    "upload_timeout_seconds": CALL_SECONDS,
    "account_per_second": 1000,
    "account_burst": 1000,
}
"""Budgets are another test's matter."""
MISTAKE: Final = "mistake of Trunkline"
TRACEBACK: Final = "Traceback"


class Lived(msgspec.Struct, frozen=True, kw_only=True):
    """`missed`: faults that did not come to pass."""

    logs: Logs
    missed: tuple[Kind, ...]


async def live(plan: Plan, directory: Path, room: Room) -> Lived:
    """From an empty installation to its end."""
    room.set_clock(0.0)
    room.set_names(found=True)
    async with Sandbox(seed=plan.seed) as sandbox:
        sandbox.world.discord.settings = PATIENT
        names = NAMES if plan.hides_names and not names_are_missing() else (sandbox.host,) * 3
        channels = _channels(sandbox, directory, *names)
        async with placed(directory, plan, room, channels) as place:
            return await _History(plan, sandbox, place, room).live()


class _History:
    def __init__(self, plan: Plan, sandbox: Sandbox, place: Place, room: Room) -> None:
        self._plan, self._sandbox, self._place = plan, sandbox, place
        began = asyncio.get_running_loop().time()
        self._clock: Clock = lambda: asyncio.get_running_loop().time() - began
        self._blows = Blows(place, sandbox, self._clock, room)
        self._customers: dict[str, Customer] = {}
        self._surprises: list[str] = []

    async def live(self) -> Lived:
        async with AsyncExitStack() as stack:
            agent = await stack.enter_async_context(api(self._place.url, self._place.token))
            listener = Listener(agent.http, Random(self._plan.seed))
            listening = asyncio.create_task(listener.run())
            stack.callback(listening.cancel)
            await eventually(
                lambda: any(one.session for one in self._sandbox.discord_gateway.lines)
            )
            self._customers = customers(self._sandbox, CUSTOMERS, self._clock)
            await self._begin(agent)
            agents = [Agent(agent.http, name, self._clock) for name in AGENTS]
            await self._noise(agents)
            return await self._judged(agent, agents, listener)

    async def _begin(self, agent: Api) -> None:
        """Everybody is known before anything goes wrong."""
        for customer in self._customers.values():
            customer.do("say")

        async def all_known() -> bool:
            found = await agent.all_conversations()
            return set(CUSTOMERS) <= {leg.author_name for one in found for leg in one.legs}

        await eventually(all_known, timeout_seconds=KNOWN_SECONDS)

    async def _noise(self, agents: Sequence[Agent]) -> None:
        start = self._clock()

        async def at(seconds: float) -> None:
            await asyncio.sleep(max(0.0, start + seconds - self._clock()))

        async def talk(name: str, acts: Sequence[Act]) -> None:
            for act in acts:
                await at(act.at)
                self._customers[name].do(act.verb)

        async def work(agent: Agent, acts: Sequence[Act]) -> None:
            for act in acts:
                await at(act.at)
                await agent.do(act)

        async with asyncio.TaskGroup() as tasks:
            for name in CUSTOMERS:
                tasks.create_task(talk(name, self._acts_of(name)))
            for agent, name in zip(agents, AGENTS, strict=True):
                tasks.create_task(work(agent, self._acts_of(name)))
            for blow in self._plan.blows:

                async def strike(blow: Any = blow) -> None:
                    await at(blow.at)
                    await self._blows.strike(blow)

                tasks.create_task(strike())
        self._sandbox.world.faults.clear()

    def _acts_of(self, name: str) -> list[Act]:
        return sorted((one for one in self._plan.acts if one.who == name), key=lambda one: one.at)

    # --- afterwards

    async def _judged(self, agent: Api, agents: Sequence[Agent], listener: Listener) -> Lived:
        await self._place.ready()
        async with stored(self._place.store.url, self._place.data_dir) as store:
            await self._settled(store)
            books = await read_books(store)
            feed = await whole_log(store)
            with suppress(TimeoutError):
                last = feed[-1].id if feed else ""
                await eventually(lambda: listener.last == last, timeout_seconds=10)
            places = await _places(agent, books)
            gaps = await _gaps(agent, books)
            flaws = await flaws_of(store.redis)
        self._look_at_logs()
        codes = await self._place.stop()
        self._surprises += [f"{role} ended with {code}" for role, code in codes]
        self._surprises += [
            f"{role} ended by itself with {code}"
            for role, code in self._place.ended
            if code != MISCONFIGURED
        ]
        logs = Logs(
            said=tuple(said for one in self._customers.values() for said in one.said.values()),
            got=tuple(got for one in self._customers.values() for got in one.got),
            asked=tuple(asked for one in agents for asked in one.asked),
            seen=tuple(seen for one in agents for seen in one.seen),
            lines=tuple(
                _line(books.legs[leg], entry) for leg, log in books.logs.items() for entry in log
            ),
            places=tuple(places),
            feed=tuple(
                Event(id=one.id, kind=one.kind, leg=one.leg, position=one.position) for one in feed
            ),
            heard=(
                Heard(
                    by="listener",
                    events=tuple(listener.heard),
                    first=listener.first,
                    last=listener.last,
                    gaps=tuple(listener.gaps),
                ),
            ),
            gaps=tuple(gaps),
            cuts=tuple(self._blows.cuts),
            flaws=tuple(flaws),
            surprises=(*self._surprises, *(one for who in agents for one in who.surprises)),
        )
        return Lived(logs=logs, missed=tuple(self._blows.missed))

    async def _settled(self, store: Store) -> None:
        """Once nothing is left to be done; else what is left is a surprise."""
        still_since, known = self._clock(), ""

        async def is_done() -> bool:
            nonlocal still_since, known
            try:
                before, known = known, await store.live.last_id()
            except StoreUnavailable:  # its gateway, or the server, is being started once more
                still_since = self._clock()
                return False
            if not await _is_told(store):  # who has more urgent work leaves events to gather
                return False
            lanes = [key async for key in store.redis.scan_iter("*}lane:*", count=1000)]
            if lanes or before != known or self._sandbox.world.telegram.bots[0].updates:
                still_since = self._clock()
                return False
            if self._clock() - still_since < STILL_SECONDS:
                return False
            return self._is_all_there(await read_books(store))

        try:
            await eventually(is_done, timeout_seconds=SETTLE_SECONDS)
        except TimeoutError:
            for role in self._place.roles:
                self._place.signal(role, signal.SIGUSR1)
            lanes = [key async for key in store.redis.scan_iter("*}lane:*", count=1000)]
            if lanes:
                self._surprises.append(f"never quiet: {lanes}")

    def _is_all_there(self, books: Books) -> bool:
        """As far as it has to be: what a cut took away never comes."""
        entries = [one for log in books.logs.values() for one in log]
        tokens = {token_of(one) for one in entries}
        cuts = self._blows.cuts
        owed = {
            said.token
            for one in self._customers.values()
            for said in one.said.values()
            if not any(said.at <= cut.cut_at and said.token not in cut.known for cut in cuts)
        }
        undecided = [one for one in entries if one.delivery and one.delivery.state not in AT_AN_END]
        return owed <= tokens and not undecided

    def _look_at_logs(self) -> None:
        """What cannot be written where a disk is full, is told with all there is to tell of it."""
        is_full = any(one.kind is Kind.DISK_FULL for one in self._plan.blows)
        unforeseen = (MISTAKE,) if is_full else (MISTAKE, TRACEBACK)
        for role in self._place.roles:
            text = self._place.log(role).read_text(errors="replace")
            for word in unforeseen:
                if (at := text.find(word)) >= 0:
                    self._surprises.append(f"{role} logs: {text[max(0, at - 300) : at + 1500]}")


async def _is_told(store: Store) -> bool:
    """Whether everything that happened is in the live feed."""
    partitions, keys = range(store.keys.partitions), store.keys
    brought = await store.redis.hmget(LIVE_CURSORS, [str(one) for one in partitions])
    for one, cursor in zip(partitions, brought, strict=True):
        last = await store.redis.xrevrange(keys.events(one), count=1)
        if last and last[0][0] != cursor:
            return False
    return True


async def _places(agent: Api, books: Books) -> list[Told]:
    """Every conversation that the API knows, entry by entry."""
    found: dict[str, list[Entry]] = {}
    for leg in books.legs.values():
        conversation = await agent.conversation(leg.id)
        if conversation.id not in found:
            found[conversation.id] = await agent.entries(conversation.id)
    return [
        Told(conversation=name, leg=one.leg, position=one.position)
        for name, entries in found.items()
        for one in entries
    ]


async def _gaps(agent: Api, books: Books) -> list[str]:
    async with agent.http.get("/api/v1/gaps") as answer:
        gaps = (await answer.json())["gaps"]
    threads = {
        str(leg.thread): thread_of(leg.author_name, leg.audience) for leg in books.legs.values()
    }
    return [threads.get(str(one.get("thread") or ""), "") for one in gaps]


def _line(leg: Leg, entry: Entry) -> Line:
    message, delivery = entry.message, entry.delivery
    files = [one.attachment for one in message.parts if isinstance(one, Media)]
    return Line(
        leg=entry.leg,
        position=entry.position,
        direction=message.direction,
        token=token_of(entry),
        who=leg.author_name,
        thread=thread_of(leg.author_name, leg.audience),
        changed=CHANGED in text_of(entry),
        deleted=message.deleted_at is not None,
        state=delivery.state if delivery else "",
        told_twice=delivery is not None and MAY_ARRIVE_TWICE in delivery.reason,
        files=tuple(one.sha256 or one.state for one in files)
        if message.direction is Direction.IN
        else (),
        change_of=message.change.position if message.change else 0,
    )


def _channels(sandbox: Sandbox, directory: Path, telegram: str, mail: str, discord: str) -> str:
    """`telegram`, `mail` and `discord` are the hosts where they are found."""
    guild = sandbox.discord.guild().channels.values()
    ours = [str(one.id) for one in guild if one.name == "support"]
    bot = bot_channel(
        sandbox,
        directory,
        api_url=f"http://{telegram}:{sandbox.http_port}",
        poll_timeout_seconds=1,
        chat_per_second=1000,
        chat_burst=1000,
        **UNHURRIED,
    )
    mailbox = mail_channel(
        sandbox,
        directory,
        imap={"host": mail, "idle_seconds": 1, "command_seconds": CALL_SECONDS},
        smtp={"host": mail, "command_seconds": CALL_SECONDS, "final_dot_seconds": CALL_SECONDS},
    )
    guild_bot = discord_channel(
        sandbox,
        directory,
        route_to=f"{discord}:{sandbox.discord_port}",
        support_channels=ours,
        silence_seconds_max=3.0,
        invalid_seconds=0.1,
        checkpoint_seconds=0.2,
        channel_per_second=1000,
        channel_burst=1000,
        **UNHURRIED,
    )
    return bot + mailbox + guild_bot
