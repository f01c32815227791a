"""Legs as pieces of work, in the store: set at once, refused when outdated, woken by themselves."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Conflict, InvalidRequest
from core.model.content import System
from core.model.conversation import Conversation, Priority, Status
from core.model.ids import MessageId, identity_id
from core.model.triage import Triage
from core.rules.listing import Filter
from core.rules.triage import TAGS_MAX
from core.store.triage import STALE
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread

ADA, BEN = thread("ada"), thread("ben")
PAST = datetime(2026, 1, 1, tzinfo=UTC)


async def test_everything_is_set_at_once_and_told_in_one_line(line: Assembly) -> None:
    """An agent reads what became of a conversation, and who did it."""
    await _change(line, Triage(priority=Priority.URGENT, tags=("vip",), assignee="Kim"))

    now = await line.conversation_of(ADA)
    entry = (await line.views.messages(now, "", 1)).entries[0]
    assert (now.priority, now.tags, now.assignee) == (Priority.URGENT, ("vip",), "Kim")
    assert [one.code for one in entry.message.parts if isinstance(one, System)] == [
        "priority",
        "tags",
        "assigned",
    ]


async def test_the_same_again_changes_nothing(line: Assembly) -> None:
    """Programs repeat what they asked for: no line, no new version, no event."""
    change = Triage(priority=Priority.HIGH, add_tags=("vip",), spam=False, status=Status.OPEN)
    await _change(line, change)
    before = await line.conversation_of(ADA)

    await _change(line, change)

    assert await line.conversation_of(ADA) == before


async def test_what_is_taken_back_leaves_nothing_behind(line: Assembly) -> None:
    """Fields that say nothing would stay in memory with each of a million legs."""
    await _ada_writes(line)
    leg = (await line.conversation_of(ADA)).legs[0].id
    key = line.store.keys.leg(leg)
    names = set(await line.store.read.one("HKEYS", key))
    await _change(line, Triage(priority=Priority.LOW, tags=("a", "b"), assignee="Kim", spam=True))

    await _change(line, Triage(priority=Priority.NORMAL, tags=(), assignee="", spam=False))

    left = set(await line.store.read.one("HKEYS", key)) - names
    assert left == {b"rev", b"assigned_at"}


async def test_tags_that_a_server_sorts_by_its_own_language_are_no_change(line: Assembly) -> None:
    """A server with LANG=de_DE has "ä" before "b": every change would say that the tags changed."""
    await _change(line, Triage(tags=("b", "ä")))
    leg = (await line.conversation_of(ADA)).legs[0].id
    await line.store.redis.hset(line.store.keys.leg(leg), "tags", "ä\nb")

    await _change(line, Triage(priority=Priority.HIGH))

    now = await line.conversation_of(ADA)
    (entry,) = (await line.views.messages(now, "", 1)).entries
    assert now.tags == ("b", "ä")
    assert [one.code for one in entry.message.parts if isinstance(one, System)] == ["priority"]


async def test_more_tags_than_a_leg_may_have_are_refused_as_a_whole(line: Assembly) -> None:
    await _change(line, Triage(tags=tuple(f"t{n}" for n in range(TAGS_MAX))))

    with pytest.raises(InvalidRequest):
        await _change(line, Triage(add_tags=("one-more",), assignee="Kim"))

    now = await line.conversation_of(ADA)
    assert (len(now.tags), now.assignee) == (TAGS_MAX, "")


async def test_of_many_who_ask_at_once_one_gets_the_conversation(line: Assembly) -> None:
    """Two agents would both take it on, each believing to be alone."""
    await _joined(line)
    seen = await line.conversation_of(ADA)

    async def take(name: str) -> str:
        try:
            await line.triage.change(
                seen, AGENT, Triage(assignee=name), MessageId(name), unchanged=True
            )
        except Conflict as error:
            return error.code
        return name

    names = [f"agent {n}" for n in range(8)]
    outcomes = await asyncio.gather(*map(take, names))

    now = await line.conversation_of(ADA)
    winners = [one for one in outcomes if one != STALE]
    assert [leg.assignee for leg in now.legs] == winners * 2


async def test_what_the_customer_says_meanwhile_refuses_an_outdated_status(line: Assembly) -> None:
    """A conversation would be resolved over a question that nobody has read."""
    await _ada_writes(line)
    seen = await line.conversation_of(ADA)
    await _ada_writes(line)

    with pytest.raises(Conflict, match="has changed"):
        await line.triage.change(
            seen, AGENT, Triage(status=Status.RESOLVED), MessageId("1"), unchanged=True
        )

    assert (await line.conversation_of(ADA)).status is Status.NEW


async def test_a_call_that_is_made_twice_is_not_refused_as_outdated(line: Assembly) -> None:
    """The client repeats a call over a broken connection; the agent would be told of a conflict
    with themselves.
    """
    await _ada_writes(line)
    seen = await line.conversation_of(ADA)

    for _ in range(2):
        await line.triage.change(
            seen, AGENT, Triage(assignee="Kim"), MessageId("1"), unchanged=True
        )

    assert (await line.conversation_of(ADA)).assignee == "Kim"


async def test_spam_is_listed_nowhere_else_and_comes_back(line: Assembly) -> None:
    """The inbox would be full of it; or a customer who was marked by mistake would be lost."""
    seen = []
    for change in (Triage(), Triage(spam=True), Triage(spam=False), Triage(spam=True)):
        await _change(line, change)
        seen.append(await _listed(line))
    await _change(line, Triage(status=Status.CLOSED))
    seen.append(await _listed(line))

    assert seen == [("open",), ("spam",), ("open",), ("spam",), ()]


async def test_what_a_spammer_writes_stays_among_spam(line: Assembly) -> None:
    await _change(line, Triage(spam=True, status=Status.RESOLVED))

    await _ada_writes(line)

    assert await _listed(line) == ("spam",)
    assert (await line.conversation_of(ADA)).status is Status.OPEN


async def test_what_is_snoozed_wakes_once_however_many_look(line: Assembly) -> None:
    """It would be forgotten, or agents would read twice that it woke."""
    await _change(line, Triage(status=Status.SNOOZED, snoozed_until=PAST))
    snoozed = await line.conversation_of(ADA)

    await asyncio.gather(*(line.waking.wake_due() for _ in range(4)))

    now = await line.conversation_of(ADA)
    lines = [part for one in await _said(line) for part in one if isinstance(part, System)]
    assert (snoozed.status, snoozed.snoozed_until) == (Status.SNOOZED, PAST)
    assert (now.status, now.snoozed_until) == (Status.OPEN, None)
    assert [one.code for one in lines] == ["snoozed", "woken"]
    assert await _listed(line) == ("open",)
    assert await line.store.triage.due() == ((), None)


async def test_what_is_snoozed_for_later_sleeps(line: Assembly) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    await _change(line, Triage(status=Status.SNOOZED, snoozed_until=until))

    wait_seconds = await line.waking.wake_due()

    assert (await line.conversation_of(ADA)).status is Status.SNOOZED
    assert wait_seconds == 5.0
    assert (await line.store.triage.due()).wait_seconds == pytest.approx(3600, abs=60)


async def test_it_wakes_at_the_moment_that_was_set_last(line: Assembly) -> None:
    """An agent who puts it off further would find it in the inbox at the first date."""
    later = datetime.now(UTC) + timedelta(hours=1)
    await _change(line, Triage(status=Status.SNOOZED, snoozed_until=PAST))
    await _change(line, Triage(status=Status.SNOOZED, snoozed_until=later))

    await line.waking.wake_due()

    assert (await line.conversation_of(ADA)).status is Status.SNOOZED


async def test_a_customer_who_writes_wakes_it_and_nothing_does_again(line: Assembly) -> None:
    """What was resolved since would come back at the date of a snooze that is long over."""
    await _change(line, Triage(status=Status.SNOOZED, snoozed_until=PAST))
    await _ada_writes(line)
    heard = await line.conversation_of(ADA)
    await _change(line, Triage(status=Status.RESOLVED))

    await line.waking.wake_due()

    now = await line.conversation_of(ADA)
    assert (heard.status, heard.snoozed_until) == (Status.OPEN, None)
    assert now.status is Status.RESOLVED


async def test_an_agent_wakes_it(line: Assembly) -> None:
    await _change(line, Triage(status=Status.SNOOZED, snoozed_until=PAST))
    await _change(line, Triage(wake=True))
    woken = await line.conversation_of(ADA)
    await _change(line, Triage(status=Status.WAITING_INTERNAL))
    await _change(line, Triage(wake=True))

    assert (woken.status, woken.snoozed_until) == (Status.OPEN, None)
    assert (await line.conversation_of(ADA)).status is Status.WAITING_INTERNAL


async def test_a_filtered_list_leads_to_everything_wanted_and_nothing_else(
    line: Assembly,
) -> None:
    """Agents would miss what stands behind many others."""
    for n in range(40):
        where = thread(f"customer {n}")
        await line.dispatcher.accept(says(where, f"c{n}", "hello"))
        await line.settle()
        if n % 7 == 0:
            found = await line.conversation_of(where)
            await line.triage.change(found, AGENT, Triage(tags=("vip",)), MessageId(f"t{n}"))
    wanted, listed, after = Filter(tag="vip", channel="telegram"), list[str](), ""

    while True:
        page = await line.views.inbox("open", after, 2, wanted)
        listed += [row.conversation.legs[0].thread.thread for row in page.rows]
        if not (after := page.next):
            break

    assert listed == [f"customer {n}" for n in reversed(range(0, 40, 7))]


# --- what is done


async def _ada_writes(line: Assembly) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()


async def _change(line: Assembly, change: Triage) -> None:
    """Of what Ada wrote, which she does first if need be."""
    if await line.store.threads.bound(ADA, "") is None:
        await _ada_writes(line)
    conversation = await line.conversation_of(ADA)
    await line.triage.change(conversation, AGENT, change, MessageId(line.new_id()))


async def _joined(line: Assembly) -> None:
    for where in (ADA, BEN):
        await line.dispatcher.accept(says(where, where.thread, "hello"))
        await line.settle()
    people = [identity_id("telegram", "bot", name) for name in ("ada", "ben")]
    await line.joins.link("link", people[0], people[1], "agent:robin", "")
    await line.settle()


async def _listed(line: Assembly) -> tuple[str, ...]:
    pages = [(view, await line.views.inbox(view, "", 10)) for view in ("open", "pending", "spam")]
    return tuple(view for view, page in pages if page.rows)


async def _said(line: Assembly) -> Iterable[tuple[object, ...]]:
    conversation: Conversation = await line.conversation_of(ADA)
    return [one.message.parts for one in (await line.views.messages(conversation, "", 50)).entries]
