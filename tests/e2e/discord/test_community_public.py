"""What is asked in public: by menus, reactions and buttons. Private words stay private."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.event import (
    AccountStatus,
    ActionInvoked,
    ActorKind,
    MessageCreated,
    Settled,
)
from core.model.message import Audience, Automatic
from sandbox.discord.applications import Interaction
from sandbox.discord.guilds import Overwrite
from sandbox.discord.kinds import Permission
from sandbox.discord.messages import Message
from sandbox.errors import ActError, UnknownThing
from sandbox.server import Sandbox
from tests.e2e.discord.community_rig import Stage, staged
from tests.e2e.telegram.rig import Core, Directory
from tests.rigs.waiting import eventually

OPEN, HAND = "Open a conversation", "Hand to support"
PRIVATE, SOLVED, STATUS = "Continue in private", "It is solved", "Status"
HANDED = "Our team looks into this and answers here."


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Sandbox() as sandbox, staged(sandbox, Core(Directory(tmp_path))) as set_up:
        yield set_up


async def handed(stage: Stage, message: Message, person: str = "noor") -> Interaction:
    asked = stage.app.message_menu(person, HAND, message)
    await stage.form(asked)
    return stage.app.submit(person, asked, {"reason": "Angry", "urgency": "high"})


def announced(stage: Stage, message: Message) -> Message:
    """What the bot has said under it."""
    said = [one for one in stage.app.seen("mei", message.channel) if one.content == HANDED]
    assert len(said) == 1
    return said[0]


def forbid(stage: Stage, channel: str, permission: Permission) -> None:
    """The bot may no longer do this there, and is told."""
    place, bot = stage.app.place("noor", channel), stage.sandbox.world.discord.applications[0]
    place.overwrites.append(Overwrite(bot.id, member=True, deny=permission))


# --- opening a conversation


async def test_what_was_opened_in_a_thread_of_its_own_is_handed_over_there(stage: Stage) -> None:
    """One question would be two conversations, answered twice."""
    asked = stage.app.say("mei", "Where is my deposit?", "general")
    await stage.answer(stage.app.message_menu("mei", OPEN, asked))
    await stage.delivered(2)
    assert asked.thread is not None
    stage.core.front_desk.where[stage.thread(asked.thread), str(asked.id)] = stage.knows(asked)
    del stage.core.front_desk.where[stage.thread(asked.channel), str(asked.id)]

    await handed(stage, asked)
    again, told = (await stage.delivered(4))[2:]

    assert again.thread == told.thread == stage.thread(asked.thread)
    assert again.dedup == f"m{asked.id}"
    assert isinstance(told.body, AccountStatus)
    assert stage.spoken("mei", asked.thread) == [HANDED]
    assert HANDED not in stage.spoken("mei", asked.channel)


async def test_ones_own_message_becomes_a_conversation_with_a_thread_of_its_own(
    stage: Stage,
) -> None:
    """The answers would be lost among everybody's talk."""
    asked = stage.app.say("mei", "How do I reset my 2FA?", "general")

    told = await stage.answer(stage.app.message_menu("mei", OPEN, asked))
    created, said = await stage.delivered(2)

    assert asked.thread is not None
    assert str(asked.thread.id) in told
    assert created.thread == said.thread == stage.thread(asked.thread)
    assert isinstance(created.body, MessageCreated)
    assert (created.body.remote, created.dedup) == (str(asked.id), f"m{asked.id}")
    assert created.audience is Audience.PUBLIC
    assert created.actor.remote == str(stage.app.user("mei").id)
    assert asked.thread.name == "How do I reset my 2FA?"
    assert stage.spoken("mei", asked.thread) == [HANDED]
    assert isinstance(said.body, MessageCreated)
    assert said.body.automatic is Automatic.REPLY
    assert said.customer == created.actor
    assert stage.app.pings("mei") == []


async def test_where_no_thread_may_be_opened_it_is_answered_where_it_is(stage: Stage) -> None:
    """Nothing would be opened at all."""
    forbid(stage, "general", Permission.CREATE_PUBLIC_THREADS)
    asked = stage.app.say("mei", "Hello?", "general")

    await stage.answer(stage.app.message_menu("mei", OPEN, asked))
    created, _ = await stage.delivered(2)

    assert asked.thread is None
    assert created.thread == stage.thread(asked.channel)
    assert announced(stage, asked).reference is not None


async def test_nobody_opens_a_conversation_in_anothers_name_but_managers(stage: Stage) -> None:
    """Anybody could put anybody's words before our agents."""
    asked = stage.app.say("mei", "Just talking", "general")

    refused = await stage.answer(stage.app.message_menu("jonas", OPEN, asked))
    assert "a message of your own" in refused
    assert stage.told == []
    opened = stage.app.message_menu("noor", OPEN, asked)
    await stage.answer(opened)
    created, _ = await stage.delivered(2)

    assert created.actor.remote == str(stage.app.user("mei").id)
    assert opened.original is not None
    assert opened.original.components == [], "those are for who asked"


async def test_what_is_in_a_conversation_is_opened_no_second_time(stage: Stage) -> None:
    """One question would be two pieces of work."""
    asked = stage.app.say("mei", "How?", "general")
    stage.knows(asked, "T-7KQ4-M")

    own, managers = (stage.app.message_menu(who, OPEN, asked) for who in ("mei", "noor"))

    for opened, offered in ((own, True), (managers, False)):
        assert "T-7KQ4-M" in await stage.answer(opened)
        assert opened.original is not None
        assert bool(opened.original.components) is offered, "those are for who asked"
    assert asked.thread is None
    assert stage.told == []


# --- handing to support


async def test_a_handed_message_is_on_its_authors_leg_with_why_and_by_whom(stage: Stage) -> None:
    """Agents would not know why they see it, or take the manager for the customer."""
    asked = stage.app.say("mei", "My money is gone", "general")

    told = await stage.answer(await handed(stage, asked))
    created, line, said = await stage.delivered(3)

    assert "Support has it" in told
    assert created.dedup == f"m{asked.id}", "as if it had come live"
    assert isinstance(line.body, AccountStatus)
    assert (line.body.code, line.body.text) == ("handed_over", "by Noor Haddad (high): Angry")
    assert (line.actor.kind, line.customer) == (ActorKind.STAFF, created.actor)
    assert {one.thread for one in (created, line, said)} == {stage.thread(asked.channel)}
    reply = announced(stage, asked)
    assert reply.reference is not None
    assert reply.reference.message_id == asked.id
    assert "Angry" not in reply.content
    assert stage.app.pings("mei") == []


async def test_members_hand_nothing_over(stage: Stage) -> None:
    """Anybody could put anything before our agents."""
    asked = stage.app.say("mei", "Hi", "general")

    with pytest.raises((UnknownThing, ActError)):
        stage.app.message_menu("jonas", HAND, asked)


async def test_a_form_does_not_outlive_the_right_to_send_it(stage: Stage) -> None:
    """Who was dismissed could go on as a manager."""
    asked = stage.app.say("mei", "Hi", "general")
    begun = stage.app.message_menu("noor", HAND, asked)
    await stage.form(begun)
    stage.app.take_role("noor", "Community managers")

    told = await stage.answer(stage.app.submit("noor", begun, {"reason": "x"}))

    assert "Only those who manage" in told
    assert stage.told == []


async def test_a_message_that_is_gone_is_told_of(stage: Stage) -> None:
    """The manager would believe that support has it."""
    asked = stage.app.say("mei", "Hi", "general")
    begun = stage.app.message_menu("noor", HAND, asked)
    await stage.form(begun)
    stage.app.delete("mei", asked)

    told = await stage.answer(stage.app.submit("noor", begun, {"reason": "x"}))

    assert "cannot read that message" in told
    assert stage.told == []


async def test_where_the_bot_may_not_write_a_message_is_handed_over_all_the_same(
    stage: Stage,
) -> None:
    """Support would not get it."""
    asked = stage.app.say("mei", "Hi", "general")
    forbid(stage, "general", Permission.SEND_MESSAGES)

    told = await stage.answer(await handed(stage, asked))
    await stage.delivered(2)

    assert "look whether I may write there" in told


async def test_authors_and_managers_hand_over_with_a_reaction_and_nobody_else(
    stage: Stage,
) -> None:
    """Any passer-by could fill the agents' inbox."""
    first = stage.app.say("mei", "Mine", "general")
    second = stage.app.say("mei", "Also mine", "general")
    stage.app.react("jonas", second, "🎫")
    stage.app.react("mei", first, "🎫")
    await stage.delivered(3)
    stage.app.react("noor", second, "🎫")

    delivered = await stage.delivered(6)

    lines = [one for one in delivered if isinstance(one.body, AccountStatus)]
    assert [(one.actor.kind, one.dedup) for one in lines] == [
        (ActorKind.CUSTOMER, f"h{first.id}"),
        (ActorKind.STAFF, f"h{second.id}"),
    ]
    assert len(stage.app.texts("mei", "general")) == 4


async def test_who_takes_part_as_a_bot_asks_for_nothing(stage: Stage) -> None:
    """Two bots would hand one another's messages over for ever."""
    own = stage.offered(stage.app.place("mei", "general"), "Yes")
    stage.app.react("noor", own, "🎫")
    stage.app.react("noor", own, "✅")
    asked = stage.app.say("mei", "Mine", "general")
    stage.app.react("mei", asked, "🎫")

    await stage.delivered(3)

    assert all(str(own.id) not in one.dedup for one in stage.told)


# --- accepting an answer


@pytest.mark.parametrize("person", ["mei", "noor"])
async def test_an_accepted_answer_settles_the_question_with_whose_it_was(
    stage: Stage, person: str
) -> None:
    """Agents would go on with what a member has solved."""
    asked = stage.app.say("mei", "How?", "general")
    stage.knows(asked)
    answer = stage.app.say("jonas", "Turn it\noff and on", "general", reply_to=asked)
    stage.app.react("kofi" if person == "noor" else "noor", asked, "✅")  # no answer to anything
    stage.app.react(person, answer, "✅")

    (event,) = await stage.delivered(1)

    assert isinstance(event.body, Settled)
    assert event.body.question == str(asked.id)
    assert event.body.answer == str(answer.id)
    name = stage.app.user("jonas").name
    assert event.body.text.startswith(f"answer of {name}: “Turn it off and on” https://")
    assert event.customer is not None
    assert event.customer.remote == str(stage.app.user("mei").id)
    assert event.actor.kind is (ActorKind.CUSTOMER if person == "mei" else ActorKind.STAFF)
    assert event.thread == stage.thread(asked.channel)


async def test_nobody_else_accepts_and_nothing_is_settled_that_is_no_conversation(
    stage: Stage,
) -> None:
    """Every tick under every message would close somebody's question."""
    asked = stage.app.say("mei", "How?", "general")
    stage.knows(asked)
    answer = stage.app.say("jonas", "So.", "general", reply_to=asked)
    stage.app.react("jonas", answer, "✅")
    talk = stage.app.say("mei", "Nice day", "general")
    yes = stage.app.say("jonas", "Yes", "general", reply_to=talk)
    stage.app.react("mei", yes, "✅")
    handed_last = stage.app.say("mei", "Help", "general")
    stage.app.react("mei", handed_last, "🎫")

    delivered = await stage.delivered(3)

    assert not any(isinstance(one.body, Settled) for one in delivered)


async def test_in_a_forum_the_post_is_the_question(stage: Stage) -> None:
    """There nobody answers by replying to the first message."""
    post = stage.app.forum_post("mei", "2FA", "How do I reset it?")
    stage.knows(post)
    answer = stage.app.say("jonas", "In the settings.", post.channel)
    stage.app.react("mei", answer, "✅")

    (event,) = await stage.delivered(1)

    assert isinstance(event.body, Settled)
    assert event.thread == stage.thread(post.channel)
    assert event.customer is not None
    assert event.customer.remote == str(stage.app.user("mei").id)


async def test_under_a_message_that_was_opened_its_threads_answers_can_be_accepted(
    stage: Stage,
) -> None:
    """The first message of such a thread is not in it, but in the channel above."""
    asked = stage.app.say("mei", "How?", "general")
    await stage.answer(stage.app.message_menu("mei", OPEN, asked))
    await stage.delivered(2)
    thread = asked.thread
    assert thread is not None
    stage.core.front_desk.where[stage.thread(thread), str(asked.id)] = stage.knows(asked)
    answer = stage.app.say("jonas", "So.", thread)
    stage.app.react("mei", answer, "✅")

    event = (await stage.delivered(4))[-1]  # the answer in the thread is for us, too

    assert isinstance(event.body, Settled)
    assert event.thread == stage.thread(thread)


async def test_an_answer_beside_the_thread_of_its_question_can_be_accepted(stage: Stage) -> None:
    """Members go on answering in the channel where they have read the question."""
    asked = stage.app.say("mei", "How?", "general")
    await stage.answer(stage.app.message_menu("mei", OPEN, asked))
    await stage.delivered(2)
    assert asked.thread is not None
    stage.knows(asked)
    where = stage.core.front_desk.where
    of_thread = (stage.thread(asked.thread), str(asked.id))
    where[of_thread] = where.pop((stage.thread(asked.channel), str(asked.id)))
    answer = stage.app.say("jonas", "So.", "general", reply_to=asked)
    stage.app.react("mei", answer, "✅")

    event = (await stage.delivered(3))[-1]

    assert isinstance(event.body, Settled)
    assert event.thread == stage.thread(asked.thread)


# --- the buttons under what was handed over


async def test_who_asked_goes_on_in_private_and_nothing_of_it_is_public(stage: Stage) -> None:
    """What they would say to nobody else would be read by everybody."""
    asked = stage.app.say("mei", "My money is gone", "general")
    await stage.answer(await handed(stage, asked))
    await stage.delivered(3)
    stage.knows(asked, "T-7KQ4-M")
    before = stage.app.texts("jonas", "general")

    pressed = stage.app.press("mei", announced(stage, asked), PRIVATE)
    told = await stage.answer(pressed)
    event, greeting = (await stage.delivered(5))[3:]

    direct = stage.app.place("mei")
    assert "I have written to you" in told
    assert isinstance(event.body, ActionInvoked)
    assert (event.claims, event.audience) == ("T-7KQ4-M", Audience.PRIVATE)
    assert event.thread == greeting.thread == stage.thread(direct)
    assert greeting.customer == event.actor
    (said,) = stage.app.texts("mei", direct)
    assert f"/{asked.channel.id}/{asked.id}" in said
    assert stage.app.texts("jonas", "general") == before


async def test_closed_direct_messages_keep_the_question_in_public(stage: Stage) -> None:
    """A private conversation would begin in which nobody can be answered."""
    asked = stage.app.say("mei", "My money is gone", "general")
    await stage.answer(await handed(stage, asked))
    stage.knows(asked)
    stage.app.close_direct("mei")

    told = await stage.answer(stage.app.press("mei", announced(stage, asked), PRIVATE))

    assert "Allow them" in told
    await stage.delivered(3)


@pytest.mark.parametrize("button", [PRIVATE, SOLVED, STATUS])
async def test_the_buttons_are_for_who_asked(stage: Stage, button: str) -> None:
    """Any passer-by could close a question, or read how far it is."""
    asked = stage.app.say("mei", "My money is gone", "general")
    await stage.answer(await handed(stage, asked))
    stage.knows(asked, "T-7KQ4-M")

    told = await stage.answer(stage.app.press("jonas", announced(stage, asked), button))

    assert "for the person who asked" in told
    await stage.delivered(3)


@pytest.mark.parametrize("person", ["mei", "noor"])
async def test_who_asked_and_managers_see_how_far_it_is_and_say_that_it_is_solved(
    stage: Stage, person: str
) -> None:
    """An agent would go on with what is done."""
    asked = stage.app.say("mei", "My money is gone", "general")
    await stage.answer(await handed(stage, asked))
    stage.knows(asked, "T-7KQ4-M")
    buttons = announced(stage, asked)

    status = await stage.answer(stage.app.press(person, buttons, STATUS))
    solved = await stage.answer(stage.app.press(person, buttons, SOLVED))
    event = (await stage.delivered(4))[-1]

    assert "T-7KQ4-M" in status
    assert "Good to hear" in solved
    assert isinstance(event.body, Settled)
    assert event.actor.kind is (ActorKind.CUSTOMER if person == "mei" else ActorKind.STAFF)
    assert event.customer is not None
    assert event.customer.remote == str(stage.app.user("mei").id)


async def test_nothing_that_is_said_in_public_holds_a_number(stage: Stage) -> None:
    """A number names somebody's conversation."""
    asked = stage.app.say("mei", "My money is gone", "general")
    await stage.answer(await handed(stage, asked))
    stage.knows(asked, "T-7KQ4-M")
    await stage.answer(stage.app.press("mei", announced(stage, asked), STATUS))
    await stage.answer(stage.app.press("mei", announced(stage, asked), PRIVATE))
    await eventually(lambda: len(stage.app.texts("mei")) == 1)

    assert not any("T-7KQ4-M" in one for one in stage.app.texts("jonas", "general"))
