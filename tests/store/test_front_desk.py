"""What people on a platform are told of their conversations."""

import pytest
from msgspec.structs import replace

from core.errors import NotFound
from core.front_desk import BRIEFS_MAX, AccountFrontDesk
from core.model.conversation import Status
from core.model.ids import MessageId, identity_id
from core.model.message import Audience
from core.store.people import WIDER_MAX
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread

ADA, MAIL, SQUARE = thread("ada"), thread("ada's", "email", "mail"), thread("square")


@pytest.fixture
def desk(line: Assembly) -> AccountFrontDesk:
    return line.desk_of("telegram", "bot")


async def test_somebody_is_told_of_what_they_asked_on_every_line_in_public_too(
    line: Assembly, desk: AccountFrontDesk
) -> None:
    """Whoever asked in public would think that nobody has seen it."""
    ada, mail = identity_id("telegram", "bot", "ada"), identity_id("email", "mail", "ada@x.example")
    await line.dispatcher.accept(says(MAIL, "ada@x.example", "by mail"))
    await line.settle()
    await line.dispatcher.accept(says(SQUARE, "ada", "in public", audience=Audience.PUBLIC))
    await line.dispatcher.accept(says(SQUARE, "ben", "me too", audience=Audience.PUBLIC))
    await line.settle()
    await line.joins.link("link", ada, mail, "agent:robin", "said so")
    await line.settle()

    told = await desk.conversations("ada")

    assert [one.audience for one in told] == [Audience.PUBLIC, Audience.PRIVATE]
    assert told[1].number == (await line.conversation_of(MAIL)).number
    assert await desk.conversations("nobody") == ()


async def test_what_is_closed_is_not_told(line: Assembly, desk: AccountFrontDesk) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    conversation = await line.conversation_of(ADA)
    await line.triage.set_status(conversation, AGENT, Status.CLOSED, MessageId("close"))

    assert await desk.conversations("ada") == ()
    assert (await desk.conversation(conversation.number)).status is Status.CLOSED


async def test_of_many_public_questions_the_latest_are_told_and_the_others_forgotten(
    line: Assembly, desk: AccountFrontDesk, store: Store
) -> None:
    """Somebody who asks in a thousand threads must not fill the memory with their own index."""
    for n in range(WIDER_MAX + 2):
        await line.dispatcher.accept(says(thread(f"t{n}"), "ada", "?", audience=Audience.PUBLIC))
    await line.settle()

    told = await desk.conversations("ada")

    assert len(told) == BRIEFS_MAX
    assert await store.redis.zcard(store.keys.wider(identity_id("telegram", "bot", "ada"))) == (
        WIDER_MAX
    )


async def test_the_conversation_of_a_message_is_found_wherever_it_was_written(
    line: Assembly, desk: AccountFrontDesk
) -> None:
    """A manager who hands on a message that is in a conversation already would make a second."""
    await line.dispatcher.accept(says(ADA, "ada", "hello", remote="m1"))
    await line.dispatcher.accept(says(SQUARE, "ben", "hi", remote="m2", audience=Audience.PUBLIC))
    await line.settle()

    private, public = await desk.about(ADA, "m1"), await desk.about(SQUARE, "m2")

    assert private is not None
    assert public is not None
    assert (private.audience, public.audience) == (Audience.PRIVATE, Audience.PUBLIC)
    assert await desk.about(SQUARE, "m3") is None


@pytest.mark.parametrize("number", ["T-0000-0", "T-0000-1", "", "T-", "x-1", "\u0661\u0662-\u0663"])
async def test_a_number_that_nobody_has_is_not_found(desk: AccountFrontDesk, number: str) -> None:
    """What people type would be taken for a mistake of ours."""
    with pytest.raises(NotFound):
        await desk.conversation(number)


async def test_anothers_number_is_as_if_there_were_none(
    line: Assembly, desk: AccountFrontDesk
) -> None:
    """Numbers are no secrets: whoever tries some would learn what others are about."""
    for who in ("ada", "ben"):
        await line.dispatcher.accept(says(thread(who), who, "hello"))
    await line.settle()
    number = (await line.conversation_of(ADA)).number

    own = await desk.conversation(number.lower().replace("-", ""), "ada")
    with pytest.raises(NotFound):
        await desk.conversation(number, "ben")

    assert own.number == number
    assert (await desk.conversation(number)).number == number


async def test_of_a_conversation_of_several_people_each_is_told_their_own_part(
    line: Assembly, desk: AccountFrontDesk
) -> None:
    """Ben would read what Ada's mail is about."""
    for who in ("ada", "ben"):
        said = replace(says(thread(who), who, "hello"), title=f"of {who}")
        await line.dispatcher.accept(said)
    await line.settle()
    ada, ben = await line.leg_of(thread("ada")), await line.leg_of(thread("ben"))
    await line.joins.merge("merge", ada, ben, "agent:robin")
    await line.settle()
    number = (await line.conversation_of(ADA)).number

    assert (await desk.conversation(number, "ben")).title == "of ben"
    assert (await desk.conversation(number, "ada")).title == "of ada"
