"""Who is blocked is kept out, by every process, until somebody lets them in again."""

import asyncio

import pytest

from core.errors import NotFound
from core.model.content import System
from core.model.event import DeliveryReported, MessageEdited, Reacted
from core.model.ids import identity_id
from core.model.message import Audience, DeliveryState
from core.model.people import Contact
from core.store.store import Store
from tests.rigs.assembly import Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.waiting import eventually

ADA, MAIL, GROUP, BEN = thread("ada"), thread("ada's", "email", "mail"), thread("group"), "ben"
ON_CHAT = identity_id("telegram", "bot", "ada")
BY_MAIL = identity_id("email", "mail", "ada@x.example")


async def known(line: Assembly) -> None:
    """Ada has written on both lines and is known to be one person."""
    await line.dispatcher.accept(says(ADA, "ada", "hello", remote="1"))
    await line.dispatcher.accept(says(MAIL, "ada@x.example", "hello by mail"))
    await line.settle()
    await line.joins.link("link", ON_CHAT, BY_MAIL, "agent:robin", "said so")
    await line.settle()


def marked(contact: Contact) -> list[tuple[str, str]]:
    return [(one.id, one.blocked.why) for one in contact.identities if one.blocked]


async def test_nothing_of_a_blocked_person_is_stored_on_any_of_their_lines(line: Assembly) -> None:
    """Nor in a group where others go on, nor as an edit or a reaction."""
    await known(line)
    before = await _stored(line)

    await line.blocking.block(ON_CHAT, "Robin", "insults")
    told = await _stored(line)
    for said in (
        says(ADA, "ada", "more"),
        says(MAIL, "ada@x.example", "more"),
        says(thread("new", "email", "mail"), "ada@x.example", "more"),
        says(GROUP, "ada", "more", audience=Audience.GROUP),
        event(ADA, "ada", MessageEdited(remote="1", parts=())),
        event(ADA, "ada", Reacted(remote="1", emojis=("x",))),
    ):
        await line.dispatcher.accept(said)
    await line.settle()

    assert told != before  # the lines for the agents
    assert await _stored(line) == told
    assert line.blocking.not_kept == {"bot": 4, "mail": 2}


async def test_the_others_are_let_in(line: Assembly) -> None:
    await known(line)
    await line.blocking.block(ON_CHAT, "Robin", "")

    await line.dispatcher.accept(says(GROUP, BEN, "and me?", audience=Audience.GROUP))
    await line.settle()

    assert await line.texts(await line.leg_of(GROUP, "telegram:bot:ben")) == ["and me?"]


async def test_agents_see_it_on_the_contact_and_as_a_line_on_each_leg(line: Assembly) -> None:
    await known(line)

    contact = await line.blocking.block(BY_MAIL, "Robin", "insults")

    assert marked(contact) == [(BY_MAIL, "insults"), (ON_CHAT, "insults")]
    assert marked(await line.views.contact(ON_CHAT)) == marked(contact)
    for where in (ADA, MAIL):
        last = (await line.log(await line.leg_of(where)))[-1].message.parts[0]
        assert last == System(code="blocked", text="Robin has blocked this person: insults")


async def test_what_becomes_of_our_own_messages_is_still_heard(line: Assembly) -> None:
    """An agent may write to somebody who is blocked, and wants to know whether it arrived."""
    await known(line)
    await line.blocking.block(ON_CHAT, "Robin", "")
    conversation, leg = await line.conversation_of(ADA), await line.leg_of(ADA)
    await line.reply(conversation, "Please stop.", leg=leg, reply_id="reply-1")
    await line.settle()

    report = DeliveryReported(remote="sent-1-reply-1.0", state=DeliveryState.DELIVERED)
    await line.dispatcher.accept(event(ADA, "ada", report))
    await line.settle()

    found = next(one for one in await line.log(leg) if one.message.id == "reply-1")
    assert found.delivery
    assert found.delivery.state is DeliveryState.DELIVERED


async def test_who_is_let_in_again_is_heard_again(line: Assembly) -> None:
    """And what they said meanwhile is not there."""
    await known(line)
    await line.blocking.block(ON_CHAT, "Robin", "by mistake")
    await line.dispatcher.accept(says(ADA, "ada", "meanwhile"))

    contact = await line.blocking.unblock(BY_MAIL, "Kim")
    await line.dispatcher.accept(says(ADA, "ada", "afterwards"))
    await line.settle()

    assert not marked(contact)
    texts = await line.texts(await line.leg_of(ADA))
    assert texts == ["hello", "[system]", "[system]", "afterwards"]


async def test_done_twice_it_is_done_once(line: Assembly) -> None:
    """An agent whose first request seemed lost asks again."""
    await known(line)
    for _ in range(2):
        await line.blocking.block(ON_CHAT, "Robin", "insults")
    log = await line.texts(await line.leg_of(ADA))
    for _ in range(2):
        await line.blocking.unblock(ON_CHAT, "Robin")

    assert log == ["hello", "[system]"]
    assert await line.texts(await line.leg_of(ADA)) == ["hello", "[system]", "[system]"]
    audit = await line.store.read.one("XRANGE", line.store.keys.audit("blocks"), "-", "+")
    assert [fields[b"action"] for _, fields in audit] == [b"blocked", b"unblocked"]


async def test_an_identity_that_is_linked_later_is_not_blocked_by_that(line: Assembly) -> None:
    """Customers make links of themselves by a code: nobody may draw others into their block."""
    for said in (says(ADA, "ada", "hello"), says(MAIL, "ada@x.example", "hello")):
        await line.dispatcher.accept(said)
    await line.settle()
    await line.blocking.block(ON_CHAT, "Robin", "")

    await line.joins.link("link", ON_CHAT, BY_MAIL, "agent:robin", "")
    await line.settle()

    assert [who for who, _ in marked(await line.views.contact(BY_MAIL))] == [ON_CHAT]


async def test_nobody_can_be_blocked_who_never_wrote(line: Assembly) -> None:
    with pytest.raises(NotFound):
        await line.blocking.block(ON_CHAT, "Robin", "")


async def test_another_process_keeps_out_whom_this_one_has_blocked(
    store: Store, line: Assembly
) -> None:
    """The one that serves the API need not be the one that receives."""
    await known(line)
    receiving = Assembly(store, {"bot": MemoryAdapter()})
    await receiving.blocking.load()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(receiving.blocking.run())
        relaying = tasks.create_task(_relay(store))
        await line.blocking.block(ON_CHAT, "Robin", "")
        await eventually(lambda: ON_CHAT in receiving.blocking.known)
        await line.blocking.unblock(ON_CHAT, "Robin")
        await eventually(lambda: ON_CHAT not in receiving.blocking.known)
        running.cancel()
        relaying.cancel()


async def test_a_process_that_starts_knows_who_is_blocked(store: Store, line: Assembly) -> None:
    await known(line)
    await line.blocking.block(ON_CHAT, "Robin", "insults")

    later = Assembly(store, {})
    await later.blocking.load()

    assert {who: mark.why for who, mark in later.blocking.known.items()} == {
        ON_CHAT: "insults",
        BY_MAIL: "insults",
    }


async def _relay(store: Store) -> None:
    while True:
        await store.live.relay(tuple(range(store.keys.partitions)))
        await asyncio.sleep(0.02)


async def _stored(line: Assembly) -> dict[bytes, bytes | None]:
    """Every key and what it holds, but for streams of events."""
    redis = line.store.redis
    keys = [one async for one in redis.scan_iter() if b"events" not in one]
    return {key: await redis.dump(key) for key in keys}
