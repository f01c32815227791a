"""The search index follows what happens, whatever happens to it."""

import asyncio
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

from core.errors import PermanentDeliveryError
from core.ids import new_ulid
from core.model.content import Text
from core.model.event import MessageEdited
from core.model.ids import LegId, MessageId
from core.store.keys import LIVE
from core.store.store import Store
from gateway.search import Search, open_search
from gateway.search.hits import ConversationHit, MessageHit
from gateway.search.index import Known
from gateway.search.reading import LEGS_AT_A_TIME, MESSAGES_AT_A_TIME, Reading
from gateway.search.search import LATE_MS
from gateway.search.tables import NAME, Set
from gateway.search.terms import FORMAT
from gateway.search.undelivered import STATES
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer
from tests.rigs.searching import whole
from tests.rigs.waiting import eventually

CHAT = thread("5")


async def relayed(store: Store, line: Assembly) -> None:
    await line.settle()
    while await store.live.relay(tuple(range(store.keys.partitions))):
        pass


@asynccontextmanager
async def kept(data_dir: Path, store: Store) -> AsyncIterator[Search]:
    """A search whose index is kept up to date; at first it knows of everything."""
    async with open_search(data_dir, store) as search, asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(search.keep())
        try:
            await caught_up(search, store)
            yield search
        finally:
            keeping.cancel()


async def caught_up(search: Search, store: Store) -> None:
    """Nothing that has happened is missing."""

    async def is_so() -> bool:
        state = await search.state()
        known = state.answers and not (
            state.grows or state.behind or state.wanted or state.format != FORMAT
        )
        return bool(known) and state.position == await store.live.last_id()

    await eventually(is_so)


async def texts(search: Search, line: str) -> list[str]:
    """Of all messages that are found, from page to page."""
    found: list[str] = []
    after = ""
    while True:
        page = await search.find(line, "messages", after, 20)
        found += [one.snippet.text for one in page.rows if isinstance(one, MessageHit)]
        if not (after := page.next):
            return found


def index_of(data_dir: Path) -> tuple[object, ...]:
    """Everything in the set that answers."""
    db = sqlite3.connect(data_dir / NAME)
    try:
        (letter,) = db.execute("SELECT answers FROM state").fetchone()
        return whole(db, Set(letter))
    finally:
        db.close()


async def test_what_is_said_is_found_and_goes_on_being_found(
    store: Store, line: Assembly, tmp_path: Path
) -> None:
    """Nobody would find anything."""
    await line.dispatcher.accept(says(CHAT, "mei", "my parcel is lost", remote="1"))
    await relayed(store, line)

    async with kept(tmp_path, store) as search:
        body = MessageEdited(remote="1", parts=(Text(text="my package is lost"),))
        await line.dispatcher.accept(event(CHAT, "mei", body))
        await line.dispatcher.accept(says(CHAT, "mei", "我的包裹在哪里"))
        await line.settle()
        await line.agents.note(
            await line.conversation_of(CHAT),
            AGENT,
            MessageId(new_ulid()),
            (Text(text="lost at the depot"),),
        )
        await relayed(store, line)
        await caught_up(search, store)

        assert await texts(search, "包裹") == ["我的包裹在哪里"]
        assert await texts(search, "lost") == [
            "lost at the depot",
            "my package is lost my parcel is lost",
        ]
        assert await texts(search, "parcel package") == ["my package is lost my parcel is lost"]


async def test_an_index_that_was_away_too_long_looks_at_everything_again(
    store: Store, line: Assembly, tmp_path: Path
) -> None:
    """What was said, changed, deleted or failed while events were trimmed would never be known."""
    followed, anew = tmp_path / "followed", tmp_path / "anew"
    followed.mkdir()
    anew.mkdir()
    gone = thread("6")
    await line.dispatcher.accept(says(CHAT, "mei", "before", remote="1"))
    await line.dispatcher.accept(says(gone, "jonas", "forget it"))
    await line.settle()
    answer = await line.reply(await line.conversation_of(CHAT), "an answer")
    await relayed(store, line)
    async with kept(followed, store):
        pass
    platform = line.adapters["bot"]
    assert isinstance(platform, MemoryAdapter)
    platform.failures = [PermanentDeliveryError("the chat is gone")]
    await line.reply(await line.conversation_of(CHAT), "nobody had it")
    await line.dispatcher.accept(
        event(CHAT, "mei", MessageEdited(remote="1", parts=(Text(text="edited"),)))
    )
    await line.dispatcher.accept(says(thread("7"), "ken", "somebody new"))
    for key in await store.redis.keys(f"*{await line.leg_of(gone)}"):
        await store.redis.delete(key)
    await relayed(store, line)
    await store.redis.xtrim(LIVE, maxlen=1, approximate=False)

    async with kept(followed, store) as search, kept(anew, store):
        assert await texts(search, "edited") == ["edited before"]
        assert await texts(search, "answer") == ["an answer"]
        assert await texts(search, "forget") == []
        lost = await search.undelivered(STATES, "", 5)
        assert lost.places == [(answer.leg, answer.position + 1)]
    assert index_of(followed) == index_of(anew)


async def test_what_was_missed_is_said_to_be_missing(
    store: Store, line: Assembly, tmp_path: Path
) -> None:
    """An agent would take it for never said."""
    await line.dispatcher.accept(says(CHAT, "mei", "before"))
    await relayed(store, line)
    async with kept(tmp_path, store):
        pass
    known = await store.live.last_id()
    later_ms = int(known.partition("-")[0]) + 2 * LATE_MS
    await store.redis.xadd(
        LIVE, {"k": "in", "l": await line.leg_of(CHAT), "p": "1"}, f"{later_ms}-0"
    )
    with closing(sqlite3.connect(tmp_path / NAME)) as db, db:
        db.execute("UPDATE state SET behind = position, position = ?", (f"{later_ms}-0",))

    async with open_search(tmp_path, store) as search:
        while_behind = (await search.find("before", "messages", "", 5)).indexed_until
    async with kept(tmp_path, store) as search:
        afterwards = (await search.find("before", "messages", "", 5)).indexed_until

    assert while_behind is not None
    assert int(while_behind.timestamp() * 1000) == int(known.partition("-")[0])
    assert afterwards is None


async def test_an_index_that_was_half_made_goes_on(
    store: Store, line: Assembly, tmp_path: Path
) -> None:
    """A gateway that is restarted each day would never have made one of years."""
    for n in range(LEGS_AT_A_TIME + 50):
        await line.dispatcher.accept(says(thread(str(n)), f"who{n}", f"hello {n}"))
    await relayed(store, line)
    anew = tmp_path / "anew"
    anew.mkdir()

    async with open_search(tmp_path, store) as search:
        keeping = asyncio.create_task(search.keep())

        async def is_half_made() -> bool:
            return (await search.state()).walked > 0

        await eventually(is_half_made)
        keeping.cancel()
        await asyncio.wait({keeping})
        half = await search.state()
    async with kept(tmp_path, store) as search, kept(anew, store):
        whole_of_it = await search.state()

    assert (half.answers, whole_of_it.answers) == ("", half.grows)
    assert index_of(tmp_path) == index_of(anew)


async def test_so_many_messages_are_read_at_a_time_however_many_there_are(
    store: Store, line: Assembly
) -> None:
    """A gateway that has years to catch up with would hold all of it in memory."""
    said = MESSAGES_AT_A_TIME // 2 + 10
    for n in range(said):
        for chat in (CHAT, thread("6"), thread("7")):
            await line.dispatcher.accept(says(chat, f"who{chat.thread}", f"hello {n}"))
    await line.settle()
    legs = [await line.leg_of(chat) for chat in (CHAT, thread("6"), thread("7"))]

    async def nothing(_: Sequence[LegId]) -> dict[LegId, Known]:
        return {}

    reading = Reading(store, nothing, dict.fromkeys(legs, ()))
    reads = [read async for read in reading]

    sizes = [sum(len(entries) for _, entries in read.legs) for read in reads]
    assert sizes == [MESSAGES_AT_A_TIME, 3 * said - MESSAGES_AT_A_TIME]
    assert [(read.done, read.is_last) for read in reads] == [(1, False), (2, True)]
    found = [(one.leg, one.position) for read in reads for _, them in read.legs for one in them]
    assert sorted(found) == sorted((leg, n) for leg in legs for n in range(1, said + 1))


async def test_an_index_of_another_version_or_none_at_all_is_made_anew(
    store: Store, line: Assembly, tmp_path: Path
) -> None:
    """An upgrade would leave an index that nobody can read."""
    await line.dispatcher.accept(says(CHAT, "mei", "hello"))
    await relayed(store, line)
    async with kept(tmp_path, store):
        pass
    with closing(sqlite3.connect(tmp_path / NAME)) as db, db:
        db.execute("UPDATE state SET format = 'older'")

    async with kept(tmp_path, store) as search:
        assert await texts(search, "hello") == ["hello"]

    (tmp_path / NAME).write_bytes(b"no database, but long enough to be taken for one" * 40)
    async with kept(tmp_path, store) as search:
        assert await texts(search, "hello") == ["hello"]


async def test_an_index_answers_while_another_is_made(
    store: Store, line: Assembly, tmp_path: Path
) -> None:
    """Nobody could search for as long as a rebuild takes."""
    for n in range(150):
        await line.dispatcher.accept(says(thread(str(n)), f"who{n}", f"hello {n}"))
    await relayed(store, line)

    async with kept(tmp_path, store) as search:
        before, answers = (await search.state()).answers, []
        await search.want_anew()
        await line.dispatcher.accept(says(CHAT, "mei", "said meanwhile"))
        await relayed(store, line)
        while (await search.state()).answers == before:
            answers.append(await texts(search, '"hello 7"'))
        await caught_up(search, store)

        assert all(one == ["hello 7"] for one in answers)
        assert await texts(search, "meanwhile") == ["said meanwhile"]
        assert await texts(search, '"hello 7"') == ["hello 7"]


async def test_what_is_erased_is_found_no_more(
    store: Store, line: Assembly, tmp_path: Path
) -> None:
    """A search would go on quoting what nobody may keep."""
    await line.dispatcher.accept(says(CHAT, "mei", "forget meimeimei"))
    await relayed(store, line)
    leg = await line.leg_of(CHAT)

    async with kept(tmp_path, store) as search:
        for key in await store.redis.keys(f"*{leg}"):
            await store.redis.delete(key)
        await store.redis.xadd(LIVE, {"k": "erased", "l": leg, "p": "0"})
        await caught_up(search, store)

        assert await texts(search, "forget") == []
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        words = [word for (word,) in db.execute("SELECT term FROM a_spoken")]
    assert "meimeimei" not in words


async def test_a_conversation_is_found_where_it_is(
    store: Store, line: Assembly, tmp_path: Path
) -> None:
    """What was joined or closed since would be found where it was."""
    for name in ("5", "6"):
        await line.dispatcher.accept(says(thread(name), f"who{name}", "hello"))
    await relayed(store, line)

    async with kept(tmp_path, store) as search:
        one, other = await line.leg_of(thread("5")), await line.leg_of(thread("6"))
        await line.joins.merge("merge", one, other, "a test")
        await relayed(store, line)
        await caught_up(search, store)
        found = (await search.find("who6", "conversations", "", 5)).rows
        first: LegId = min(one, other)
        assert [row.id for row in found if isinstance(row, ConversationHit)] == [first]


async def test_an_index_whose_keeper_is_killed_is_as_if_it_had_not_been(
    server: RedisServer, store: Store, line: Assembly, tmp_path: Path
) -> None:
    """A machine that loses power would leave messages that nobody finds, or finds twice."""
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    rng = random.Random(seed)

    async def say(count: int) -> None:
        for n in range(count):
            chat = thread(str(rng.randrange(12)))
            text = f"message {n} {rng.choice(('hello', '订单发货', 'straße', '0x9fA3'))}"
            await line.dispatcher.accept(says(chat, f"who{chat.thread}", text))
        await relayed(store, line)

    for _ in range(2):
        await say(30)
        begun = await store.live.last_id()
        victim = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.store.search_victim", server.url, str(tmp_path)
        )
        await eventually(lambda: _position(tmp_path) == begun, timeout_seconds=30)  # noqa: B023
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(say(120))
            await asyncio.sleep(rng.uniform(0, 0.3))
            victim.send_signal(signal.SIGKILL)
            await victim.wait()

    async with kept(tmp_path, store):
        pass
    anew = tmp_path / "anew"
    anew.mkdir()
    async with kept(anew, store):
        pass

    assert index_of(tmp_path) == index_of(anew)


def _position(data_dir: Path) -> str:
    """Up to which event an index knows, as another process sees it."""
    try:
        with closing(sqlite3.connect(f"file:{data_dir / NAME}?mode=ro", uri=True)) as db:
            found = db.execute("SELECT position FROM state WHERE answers != ''").fetchone()
    except sqlite3.Error:
        return ""
    return str(found[0]) if found else ""
