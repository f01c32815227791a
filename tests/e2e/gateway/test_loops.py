"""Machines at the other end: what they write is kept, and nothing of ours goes on for ever."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from core.model.conversation import Status
from core.model.message import Automatic, DeliveryState, Direction
from sandbox.mail.habits import Habit, HabitKind
from sandbox.mail.programs import Letter
from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway, channels
from tests.rigs.waiting import eventually

ACKNOWLEDGE: Final = """
[channel.acknowledge]
text = "We have it as {number}."
[channel.trust]
authserv_ids = ["mx.acme.example"]
"""
STORM: Final = 40


@pytest.fixture
async def gateway(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Gateway]:
    """Whose mailbox acknowledges."""
    async with Gateway(tmp_path, channels(sandbox, tmp_path) + ACKNOWLEDGE) as running:
        yield running


@pytest.fixture
async def agent(gateway: Gateway) -> AsyncIterator[Api]:
    async with api(gateway.url, gateway.token) as signed_in:
        yield signed_in


@pytest.mark.parametrize("kind", [HabitKind.RUDE_NEW, HabitKind.RUDE])
async def test_a_machine_is_answered_once_however_much_it_writes(
    agent: Api, sandbox: Sandbox, kind: HabitKind
) -> None:
    """It answers all of ours at once, hides what it is, and writes of its own accord."""
    mei = Customer(sandbox, "mei")
    sandbox.world.post.habits[mei.person.address] = habit = Habit(kind=kind, limit=0)

    for n in range(STORM):
        mei.writes(f"mail {n}", subject=f"Another matter, {n}")

    wanted = {habit.text, *(f"mail {n}" for n in range(STORM))}
    await eventually(partial(_all_filed, agent, wanted), timeout_seconds=30)
    assert len(mei.mails) == 1
    assert str(mei.mails[0]["text"]).startswith("We have it as T-")
    assert habit.acted == 1


@pytest.mark.parametrize("kind", [HabitKind.OUT_OF_OFFICE, HabitKind.OUTLOOK])
async def test_a_polite_machine_does_not_answer_ours(
    agent: Api, sandbox: Sandbox, kind: HabitKind
) -> None:
    """It knows ours for a machine by its headers; the person behind it is told once."""
    mei = Customer(sandbox, "mei")
    sandbox.world.post.habits[mei.person.address] = habit = Habit(kind=kind, limit=0)

    for n in range(3):
        mei.writes(f"mail {n}", subject=f"Another matter, {n}")

    wanted = {f"mail {n}" for n in range(3)}
    await eventually(partial(_all_filed, agent, wanted), timeout_seconds=30)
    await eventually(lambda: len(mei.mails) == 1)
    assert habit.acted == 0


async def test_an_absence_does_not_bring_a_conversation_back(agent: Api, sandbox: Sandbox) -> None:
    """An agent has answered; that the customer is away until Monday is no new work."""
    mei = Customer(sandbox, "mei")
    number = await _asks(mei, agent)
    sandbox.world.post.habits[mei.person.address] = Habit(kind=HabitKind.OUTLOOK, limit=0)

    await agent.settled(await agent.reply(number, "On its way"))
    await eventually(partial(_heard, agent, number, 2))

    conversation = await agent.conversation(number)
    notice = (await agent.entries(number))[-1].message
    assert (notice.automatic, notice.direction) == (Automatic.ABSENCE, Direction.IN)
    assert conversation.status is Status.WAITING_CUSTOMER


async def test_a_mailbox_that_is_gone_fails_the_reply(agent: Api, sandbox: Sandbox) -> None:
    """Minutes after it was "sent": the agent sees it on the message, with the reason."""
    mei = Customer(sandbox, "mei")
    number = await _asks(mei, agent)
    sandbox.world.post.habits[mei.person.address] = Habit(kind=HabitKind.BOUNCE, limit=0)

    sent = await agent.settled(await agent.reply(number, "On its way"))

    async def has_failed() -> bool:
        delivery = (await agent.now(sent)).delivery
        return delivery is not None and delivery.state is DeliveryState.FAILED

    await eventually(has_failed)
    assert len(await agent.heard(number)) == 1


async def test_a_person_who_answers_all_takes_part_as_themselves(
    agent: Api, sandbox: Sandbox
) -> None:
    """Mei wrote to us and to Jonas. He is in, and what is meant for Mei does not reach him."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    ours, programs = sandbox.support_address, sandbox.mail_programs
    letter = Letter(text="Where is it?", to=[ours], cc=[jonas.person.address])
    asked = programs.send("mei", letter)
    await eventually(partial(_is_one, agent))
    answer = Letter(text="Mine, too.", to=[ours, mei.person.address], in_reply_to=asked)
    programs.send("jonas", answer)

    async def are_together() -> bool:
        found = await agent.all_conversations()
        return [len(one.legs) for one in found] == [2]

    await eventually(are_together)
    (conversation,) = await agent.all_conversations()
    await agent.settled(await agent.reply(conversation.number, "To Mei alone"))

    assert {leg.author.rpartition(":")[2] for leg in conversation.legs} == {
        mei.person.address,
        jonas.person.address,
    }
    assert "To Mei alone" in mei.read_by_mail
    assert "To Mei alone" not in jonas.read_by_mail


async def _asks(mei: Customer, agent: Api) -> str:
    """-> the number of the conversation, once the customer has been told it."""
    mei.writes("Where is it?", subject="Order 7")

    async def is_told() -> bool:
        return len(mei.mails) == 1

    await eventually(is_told)
    ((one),) = await agent.all_conversations()
    return one.number


async def _is_one(agent: Api) -> bool:
    return len(await agent.all_conversations()) == 1


async def _heard(agent: Api, number: str, count: int) -> bool:
    return len(await agent.heard(number)) == count


async def _all_filed(agent: Api, wanted: set[str]) -> bool:
    found = {
        words for one in await agent.all_conversations() for words in await agent.heard(one.number)
    }
    return wanted <= {words.strip() for words in found}
