"""Two channels, one person: each reply arrives only where it belongs.

Ada writes to the bot, and writes a mail. To Trunkline these are two identities, each with a
conversation of its own, until somebody who knows says that both are Ada.
"""

import pytest

from core.errors import Conflict
from core.model.conversation import Leg
from core.model.message import DeliveryState
from tests.rigs.desk import MAIL, SupportDesk


async def test_strangers_have_a_conversation_each(desk: SupportDesk) -> None:
    """Law 6: the same name proves nothing."""
    on_telegram, by_mail = desk.on_telegram("ada"), desk.by_mail("ada")

    await on_telegram.writes("Where is my parcel?")
    await by_mail.writes("My parcel has not come.")

    first, second = await desk.conversation(on_telegram), await desk.conversation(by_mail)
    assert first.number != second.number
    assert await desk.reads(first) == ["Where is my parcel?"]
    assert await desk.reads(second) == ["My parcel has not come."]


async def test_a_reply_goes_back_where_the_message_came_from(desk: SupportDesk) -> None:
    on_telegram, by_mail = desk.on_telegram("ada"), desk.by_mail("ada")
    await on_telegram.writes("Where is my parcel?")
    await by_mail.writes("My parcel has not come.")

    await desk.answers(await desk.conversation(on_telegram), "It arrives on Monday.")

    assert on_telegram.received == ["It arrives on Monday."]
    assert by_mail.received == []


async def test_linked_they_are_one_conversation_with_two_legs(desk: SupportDesk) -> None:
    """No message moves: a conversation is a view over legs, and each leg stays with its thread."""
    on_telegram, by_mail = desk.on_telegram("ada"), desk.by_mail("ada")
    await on_telegram.writes("Where is my parcel?")
    await by_mail.writes("My parcel has not come.")

    await desk.links(on_telegram, by_mail)

    conversation = await desk.conversation(by_mail)
    assert conversation == await desk.conversation(on_telegram)
    assert [leg.thread for leg in conversation.legs] == [on_telegram.thread, by_mail.thread]
    assert await desk.reads(conversation) == ["Where is my parcel?", "My parcel has not come."]


async def test_in_a_joint_conversation_the_reply_follows_the_customer(desk: SupportDesk) -> None:
    """An agent need not think about channels: the answer goes to where Ada wrote last."""
    on_telegram, by_mail = desk.on_telegram("ada"), desk.by_mail("ada")
    await on_telegram.writes("Where is my parcel?")
    await by_mail.writes("The tracking page is attached.")
    await desk.links(on_telegram, by_mail)

    await desk.answers(await desk.conversation(on_telegram), "Thank you, I see.")
    await on_telegram.writes("And?")
    await desk.answers(await desk.conversation(on_telegram), "It arrives on Monday.")

    assert by_mail.received == ["Thank you, I see."]
    assert on_telegram.received == ["It arrives on Monday."]


async def test_an_agent_may_choose_the_leg(desk: SupportDesk) -> None:
    on_telegram, by_mail = desk.on_telegram("ada"), desk.by_mail("ada")
    await by_mail.writes("My parcel has not come.")
    await on_telegram.writes("Hello?")
    await desk.links(on_telegram, by_mail)
    conversation = await desk.conversation(on_telegram)

    await desk.answers(conversation, "The form is attached.", on=_mail_leg(conversation.legs))

    assert by_mail.received == ["The form is attached."]
    assert on_telegram.received == []


async def test_the_agent_sees_what_became_of_the_reply(desk: SupportDesk) -> None:
    """Law 4."""
    on_telegram = desk.on_telegram("ada")
    await on_telegram.writes("Where is my parcel?")

    await desk.answers(await desk.conversation(on_telegram), "It arrives on Monday.")

    page = await desk.line.views.messages(await desk.conversation(on_telegram), "", 1)
    assert page.entries[0].delivery is not None
    assert page.entries[0].delivery.state is DeliveryState.SENT


async def test_unlinked_everything_is_as_it_was(desk: SupportDesk) -> None:
    """It was another Ada. Each has her own conversation again, with her own words and answers."""
    on_telegram, by_mail = desk.on_telegram("ada"), desk.by_mail("ada")
    await on_telegram.writes("Where is my parcel?")
    await by_mail.writes("My parcel has not come.")
    before = await desk.conversation(by_mail)
    await desk.links(on_telegram, by_mail)
    await desk.answers(await desk.conversation(by_mail), "Which parcel?")
    await by_mail.writes("The blue one.")

    await desk.unlinks(on_telegram, by_mail)

    hers = await desk.conversation(by_mail)
    assert (hers.id, hers.number) == (before.id, before.number)
    assert await desk.reads(hers) == ["My parcel has not come.", "Which parcel?", "The blue one."]
    assert await desk.reads(await desk.conversation(on_telegram)) == ["Where is my parcel?"]


async def test_after_unlinking_each_goes_on_alone(desk: SupportDesk) -> None:
    on_telegram, by_mail = desk.on_telegram("ada"), desk.by_mail("ada")
    await on_telegram.writes("Where is my parcel?")
    await by_mail.writes("My parcel has not come.")
    await desk.links(on_telegram, by_mail)
    await desk.unlinks(on_telegram, by_mail)

    await on_telegram.writes("Any news?")
    await desk.answers(await desk.conversation(on_telegram), "It arrives on Monday.")
    await desk.answers(await desk.conversation(by_mail), "It is being looked for.")

    assert on_telegram.received == ["It arrives on Monday."]
    assert by_mail.received == ["It is being looked for."]
    with pytest.raises(Conflict, match="not linked"):
        await desk.unlinks(on_telegram, by_mail)


def _mail_leg(legs: tuple[Leg, ...]) -> Leg:
    return next(leg for leg in legs if leg.thread.account == MAIL)
