"""What was said where the bot could not hear it for a while, though its session went on."""

import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.discord.places import snowflake_at
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.contract.surroundings import Lent
from tests.e2e.discord.line_rig import Line, settings
from tests.e2e.discord.test_backfill import Clock
from tests.rigs.waiting import eventually


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(now=clock) as sandbox:
        yield sandbox


def _line(sandbox: Sandbox, tmp_path: Path, **changes: Any) -> Line:
    return Line(sandbox, Lent(tmp_path), settings(sandbox, **changes))


def _open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


async def test_a_guild_that_was_out_of_reach_is_read_when_it_is_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Discord's own outages take a guild away from a connection that stands; nobody would ever
    answer what was asked just then.
    """
    app, line = sandbox.discord, _line(sandbox, tmp_path)
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before", "support")
        await eventually(lambda: line.texts == ["before"])
        app.outage()
        app.say("mei", "meanwhile", "support")
        app.forum_post("mei", "Broken", "meanwhile, in a new post")
        app.outage(over=True)
        app.say("mei", "after", "support")
        await eventually(lambda: len(line.texts) == 4)

    assert [one for one in line.texts if "post" not in one] == ["before", "meanwhile", "after"]


async def test_a_guild_that_comes_back_after_a_restart_is_read(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """An update of the gateway in the middle of such an outage would forget that it was one."""
    app, line = sandbox.discord, _line(sandbox, tmp_path)
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before", "support")
        await eventually(lambda: line.texts == ["before"])
        app.outage()
    app.say("mei", "meanwhile", "support")
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.outage(over=True)
        await eventually(lambda: line.texts == ["before", "meanwhile"])


async def test_what_was_said_while_the_bot_was_shut_out_is_read_when_it_is_let_in_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Somebody tidies up, throws the bot out and invites it again a minute later."""
    app, line = sandbox.discord, _line(sandbox, tmp_path)
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before", "support")
        await eventually(lambda: line.texts == ["before"])
        app.kick_bot()
        app.say("mei", "meanwhile", "support")
        app.invite_bot()
        app.say("mei", "after", "support")
        await eventually(lambda: line.texts == ["before", "meanwhile", "after"])


async def test_a_thread_that_was_archived_meanwhile_is_read_by_a_gateway_that_knew_it(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """What is known of a thread from before the outage does not say what was said in it since."""
    app, line = sandbox.discord, _line(sandbox, tmp_path)
    bot = sandbox.world.discord.applications[0].id
    async with line.receiving():
        await eventually(lambda: line.connected)
        thread = app.open_thread("mei", "mine", "general")
        app.say("mei", f"<@{bot}> help", thread.id)
        await eventually(lambda: len(line.texts) == 1)
        await eventually(lambda: line.lent.checkpoints.values.get("session.0", "") != "")
        await eventually(lambda: str(thread.id) in "".join(line.lent.checkpoints.values.values()))
        sandbox.discord_gateway.lose()
        clock.passes(timedelta(minutes=90))
        app.say("mei", "anybody?", thread.id)
        app.archive("kofi", thread.id)
        await eventually(lambda: len(line.texts) == 2)

    assert line.texts[1] == "anybody?"


async def test_who_wrote_first_while_one_shard_was_away_is_heard_though_another_was_lost_later(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """Direct messages come over the first shard; what happens to the others is no matter."""
    app, gateway = sandbox.discord, sandbox.discord_gateway
    line, hour = _line(sandbox, tmp_path, shards=2), timedelta(hours=1)
    kept = line.lent.checkpoints.values
    async with line.receiving():
        await eventually(lambda: {"session.0", "session.1"} <= set(kept))
    session = msgspec.json.decode(kept["session.0"])
    session["newest"] = snowflake_at(datetime.now(UTC) - hour)  # nothing was told for so long
    kept["session.0"] = msgspec.json.encode(session).decode()
    gateway.lost(next(one for one in gateway.sessions.values() if one.identity.covers_direct))
    clock.passes(-hour / 2)
    app.say("mei", "meanwhile")
    clock.passes(hour / 2)
    async with line.receiving():
        await eventually(lambda: len(gateway.sessions) == 2)
        app.say("mei", "in the guild", "support")
        await eventually(lambda: line.texts == ["in the guild"])
        second = next(one for one in gateway.sessions.values() if not one.identity.covers_direct)
        identified = sandbox.world.journal.calls["discord.gateway.IDENTIFY"]
        gateway.lost(second)
        gateway.drop()
        await eventually(
            lambda: sandbox.world.journal.calls["discord.gateway.IDENTIFY"] > identified
        )
        await eventually(lambda: len(gateway.sessions) == 2)
        app.say("mei", "hello?")
        await eventually(lambda: "hello?" in line.texts)

    assert line.texts == ["in the guild", "meanwhile", "hello?"]


async def test_a_note_that_is_spoilt_costs_nothing_that_others_can_tell(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """A bot without a note of its session would take itself for a new one, and read nothing."""
    app, line = sandbox.discord, _line(sandbox, tmp_path)
    kept = line.lent.checkpoints.values
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before")
        await eventually(lambda: any("directs" in name for name in kept))
    kept["session.0"] = '{"session": 7'
    app.say("mei", "meanwhile")
    async with line.receiving():
        await eventually(lambda: line.texts == ["before", "meanwhile"])


async def test_a_thread_that_discord_does_not_tell_of_is_asked_for_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """A few minutes in which Discord answers nothing would make the bot deaf there for weeks."""
    app, line = sandbox.discord, _line(sandbox, tmp_path)
    async with line.receiving():
        await eventually(lambda: line.connected)
        post = app.forum_post("mei", "Broken", "in a post").channel
        await eventually(lambda: line.texts == ["in a post"])
    for operation, times in (("get_guild", 20), ("get_channel", 10)):
        fault = Fault("discord", operation, Kind.SERVER_ERROR, nth=1, count=times)
        sandbox.world.faults.add(fault)
    async with line.receiving():
        app.say("mei", "in the dark", post.id)
        await eventually(lambda: len(line.lent.gaps.gaps) == 1)
        app.say("mei", "in the light", post.id)
        await eventually(lambda: "in the light" in line.texts)

    (gap,) = line.lent.gaps.gaps
    assert gap.thread is not None
    assert gap.thread.thread.endswith(str(post.id))


async def test_a_hundred_connections_leave_nothing_behind(sandbox: Sandbox, tmp_path: Path) -> None:
    """A gateway that runs for weeks would come to the end of its threads, or of its files."""
    app, line = sandbox.discord, _line(sandbox, tmp_path, back_off_seconds_max=0.01)
    journal = sandbox.world.journal
    async with line.receiving():
        await eventually(lambda: line.connected)
        before = threading.active_count(), _open_files()
        for number in range(100):
            resumed = journal.calls["discord.gateway.RESUME"]
            sandbox.discord_gateway.drop(reset=bool(number % 2))
            app.say("mei", f"number {number}")
            await eventually(lambda: journal.calls["discord.gateway.RESUME"] > resumed)  # noqa: B023
        await eventually(lambda: len(line.texts) == 100)
        await eventually(lambda: threading.active_count() <= before[0] + 1)
        assert _open_files() <= before[1] + 4

    assert line.texts == [f"number {number}" for number in range(100)]


async def test_what_its_author_took_back_stays_before_what_they_said_then(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """A session that goes on tells of a message that no history has any more; whoever answers
    would read it as the last word.
    """
    app, gateway, line = sandbox.discord, sandbox.discord_gateway, _line(sandbox, tmp_path)
    kept = line.lent.checkpoints.values
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before", "support")
        await eventually(lambda: line.texts == ["before"])
    gateway.lost(next(iter(gateway.sessions.values())))
    async with line.receiving():
        await eventually(lambda: line.connected)
        await eventually(lambda: msgspec.json.decode(kept["session.0"])["since"] > 0)
    clock.passes(timedelta(seconds=10))
    app.delete("kofi", app.say("kofi", "the wrong number"))
    app.say("kofi", "the right number")

    async with line.receiving():
        await eventually(lambda: len(line.texts) == 3)

    assert line.texts == ["before", "the wrong number", "the right number"]


async def test_a_first_session_is_on_record_before_the_first_checkpoint_is_due(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whoever is killed in the first second would take the next start for the first, and never ask
    for what was said in between.
    """
    line = _line(sandbox, tmp_path, checkpoint_seconds=600.0)
    async with line.receiving():
        await eventually(lambda: "session.0" in line.lent.checkpoints.values)
