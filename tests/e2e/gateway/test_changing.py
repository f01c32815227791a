"""What was sent is changed on the customer's telephone: over the wire, from the agent's program."""

from typing import Any

from core.model.content import Choice
from core.model.message import DeliveryState
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.waiting import eventually

ROWS = [
    [{"label": "Keep it", "value": "keep"}, {"label": "Track", "url": "https://post.example/7"}]
]


async def test_a_reply_is_put_right_chosen_from_and_taken_back(
    agent: Api, sandbox: Sandbox
) -> None:
    """An agent's slip reaches a real chat; so does what puts it right."""
    mei = Customer(sandbox, "mei")
    asked = mei.says("Where is it?")
    await eventually(lambda: _heard(agent, 1))
    number = str((await agent.conversations())[0].number)
    said = await agent.settled(await agent.reply(number, "Helo", buttons=ROWS, silent=True))
    url = f"/api/v1/conversations/{number}/messages"

    edited = await agent.change("PATCH", f"{url}/{said.message.id}", {"text": "Hello Mei"})
    shown = mei.answers[0]
    keyboard: Any = shown.reply_markup
    sandbox.phone.tap("mei", None, shown.id, keyboard["inline_keyboard"][0][0]["callback_data"])
    await eventually(lambda: _heard(agent, 2))
    question, *_, choice = [one for one in await agent.entries(number) if one.delivery is None]
    reaction = await agent.change("PUT", f"{url}/{question.message.id}/reaction", {"emoji": "👍"})
    text, silent = shown.text, shown.silent
    deleted = await agent.change("DELETE", f"{url}/{said.message.id}")

    states = [one.delivery and one.delivery.state for one in (edited, reaction, deleted)]
    assert states == [DeliveryState.SENT] * 3
    assert (text, silent) == ("Hello Mei", True)
    assert choice.message.parts == (Choice(value="keep", label="Keep it"),)
    assert list(asked.reactions.values()) == [[{"type": "emoji", "emoji": "👍"}]]
    assert mei.answers == []
    assert (await agent.now(said)).message.deleted_at


async def test_mail_that_was_sent_cannot_be_changed_and_says_so(
    agent: Api, sandbox: Sandbox
) -> None:
    mei = Customer(sandbox, "mei")
    mei.writes("Where is it?", subject="Order 7")
    await eventually(lambda: _heard(agent, 1))
    number = str((await agent.conversations())[0].number)
    said = await agent.settled(await agent.reply(number, "Helo"))
    url = f"/api/v1/conversations/{number}/messages/{said.message.id}"

    change = await agent.change("PATCH", url, {"text": "Hello"})

    assert change.delivery
    assert change.delivery.state is DeliveryState.FAILED
    assert change.delivery.reason == "this channel cannot edit: send a correction"
    assert mei.read_by_mail == ["Helo"]


async def _heard(agent: Api, count: int) -> bool:
    found = await agent.all_conversations()
    return bool(found) and len(await agent.heard(str(found[0].number))) == count
