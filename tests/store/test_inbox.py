"""The inbox: which conversations need an agent, page by page, each once."""

import pytest
from msgspec.structs import replace

from core.errors import InvalidRequest, NotFound
from core.model.content import Text
from core.model.conversation import Priority, Status
from core.model.event import Actor, ActorKind, MessageCreated, Origin
from core.model.ids import MessageId
from core.model.message import Automatic
from core.model.triage import Triage
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import event, says, thread


async def test_a_conversation_is_in_the_view_of_its_status(line: Assembly) -> None:
    await line.dispatcher.accept(says(thread("ada"), "ada", "hello"))
    await line.settle()
    seen = {}
    for status in (Status.OPEN, Status.SNOOZED, Status.RESOLVED, Status.CLOSED):
        conversation = await line.conversation_of(thread("ada"))
        await line.triage.set_status(conversation, AGENT, status, MessageId(status))
        seen[status] = [len((await line.views.inbox(v, "", 10)).rows) for v in ("open", "pending")]

    assert seen == {
        Status.OPEN: [1, 0],
        Status.SNOOZED: [0, 1],
        Status.RESOLVED: [0, 1],
        Status.CLOSED: [0, 0],
    }


async def test_the_latest_comes_first_with_its_latest_message(line: Assembly) -> None:
    for who in ("ada", "ben"):
        await line.dispatcher.accept(says(thread(who), who, f"hello from {who}"))
        await line.settle()
    await line.dispatcher.accept(says(thread("ada"), "ada", "still there?"))

    rows = (await line.views.inbox("open", "", 10)).rows

    assert [row.conversation.legs[0].thread.thread for row in rows] == ["ada", "ben"]
    assert rows[0].latest is not None
    assert rows[0].latest.position == 2


async def test_what_we_said_by_ourselves_does_not_stand_before_the_question(line: Assembly) -> None:
    """An agent would read in every row that the team looks into it, and not into what."""
    asked = says(thread("ada"), "ada", "Where is my parcel?")
    ours = Actor(kind=ActorKind.OURSELVES, remote="bot")
    parts = (Text(text="We look into it."),)
    told = MessageCreated(remote="ours", parts=parts, automatic=Automatic.REPLY)
    await line.dispatcher.accept(asked)
    await line.dispatcher.accept(
        replace(
            event(thread("ada"), "ada", told),
            actor=ours,
            customer=asked.actor,
            origin=Origin.ECHO,
        )
    )
    await line.settle()

    (row,) = (await line.views.inbox("open", "", 10)).rows

    assert row.latest is not None
    assert row.latest.message.parts == (Text(text="Where is my parcel?"),)


async def test_how_it_was_sorted_does_not_stand_before_the_question(line: Assembly) -> None:
    """Whoever looks for the next question would read in each row who has it, and not what it is."""
    await line.dispatcher.accept(says(thread("ada"), "ada", "Where is my parcel?"))
    await line.settle()
    (row,) = (await line.views.inbox("open", "", 10)).rows
    await line.triage.change(
        row.conversation, AGENT, Triage(priority=Priority.URGENT), MessageId("1")
    )

    (row,) = (await line.views.inbox("open", "", 10)).rows

    assert row.conversation.legs[0].length == 2
    assert row.latest is not None
    assert row.latest.message.parts == (Text(text="Where is my parcel?"),)


@pytest.mark.parametrize("size", [1, 3, 7])
async def test_pages_show_everything_once(store: Store, line: Assembly, size: int) -> None:
    """Many conversations are touched within one millisecond; none may fall between two pages."""
    for n in range(20):
        await line.dispatcher.accept(says(thread(f"t{n}"), f"p{n}", "hello"))
    await line.settle()
    for partition in range(store.keys.partitions):
        key = store.keys.inbox(partition, "open")
        for leg in await store.redis.zrange(key, 0, -1):
            assert isinstance(leg, bytes)
            await store.redis.zadd(key, {leg: 1_700_000_000_000})

    listed, after = [], ""
    while True:
        page = await line.views.inbox("open", after, size)
        listed += [row.conversation.legs[0].thread.thread for row in page.rows]
        after = page.next
        if not after:
            break

    assert sorted(listed) == sorted(f"t{n}" for n in range(20))


async def test_a_view_that_does_not_exist_is_refused(line: Assembly) -> None:
    with pytest.raises(InvalidRequest):
        await line.views.inbox("closed", "", 10)


async def test_a_cursor_that_is_none_is_refused(line: Assembly) -> None:
    with pytest.raises(InvalidRequest):
        await line.views.inbox("open", "the second page", 10)


async def test_a_conversation_is_found_by_its_number_and_by_any_leg(line: Assembly) -> None:
    await line.dispatcher.accept(says(thread("ada"), "ada", "hello"))
    await line.settle()
    conversation = await line.conversation_of(thread("ada"))

    for reference in (conversation.number, conversation.number.lower(), conversation.legs[0].id):
        assert (await line.views.conversation(reference)).id == conversation.id


@pytest.mark.parametrize("reference", ["T-0000-1", "T-nonsense", "x", "01J-ff", "", "{}", "a-zz"])
async def test_a_conversation_that_does_not_exist_is_not_found(
    line: Assembly, reference: str
) -> None:
    with pytest.raises(NotFound):
        await line.views.conversation(reference)


async def test_messages_are_read_backwards_page_by_page(line: Assembly) -> None:
    for n in range(10):
        await line.dispatcher.accept(says(thread("ada"), "ada", str(n)))
    await line.settle()
    conversation = await line.conversation_of(thread("ada"))

    read, before = list[int](), ""
    while True:
        page = await line.views.messages(conversation, before, 3)
        read = [entry.position for entry in page.entries] + read
        before = page.before
        if not before:
            break

    assert read == list(range(1, 11))
