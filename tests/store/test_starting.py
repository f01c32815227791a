"""Conversations that begin with us: once, with the right person, and their answer comes there."""

import asyncio

import pytest

from core.errors import Conflict, InvalidRequest, NotFound, PermanentDeliveryError
from core.model.content import Text
from core.model.conversation import Status
from core.model.ids import MessageId
from core.model.message import Audience, Direction
from core.reply import Draft
from core.starting import Started
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread
from tests.rigs.platform import CommunityAdapter, MemoryAdapter

DM, MAIL = thread("dm ada"), thread("x/ada", "email", "mail")


@pytest.fixture
def line(store: Store, town: CommunityAdapter, post: MemoryAdapter) -> Assembly:
    return Assembly(store, {"bot": town, "mail": post})


async def test_somebody_who_never_wrote_is_written_to_and_answers(
    line: Assembly, town: CommunityAdapter
) -> None:
    started = await _start(line, "bot", "ada", "Your parcel is here")
    await line.dispatcher.accept(says(DM, "ada", "thanks"))
    await line.settle()

    whole = await line.views.conversation(started.conversation.id)
    assert town.texts(DM.thread) == ["Your parcel is here"]
    assert (await line.leg_of(DM), len(whole.legs)) == (whole.legs[0].id, 1)
    assert whole.legs[0].audience is Audience.PRIVATE
    assert (started.conversation.status, whole.status) == (Status.WAITING_CUSTOMER, Status.OPEN)


async def test_the_same_request_again_writes_nothing_again(
    line: Assembly, town: CommunityAdapter
) -> None:
    """A customer would be told twice, by an integrator's program that was not sure."""
    first = await _start(line, "bot", "ada", "hello", key="1")
    await line.triage.set_status(first.conversation, AGENT, Status.CLOSED, MessageId("close"))
    again = await _start(line, "bot", "telegram:bot:ada", "hello", key="1")

    assert (again.entry.leg, again.entry.position) == (first.entry.leg, first.entry.position)
    assert town.texts(DM.thread) == ["hello"]
    with pytest.raises(Conflict):
        await _start(line, "bot", "ada", "something else", key="1")


async def test_asked_twice_at_once_it_is_done_once(line: Assembly, town: CommunityAdapter) -> None:
    await asyncio.gather(*(_start(line, "bot", "ada", "hello", key="1") for _ in range(4)))
    await line.settle()

    assert town.texts(DM.thread) == ["hello"]
    said = [one.message.direction for one in await line.log(await line.leg_of(DM))]
    assert said == [Direction.ACTIVITY, Direction.OUT], "agents are told once who writes first"


async def test_what_goes_on_with_a_person_goes_on(line: Assembly) -> None:
    """One chat would be two conversations, and the answer to one come to the other."""
    await line.dispatcher.accept(says(DM, "ada", "hello"))
    await line.settle()
    own = await line.leg_of(DM)

    assert (await _start(line, "bot", "ada", "And one more thing")).entry.leg == own


async def test_where_nobody_is_written_to_first_those_who_wrote_are(
    line: Assembly, post: MemoryAdapter
) -> None:
    """A bot may not write first, but to whom it knows: an agent is told which it is."""
    with pytest.raises(InvalidRequest, match="nobody can be written to first"):
        await _start(line, "mail", "ada", "hello")
    await line.dispatcher.accept(says(MAIL, "ada", "hello"))
    await line.settle()
    before = await line.conversation_of(MAIL)
    await line.triage.set_status(before, AGENT, Status.CLOSED, MessageId("close"))

    started = await _start(line, "mail", "ada", "It is back")

    assert post.texts(MAIL.thread) == ["It is back"]
    assert started.entry.leg != before.legs[0].id
    assert started.conversation.legs[0].previous == before.legs[0].id


async def test_who_lets_nobody_write_to_them_gets_nothing(
    line: Assembly, town: CommunityAdapter
) -> None:
    town.closed.add("ada")

    with pytest.raises(PermanentDeliveryError):
        await _start(line, "bot", "ada", "hello")
    with pytest.raises(NotFound):
        await _start(line, "no such inbox", "ada", "hello")

    assert (await line.views.inbox("pending", "", 10)).rows == ()


async def _start(line: Assembly, inbox: str, to: str, text: str, key: str = "") -> Started:
    draft = Draft(id=MessageId(key or line.new_id()), parts=(Text(text=text),))
    started = await line.starting.start(inbox, to, AGENT, draft)
    await line.settle()
    return started
