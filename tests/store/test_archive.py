"""What is done leaves Redis, can be read all the same, and comes back when something happens."""

import asyncio

import pytest

from core.errors import Conflict
from core.model.content import Text
from core.model.conversation import Status
from core.model.event import DeliveryReported, MessageDeleted, MessageEdited
from core.model.ids import LegId, MessageId, identity_id
from core.model.message import Audience, DeliveryState
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.freezing import ADA, Winter, had, kinds
from tests.rigs.platform import ChangingAdapter, MemoryAdapter
from tests.rigs.waiting import eventually

MAIL, GROUP = thread("ada's", "email", "mail"), thread("group")
ARCHIVED_MEANWHILE = 40
ADA_ON_CHAT = identity_id("telegram", "bot", "ada")
ADA_BY_MAIL = identity_id("email", "mail", "ada@x.example")


@pytest.fixture
def line(winter: Winter) -> Assembly:
    return Assembly(winter.store, {"bot": ChangingAdapter(), "mail": MemoryAdapter()})


async def left(line: Assembly) -> set[str]:
    """Kinds of keys that are in Redis, besides claims and streams, which end by themselves."""
    keys = [key.decode().partition("}")[2] async for key in line.store.redis.scan_iter()]
    return {key.partition(":")[0] for key in keys} - {"seen", "events", "meta", "counter", ""}


async def test_nothing_of_an_archived_conversation_is_left_in_redis(
    line: Assembly, winter: Winter
) -> None:
    """Memory would fill up with what nobody has asked for in years."""
    await had(line)
    await had(line, GROUP, "ben", Status.RESOLVED)

    await winter.comes()

    assert winter.archived == 2
    assert await left(line) == set()
    assert (await kinds(line)).count("archived") == 2


async def test_an_archived_conversation_reads_as_it_did(line: Assembly, winter: Winter) -> None:
    """An agent would believe that what a customer speaks of never happened."""
    before = await had(line)
    entries = await line.views.messages(before, "", 50)
    page = await line.views.messages(before, "", 2)

    await winter.comes()

    for reference in (before.id, before.number, before.number.lower()):
        after = await line.views.conversation(reference)
        assert after.legs[0].archived
        assert (after.status, after.touched_at) == (before.status, before.touched_at)
        assert await line.views.messages(after, "", 50) == entries
        assert await line.views.messages(after, "", 2) == page
    assert (await line.views.contact(ADA_ON_CHAT)).identities[0].name == "Ada"
    assert await line.store.people.legs_of(ADA_ON_CHAT) == [before.legs[0].id]


async def test_what_is_resolved_goes_on_where_it_was(line: Assembly, winter: Winter) -> None:
    """The customer who says that it does not work after all would have to tell it all again."""
    before = await had(line, status=Status.RESOLVED)
    await winter.comes()

    await line.dispatcher.accept(says(ADA, "ada", "it has not come"))
    await line.settle()

    after = await line.conversation_of(ADA)
    assert (after.id, after.status) == (before.id, Status.OPEN)
    assert (await line.texts(before.legs[0].id))[0::3] == ["where is it?", "it has not come"]
    assert [one.leg for one in await line.store.legs.listed("open", None, 9)] == [before.legs[0].id]


async def test_after_what_is_closed_a_new_leg_knows_the_one_before(
    line: Assembly, winter: Winter
) -> None:
    """The agent could not go back to what was said before."""
    before = await had(line)
    await winter.comes()

    await line.dispatcher.accept(says(ADA, "ada", "something else"))
    await line.settle()
    after = await line.conversation_of(ADA)
    await winter.comes()

    assert after.legs[0].previous == before.legs[0].id
    closed = await line.store.legs.head(before.legs[0].id)
    assert (closed.next, closed.archived) == (after.legs[0].id, True)
    assert not (await line.store.legs.head(after.legs[0].id)).archived


async def test_what_a_platform_tells_of_an_archived_message_is_written_on_it(
    line: Assembly, winter: Winter
) -> None:
    """An edit would be a second message, a receipt would be lost."""
    before = await had(line)
    leg, reply = before.legs[0].id, (await line.log(before.legs[0].id))[1]
    remote = (await line.store.legs.remotes(reply))[0][0]
    for body in (
        MessageEdited(remote="asked", parts=(Text(text="where is my parcel?"),)),
        DeliveryReported(remote=remote, state=DeliveryState.DELIVERED),
        MessageDeleted(remote="asked"),
    ):
        await winter.comes()
        await line.dispatcher.accept(event(ADA, "ada", body))
        await line.settle()
    await winter.comes()

    asked, answered, *_ = await line.log(leg)
    assert (asked.message.rev, asked.message.deleted_at is not None) == (1, True)
    assert answered.delivery
    assert answered.delivery.state is DeliveryState.DELIVERED
    assert len(await line.log(leg)) == 3


async def test_agents_write_on_what_is_archived(line: Assembly, winter: Winter) -> None:
    before = await had(line, status=Status.RESOLVED)
    leg = before.legs[0].id

    await winter.comes()
    await line.agents.note(before, AGENT, MessageId("note"), (Text(text="called them"),))
    await winter.comes()
    await line.reply(await line.views.conversation(leg), "has it come?", reply_id="again")
    await line.settle()
    await winter.comes()
    await line.triage.set_status(before, AGENT, Status.CLOSED, MessageId("close"))
    await winter.comes()
    with pytest.raises(Conflict):
        await line.reply(await line.views.conversation(leg), "too late")

    texts = await line.texts(leg)
    assert texts[-3:] == ["called them", "has it come?", "[system]"]
    assert winter.archived == 4


async def test_links_and_merges_reach_into_the_archive_and_are_undone_there(
    line: Assembly, winter: Winter
) -> None:
    """Two lines of one person would stay two conversations, or one for ever."""
    chat = await had(line, status=Status.RESOLVED)
    mail = await had(line, MAIL, "ada@x.example", Status.RESOLVED)
    await winter.comes()

    await line.joins.link("link", ADA_ON_CHAT, ADA_BY_MAIL, "agent:robin", "")
    await line.settle()
    await winter.comes()
    linked = await line.views.conversation(mail.legs[0].id)
    await line.joins.unlink("unlink", ADA_ON_CHAT, ADA_BY_MAIL, "agent:robin", "")
    await line.settle()
    await winter.comes()

    assert {one.id for one in linked.legs} == {chat.legs[0].id, mail.legs[0].id}
    assert all(one.archived for one in linked.legs)
    for one in (chat, mail):
        assert (await line.views.conversation(one.number)).id == one.id


async def test_who_is_linked_stays_at_hand(line: Assembly, winter: Winter) -> None:
    """A link is a person's word that has no leg to be archived with."""
    await had(line)
    await had(line, MAIL, "ada@x.example")
    await line.joins.link("link", ADA_ON_CHAT, ADA_BY_MAIL, "agent:robin", "")
    await line.settle()

    await winter.comes()

    assert await left(line) == {"identity", "tasks", "audit"}
    assert len((await line.views.contact(ADA_ON_CHAT)).identities) == 2


async def test_what_waits_is_listed_though_a_part_of_it_is_archived(
    line: Assembly, winter: Winter
) -> None:
    """Agents would never come back to a customer whom they wait for, as the list left them out."""
    await line.dispatcher.accept(says(ADA, "ada", "where is it?"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "which one?")
    await line.settle()
    waiting = await line.leg_of(ADA)
    done = (await had(line, MAIL, "ada@x.example", Status.RESOLVED)).legs[0].id
    await line.joins.merge("merge", waiting, done, "agent:robin")
    await line.settle()

    await winter.comes()

    (row,) = (await line.views.inbox("pending", "", 9)).rows
    assert [(one.id, one.archived) for one in row.conversation.legs] == [
        (waiting, False),
        (done, True),
    ]


async def test_undoing_a_link_leaves_in_the_archive_what_it_had_not_joined(
    line: Assembly, winter: Winter
) -> None:
    """A company's mailbox with ten thousand old mails would fill the memory with them."""
    for _ in range(3):
        await had(line)
    await had(line, MAIL, "ada@x.example")
    await line.joins.link("link", ADA_ON_CHAT, ADA_BY_MAIL, "agent:robin", "")
    await line.settle()
    await winter.comes()

    await line.joins.unlink("unlink", ADA_ON_CHAT, ADA_BY_MAIL, "agent:robin", "")
    await line.settle()

    assert "thawed" not in await kinds(line)
    assert (await line.store.people.identity(ADA_ON_CHAT)).linked == ()


async def test_each_author_of_a_group_goes_on_where_they_were(
    line: Assembly, winter: Winter
) -> None:
    """What one member asks would land in another one's conversation."""
    for who in ("ada", "ben"):
        await line.dispatcher.accept(says(GROUP, who, "hello", audience=Audience.GROUP))
    await line.settle()
    legs = {who: await line.leg_of(GROUP, f"telegram:bot:{who}") for who in ("ada", "ben")}
    await winter.takes_everything()

    for who in ("ben", "ada"):
        await line.dispatcher.accept(says(GROUP, who, f"{who} again", audience=Audience.GROUP))
    await line.settle()

    for who, leg in legs.items():
        assert await line.texts(leg) == ["hello", f"{who} again"]


async def test_what_happens_to_a_leg_meanwhile_keeps_it(line: Assembly, winter: Winter) -> None:
    """A message that came between reading and removing would be gone."""
    conversation = await had(line, status=Status.RESOLVED)
    leg = conversation.legs[0].id
    taken = await winter.store.freezer.take(leg)
    assert taken
    await winter.archive.put([taken.leg], [])

    await line.dispatcher.accept(says(ADA, "ada", "wait"))
    refused = not await winter.store.freezer.retire(taken)
    await line.settle()

    assert refused
    assert (await line.texts(leg))[-1] == "wait"
    assert not (await line.store.legs.head(leg)).archived


async def test_a_leg_is_known_again_while_the_server_makes_room_in_it(
    line: Assembly, winter: Winter
) -> None:
    """What grew last before it was closed would be refused, again and again."""
    leg, redis = (await had(line)).legs[0].id, line.store.redis
    refs = line.store.keys.refs(leg)
    await redis.hset(refs, mapping={f"r:{n:>80}": 1 for n in range(1025)})
    taken = await winter.store.freezer.take(leg)
    assert taken
    await winter.archive.put([taken.leg], [])
    for n in range(100):  # each moves some of it to its new place
        await redis.hget(refs, f"r:{n:>80}")

    assert await winter.store.freezer.retire(taken)


async def test_a_crowd_that_writes_while_everything_is_archived_loses_nothing(
    line: Assembly, winter: Winter
) -> None:
    """The one that comes in the very moment in which its conversation leaves."""
    people, said = [f"p{n}" for n in range(8)], dict[str, list[str]]()

    async def freeze() -> None:
        while True:
            await winter.takes_everything()

    freezing = asyncio.create_task(freeze())

    async def say(who: str) -> None:
        said.setdefault(who, []).append(f"{who} {winter.archived}")
        await line.dispatcher.accept(says(thread(who), who, said[who][-1]))
        await line.settle()

    while (before := winter.archived) < ARCHIVED_MEANWHILE:
        for who in people * 2:
            await say(who)
        # on a slow disk nothing leaves while they write: each has come again before it is kept
        await eventually(lambda: freezing.done() or winter.archived > before)
        if freezing.done():
            freezing.result()
    freezing.cancel()
    await asyncio.gather(freezing, return_exceptions=True)
    await line.settle()

    for who, texts in said.items():
        assert await line.texts(await line.leg_of(thread(who))) == texts


async def test_who_read_the_archive_long_ago_reads_it_again(line: Assembly, winter: Winter) -> None:
    """A process that slept would bring back what the conversation was before it went on."""
    leg = (await had(line, status=Status.RESOLVED)).legs[0].id
    await winter.comes()
    old, cold = await winter.store.cold.leg(leg), winter.store.cold

    came = await cold._thaw(leg, old, 0, None)

    assert not came
    assert (await line.store.legs.head(leg)).archived
    assert await cold.thaw(leg)


async def test_all_that_is_archived_can_be_walked_over(line: Assembly, winter: Winter) -> None:
    """A search that is built anew would miss it."""
    legs = [(await had(line, thread(who), who)).legs[0].id for who in ("a", "b", "c")]
    await winter.comes()
    found: list[LegId] = []

    while page := await line.store.legs.archived(found[-1] if found else None, 2):
        found += page

    assert found == sorted(legs)


async def test_a_report_on_what_was_never_sent_ends(line: Assembly) -> None:
    """One such report would keep its thread waiting for ever."""
    leg = (await had(line)).legs[0].id

    assert not await line.store.outbox.report(leg, 1, DeliveryState.READ)
    assert not await line.store.outbox.report(leg, 99, DeliveryState.READ)
