"""Whatever goes wrong on the way to Telegram: each message arrives once, or is said to be unknown.

The whole way out is real: agents' replies, lanes and budgets in a Redis, the adapter, HTTP. What
took effect is counted on the other side.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from adapters.telegram.adapter import open_adapter
from adapters.telegram.settings import TelegramSettings
from core.model.content import Media, MediaKind, Part, Poll, PollOption, Text
from core.model.conversation import Entry
from core.model.ids import MessageId, ThreadRef
from core.model.message import DeliveryState
from core.reply import Draft
from sandbox.faults import Chance, Fault, Kind, Storm
from sandbox.server import Sandbox
from sandbox.telegram.settings import FloodLimits
from sandbox.telegram.settings import TelegramSettings as SandboxSettings
from tests.e2e.telegram.phone import MEI, stored
from tests.e2e.telegram.rig import Core, Directory, settings
from tests.rigs.assembly import AGENT, Assembly, fresh_store, make_due
from tests.rigs.events import says
from tests.rigs.redis_server import RedisServer

PERSONS = ("mei", "jonas")
MESSAGES_PER_CHAT = 28
ARRIVALS = {
    DeliveryState.SENT: (1,),
    DeliveryState.FAILED: (0,),
    DeliveryState.UNKNOWN: (0, 1),
}
"""How often a message may have arrived of which the agent hears this in the end."""

CHANCES = tuple(
    Chance(fault, 0.07)
    for fault in (
        Fault("telegram", "*", Kind.RATE_LIMIT, retry_after=1),
        Fault("telegram", "*", Kind.SERVER_ERROR),
        Fault("telegram", "*", Kind.SERVER_ERROR, html=True, status=504),
        Fault("telegram", "*", Kind.DROP_BEFORE),
        Fault("telegram", "*", Kind.DROP_AFTER),
        Fault("telegram", "*", Kind.SLOW_AFTER, seconds=0.5),
        Fault("telegram", "*", Kind.RESET, seconds=0.0),
        Fault("telegram", "*", Kind.GARBLED),
        Fault("telegram", "*", Kind.CUT),
        Fault("telegram", "*", Kind.TRICKLE, seconds=0.1),
        Fault("telegram", "*", Kind.UNAUTHORISED),
        Fault("telegram", "*", Kind.BLOCKED),
    )
)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


def impatient(sandbox: Sandbox) -> TelegramSettings:
    """Budgets are another test's matter."""
    return settings(
        sandbox.http_url,
        sandbox.bot_token,
        request_timeout_seconds=0.3,
        upload_timeout_seconds=0.3,
        account_per_second=10_000.0,
        account_burst=1000,
        chat_per_second=10_000.0,
        chat_burst=1000,
        group_per_minute=600_000.0,
        group_burst=1000,
    )


@pytest.mark.parametrize("seed", [10, 32, 55])
async def test_every_message_arrives_once_or_is_said_to_be_unknown(
    server: RedisServer, tmp_path: Path, seed: int
) -> None:
    """Never twice, and never not at all while the agent believes that it was sent."""
    core = Core(Directory(tmp_path))
    async with (
        fresh_store(server.url) as store,
        Sandbox() as sandbox,
        open_adapter(impatient(sandbox), core.surroundings()) as adapter,
    ):
        line = Assembly(store, {"main": adapter})
        group = sandbox.telegram_host.create_basic_group("Harbour", ["mei"])
        for person in PERSONS:
            sandbox.phone.say(person, "hi")
        chats = [str(sandbox.world.person(person).telegram_id) for person in PERSONS]
        storm = Storm(seed, CHANCES)
        sandbox.world.faults.storms.append(storm)
        entries: list[Entry] = []
        for half in range(2):
            for chat in (*chats, str(group.id)):
                entries += await _write(line, core, chat, half, step=2, count=MESSAGES_PER_CHAT)
            if not half:
                sandbox.telegram_host.migrate_group(group.id)

        after = await _settled(line, entries)

        arrived = Counter(one.text for one in sandbox.world.journal.accepted)

    told = {_words(entry): entry.delivery.state for entry in after if entry.delivery}
    assert len(told) == 3 * MESSAGES_PER_CHAT
    assert set(arrived) <= set(told)
    for words, state in told.items():
        assert arrived[words] in ARRIVALS[state], (words, state)
    struck = Counter(strike.kind for strike in storm.struck)
    assert set(struck) == {chance.fault.kind for chance in CHANCES}
    assert len(told) // 4 < Counter(told.values())[DeliveryState.SENT] < len(told)


async def test_what_waits_its_turn_is_never_told_to_wait(
    server: RedisServer, tmp_path: Path
) -> None:
    """With the budgets as they come, Telegram's own limits are not met: no call is in vain."""
    core = Core(Directory(tmp_path))
    limits = SandboxSettings(flood=FloodLimits())
    async with (
        fresh_store(server.url) as store,
        Sandbox(telegram=limits) as sandbox,
        open_adapter(settings(sandbox.http_url, sandbox.bot_token), core.surroundings()) as adapter,
    ):
        line = Assembly(store, {"main": adapter})
        groups = [sandbox.phone.create_group(f"Pier {number}", ["mei"]) for number in range(6)]
        sandbox.phone.say("mei", "hi")
        entries: list[Entry] = []
        for group in groups:
            entries += await _write(line, core, str(group.id), 0, count=5)
        mei = str(sandbox.world.person("mei").telegram_id)
        entries += await _write(line, core, mei, 0, count=6)

        after = await _settled(line, entries)

    assert {entry.delivery.state for entry in after if entry.delivery} == {DeliveryState.SENT}
    assert len(sandbox.world.journal.accepted) == len(entries) == 36
    assert not sandbox.world.journal.refused


async def test_what_only_telegram_could_tell_reaches_the_agent_beside_what_was_planned(
    server: RedisServer, tmp_path: Path
) -> None:
    """Whoever reads the conversation sees in which form the customer got it."""
    core = Core(Directory(tmp_path))
    async with (
        fresh_store(server.url) as store,
        Sandbox() as sandbox,
        open_adapter(impatient(sandbox), core.surroundings()) as adapter,
    ):
        line = Assembly(store, {"main": adapter})
        sandbox.phone.say("mei", "hi")
        where = ThreadRef(channel="telegram", account="main", thread=MEI)
        await line.dispatcher.accept(says(where, MEI, "hi"))
        await line.settle()
        drawing = stored(core, MediaKind.IMAGE, content=b"<svg/>")
        poll = Poll(question="Which pier?", options=(PollOption(text="Three"),))
        draft = Draft(id=MessageId(line.new_id()), parts=(drawing, poll))
        entry = await line.agents.reply(await line.conversation_of(where), AGENT, draft)

        (after,) = await _settled(line, [entry])

    assert after.delivery is not None
    assert after.delivery.reason == (
        "a poll is sent as text;"
        " a picture is sent as a file: Telegram cannot show this one as a photo"
    )


async def _write(
    line: Assembly, core: Core, chat: str, first: int, *, step: int = 1, count: int
) -> list[Entry]:
    """An agent's answers into the chat: two texts, then a picture, and so on."""
    where = ThreadRef(channel="telegram", account="main", thread=chat)
    if not first:
        await line.dispatcher.accept(says(where, chat, "hi"))
        await line.settle()
    conversation = await line.conversation_of(where)
    written = []
    for number in range(first, count, step):
        words = f"{number} for {chat}"
        picture = stored(core, MediaKind.IMAGE, caption=words)
        part: Part = picture if number % 3 == 2 else Text(text=words)
        draft = Draft(id=MessageId(line.new_id()), parts=(part,))
        written.append(await line.agents.reply(conversation, AGENT, draft))
    return written


async def _settled(line: Assembly, entries: Sequence[Entry]) -> list[Entry]:
    """The entries when nothing is on its way. Only the pauses that Telegram asks for last."""
    async with asyncio.timeout(90):
        while True:
            await line.settle()
            after = [await line.views.entry(entry.leg, entry.position) for entry in entries]
            if all(entry.delivery and entry.delivery.state in ARRIVALS for entry in after):
                return after
            await make_due(line.store)


def _words(entry: Entry) -> str:
    (part,) = entry.message.parts
    assert isinstance(part, Text | Media)
    return part.text if isinstance(part, Text) else part.caption
