"""What agents do, seen by the people on the other side, and what Discord's refusals become."""

import asyncio
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.discord.line.allowance import REFUSED_MAX
from adapters.discord.outgoing.forms import ANSWERS_NOTHING
from core.errors import (
    AuthenticationError,
    DeliveryError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
    UnsupportedFeature,
)
from core.model.content import Text
from core.model.ids import ThreadRef
from sandbox.discord.settings import DiscordSettings as Emulated
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.e2e.discord.sending_rig import direct, outbound, public, said_in, sending, stored
from tests.rigs.stopwatch import stopwatch
from tests.rigs.waiting import eventually

HELLO = Text(text="hello")


async def test_words_are_changed_and_taken_back_once_however_often_it_is_asked_for(
    tmp_path: Path,
) -> None:
    """A change is asked for again whenever its answer was lost."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = await direct(adapter, sandbox, "mei")
        sent = await adapter.send(outbound(thread, HELLO))

        for _ in range(2):
            await adapter.edit(outbound(thread, Text(text="goodbye")), sent.remotes)
        edited = sandbox.discord.texts("mei")
        for _ in range(2):
            await adapter.delete(thread, sent.remotes)

        assert edited == ["goodbye"]
        assert sandbox.discord.texts("mei") == []


async def test_one_reaction_of_ours_replaces_another_and_a_state_stays(tmp_path: Path) -> None:
    """Agents share one reaction; what shows how far the work has come is not theirs."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = public(sandbox, "support")
        asked = sandbox.discord.say("mei", "help", "support")
        remote = str(asked.id)

        await adapter.react(thread, remote, "🎫")
        await adapter.react(thread, remote, "👍")
        await adapter.react(thread, remote, "❤️")
        await adapter.react(thread, remote, "❤️")
        given = {emoji.name for emoji, users in asked.reactions.items() if users}
        await adapter.react(thread, remote, "")
        left = {emoji.name for emoji, users in asked.reactions.items() if users}

        assert given == {"🎫", "❤️"}
        assert left == {"🎫"}


async def test_the_message_that_a_thread_was_opened_on_is_found_where_it_is(
    tmp_path: Path,
) -> None:
    """It is in the channel above, though it has the thread's id."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        asked = sandbox.discord.say("mei", "help", "support")
        thread = sandbox.discord.open_thread("mei", "help", under=asked, place="support")
        where = _thread(sandbox, thread.id)

        await adapter.react(where, str(asked.id), "👍")

        assert [emoji.name for emoji in asked.reactions] == ["👍"]


async def test_an_emoji_that_discord_does_not_know_is_said_to_be_none(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        asked = sandbox.discord.say("mei", "help", "support")

        with pytest.raises(UnsupportedFeature, match="take another emoji"):
            await adapter.react(public(sandbox, "support"), str(asked.id), "no emoji")


async def test_the_person_sees_that_somebody_writes(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = await direct(adapter, sandbox, "mei")

        await adapter.show_typing(thread)

        assert [one.bot for one in sandbox.discord.typing(thread.thread)] == [True]


async def test_an_answer_to_what_is_gone_arrives_and_the_agent_is_told(tmp_path: Path) -> None:
    """The customer has deleted the question, and is answered all the same."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = public(sandbox, "support")
        asked = sandbox.discord.say("mei", "help", "support")
        there = await adapter.send(outbound(thread, HELLO, answers=str(asked.id)))
        sandbox.discord.delete("mei", asked)

        gone = await adapter.send(outbound(thread, HELLO, answers=str(asked.id)))

        assert there.notes == ()
        assert gone.notes == (ANSWERS_NOTHING,)
        assert len(said_in(sandbox, thread)) == 2


async def test_in_a_guild_everybody_sees_who_is_answered(tmp_path: Path) -> None:
    """Two customers ask at once; both would take the answer for theirs."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = public(sandbox, "support")
        asked = sandbox.discord.say("mei", "help", "support")
        sandbox.discord.say("kofi", "and me", "support")

        piece = replace(outbound(thread, HELLO), context={"message": str(asked.id)})
        for number in range(2):
            await adapter.send(replace(piece, piece=number, pieces=2))

        first, second = said_in(sandbox, thread)
        assert first.referenced is asked
        assert second.referenced is None


async def test_a_thread_that_was_put_away_is_opened_for_the_answer(tmp_path: Path) -> None:
    """Discord archives a thread when nobody has written in it for a day."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        post = sandbox.discord.forum_post("mei", "Where is it?", "My parcel").channel
        sandbox.discord.archive("mei", post)

        await adapter.send(outbound(_thread(sandbox, post.id), HELLO))

        assert post.thread is not None
        assert not post.thread.archived
        assert sandbox.discord.texts("mei", post)[-1] == "hello"


async def test_what_was_said_in_a_thread_that_was_put_away_can_be_changed(tmp_path: Path) -> None:
    """A wrong address would stand there for ever, because nobody has written for a day."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        post = sandbox.discord.forum_post("mei", "Where is it?", "My parcel").channel
        thread = _thread(sandbox, post.id)
        (remote,) = (await adapter.send(outbound(thread, HELLO))).remotes

        sandbox.discord.archive("mei", post)
        await adapter.edit(outbound(thread, Text(text="corrected")), (remote,))
        assert sandbox.discord.texts("mei", post)[-1] == "corrected"

        sandbox.discord.archive("mei", post)
        await adapter.react(thread, remote, "👍")
        sandbox.discord.archive("mei", post)
        await adapter.delete(thread, (remote,))
        assert sandbox.discord.texts("mei", post) == ["My parcel"]


async def test_files_travel_whole_whatever_they_are_called(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, lent):
        thread = await direct(adapter, sandbox, "mei")
        content = bytes(range(256)) * 4096 * 8
        files = [stored(lent, content, name="größe [1].bin"), stored(lent, b"", name="empty")]

        await adapter.send(outbound(thread, *files))

        (message,) = said_in(sandbox, thread)
        assert [one.content for one in message.attachments] == [content, b""]


async def test_a_file_that_is_gone_here_fails_with_words(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, lent):
        thread = await direct(adapter, sandbox, "mei")
        file = stored(lent, b"gone")
        lent.blobs.path(file.attachment.sha256).unlink()

        with pytest.raises(PermanentDeliveryError, match="no longer stored"):
            await adapter.send(outbound(thread, file))


async def test_a_file_that_the_guild_does_not_take_names_the_setting(tmp_path: Path) -> None:
    """Guilds take files of different sizes, which nobody knows before."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, lent):
        sandbox.world.discord.settings = Emulated(upload_bytes_max=1000)
        thread = await direct(adapter, sandbox, "mei")

        with pytest.raises(PermanentDeliveryError, match="upload_size_bytes_max") as refused:
            await adapter.send(outbound(thread, stored(lent, b"x" * 1001)))

        assert refused.value.code == "too_large"


async def test_who_takes_no_direct_messages_is_named_as_that(tmp_path: Path) -> None:
    """The agent asks them in public instead of trying again."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = await direct(adapter, sandbox, "mei")
        sandbox.discord.close_direct("mei")

        with pytest.raises(PermanentDeliveryError) as refused:
            await adapter.send(outbound(thread, HELLO))

        assert refused.value.code == "dm_closed"


async def test_who_is_nobody_cannot_be_written_to(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        for nobody in ("mei", "1"):
            with pytest.raises(PermanentDeliveryError):
                await adapter.open_thread(nobody)


async def test_a_token_that_was_reset_pauses_the_inbox(tmp_path: Path) -> None:
    """Thousands of refused calls would shut out the address."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = await direct(adapter, sandbox, "mei")
        sandbox.discord.revoke()

        with pytest.raises(AuthenticationError, match="reset it on the Bot page"):
            await adapter.send(outbound(thread, HELLO))


@pytest.mark.parametrize(
    ("fault", "expected", "code"),
    [
        (Fault("discord", "*", Kind.RATE_LIMIT, retry_after=7), TemporaryDeliveryError, 7),
        (
            Fault("discord", "*", Kind.RATE_LIMIT, retry_after=7, via=False),
            TemporaryDeliveryError,
            7,
        ),
        (Fault("discord", "*", Kind.RATE_LIMIT, retry_after=300), TemporaryDeliveryError, 300),
        (Fault("discord", "*", Kind.SERVER_ERROR, status=500), UnknownOutcome, None),
        (Fault("discord", "*", Kind.SERVER_ERROR, status=502, html=True), UnknownOutcome, None),
        (Fault("discord", "*", Kind.SERVER_ERROR, status=503), UnknownOutcome, None),
        (Fault("discord", "*", Kind.SERVER_ERROR, status=504), UnknownOutcome, None),
        (Fault("discord", "*", Kind.DROP_BEFORE), UnknownOutcome, None),
        (Fault("discord", "*", Kind.RESET, seconds=0.0), UnknownOutcome, None),
        (Fault("discord", "*", Kind.UNAUTHORISED), AuthenticationError, None),
    ],
)
async def test_each_fault_is_told_at_once_and_by_one_request(
    tmp_path: Path, fault: Fault, expected: type[DeliveryError], code: float | None
) -> None:
    """By itself the library would ask five times over half a minute, and hold up all else."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = await direct(adapter, sandbox, "mei")
        sandbox.world.faults.add(fault)

        with pytest.raises(expected) as told:
            await adapter.send(outbound(thread, HELLO))

        assert sandbox.world.journal.calls["discord.create_message"] == 1
        assert getattr(told.value, "retry_after_seconds", None) == code


@pytest.mark.parametrize(
    "fault",
    [
        Fault("discord", "*", Kind.RATE_LIMIT, retry_after=60, scope="global"),
        Fault("discord", "*", Kind.RATE_LIMIT, retry_after=60, html=True),
    ],
    ids=["global", "cloudflare"],
)
async def test_what_counts_for_everything_is_heard_by_every_chat(
    tmp_path: Path, fault: Fault
) -> None:
    """Each chat would be told by itself, and each call be one towards a ban."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        first, second = public(sandbox, "general"), public(sandbox, "support")
        await adapter.show_typing(first)
        sandbox.world.faults.add(fault)

        for thread in (first, second):
            with pytest.raises(TemporaryDeliveryError) as told:
                await adapter.send(outbound(thread, HELLO))
            assert told.value.code == "rate_limited"
            assert 59 < (told.value.retry_after_seconds or 0) <= 61

        assert sandbox.world.journal.calls["discord.create_message"] == 1


async def test_a_login_that_fails_says_nothing_of_a_message(tmp_path: Path) -> None:
    """Nothing of it has left: an agent need not be told that it may have."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        for fault in (
            Fault("discord", "get_my_user", Kind.SERVER_ERROR, status=503),
            Fault("discord", "get_my_oauth2_application", Kind.SERVER_ERROR),
            Fault("discord", "get_my_user", Kind.RATE_LIMIT, retry_after=60),
        ):
            sandbox.world.faults.add(fault)

            with pytest.raises(TemporaryDeliveryError):
                await adapter.send(outbound(public(sandbox, "support"), HELLO))

        assert sandbox.world.journal.calls["discord.create_message"] == 0


async def test_those_who_wait_for_a_login_fail_together(tmp_path: Path) -> None:
    """Behind a firewall that swallows everything each would wait half a minute, in turn."""
    async with (
        Sandbox() as sandbox,
        sending(sandbox, tmp_path, request_timeout_seconds=0.3) as (adapter, _),
    ):
        slow = Fault("discord", "get_my_user", Kind.SLOW_AFTER, seconds=1.0, count=2)
        sandbox.world.faults.add(slow)
        thread = public(sandbox, "support")

        outcomes = await asyncio.gather(
            *(adapter.send(outbound(thread, HELLO)) for _ in range(20)), return_exceptions=True
        )

        assert {type(one) for one in outcomes} == {TemporaryDeliveryError}
        assert sandbox.world.journal.calls["discord.get_my_user"] == 1


async def test_a_login_that_is_broken_off_leaves_the_next_one_to_try(tmp_path: Path) -> None:
    """A lane that is taken away from a process must not fail the others."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        sandbox.world.faults.add(Fault("discord", "get_my_user", Kind.SLOW_AFTER, seconds=1.0))
        thread = public(sandbox, "support")
        first = asyncio.create_task(adapter.send(outbound(thread, Text(text="first"))))
        second = asyncio.create_task(adapter.send(outbound(thread, Text(text="second"))))
        await eventually(lambda: bool(sandbox.world.journal.calls))

        first.cancel()
        await second

        assert [one.content for one in said_in(sandbox, thread)] == ["second"]


async def test_a_limit_of_one_channel_holds_up_no_other(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        busy, other = public(sandbox, "general"), public(sandbox, "support")
        limit = Fault("discord", "create_message", Kind.RATE_LIMIT, retry_after=60)
        sandbox.world.faults.add(limit)

        with pytest.raises(TemporaryDeliveryError):
            await adapter.send(outbound(busy, HELLO))
        await adapter.send(outbound(other, HELLO))

        assert len(said_in(sandbox, other)) == 1


async def test_the_call_that_uses_up_a_limit_is_answered_when_discord_answers(
    tmp_path: Path,
) -> None:
    """The customer reads it, and the agent would be told five seconds later."""
    began = time.time()
    async with Sandbox(now=lambda: began) as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        sandbox.world.discord.settings = Emulated(strict_buckets=True)
        thread = public(sandbox, "support")

        async with stopwatch() as watch:
            for _ in range(5):
                await adapter.send(outbound(thread, HELLO))
        assert watch.seconds < 4
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await adapter.send(outbound(thread, HELLO))

        assert sandbox.world.journal.calls["discord.create_message"] == 5


async def test_it_stops_asking_before_discord_shuts_the_address_out(tmp_path: Path) -> None:
    """The operator is told, while it can still be helped."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, lent):
        thread = public(sandbox, "support")
        many = Fault("discord", "create_message", Kind.BLOCKED, count=REFUSED_MAX * 2)
        sandbox.world.faults.add(many)
        for _ in range(REFUSED_MAX):
            with pytest.raises(PermanentDeliveryError):
                await adapter.send(outbound(thread, HELLO))

        with pytest.raises(TemporaryDeliveryError):
            await adapter.send(outbound(thread, HELLO))

        assert sandbox.world.journal.calls["discord.create_message"] == REFUSED_MAX
        assert "shut this address out" in lent.remarks[-1]


async def test_nobody_there_means_that_nothing_has_left(tmp_path: Path) -> None:
    """It is sent when Discord can be reached again, and not called unknown."""
    async with Sandbox() as sandbox:
        route = "127.0.0.1:1"
        async with sending(sandbox, tmp_path, route_to=route) as (adapter, _):
            with pytest.raises(TemporaryDeliveryError) as told:
                await adapter.send(outbound(public(sandbox, "support"), HELLO))

        assert told.value.code == "unreachable"


def _thread(sandbox: Sandbox, channel: int) -> ThreadRef:
    place = f"{sandbox.discord.guild().id}/{channel}"
    return ThreadRef(channel="discord", account="support", thread=place)
