"""What people do on Discord, heard through the gateway: each act is the event that it should be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.content import Media, MediaKind, Poll, Text
from core.model.event import (
    AccountStatus,
    Inbound,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Reacted,
    ReactionsTold,
    Typing,
)
from core.model.message import Audience
from sandbox.discord.app.acts import File
from sandbox.server import Sandbox
from tests.contract.surroundings import Lent
from tests.e2e.discord.line_rig import Line, settings
from tests.rigs.waiting import eventually


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with Sandbox() as sandbox:
        yield Line(sandbox, Lent(tmp_path), settings(sandbox))


def _of(line: Line, kind: type) -> list[Inbound]:
    return [event for event in line.inbox.events if isinstance(event.body, kind)]


async def test_what_is_done_to_a_message_is_heard(line: Line) -> None:
    """An agent would answer what the customer has long changed or taken back."""
    app = line.sandbox.discord

    async with line.receiving():
        await eventually(lambda: line.connected)
        said = app.say("mei", "see https://shop.example/77", "support")
        app.unfurl(said, {"type": "link", "url": "https://shop.example/77", "title": "Order 77"})
        app.react("kofi", said, "👍")
        app.unreact("kofi", said, "👍")
        app.edit("mei", said, "see order 77")
        app.delete("mei", said)
        await eventually(lambda: bool(_of(line, MessageDeleted)))

    bodies = [event.body for event in line.inbox.events]
    remote = str(said.id)
    assert bodies[1:] == [
        Reacted(remote=remote, emojis=("👍",), told=ReactionsTold.ADDED),
        Reacted(remote=remote, emojis=("👍",), told=ReactionsTold.REMOVED),
        MessageEdited(remote=remote, parts=(Text(text="see order 77"),)),
        MessageDeleted(remote=remote),
    ]


async def test_who_is_named_by_an_edit_hears_the_next_one_too(line: Line) -> None:
    """The customer names the bot as an afterthought, then mends a word: an agent would answer what
    is no longer asked.
    """
    app = line.sandbox.discord

    async with line.receiving():
        await eventually(lambda: line.connected)
        said = app.say("mei", "where is it?", "general")
        app.edit("mei", said, f"where is it? <@{app.bot().user.id}>")
        app.react("mei", said, "👍")
        app.edit("mei", said, "where is order 77?")
        await eventually(lambda: len(_of(line, MessageEdited)) == 2)

    assert [type(event.body) for event in line.inbox.events] == [
        MessageEdited,
        Reacted,
        MessageEdited,
    ]


async def test_what_is_more_than_words_is_heard(line: Line) -> None:
    """Files, voices and polls, and what was said elsewhere."""
    app = line.sandbox.discord

    async with line.receiving():
        await eventually(lambda: line.connected)
        file = File(name="label.png", content=b"\x89PNG", media_type="image/png")
        shown = app.say("mei", "look", files=[file])
        app.voice("mei", b"OggS", seconds=3.5)
        app.forward("mei", shown)
        asked = app.poll("mei", "When?", ["Morning", "Evening"], "support")
        app.vote("kofi", asked, 2)
        app.end_poll(asked)
        await eventually(lambda: bool(_of(line, MessageEdited)))

    bodies = [one.body for one in _of(line, MessageCreated)]
    pictured, spoken, forwarded, polled = (b for b in bodies if isinstance(b, MessageCreated))
    kinds = [
        p.media for b in (pictured, spoken, forwarded) for p in b.parts if isinstance(p, Media)
    ]
    assert kinds == [MediaKind.IMAGE, MediaKind.VOICE, MediaKind.IMAGE]
    assert forwarded.forward is not None
    assert forwarded.forward.remote == str(shown.id)
    assert isinstance(polled.parts[0], Poll)
    voted = next(e.body for e in _of(line, AccountStatus) if isinstance(e.body, AccountStatus))
    assert voted.code == "poll_voted"
    (over,) = (one.body for one in _of(line, MessageEdited))
    assert isinstance(over, MessageEdited)
    (poll,) = over.parts
    assert isinstance(poll, Poll)
    assert (poll.closed, [option.votes for option in poll.options]) == (True, [0, 1])


async def test_typing_is_heard_where_somebody_may_be_answered(line: Line) -> None:
    """Elsewhere a whole server types, and nobody waits for it."""
    app = line.sandbox.discord

    async with line.receiving():
        await eventually(lambda: line.connected)
        app.type("mei", "general")
        app.type("mei", "support")
        app.type("kofi")
        await eventually(lambda: len(_of(line, Typing)) == 2)

    assert [one.audience for one in _of(line, Typing)] == [Audience.PUBLIC, Audience.PRIVATE]


async def test_what_becomes_of_a_thread_is_heard(line: Line) -> None:
    """Nobody can answer in a thread that is gone, and an agent has to know."""
    app = line.sandbox.discord

    async with line.receiving():
        await eventually(lambda: line.connected)
        thread = app.open_thread("mei", "Torn parcel", "support")
        app.say("mei", "it is torn", thread)
        app.rename("mei", thread, "Mended parcel")
        app.archive("mei", thread)
        await eventually(lambda: "thread_archived" in _codes(line))

    (said,) = _of(line, MessageCreated)
    assert said.title == "Torn parcel"
    assert said.thread.thread.endswith(f"/{thread.id}")
    assert _codes(line)[0] == "thread_created"
    assert [code for code in _codes(line) if code != "thread_created"] == [
        "thread_renamed",
        "thread_archived",
    ]


def _codes(line: Line) -> list[str]:
    return [one.body.code for one in line.inbox.events if isinstance(one.body, AccountStatus)]
