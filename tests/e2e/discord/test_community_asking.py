"""Commands, forms and buttons with which people ask for something in private."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.model.content import Text
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    ActorKind,
    Inbound,
    MessageCreated,
    Origin,
)
from core.model.message import Audience, Automatic
from sandbox.discord.applications import Interaction
from sandbox.discord.kinds import CallbackKind
from sandbox.errors import ActError, UnknownThing
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.e2e.discord.community_rig import Stage, brief, options_for, settings_of, staged
from tests.e2e.telegram.rig import Core, Directory
from tests.rigs.stopwatch import stopwatch
from tests.rigs.waiting import eventually

FORM = {"topic": "Payments", "subject": "Withdrawal", "description": "Stuck since Monday"}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with (
        stopwatch() as watch,
        Sandbox(now=watch.now) as sandbox,
        staged(sandbox, Core(Directory(tmp_path))) as set_up,
    ):
        yield set_up


def text_of(event: Inbound) -> str:
    assert isinstance(event.body, MessageCreated)
    part = event.body.parts[0]
    assert isinstance(part, Text)
    return part.text


async def submitted(
    stage: Stage, person: str = "mei", place: str | None = "general"
) -> Interaction:
    asked = stage.app.slash(person, "support", place=place)
    await stage.form(asked)
    return stage.app.submit(person, asked, FORM)


@pytest.mark.parametrize("place", ["general", None])
async def test_a_form_begins_a_private_conversation_wherever_it_was_asked_for(
    stage: Stage, place: str | None
) -> None:
    """A customer's question would be read by everybody, or by nobody."""
    direct = stage.app.place("mei")
    public = stage.app.texts("noor", "general")

    told = await stage.answer(await submitted(stage, place=place))
    request, greeting = await stage.delivered(2)

    assert "with our team" in told
    assert text_of(request).startswith("Withdrawal\n\nStuck since Monday\n\nTopic: Payments")
    assert request.thread == stage.thread(direct)
    assert (request.audience, request.title) == (Audience.PRIVATE, "Withdrawal")
    assert request.actor.remote == str(stage.app.user("mei").id)
    assert stage.spoken("mei", direct) == [text_of(greeting)]
    assert isinstance(greeting.body, MessageCreated)
    assert greeting.body.automatic is Automatic.REPLY, "it would count as an answer"
    assert (greeting.actor.kind, greeting.origin) == (ActorKind.OURSELVES, Origin.ECHO)
    assert greeting.customer == request.actor
    assert greeting.body.remote == str(stage.app.seen("mei", direct)[0].id)
    assert stage.app.texts("noor", "general") == public


async def test_closed_direct_messages_lose_no_request_and_are_told_of(stage: Stage) -> None:
    """The customer would wait for an answer that cannot reach them."""
    stage.app.close_direct("mei")

    told = await stage.answer(await submitted(stage))
    (request,) = await stage.delivered(1)

    assert "cannot reach you" in told
    assert "Stuck since Monday" in text_of(request)


async def test_everybody_is_told_of_their_own_conversations_and_no_others(stage: Stage) -> None:
    """Numbers are no secrets: whoever tries some would read what others are about."""
    front_desk = stage.core.front_desk
    front_desk.of[str(stage.app.user("mei").id)] = (brief("T-7KQ4-M", title="My KYC"),)
    front_desk.of[str(stage.app.user("jonas").id)] = (
        brief("T-9XX2-A", title="Jonas's"),
        brief("T-3XX2-A", title="His illness", audience=Audience.PRIVATE),
    )

    async def told(person: str, number: str = "", place: str | None = "general") -> str:
        options = {"number": number} if number else {}
        return await stage.answer(stage.app.slash(person, "status", options, place))

    own, listed = await told("mei", "T-7KQ4-M"), await told("mei")
    others, none = await told("mei", "T-9XX2-A"), await told("mei", "T-0000-0")
    by_manager = await told("noor", "T-9XX2-A")
    in_private = await told("noor", "T-9XX2-A", None)

    assert "T-7KQ4-M" in own
    assert own == listed
    assert others == none == in_private
    assert "Jonas's" in by_manager
    privately = await told("noor", "T-3XX2-A")
    assert "T-3XX2-A" in privately
    assert "illness" not in privately
    assert "no open conversation" in await told("noor")
    assert stage.told == []


async def test_a_code_is_shown_to_who_asked_and_taken_from_them(stage: Stage) -> None:
    """Whoever reads a code along could take over somebody's conversations."""
    stage.core.front_desk.codes["L-77"] = "Please confirm on the other channel."

    shown = await stage.answer(stage.app.slash("mei", "link", place="general"))
    taken = await stage.answer(stage.app.slash("mei", "link", {"code": "L-77"}, "general"))
    refused = await stage.answer(stage.app.slash("mei", "link", {"code": "L-99"}, "general"))

    assert "`L-CODE-1`" in shown
    assert stage.core.front_desk.issued == [str(stage.app.user("mei").id)]
    assert taken == "Please confirm on the other channel."
    assert refused == "This code is not known, or no longer."
    assert stage.app.texts("noor", "general") == []


async def test_a_manager_writes_to_a_member_first_and_it_is_in_the_log(stage: Stage) -> None:
    """Agents would see an answer to something that nobody seems to have said."""
    mei, direct = stage.app.user("mei"), stage.app.place("mei")
    options = {"member": str(mei.id), "subject": "Your report", "note": "be *kind*"}

    told = await stage.answer(stage.app.slash("noor", "ticket", options, "general"))
    said, noted = await stage.delivered(2)

    assert "I have written" in told
    assert stage.app.texts("mei", direct) == [text_of(said)]
    assert "Your report" in text_of(said)
    assert "kind" not in text_of(said)
    assert isinstance(said.body, MessageCreated)
    assert said.body.automatic is Automatic.NO
    assert said.customer is not None
    assert (said.customer.remote, said.thread) == (str(mei.id), stage.thread(direct))
    assert isinstance(noted.body, AccountStatus)
    assert "be *kind*" in noted.body.text
    assert (noted.actor.kind, noted.actor.name) == (ActorKind.STAFF, "Noor Haddad")


async def test_members_are_not_offered_what_is_for_managers(stage: Stage) -> None:
    """Anybody could write to anybody in the team's name."""
    options = {"member": str(stage.app.user("jonas").id), "subject": "x"}

    with pytest.raises((UnknownThing, ActError)):
        stage.app.slash("mei", "ticket", options, "general")


async def test_a_member_who_takes_no_messages_is_told_of_to_the_manager(stage: Stage) -> None:
    """The manager would wait for somebody who was never asked."""
    stage.app.close_direct("mei")
    options = {"member": str(stage.app.user("mei").id), "subject": "Your report"}

    told = await stage.answer(stage.app.slash("noor", "ticket", options, "general"))

    assert "take no direct messages" in told
    assert stage.told == []


async def test_what_a_customer_chooses_of_an_agents_offer_is_delivered_and_acknowledged(
    stage: Stage,
) -> None:
    """Their Discord would say that the interaction failed, and the agent would not know."""
    message = stage.offered(stage.app.place("mei"), "No", "Yes")

    pressed = stage.app.press("mei", message, "Yes")
    await eventually(lambda: pressed.answer is not None)
    (event,) = await stage.delivered(1)

    assert pressed.answer is CallbackKind.DEFERRED_UPDATE
    assert event.body == ActionInvoked(value="b1", label="Yes", on=str(message.id))
    assert (event.audience, event.dedup) == (Audience.PRIVATE, f"i{pressed.id}")


# --- when things go wrong


async def test_whoever_asks_while_nothing_can_be_stored_is_answered_in_time(stage: Stage) -> None:
    """Discord would say that the bot has failed, and the customer would give up."""
    away = True

    async def before(_event: Inbound) -> None:
        if away:
            raise StoreUnavailable("gone")

    stage.core.before = before
    asked = [await submitted(stage, person) for person in ("mei", "jonas", "noor")]
    message = stage.offered(stage.app.place("mei"), "Yes")
    asked.append(stage.app.press("mei", message, "Yes"))
    await eventually(lambda: all(one.answer is not None for one in asked))
    waited = [(one.answered_at or 0) - one.created_at for one in asked]

    assert max(waited) < 3.0
    assert stage.told == []
    away = False
    await stage.delivered(7)
    for one in asked[:3]:
        assert "with our team" in await stage.answer(one)


async def test_who_waits_for_long_is_told_the_truth_and_then_how_it_ended(tmp_path: Path) -> None:
    """The customer would believe that we have what is stored nowhere."""
    stored = asyncio.Event()

    async def before(_event: Inbound) -> None:
        await stored.wait()

    async with Sandbox() as sandbox:
        core = Core(Directory(tmp_path), before=before)
        options = options_for(sandbox, community=settings_of(promise_seconds=0.1))
        async with staged(sandbox, core, options) as stage:
            asked = await submitted(stage)
            pressed = stage.app.press("mei", stage.offered(stage.app.place("mei"), "Yes"), "Yes")
            unsure = await stage.answer(asked)
            await eventually(lambda: bool(pressed.followups))

            assert "cannot store anything" in unsure
            assert "not stored yet" in pressed.followups[0].content
            assert pressed.followups[0].ephemeral
            stored.set()
            await stage.delivered(3)
            await eventually(lambda: "with our team" in asked.original.content)  # type: ignore[union-attr]


async def test_who_asks_when_too_many_wait_already_is_told_so_at_once(tmp_path: Path) -> None:
    """The gateway would be read no further, and nobody be answered at all."""
    stored = asyncio.Event()

    async def before(_event: Inbound) -> None:
        await stored.wait()

    async with Sandbox() as sandbox:
        core = Core(Directory(tmp_path), before=before)
        options = options_for(sandbox, under_way_max=8)
        async with staged(sandbox, core, options) as stage:
            first, second = await submitted(stage), await submitted(stage, "jonas")
            await eventually(lambda: first.deferred and second.deferred)
            third = await submitted(stage, "amara")

            assert "Too much is going on" in await stage.answer(third)
            stored.set()
            await stage.delivered(4)
            assert "with our team" in await stage.answer(await submitted(stage, "amara"))


async def test_what_cannot_be_looked_up_is_said_so(stage: Stage) -> None:
    """Whoever asks how far it is would be left alone with a bot that thinks."""
    stage.core.front_desk.away = True

    assert "cannot look that up" in await stage.answer(stage.app.slash("mei", "status"))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("discord", "create_interaction_response", Kind.SERVER_ERROR, count=2),
        Fault("discord", "create_interaction_response", Kind.DROP_BEFORE, count=2),
        Fault("discord", "create_interaction_response", Kind.DROP_AFTER, count=1),
        Fault("discord", "create_message", Kind.SERVER_ERROR, count=2),
        Fault("discord", "create_message", Kind.DROP_AFTER, count=1),
        Fault("discord", "create_dm", Kind.SERVER_ERROR, count=1),
        Fault("discord", "update_original_webhook_message", Kind.SERVER_ERROR, count=1),
    ],
    ids=lambda one: f"{one.method}-{one.kind}",
)
async def test_an_answer_that_discord_loses_is_given_again(stage: Stage, fault: Fault) -> None:
    """The customer would not know whether we have their request, or be greeted twice."""
    asked = stage.app.slash("mei", "support", place="general")
    await stage.form(asked)
    stage.sandbox.world.faults.add(fault)

    form = stage.app.submit("mei", asked, FORM)

    assert "with our team" in await stage.answer(form)
    await stage.delivered(2)
    assert len(stage.app.texts("mei", None)) == 1


async def test_what_came_too_late_to_be_answered_is_done_all_the_same(stage: Stage) -> None:
    """The customer filled in a form for nothing."""
    asked = stage.app.slash("mei", "support", place="general")
    await stage.form(asked)
    forms = stage.app.submit("mei", asked, FORM)
    forms.created_at -= 10

    await stage.delivered(2)

    assert forms.answer is None
    assert len(stage.app.texts("mei", None)) == 1, "they are told in private"


async def test_an_interaction_that_is_told_of_again_has_no_second_effect(tmp_path: Path) -> None:
    """After a lost connection everything would be done twice."""
    async with Sandbox() as sandbox:
        core = Core(Directory(tmp_path))
        again = Fault("discord", "gateway.INTERACTION_CREATE", Kind.DUPLICATE, count=0)
        async with staged(sandbox, core) as stage:
            sandbox.world.faults.add(again)
            await stage.answer(await submitted(stage))
            message = stage.offered(stage.app.place("mei"), "Yes")
            pressed = stage.app.press("mei", message, "Yes")
            await eventually(lambda: pressed.answer is not None)
            await stage.delivered(3)
            assert len(sandbox.discord.texts("mei", None)) == 2
