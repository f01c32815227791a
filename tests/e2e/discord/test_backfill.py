"""A lost session: what was said meanwhile is read, in order, once; the rest is on record."""

import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core.model.event import MessageCreated, Origin
from core.ports import Gap
from sandbox.discord.guilds import Channel
from sandbox.discord.kinds import Permission
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.contract.surroundings import Lent
from tests.e2e.discord.line_rig import Line, channel, settings
from tests.rigs.waiting import eventually

PLACES, MESSAGES = 20, 300
TEN_MINUTES = timedelta(minutes=10)


class Clock:
    """The world's time, which can be let pass."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self._ahead

    def passes(self, duration: timedelta) -> None:
        self._ahead += duration.total_seconds()


class Spot(NamedTuple):
    """Where somebody writes."""

    person: str
    channel: Channel


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(now=clock) as sandbox:
        yield sandbox


def _spots(sandbox: Sandbox) -> list[Spot]:
    """Twenty in all, of which everything is for us: channels, threads, posts, direct messages."""
    app = sandbox.discord
    persons = list(sandbox.world.persons)
    channels = [app.create_channel(f"desk-{n}") for n in range(PLACES - 8 - len(persons))]
    threads = [app.open_thread("mei", f"thread {n}", channels[0].id) for n in range(4)]
    posts = [app.forum_post("mei", f"post {n}", f"post {n}: it begins").channel for n in range(4)]
    direct = [Spot(person, app.say(person, "hello").channel) for person in persons]
    return [*(Spot("mei", one) for one in (*channels, *threads, *posts)), *direct]


def _line(sandbox: Sandbox, tmp_path: Path, spots: Sequence[Spot], **changes: Any) -> Line:
    names = [str(one.channel.id) for one in spots if one.channel.guild and not one.channel.parent]
    support = (*names, channel(sandbox, "support"), channel(sandbox, "questions"))
    options = settings(sandbox, support_channels=support, **changes)
    return Line(sandbox, Lent(tmp_path), options)


def _speak(sandbox: Sandbox, clock: Clock, spots: Sequence[Spot]) -> dict[int, list[str]]:
    """Ten minutes of 300 messages all over; -> what was said where."""
    said: dict[int, list[str]] = {one.channel.id: [] for one in spots}
    for number in range(MESSAGES):
        spot = spots[number * 7 % PLACES]
        clock.passes(TEN_MINUTES / MESSAGES)
        sandbox.discord.say(spot.person, f"while away {number}", spot.channel.id)
        said[spot.channel.id].append(f"while away {number}")
    return said


def _stored(line: Line) -> dict[int, list[str]]:
    """What was said while away, by channel, in the order in which it was stored, once each."""
    found: dict[int, list[str]] = {}
    seen = set[tuple[str, str]]()
    for event in line.inbox.events:
        key = (event.thread.thread, event.dedup)
        if key in seen or not isinstance(event.body, MessageCreated):
            continue
        seen.add(key)
        text = getattr(event.body.parts[0], "text", "")
        if text.startswith("while away"):
            found.setdefault(int(event.thread.thread.rpartition("/")[2]), []).append(text)
    return found


def _gaps(line: Line) -> list[Gap]:
    """Those of channels."""
    return [gap for gap in line.lent.gaps.gaps if gap.thread is not None]


async def _begun(line: Line, spots: Sequence[Spot]) -> None:
    """The bot has heard of every place once, and is gone."""
    async with line.receiving():
        await eventually(lambda: line.connected)
        await eventually(lambda: "session.0" in line.lent.checkpoints.values)
        for one in spots:
            line.sandbox.discord.say(one.person, "first", one.channel.id)
        await eventually(lambda: line.texts.count("first") == len(spots))


async def _heard(line: Line, count: int) -> None:
    """Returns when so much of what was said while away is stored."""
    await eventually(lambda: sum(map(len, _stored(line).values())) >= count)


async def test_ten_minutes_of_twenty_channels_are_read_in_order_once(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """After an outage of ours or of Discord's nobody would ever answer these people."""
    spots = _spots(sandbox)
    line = _line(sandbox, tmp_path, spots)
    await _begun(line, spots)

    said = _speak(sandbox, clock, spots)
    async with line.receiving():
        await _heard(line, MESSAGES)
        sandbox.discord.say("mei", "while away, and now", spots[0].channel.id)
        await eventually(lambda: "while away, and now" in line.texts)

    said[spots[0].channel.id].append("while away, and now")
    assert _stored(line) == said
    assert _gaps(line) == []
    assert {event.origin for event in line.inbox.events} == {Origin.LIVE}


async def test_what_is_written_while_it_is_read_comes_behind_it(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """The answer to a question would stand before the question."""
    spots = _spots(sandbox)
    line = _line(sandbox, tmp_path, spots)

    async with line.receiving():
        await eventually(lambda: line.connected)
        await eventually(lambda: "session.0" in line.lent.checkpoints.values)
        slow = Fault("discord", "list_messages", Kind.SLOW_AFTER, count=10, seconds=0.1)
        sandbox.world.faults.add(slow)
        sandbox.discord_gateway.lose()
        said = _speak(sandbox, clock, spots)
        await eventually(lambda: line.connected)
        for one in spots:
            sandbox.discord.say(one.person, "while away: now", one.channel.id)
            said[one.channel.id].append("while away: now")
        total = sum(map(len, said.values()))
        await _heard(line, total)

    assert _stored(line) == said


async def test_what_cannot_be_read_is_on_record_and_the_rest_is_read(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """A customer would wait for ever, and nobody would know that they had written."""
    spots = _spots(sandbox)
    line = _line(sandbox, tmp_path, spots)
    await _begun(line, spots)
    said = _speak(sandbox, clock, spots)
    silent, closed = spots[1].channel, spots[2].channel
    bot = str(sandbox.world.discord.applications[0].id)
    sandbox.discord.permit(silent.id, bot, deny=Permission.READ_MESSAGE_HISTORY)
    sandbox.discord.permit(closed.id, bot, deny=Permission.VIEW_CHANNEL)

    async with line.receiving():
        hidden = said.pop(silent.id) + said.pop(closed.id)
        await _heard(line, MESSAGES - len(hidden))
        await eventually(lambda: len(line.lent.gaps.gaps) >= 3)

    assert _stored(line) == said
    assert [gap.thread.thread for gap in _gaps(line) if gap.thread] == [
        f"{sandbox.discord.guild().id}/{silent.id}"
    ]
    assert any(str(closed.id) in gap.reason for gap in line.lent.gaps.gaps)


async def test_a_gateway_that_is_killed_meanwhile_reads_the_rest(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """A crash in the middle would take for read what was not."""
    spots = _spots(sandbox)
    line = _line(sandbox, tmp_path, spots)
    await _begun(line, spots)
    said = _speak(sandbox, clock, spots)

    for part in (40, 110, 200):
        line.inbox.stops_at = part
        async with line.receiving():
            await eventually(lambda: line.inbox.dead)
    line.inbox.stops_at = 0
    async with line.receiving():
        await _heard(line, MESSAGES)

    assert _stored(line) == said


async def test_threads_that_began_and_ended_meanwhile_are_read(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """Somebody who asked, and whose post was closed for silence, would never be answered."""
    line = _line(sandbox, tmp_path, [])
    old = sandbox.discord.open_thread("mei", "old", "support")
    await _begun(line, [Spot("mei", old)])
    app = sandbox.discord
    clock.passes(TEN_MINUTES)
    app.say("mei", "while away, in an old one", old.id)
    app.archive("kofi", old.id)
    new = app.forum_post("mei", "Broken", "while away, in a new one").channel
    app.archive("kofi", new.id)
    active = app.forum_post("mei", "Broken, too", "while away, and still open").channel

    async with line.receiving():
        await eventually(lambda: len(_stored(line)) == 3)

    assert _stored(line) == {
        old.id: ["while away, in an old one"],
        new.id: ["while away, in a new one"],
        active.id: ["while away, and still open"],
    }
    assert _gaps(line) == []


async def test_who_wrote_for_the_first_time_meanwhile_is_heard_when_they_write_again(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """Nobody can ask Discord for direct messages of people that are not known yet."""
    line = _line(sandbox, tmp_path, [])
    async with line.receiving():
        await eventually(lambda: line.connected)
        await eventually(lambda: "session.0" in line.lent.checkpoints.values)
    clock.passes(TEN_MINUTES)
    place = sandbox.discord.say("mei", "while away, in private").channel

    async with line.receiving():
        await eventually(lambda: line.connected)
        sandbox.discord.say("mei", "while away: hello?")
        await eventually(lambda: bool(_stored(line)))

    assert _stored(line) == {place.id: ["while away, in private", "while away: hello?"]}
    assert any("never written before" in gap.reason for gap in line.lent.gaps.gaps)


async def test_more_than_may_be_read_is_on_record(sandbox: Sandbox, tmp_path: Path) -> None:
    """A busy channel would hold up all others for hours, or be cut without a word."""
    support = sandbox.discord.place("mei", "support")
    line = _line(sandbox, tmp_path, [], backfill_messages_max=100)
    await _begun(line, [Spot("mei", support)])
    sandbox.discord_gateway.sessions.clear()
    said = [f"while away {number}" for number in range(150)]
    for text in said:
        sandbox.discord.say("mei", text, "support")

    async with line.receiving():
        await eventually(lambda: len(_gaps(line)) == 1)

    assert _stored(line)[support.id] == said[:100]
    gap = _gaps(line)[0]
    assert "more than 100 messages" in gap.reason
    assert gap.since < gap.until


async def test_discord_that_fails_meanwhile_is_asked_again(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """Discord has its outages, too, and then everybody reads at once."""
    spots = _spots(sandbox)
    line = _line(sandbox, tmp_path, spots)
    await _begun(line, spots)
    said = _speak(sandbox, clock, spots)
    for nth, kind in ((2, Kind.SERVER_ERROR), (5, Kind.DROP_AFTER), (8, Kind.GARBLED)):
        sandbox.world.faults.add(Fault("discord", "list_messages", kind, nth=nth))
    limit = Fault("discord", "list_messages", Kind.RATE_LIMIT, nth=12, retry_after=0.05)
    sandbox.world.faults.add(limit)

    async with line.receiving():
        await _heard(line, MESSAGES)

    assert _stored(line) == said
    assert _gaps(line) == []


async def test_a_session_that_is_lost_while_another_is_made_up_for_holds_nothing_up(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """After two outages in a row nothing would be noted as stored any more."""
    spots = _spots(sandbox)
    line = _line(sandbox, tmp_path, spots)
    await _begun(line, spots)
    said = _speak(sandbox, clock, spots)
    slow = Fault("discord", "list_messages", Kind.SLOW_AFTER, count=8, seconds=0.2)
    sandbox.world.faults.add(slow)
    sandbox.world.faults.add(Fault("discord", "gateway.GUILD_CREATE", Kind.LOST))
    kept = line.lent.checkpoints.values
    before = kept["session.0"]

    async with line.receiving():
        await _heard(line, MESSAGES)
        await eventually(lambda: kept["session.0"] != before)
        (session,) = sandbox.discord_gateway.sessions
        await eventually(lambda: session in kept["session.0"])

    assert _stored(line) == said
