"""A shard's session with the gateway: gone on with wherever it breaks, whoever breaks it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from adapters.discord.line.commands import keep_commands
from adapters.discord.line.rest import open_rest
from core.errors import AuthenticationError, ConfigurationError, Stale
from core.model.event import MessageCreated, Reacted
from core.ports import Checkpoints
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.contract.surroundings import Lent, MemoryCheckpoints
from tests.e2e.discord.line_rig import Line, settings
from tests.rigs.waiting import eventually


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with Sandbox() as sandbox:
        yield Line(sandbox, Lent(tmp_path), settings(sandbox))


def _identified(line: Line) -> int:
    return line.sandbox.world.journal.calls["discord.gateway.IDENTIFY"]


async def test_what_is_said_anywhere_that_is_ours_arrives(line: Line) -> None:
    """Customers who write in private, in a channel or in a thread."""
    app = line.sandbox.discord

    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "in private")
        app.say("mei", "in the channel", "support")
        app.say("mei", "among others", "general")
        post = app.forum_post("mei", "Broken", "in a post")
        app.say("kofi", "me too", post.channel.id)
        await eventually(lambda: len(line.texts) == 4)

    assert line.texts == ["in private", "in the channel", "in a post", "me too"]


@pytest.mark.parametrize("compression", ["zstd-stream", "zlib-stream", ""])
async def test_every_compression_is_understood(tmp_path: Path, compression: str) -> None:
    """An installation without one of the libraries, or behind a proxy that wants plain text."""
    async with Sandbox() as sandbox:
        line = Line(sandbox, Lent(tmp_path), settings(sandbox, compression=compression))
        async with line.receiving():
            await eventually(lambda: line.connected)
            for number in range(30):
                sandbox.discord.say("mei", f"number {number} " + "ä" * 500)
            await eventually(lambda: len(line.texts) == 30)

        assert [text.split()[1] for text in line.texts] == [str(n) for n in range(30)]


@pytest.mark.parametrize(
    "end",
    [
        lambda gateway: gateway.reconnect(),
        lambda gateway: gateway.invalidate(resumable=True),
        lambda gateway: gateway.drop(),
        lambda gateway: gateway.drop(reset=True),
        lambda gateway: gateway.close(1001),
        lambda gateway: gateway.close(4000),
        lambda gateway: gateway.close(4002),
        lambda gateway: gateway.send("{"),
        lambda gateway: gateway.send('{"op":99,"d":[]}'),
    ],
    ids=["op 7", "op 9 true", "drop", "reset", "1001", "4000", "4002", "broken JSON", "unknown op"],
)
async def test_a_connection_that_breaks_costs_nothing(line: Line, end: object) -> None:
    """What a customer writes in such a moment would be lost, or the bot would be deaf."""
    assert callable(end)
    app = line.sandbox.discord

    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before")
        await eventually(lambda: line.texts == ["before"])
        end(line.sandbox.discord_gateway)
        for number in range(20):
            app.say("mei", f"meanwhile {number}")
        await eventually(lambda: len(line.texts) == 21)

    assert line.texts == ["before", *(f"meanwhile {number}" for number in range(20))]
    assert _identified(line) == 1
    assert line.lent.gaps.gaps == []


@pytest.mark.parametrize("code", [None, 4007, 4009])
async def test_a_session_that_is_over_begins_anew_and_what_was_missed_is_read(
    line: Line, code: int | None
) -> None:
    """Everything that customers wrote until the bot is back would be lost."""
    app, gateway = line.sandbox.discord, line.sandbox.discord_gateway

    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before", "support")
        await eventually(lambda: line.texts == ["before"])
        if code is None:
            gateway.invalidate()
        else:
            gateway.close(code)
        for number in range(5):
            app.say("mei", f"meanwhile {number}", "support")
        await eventually(lambda: len(line.texts) == 6)
        await eventually(lambda: line.connected)
        app.say("mei", "after", "support")
        await eventually(lambda: len(line.texts) == 7)

    assert line.texts == ["before", *(f"meanwhile {number}" for number in range(5)), "after"]


@pytest.mark.parametrize(
    ("code", "failure", "remedy"),
    [
        (4004, AuthenticationError, "Bot page"),
        (4010, ConfigurationError, "shard_ids"),
        (4011, ConfigurationError, "raise shards"),
        (4012, ConfigurationError, "update Trunkline"),
        (4013, ConfigurationError, "update Trunkline"),
        (4014, ConfigurationError, "Message Content Intent"),
    ],
)
async def test_what_is_final_ends_the_inbox_and_names_the_remedy(
    line: Line, code: int, failure: type[Exception], remedy: str
) -> None:
    """An operator would see a bot that connects for ever and never hears anything."""
    async with line.receiving() as task:
        await eventually(lambda: line.connected)
        line.sandbox.discord_gateway.close(code)
        await eventually(task.done)

    with pytest.raises(failure, match=remedy):
        task.result()


async def test_an_intent_that_is_not_switched_on_is_named(tmp_path: Path) -> None:
    """The most usual mistake when a bot is set up."""
    async with Sandbox() as sandbox:
        sandbox.discord.grant()
        line = Line(sandbox, Lent(tmp_path), settings(sandbox))
        async with line.receiving() as task:
            await eventually(task.done)

        with pytest.raises(ConfigurationError, match="Message Content Intent"):
            task.result()


async def test_a_gateway_that_was_ended_goes_on_where_it_was(line: Line) -> None:
    """A restart for an update would lose what is written meanwhile, or cost a day's session."""
    app = line.sandbox.discord
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before", "support")
        app.say("mei", "before, in private")
        await eventually(lambda: len(line.texts) == 2)
        await eventually(lambda: "session.0" in line.lent.checkpoints.values)

    app.say("mei", "meanwhile", "support")
    thread = app.open_thread("mei", "Mine", "support")
    app.say("mei", "in a new thread", thread.id)
    app.say("mei", "not for us", "general")
    async with line.receiving():
        await eventually(lambda: len(line.texts) == 4)

    assert line.texts[2:] == ["meanwhile", "in a new thread"]
    assert _identified(line) == 1


async def test_a_private_thread_stays_one_for_a_process_that_was_never_told_of_it(
    line: Line,
) -> None:
    """What is said among a few would be shown as if all had read it."""
    app = line.sandbox.discord
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before", "support")
        thread = app.open_thread("mei", "Among us", "support", private=True)
        bot = line.sandbox.world.discord.applications[0].id
        app.say("mei", f"<@{bot}> come in", thread.id)
        await eventually(lambda: len(line.texts) == 2)
        await eventually(lambda: "session.0" in line.lent.checkpoints.values)
    line.inbox.events.clear()

    app.say("mei", "a secret", thread.id)
    async with line.receiving():
        await eventually(lambda: line.texts == ["a secret"])

    assert [event.audience.value for event in line.inbox.events] == ["group"]
    assert _identified(line) == 1


async def test_events_of_a_crash_come_again_in_their_order(line: Line) -> None:
    """kill -9: whatever was under way then is told once more, and nothing before it is skipped."""
    app, kept = line.sandbox.discord, line.lent.checkpoints
    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before")
        await eventually(lambda: line.texts == ["before"])
        await eventually(lambda: "session.0" in kept.values)
    remembered = dict(kept.values)
    async with line.receiving():
        for number in range(10):
            app.say("mei", f"number {number}")
        await eventually(lambda: len(line.texts) == 11)
    kept.values = remembered  # as if that process had never come to note anything

    line.inbox.events.clear()
    async with line.receiving():
        await eventually(lambda: len(line.texts) == 10)

    assert line.texts == [f"number {number}" for number in range(10)]


async def test_while_the_store_is_away_nothing_is_lost_and_hearts_beat(tmp_path: Path) -> None:
    """An outage of the store of a few minutes would cost the session, and messages."""
    async with Sandbox() as sandbox:
        sandbox.world.discord.settings = replace(
            sandbox.world.discord.settings, heartbeat_seconds=0.3, patience=5.0
        )
        line = Line(sandbox, Lent(tmp_path), settings(sandbox, under_way_max=5))
        async with line.receiving():
            await eventually(lambda: line.connected)
            line.inbox.refusals = 1_000_000
            for number in range(100):
                sandbox.discord.say("mei", f"number {number}", "support" if number % 2 else None)
            lines = sandbox.discord_gateway.lines
            await eventually(lambda: any(one.beats > 5 for one in lines))
            line.inbox.refusals = 0
            await eventually(lambda: len(line.texts) == 100)

        numbers = [int(text.split()[1]) for text in line.texts]
        assert [one for one in numbers if one % 2 == 0] == list(range(0, 100, 2))
        assert [one for one in numbers if one % 2] == list(range(1, 100, 2))
        assert _identified(line) == 1


async def test_who_asks_by_a_command_is_heard_though_nothing_can_be_stored(tmp_path: Path) -> None:
    """Discord tells people after three seconds that the bot did not answer: just when something is
    wrong nobody would be told that their request is kept.
    """
    async with Sandbox() as sandbox:
        line = Line(sandbox, Lent(tmp_path), settings(sandbox, under_way_max=4))
        app, gateway = sandbox.discord, sandbox.discord_gateway
        async with open_rest(line.options, line.lent.remarks.append) as rest:
            await keep_commands(rest, line.options, line.lent.remarks.append)
        async with line.receiving():
            await eventually(lambda: line.connected)
            line.inbox.refusals = 1_000_000
            said = [f"number {number}" for number in range(30)]
            for text in said:
                app.say("mei", text)
            for _ in range(2):
                app.slash("mei", "support")
            gateway.reconnect()
            await eventually(lambda: len(line.asked.kinds) >= 2)
            assert line.texts == []
            for _ in range(6):
                await _resumed(line, gateway.drop)
            line.inbox.refusals = 0
            await eventually(lambda: len(line.texts) == 30)
            app.say("mei", "after")
            await eventually(lambda: len(line.texts) == 31)

        assert line.texts == [*said, "after"]
        assert _identified(line) == 1


async def _resumed(line: Line, end: Callable[[], object]) -> None:
    """The connection is ended, and the session gone on with."""
    resumed = line.sandbox.world.journal.calls["discord.gateway.RESUME"]
    end()
    await eventually(lambda: line.sandbox.world.journal.calls["discord.gateway.RESUME"] > resumed)


async def test_a_line_on_which_nobody_answers_is_made_anew(tmp_path: Path) -> None:
    """A half-open socket: the bot would seem connected, and hear nothing for hours."""
    async with Sandbox() as sandbox:
        line = Line(sandbox, Lent(tmp_path), settings(sandbox, silence_seconds_max=0.3))
        async with line.receiving():
            await eventually(lambda: line.connected)
            sandbox.discord_gateway.hang()
            sandbox.discord.say("mei", "is anybody there?")
            await eventually(lambda: line.texts == ["is anybody there?"])

        assert _identified(line) == 1


async def test_a_heartbeat_without_an_answer_ends_the_line(tmp_path: Path) -> None:
    """Discord may have forgotten the connection though something still comes."""
    async with Sandbox() as sandbox:
        sandbox.world.discord.settings = replace(
            sandbox.world.discord.settings, heartbeat_seconds=0.2, patience=1000.0
        )
        omit = Fault("discord", "gateway.HEARTBEAT_ACK", Kind.OMIT, nth=2, count=4)
        sandbox.world.faults.add(omit)
        line = Line(sandbox, Lent(tmp_path), settings(sandbox))
        async with line.receiving():
            await eventually(lambda: line.connected)
            journal = sandbox.world.journal
            await eventually(lambda: journal.calls["discord.gateway.RESUME"] >= 1)
            sandbox.discord.say("mei", "hello")
            await eventually(lambda: line.texts == ["hello"])


async def test_a_replay_that_tells_too_much_changes_nothing(line: Line) -> None:
    """Every customer would be answered twice after each resume."""
    app = line.sandbox.discord
    line.sandbox.world.faults.add(Fault("discord", "gateway.RESUME", Kind.DUPLICATE))

    async with line.receiving():
        await eventually(lambda: line.connected)
        app.say("mei", "before")
        await eventually(lambda: line.texts == ["before"])
        line.sandbox.discord_gateway.drop()
        app.say("mei", "after")
        await eventually(lambda: line.texts == ["before", "after"])

    keys = {(event.thread.thread, event.dedup) for event in line.inbox.events}
    assert len(keys) == 2
    assert line.lent.quarantine.payloads == []


@pytest.mark.parametrize(
    "kind", [Kind.OMIT, Kind.GARBLED, Kind.WRONG_TYPE, Kind.REORDER, Kind.DAMAGED, Kind.DUPLICATE]
)
async def test_a_frame_that_is_lost_or_spoilt_is_told_again(line: Line, kind: Kind) -> None:
    """One sentence in the middle of what a customer wrote would be missing."""
    fault = Fault("discord", "gateway.MESSAGE_CREATE", kind, nth=3, key="s", seconds=5)
    line.sandbox.world.faults.add(fault)

    async with line.receiving():
        await eventually(lambda: line.connected)
        for number in range(8):
            line.sandbox.discord.say("mei", f"number {number}")
        await eventually(lambda: len(line.texts) == 8)

    assert line.texts == [f"number {number}" for number in range(8)]


async def test_an_event_that_makes_no_sense_is_set_aside_and_the_next_one_comes(
    line: Line,
) -> None:
    """One customer's odd message would make the bot deaf for all."""
    for nth in range(1, 4):
        fault = Fault("discord", "gateway.MESSAGE_CREATE", Kind.WRONG_TYPE, nth=nth, key="d.author")
        line.sandbox.world.faults.add(fault)

    async with line.receiving() as task:
        await eventually(lambda: line.connected)
        for number in range(5):
            line.sandbox.discord.say("mei", f"number {number}")
        await eventually(lambda: len(line.texts) == 2)
        assert not task.done()

    assert line.texts == ["number 3", "number 4"]
    assert len(line.lent.quarantine.payloads) == 3


async def test_a_reaction_may_come_before_its_message_is_stored(line: Line) -> None:
    """It would be shown at nothing, or the message behind it."""
    app = line.sandbox.discord
    line.inbox.refusals = 3

    async with line.receiving():
        await eventually(lambda: line.connected)
        message = app.say("mei", "look", "support")
        app.react("kofi", message, "👍")
        await eventually(lambda: len(line.inbox.events) == 2)

    assert [type(event.body) for event in line.inbox.events] == [MessageCreated, Reacted]


async def test_two_shards_have_a_session_each(tmp_path: Path) -> None:
    """A bot that has grown would hear half of its guilds."""
    async with Sandbox() as sandbox:
        line = Line(sandbox, Lent(tmp_path), settings(sandbox, shards=2))
        async with line.receiving():
            await eventually(lambda: len(sandbox.discord_gateway.sessions) == 2)
            sandbox.discord.say("mei", "in private")
            sandbox.discord.say("mei", "in the guild", "support")
            await eventually(lambda: sorted(line.texts) == ["in private", "in the guild"])
            kept = line.lent.checkpoints.values
            await eventually(lambda: {"session.0", "session.1"} <= set(kept))
            sandbox.discord_gateway.drop()
            sandbox.discord.say("mei", "again")
            sandbox.discord.say("mei", "again", "support")
            await eventually(lambda: len(line.texts) == 4)

        assert _identified(line) == 2


async def test_of_two_gateways_one_receives_and_the_other_takes_over(tmp_path: Path) -> None:
    """Two would use up the bot's sessions, and each would end the other's."""
    async with Sandbox() as sandbox:
        turn, lent = asyncio.Lock(), Lent(tmp_path)

        @asynccontextmanager
        async def exclusive(_name: str) -> AsyncIterator[Checkpoints]:
            async with turn:
                yield lent.checkpoints

        lent.exclusive = exclusive
        first, second = (Line(sandbox, lent, settings(sandbox)) for _ in range(2))
        async with second.receiving():
            async with first.receiving():
                await eventually(lambda: first.connected)
                sandbox.discord.say("mei", "one")
                await eventually(lambda: len(first.texts + second.texts) == 1)
            sandbox.discord.say("mei", "two")
            await eventually(lambda: len(first.texts + second.texts) == 2)

        assert sorted(first.texts + second.texts) == ["one", "two"]
        assert _identified(first) == 1


async def test_who_was_away_too_long_ends_the_line_and_begins_again(tmp_path: Path) -> None:
    """A process that slept would note how far it is over what another has done."""
    async with Sandbox() as sandbox:
        lent = Lent(tmp_path)
        entered = 0

        class Held(MemoryCheckpoints):
            @override
            async def save(self, name: str, value: str) -> None:
                if entered == 1 and name == "session.0":
                    raise Stale("the test says: another is inside")
                await super().save(name, value)

        kept = Held()

        @asynccontextmanager
        async def exclusive(_name: str) -> AsyncIterator[Checkpoints]:
            nonlocal entered
            entered += 1
            yield kept

        lent.exclusive = exclusive
        line = Line(sandbox, lent, settings(sandbox))
        async with line.receiving():
            await eventually(lambda: entered == 2)
            await eventually(lambda: line.connected)
            sandbox.discord.say("mei", "hello")
            await eventually(lambda: line.texts == ["hello"])


async def test_a_hostile_place_to_resume_at_is_not_gone_to(line: Line) -> None:
    """One forged READY would send the bot's token to a stranger."""
    fault = Fault("discord", "gateway.READY", Kind.WRONG_TYPE, nth=1, key="d.resume_gateway_url")
    line.sandbox.world.faults.add(fault)

    async with line.receiving():
        await eventually(lambda: line.connected)
        line.sandbox.discord.say("mei", "hello")
        await eventually(lambda: line.texts == ["hello"])
