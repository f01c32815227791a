"""Asides: what a machine wrote, or what is brought from the past. Filed, and nothing follows."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.errors import Conflict
from core.model.content import Button, Buttons, Text
from core.model.conversation import Status
from core.model.event import ActorKind, Inbound, MessageCreated, Origin
from core.model.ids import MessageId
from core.model.message import Audience, Automatic, Direction
from core.reply import Draft
from core.rules.incoming import ASIDES
from tests.rigs.assembly import AGENT, Assembly, fresh_store, rising_ids, text_in
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

ADA, GROUP = thread("ada"), thread("group")
KINDS = [*sorted(ASIDES), Origin.BACKFILL]
FEWER = settings(
    max_examples=max(40, settings().max_examples // 8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def aside(kind: Automatic | Origin, text: str = "I am away") -> Inbound:
    said = says(ADA, "ada", text)
    if isinstance(kind, Origin):
        return replace(said, origin=kind)
    assert isinstance(said.body, MessageCreated)
    return replace(said, body=replace(said.body, automatic=kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [one for one in Status if one is not Status.NEW])
async def test_an_aside_reopens_nothing(
    line: Assembly, kind: Automatic | Origin, status: Status
) -> None:
    """An out-of-office notice would bring every answered conversation back to the agents."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    leg, conversation = await line.leg_of(ADA), await line.conversation_of(ADA)
    await line.triage.set_status(conversation, AGENT, status, MessageId("set"))
    before = await line.store.legs.head(leg)

    await line.dispatcher.accept(aside(kind))
    await line.settle()

    after = await line.store.legs.head(leg)
    assert (after.status, after.status_at) == (status, before.status_at)
    assert await line.leg_of(ADA) == leg
    assert (await line.texts(leg))[-1] == "I am away"


@pytest.mark.parametrize("kind", KINDS)
async def test_an_aside_does_not_begin_a_leg_after_a_sealed_one(
    line: Assembly, kind: Automatic | Origin
) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    leg = await line.leg_of(ADA)
    await line.agents.seal(await line.conversation_of(ADA), leg)

    await line.dispatcher.accept(aside(kind))
    await line.settle()

    assert await line.texts(leg) == ["hello", "I am away"]
    assert await line.leg_of(ADA) == leg


@pytest.mark.parametrize(
    ("kind", "status", "view"),
    [(Automatic.REPLY, Status.NEW, "open"), (Origin.BACKFILL, Status.RESOLVED, "pending")],
)
async def test_an_aside_begins_a_leg_where_there_is_none(
    line: Assembly, kind: Automatic | Origin, status: Status, view: str
) -> None:
    """A web form's mail is written by a machine, and somebody waits for its answer. Years of
    history are there to be read, and would bury the work of today in the open view.
    """
    await line.dispatcher.accept(aside(kind))
    await line.settle()

    head = await line.store.legs.head(await line.leg_of(ADA))
    assert head.status is status
    assert [one.leg for one in await line.store.legs.listed(view, None, 10)] == [head.id]


async def test_what_comes_through_a_list_reopens(line: Assembly) -> None:
    """A company may have its customers' mail through a group address: each is marked as bulk."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    leg, conversation = await line.leg_of(ADA), await line.conversation_of(ADA)
    await line.triage.set_status(conversation, AGENT, Status.RESOLVED, MessageId("set"))

    await line.dispatcher.accept(aside(Automatic.BULK, "it happened again"))
    await line.settle()

    assert (await line.store.legs.head(leg)).status is Status.OPEN


async def test_what_is_brought_with_what_is_said_now_is_told_apart(line: Assembly) -> None:
    """They wait in one lane together: the live one reopens what the history did not."""
    slow = Assembly(line.store, line.adapters, hand_over=False)
    for said in (aside(Origin.BACKFILL, "in spring"), aside(Origin.BACKFILL, "in summer")):
        await slow.dispatcher.accept(said)
    await slow.dispatcher.accept(says(ADA, "ada", "now"))
    await slow.dispatcher.accept(aside(Automatic.ABSENCE))
    await slow.settle()

    head = await line.store.legs.head(await line.leg_of(ADA))
    assert head.status is Status.OPEN
    assert await line.texts(head.id) == ["in spring", "in summer", "now", "I am away"]


async def test_what_we_wrote_long_ago_is_no_answer(line: Assembly) -> None:
    """Old sent mail is brought after the customer asked today: the question stays open."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    ours = says(ADA, "ada", "our answer of last year")
    staff = replace(ours.actor, kind=ActorKind.STAFF)

    await line.dispatcher.accept(
        replace(ours, actor=staff, customer=ours.actor, origin=Origin.BACKFILL)
    )
    await line.settle()

    leg = await line.leg_of(ADA)
    assert (await line.store.legs.head(leg)).status is Status.NEW
    assert (await line.log(leg))[-1].message.direction is Direction.OUT


async def test_an_aside_is_no_choice(line: Assembly) -> None:
    """A machine that writes "1" has not chosen the first button."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    buttons = Buttons(rows=((Button(label="Yes", value="yes"),),))
    draft = Draft(id=MessageId("offer"), parts=(Text(text="Shall we?"), buttons))
    await line.agents.reply(await line.conversation_of(ADA), AGENT, draft)
    await line.settle()

    await line.dispatcher.accept(aside(Automatic.REPLY, "1"))
    await line.settle()

    entry = (await line.log(await line.leg_of(ADA)))[-1]
    assert text_in(entry) == "1"


async def test_answers_go_on_from_what_a_person_wrote(line: Assembly) -> None:
    """The context is what an answer cites: a notice between two mails would break their thread."""
    await line.dispatcher.accept(replace(says(ADA, "ada", "hello"), context={"cites": "hers"}))
    await line.settle()

    await line.dispatcher.accept(replace(aside(Automatic.ABSENCE), context={"cites": "a notice"}))
    await line.settle()

    assert (await line.store.legs.head(await line.leg_of(ADA))).context == {"cites": "hers"}


async def test_a_machine_in_a_group_leaves_the_others_alone(line: Assembly) -> None:
    said = aside(Automatic.REPLY)
    await line.dispatcher.accept(says(GROUP, "ben", "hello", audience=Audience.GROUP))
    await line.settle()

    await line.dispatcher.accept(replace(said, thread=GROUP, audience=Audience.GROUP))
    await line.settle()

    assert await line.texts(await line.leg_of(GROUP, "telegram:bot:ben")) == ["hello"]


Deed = tuple[str, str]
"""What is done, and with which status or kind of aside."""

deeds = st.lists(
    st.one_of(
        st.tuples(st.just("aside"), st.sampled_from(KINDS)),
        st.tuples(st.sampled_from(["write", "reply", "seal"]), st.just("")),
        st.tuples(st.just("status"), st.sampled_from(list(Status)[1:])),
    ),
    max_size=12,
)


@FEWER
@given(history=deeds)
def test_asides_might_as_well_never_have_come(server: RedisServer, history: list[Deed]) -> None:
    """But for their own lines: same legs, same statuses, same lists, whatever came between."""
    with_asides = asyncio.run(_played(server.url, history))
    without = asyncio.run(_played(server.url, [deed for deed in history if deed[0] != "aside"]))

    assert with_asides == without


async def _played(url: str, history: Sequence[Deed]) -> list[object]:
    """What agents see of it, less the asides."""
    async with fresh_store(url, partitions=2) as store:
        line = Assembly(store, {"bot": MemoryAdapter()}, new_id=rising_ids())
        await line.dispatcher.accept(says(ADA, "ada", "hello"))
        await line.settle()
        for n, deed in enumerate(history):
            with suppress(Conflict):
                await _do(line, deed, f"{n}")
            await line.settle()
        listed = [await store.legs.listed(view, None, 20) for view in ("open", "pending")]
        return [await _chain(line), [[one.leg for one in view] for view in listed]]


async def _do(line: Assembly, deed: Deed, name: str) -> None:
    match deed:
        case ("aside", kind):
            told = Origin(kind) if kind in list(Origin) else Automatic(kind)
            await line.dispatcher.accept(aside(told, "aside"))
        case ("write", _):
            await line.dispatcher.accept(says(ADA, "ada", "written"))
        case ("reply", _):
            await line.reply(await line.conversation_of(ADA), "answered", reply_id=f"reply-{name}")
        case ("seal", _):
            await line.agents.seal(await line.conversation_of(ADA), await line.leg_of(ADA))
        case (_, status):
            conversation = await line.conversation_of(ADA)
            await line.triage.set_status(conversation, AGENT, Status(status), MessageId(name))


async def _chain(line: Assembly) -> list[object]:
    """The thread's legs, the newest first."""
    chain: list[object] = []
    leg = await line.leg_of(ADA)
    while leg:
        head = await line.store.legs.head(leg)
        texts = [text for text in await line.texts(leg) if text != "aside"]
        chain.append((head.status, head.sealed, texts))
        if head.previous is None:
            break
        leg = head.previous
    return chain
