"""What was asked where others read along goes on in private, from our side or the customer's."""

import pytest
from msgspec.structs import replace

from core.errors import AudienceMismatch, Conflict, InvalidRequest, PermanentDeliveryError
from core.model.content import System
from core.model.conversation import Status
from core.model.event import ActionInvoked
from core.model.ids import LegId, MessageId
from core.model.message import Audience
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.platform import CommunityAdapter, MemoryAdapter

SQUARE, DM, ADA = thread("square"), thread("dm ada"), "telegram:bot:ada"


@pytest.fixture
def line(store: Store, town: CommunityAdapter) -> Assembly:
    return Assembly(store, {"bot": town, "mail": MemoryAdapter()})


async def asks(line: Assembly, who: str = "ada") -> None:
    await line.dispatcher.accept(says(SQUARE, who, "how?", audience=Audience.PUBLIC))
    await line.settle()


async def lines(line: Assembly, leg: LegId) -> list[str]:
    log = await line.log(leg)
    parts = [part for entry in log for part in entry.message.parts]
    return [part.text for part in parts if isinstance(part, System)]


async def test_a_reply_goes_to_the_author_alone_and_each_side_names_the_other(
    line: Assembly, town: CommunityAdapter
) -> None:
    """An address that was asked for in public would be read by everybody."""
    await asks(line)
    public = await line.conversation_of(SQUARE, ADA)

    await line.continuing.in_private(public, AGENT)
    found = await line.continuing.in_private(public, AGENT)
    await line.reply(found.conversation, "What is your address?", leg=found.leg.id)
    await line.settle()

    assert (found.leg.thread, found.leg.audience) == (DM, Audience.PRIVATE)
    assert town.texts(DM.thread) == ["What is your address?"]
    assert town.texts(SQUARE.thread) == []
    assert town.opened == ["ada"]
    assert await lines(line, public.legs[0].id) == [f"goes on in private as {found.leg.number}"]
    assert f"goes on from {public.number}, where others read along" in (
        await lines(line, found.leg.id)
    )


async def test_the_private_thread_that_goes_on_is_used(
    line: Assembly, town: CommunityAdapter
) -> None:
    await line.dispatcher.accept(says(DM, "ada", "hello"))
    await asks(line)
    own = await line.leg_of(DM)

    found = await line.continuing.in_private(await line.conversation_of(SQUARE, ADA), AGENT)

    assert (found.leg.id, town.opened) == (own, [])


async def test_a_private_leg_that_is_closed_is_left_alone(
    line: Assembly, town: CommunityAdapter
) -> None:
    """What was done for good would be open again without a word of the customer."""
    await line.dispatcher.accept(says(DM, "ada", "hello"))
    await asks(line)
    own = await line.conversation_of(DM)
    await line.triage.set_status(own, AGENT, Status.CLOSED, MessageId("close"))

    found = await line.continuing.in_private(await line.conversation_of(SQUARE, ADA), AGENT)

    assert found.leg.id != own.legs[0].id
    assert found.leg.previous == own.legs[0].id
    assert (await line.conversation_of(DM)).legs[0].id == found.leg.id


async def test_what_the_customer_writes_then_comes_to_the_same_conversation(
    line: Assembly, town: CommunityAdapter
) -> None:
    await asks(line)
    found = await line.continuing.in_private(await line.conversation_of(SQUARE, ADA), AGENT)

    await line.dispatcher.accept(says(DM, "ada", "Harbour Street 1"))
    await line.settle()

    assert (await line.texts(found.leg.id))[-1] == "Harbour Street 1"


async def test_a_private_leg_does_not_go_on_in_private(
    line: Assembly, town: CommunityAdapter
) -> None:
    await line.dispatcher.accept(says(DM, "ada", "hello"))
    await line.settle()

    with pytest.raises(Conflict):
        await line.continuing.in_private(await line.conversation_of(DM), AGENT)


async def test_a_channel_that_opens_nothing_says_what_to_do(line: Assembly) -> None:
    square = thread("square", "email", "mail")
    await line.dispatcher.accept(says(square, "ada", "how?", audience=Audience.PUBLIC))
    await line.settle()
    public = await line.conversation_of(square, "email:mail:ada")

    with pytest.raises(InvalidRequest, match="write to us in private"):
        await line.continuing.in_private(public, AGENT)


async def test_who_lets_nobody_write_to_them_is_told_of(
    line: Assembly, town: CommunityAdapter
) -> None:
    """The agent would wait for an answer to what nobody got."""
    await asks(line)
    town.closed.add("ada")

    with pytest.raises(PermanentDeliveryError):
        await line.continuing.in_private(await line.conversation_of(SQUARE, ADA), AGENT)


async def test_a_private_word_for_a_public_place_is_refused_and_the_way_is_named(
    line: Assembly, town: CommunityAdapter
) -> None:
    await asks(line)

    with pytest.raises(AudienceMismatch, match="go on in private"):
        await line.reply(await line.conversation_of(SQUARE, ADA), "secret")


@pytest.mark.parametrize("wrote_before", [False, True])
async def test_a_customer_who_comes_from_a_public_place_is_known_to_come_from_there(
    line: Assembly, *, wrote_before: bool
) -> None:
    """The agent would ask again what the question was."""
    await asks(line)
    public = await line.conversation_of(SQUARE, ADA)
    if wrote_before:
        await line.dispatcher.accept(says(DM, "ada", "hello"))
        await line.settle()

    pressed = event(DM, "ada", ActionInvoked(value="private", label="Continue in private"))
    await line.dispatcher.accept(replace(pressed, claims=public.number))
    await line.settle()

    private = await line.conversation_of(DM)
    assert await lines(line, public.legs[0].id) == [f"goes on in private as {private.number}"]
    assert f"goes on from {public.number}, where others read along" in (
        await lines(line, private.legs[0].id)
    )


async def test_whoever_cites_another_ones_public_question_is_not_taken_for_them(
    line: Assembly,
) -> None:
    await asks(line, "ben")
    public = await line.conversation_of(SQUARE, "telegram:bot:ben")

    await line.dispatcher.accept(replace(says(DM, "ada", "that one"), claims=public.number))
    await line.settle()

    assert await lines(line, public.legs[0].id) == []
