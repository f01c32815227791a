"""A customer's day on Telegram through the whole gateway, whichever way the updates come."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.model.content import AttachmentState, Choice, Location, Media, MediaKind, Text
from core.model.conversation import Entry
from core.model.message import DeliveryState, Direction, Message, Quote
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Message as Shown
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway, bot_channel
from tests.rigs.waiting import eventually

ROWS = [[{"label": "Keep it", "value": "keep"}, {"label": "Send it back", "value": "return"}]]


@pytest.fixture(params=["polling", "webhook"])
async def agent(
    request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path
) -> AsyncIterator[Api]:
    """Signed in to a gateway that receives in one way or the other."""
    settings = bot_channel(sandbox, tmp_path, mode=request.param)
    async with Gateway(tmp_path, settings) as gateway, api(gateway.url, gateway.token) as signed_in:
        yield signed_in


async def test_what_a_customer_sends_is_what_agents_see(agent: Api, sandbox: Sandbox) -> None:
    """An album is one message, a voice message can be heard, a place is on the map."""
    mei = Customer(sandbox, "mei")
    album = sandbox.phone.album("mei", ["photo", "video", "photo"], Saying(text="All broken"))
    voice = sandbox.phone.send("mei", "voice")
    place = sandbox.phone.send("mei", "location")
    number = await _heard(agent, 3)
    said = await agent.settled(await agent.reply(number, "Which of them? The large one?"))
    quote = Saying(text="that one", reply_to=mei.answers[0].id, quote="The large one")
    sandbox.phone.say("mei", quote)
    await _heard(agent, 4)
    await eventually(lambda: _all_stored(agent, number))

    pictures, spoken, pinned, answer = [one.message for one in await _incoming(agent, number)]
    assert pictures.refs == tuple(map(_remote, album))
    assert [part.media for part in _media(pictures)] == [
        MediaKind.IMAGE,
        MediaKind.VIDEO,
        MediaKind.IMAGE,
    ]
    assert [part.caption for part in _media(pictures)] == ["All broken", "", ""]
    assert [part.media for part in _media(spoken)] == [MediaKind.VOICE]
    assert await _bytes(agent, number, 1) == [one.file.content for one in album if one.file]
    assert await _bytes(agent, number, 2) == [voice.file and voice.file.content]
    assert place.content
    assert pinned.parts == (
        Location(
            latitude=place.content.value["latitude"], longitude=place.content.value["longitude"]
        ),
    )
    assert answer.answers == Quote(
        remote=_remote(mei.answers[0]), message=said.message.id, text="The large one"
    )


async def test_what_an_agent_does_is_what_the_customer_sees(agent: Api, sandbox: Sandbox) -> None:
    """Offered, chosen, put right, reacted to and taken back, on either side."""
    mei = Customer(sandbox, "mei")
    asked = mei.says("It is broken")
    number = await _heard(agent, 1)
    said = await agent.settled(await agent.reply(number, "Keap it?", buttons=ROWS))
    shown = mei.answers[0]

    keyboard: Any = shown.reply_markup
    returning = keyboard["inline_keyboard"][0][1]["callback_data"]
    query = sandbox.phone.tap("mei", None, shown.id, returning)
    await _heard(agent, 2)
    await eventually(lambda: query not in sandbox.world.telegram.open_callbacks)
    url = f"/api/v1/conversations/{number}/messages"
    await _done(agent, "PATCH", f"{url}/{said.message.id}", {"text": "Keep it?"})
    question = (await _incoming(agent, number))[0]
    await _done(agent, "PUT", f"{url}/{question.message.id}/reaction", {"emoji": "👍"})
    sandbox.phone.react("mei", None, shown.id, "❤")
    sandbox.phone.edit("mei", None, asked.id, "It is broken in two")
    await eventually(lambda: _is_amended(agent, number))

    choice = (await _incoming(agent, number))[1].message
    assert choice.parts == (Choice(value="return", label="Send it back"),)
    assert choice.answers == Quote(remote=_remote(shown), message=said.message.id)
    assert shown.text == "Keep it?"
    assert list(asked.reactions.values()) == [[{"type": "emoji", "emoji": "👍"}]]
    await _done(agent, "DELETE", f"{url}/{said.message.id}")
    assert mei.answers == []
    assert (await agent.now(said)).message.deleted_at


async def _is_amended(agent: Api, number: str) -> bool:
    """The customer's edit and reaction are there, and what was before is kept."""
    entries = [one.message for one in await agent.entries(number) if not one.message.change]
    question, offer = entries[0], entries[1]
    return (
        question.parts == (Text(text="It is broken in two"),)
        and [revision.parts for revision in question.history] == [(Text(text="It is broken"),)]
        and [one.emoji for one in offer.reactions] == ["❤"]
    )


async def _heard(agent: Api, count: int) -> str:
    """-> the number of the only conversation, once so much was said there."""

    async def is_heard() -> bool:
        found = await agent.all_conversations()
        return len(found) == 1 and len(await agent.heard(found[0].number)) == count

    await eventually(is_heard)
    return str((await agent.all_conversations())[0].number)


async def _incoming(agent: Api, number: str) -> list[Entry]:
    return [one for one in await agent.entries(number) if one.message.direction is Direction.IN]


def _remote(shown: Shown) -> str:
    """What the adapter calls a message of a private chat."""
    return f"{shown.chat.id}:{shown.id}"


def _media(message: Message) -> list[Media]:
    return [part for part in message.parts if isinstance(part, Media)]


async def _all_stored(agent: Api, number: str) -> bool:
    found = [part for one in await _incoming(agent, number) for part in _media(one.message)]
    return all(part.attachment.state is AttachmentState.STORED for part in found)


async def _bytes(agent: Api, number: str, count: int) -> list[bytes]:
    """The files of the `count`-th message."""
    entry = (await _incoming(agent, number))[count - 1]
    return [await agent.download(number, entry, one.attachment) for one in _media(entry.message)]


async def _done(agent: Api, method: str, url: str, body: object = None) -> None:
    """Ask for a change, and wait until it is made."""
    change = await agent.change(method, url, body)
    assert change.delivery
    assert change.delivery.state is DeliveryState.SENT, change.delivery
