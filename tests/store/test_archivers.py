"""Who archives what and when, and what is deleted from the archive."""

import asyncio

import pytest
from msgspec.structs import replace

from core.errors import NotFound
from core.model.conversation import Status
from core.model.event import Origin
from core.model.ids import MessageId, identity_id
from core.model.triage import Triage
from core.rules.archive import LENGTH_MAX
from core.rules.numbers import parse
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread
from tests.rigs.freezing import ADA, Winter, had, happened, kinds
from tests.rigs.platform import ChangingAdapter, MemoryAdapter
from tests.rigs.waiting import eventually

MAIL = thread("ada's", "email", "mail")
ADA_ON_CHAT = identity_id("telegram", "bot", "ada")


@pytest.fixture
def line(winter: Winter) -> Assembly:
    return Assembly(winter.store, {"bot": ChangingAdapter(), "mail": MemoryAdapter()})


async def test_what_has_been_kept_for_long_enough_is_deleted_and_told_of(
    line: Assembly, winter: Winter
) -> None:
    """Retention that nobody hears of leaves customers' words in the search."""
    gone = await had(line)
    kept = await had(line, MAIL, "ada@x.example", Status.RESOLVED)
    await winter.comes()
    assert await line.store.cold.thaw(kept.legs[0].id)

    await winter.lasts_for_ever()

    with pytest.raises(NotFound):
        await line.views.conversation(gone.number)
    with pytest.raises(NotFound):
        await line.views.contact(ADA_ON_CHAT)
    assert await line.store.legs.by_number(parse(kept.number)) == kept.legs[0].id
    told = [one.leg for one in await happened(line) if one.kind == "expired"]
    assert told == [gone.legs[0].id]


async def test_a_conversation_is_kept_as_long_as_a_part_of_it(
    line: Assembly, winter: Winter
) -> None:
    """What goes on with a customer would have lost its beginning, its number and its place."""
    done = (await had(line, status=Status.RESOLVED)).legs[0]
    await line.dispatcher.accept(says(MAIL, "ada@x.example", "still not there"))
    await line.settle()
    open_leg = await line.leg_of(MAIL)
    await line.joins.merge("merge", done.id, open_leg, "agent:robin")
    await line.settle()
    await winter.comes()
    await winter.lasts_for_ever()

    (row,) = (await line.views.inbox("open", "", 9)).rows
    kept = [(one.id, one.archived) for one in row.conversation.legs]

    resolved = Triage(status=Status.RESOLVED)
    await line.triage.change(row.conversation, AGENT, resolved, MessageId("done"))
    await winter.comes()
    await winter.lasts_for_ever()

    assert kept == [(done.id, True), (open_leg, False)]
    assert row.conversation.number == done.number
    told = {one.leg for one in await happened(line) if one.kind == "expired"}
    assert told == {done.id, open_leg}


async def test_what_is_left_of_a_conversation_stands_alone(line: Assembly, winter: Winter) -> None:
    """One leg of which the first is gone would break every list in which it is."""
    done = (await had(line, status=Status.RESOLVED)).legs[0]
    await line.dispatcher.accept(says(MAIL, "ada@x.example", "still not there"))
    await line.settle()
    open_leg = await line.leg_of(MAIL)
    await line.joins.merge("merge", done.id, open_leg, "agent:robin")
    await line.settle()
    await winter.comes()
    await winter.archive.hide([done.id], 0)
    await winter.archive.delete([done.id])

    (row,) = (await line.views.inbox("open", "", 9)).rows

    assert [one.id for one in row.conversation.legs] == [open_leg]


async def test_of_several_archivers_one_does_it_and_finds_what_was_done_before(
    line: Assembly, winter: Winter
) -> None:
    """Two processes would archive everything twice; what was closed before a start, never."""
    legs = [(await had(line, thread(who), who)).legs[0].id for who in ("a", "b", "c")]

    async def gone() -> bool:
        return all(one and one.archived for one in await line.store.legs.heads(legs))

    async def known() -> bool:
        return await winter.archive.position() is not None

    running = [asyncio.create_task(winter.another().run()) for _ in range(2)]
    await eventually(gone)
    await eventually(known)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)

    assert (await kinds(line)).count("archived") == 3


async def test_what_is_closed_while_it_runs_is_noted(line: Assembly, winter: Winter) -> None:
    """It would only be archived after the next start."""
    running = asyncio.create_task(winter.another().run())

    async def known() -> bool:
        return await winter.archive.position() is not None

    await eventually(known)
    leg = (await had(line)).legs[0].id
    await happened(line)

    async def noted() -> bool:
        return await winter.archive.due({"closed": 2**53}, 2**53, 9) == [leg]

    await eventually(noted)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_history_that_is_brought_in_while_it_runs_is_noted(
    line: Assembly, winter: Winter
) -> None:
    """What begins as done never becomes so: all that was ever read from the past would stay."""
    running = asyncio.create_task(winter.another().run())

    async def known() -> bool:
        return await winter.archive.position() is not None

    await eventually(known)
    said = says(ADA, "ada", "long ago")
    await line.dispatcher.accept(replace(said, origin=Origin.BACKFILL))
    await line.settle()
    await happened(line)

    async def noted() -> bool:
        due = await winter.archive.due({"resolved": 2**53}, 2**53, 9)
        return due == [await line.leg_of(ADA)]

    await eventually(noted)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_is_too_long_to_be_read_at_once_stays_and_is_not_read(
    line: Assembly, winter: Winter
) -> None:
    """A leg of a million entries would stop the server for seconds, once an hour."""
    leg = (await had(line)).legs[0].id
    log = line.store.keys.log(leg)
    (first,) = await line.store.read.one("LRANGE", log, 0, 0)
    await line.store.read.one("RPUSH", log, *[first] * LENGTH_MAX)

    await winter.comes()

    assert winter.archived == 0
    assert await line.store.freezer.take(leg) is None
    assert not (await line.store.legs.head(leg)).archived
