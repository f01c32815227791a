"""What may have left: it is sent again as long as Discord knows it, and looked for after that."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.discord.line.sending import DELETED_THERE
from core.errors import TemporaryDeliveryError, UnknownOutcome
from core.model.content import Button, Buttons, Card, Part, Poll, PollOption, Text
from core.model.conversation import Status
from core.model.ids import Number
from core.model.message import Audience
from core.model.outbound import Outbound
from core.ports import Brief
from sandbox.discord.settings import DiscordSettings as Emulated
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.e2e.discord.sending_rig import (
    direct,
    outbound,
    public,
    receiving,
    said_in,
    sending,
    stored,
)
from tests.rigs.waiting import eventually

EARLIER = datetime.now(UTC) - timedelta(hours=1)
CARD = Card(title="Pier *three*", text="Opens at 8", url="https://acme.example/pier")
POLL = Poll(question="Which pier?", options=(PollOption(text="Three"), PollOption(text="Four")))
YES = Buttons(rows=((Button(label="Yes", value="b1"),),))


@pytest.mark.parametrize(
    "kind", [Kind.DROP_AFTER, Kind.CUT, Kind.GARBLED, Kind.SERVER_ERROR, Kind.RESET]
)
async def test_what_broke_off_is_sent_again_and_arrives_once(tmp_path: Path, kind: Kind) -> None:
    """Nobody is told anything twice, whatever became of the first call."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = await direct(adapter, sandbox, "mei")
        _fail(sandbox, kind)
        piece = outbound(thread, Text(text="hello"))

        with pytest.raises(UnknownOutcome):
            await adapter.send(piece)
        receipt = await adapter.send(again(piece))

        assert _ids(sandbox, piece) == [*receipt.remotes]
        assert sandbox.world.journal.calls["discord.create_message"] == 2


@pytest.mark.parametrize(
    "parts",
    [
        (Text(text="  hello *Mei*  "),),
        (Text(text="Shall we?"), YES),
        (CARD,),
        (POLL,),
        "file",
    ],
    ids=["text", "buttons", "card", "poll", "file"],
)
async def test_what_discord_has_forgotten_is_found_in_the_channel(
    tmp_path: Path, parts: tuple[Part, ...] | str
) -> None:
    """After a long outage a nonce protects nobody any more."""
    async with (
        forgetful() as sandbox,
        sending(sandbox, tmp_path) as (adapter, lent),
    ):
        thread = await direct(adapter, sandbox, "mei")
        told = (stored(lent, b"x" * 1000, caption="look"),) if isinstance(parts, str) else parts
        piece = outbound(thread, *told, at=EARLIER)
        _fail(sandbox, Kind.DROP_AFTER)
        with pytest.raises(UnknownOutcome):
            await adapter.send(piece)
        sandbox.discord.say("mei", "are you there?")
        await adapter.send(outbound(thread, Text(text="something else")))

        receipt = await adapter.send(again(piece))

        assert _ids(sandbox, piece)[:1] == [*receipt.remotes]
        assert len(_ids(sandbox, piece)) == 2


async def test_what_is_not_in_the_channel_is_sent(tmp_path: Path) -> None:
    """The connection broke before anything left: nobody would ever be answered."""
    async with (
        forgetful() as sandbox,
        sending(sandbox, tmp_path) as (adapter, _),
    ):
        thread = await direct(adapter, sandbox, "mei")
        sandbox.discord.say("mei", "hello")  # says the same, and is not ours
        piece = outbound(thread, Text(text="hello"), at=EARLIER)
        _fail(sandbox, Kind.DROP_BEFORE)
        with pytest.raises(UnknownOutcome):
            await adapter.send(piece)

        receipt = await adapter.send(again(piece))

        assert _ids(sandbox, piece) == [*receipt.remotes]


async def test_another_message_that_says_the_same_is_not_taken_for_it(tmp_path: Path) -> None:
    """An agent answers "Done" twice, and the second one would be lost."""
    async with (
        forgetful() as sandbox,
        sending(sandbox, tmp_path) as (adapter, lent),
    ):
        thread = await direct(adapter, sandbox, "mei")
        first = await adapter.send(outbound(thread, Text(text="Done")))
        lent.front_desk.where[thread, first.remotes[0]] = _known()

        second = await adapter.send(again(outbound(thread, Text(text="Done"), at=EARLIER)))

        assert second.remotes != first.remotes


async def test_it_is_looked_for_through_all_that_was_said_since(tmp_path: Path) -> None:
    """A busy public channel says hundreds of things in an hour."""
    async with (
        forgetful() as sandbox,
        sending(sandbox, tmp_path) as (adapter, _),
    ):
        thread = public(sandbox, "general")
        piece = outbound(thread, Text(text="hello"), at=EARLIER)
        sent = await adapter.send(piece)
        for number in range(250):
            sandbox.discord.say("mei", f"{number}", "general")

        assert await adapter.send(again(piece)) == sent


async def test_where_the_bot_may_not_look_nothing_is_sent_blindly(tmp_path: Path) -> None:
    """Law 4: unknown stays unknown."""
    async with (
        forgetful() as sandbox,
        sending(sandbox, tmp_path) as (adapter, _),
    ):
        thread = await direct(adapter, sandbox, "mei")
        piece = outbound(thread, Text(text="hello"), at=EARLIER)
        _fail(sandbox, Kind.BLOCKED, "list_messages")

        with pytest.raises(UnknownOutcome):
            await adapter.send(again(piece))

        assert not _ids(sandbox, piece)


async def test_a_look_that_fails_is_repeated(tmp_path: Path) -> None:
    """It says nothing of the message: neither that it arrived nor that it did not."""
    async with (
        forgetful() as sandbox,
        sending(sandbox, tmp_path) as (adapter, _),
    ):
        thread = await direct(adapter, sandbox, "mei")
        piece = outbound(thread, Text(text="hello"), at=EARLIER)
        _fail(sandbox, Kind.SERVER_ERROR, "list_messages")

        with pytest.raises(TemporaryDeliveryError):
            await adapter.send(again(piece))

        assert not _ids(sandbox, piece)


async def test_what_the_gateway_has_told_of_is_asked_for_no_more(tmp_path: Path) -> None:
    """Discord tells of our own message while the answer to the call is lost."""
    async with (
        forgetful() as sandbox,
        sending(sandbox, tmp_path) as (adapter, _),
        receiving(adapter) as inbox,
    ):
        thread = await direct(adapter, sandbox, "mei")
        await eventually(lambda: any(line.session for line in sandbox.discord_gateway.lines))
        _fail(sandbox, Kind.DROP_AFTER)
        piece = outbound(thread, Text(text="hello"))
        with pytest.raises(UnknownOutcome):
            await adapter.send(piece)
        await eventually(lambda: bool(inbox.events))

        receipt = await adapter.send(again(piece))

        assert _ids(sandbox, piece) == [*receipt.remotes]
        assert sandbox.world.journal.calls["discord.create_message"] == 1


async def test_what_arrived_and_was_deleted_there_is_not_sent_again(tmp_path: Path) -> None:
    """A moderator took it away before we knew its id: it would appear once more."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        thread = public(sandbox, "general")
        _fail(sandbox, Kind.DROP_AFTER)
        piece = outbound(thread, Text(text="hello"))
        with pytest.raises(UnknownOutcome):
            await adapter.send(piece)
        sandbox.discord.delete("noor", said_in(sandbox, thread)[0])

        receipt = await adapter.send(again(piece))

        assert receipt.notes == (DELETED_THERE,)
        assert not _ids(sandbox, piece)


@asynccontextmanager
async def forgetful() -> AsyncIterator[Sandbox]:
    """A Discord that no longer knows any nonce, as after some minutes."""
    async with Sandbox() as sandbox:
        sandbox.world.discord.settings = Emulated(nonce_seconds=0.0)
        yield sandbox


def again(piece: Outbound) -> Outbound:
    """As core asks for it after an attempt that may have left."""
    return replace(piece, attempted=True)


def _fail(sandbox: Sandbox, kind: Kind, method: str = "create_message") -> None:
    sandbox.world.faults.add(Fault("discord", method, kind, seconds=0.0))


def _ids(sandbox: Sandbox, piece: Outbound) -> list[str]:
    return [str(one.id) for one in said_in(sandbox, piece.thread)]


def _known() -> Brief:
    return Brief(
        number=Number("T-7KQ4-M"),
        status=Status.OPEN,
        audience=Audience.PRIVATE,
        title="",
        touched_at=datetime.now(UTC),
    )
