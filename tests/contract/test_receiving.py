"""What every adapter does with what customers write."""

import asyncio

import pytest

from core.errors import AuthenticationError
from core.model.content import Media
from core.model.event import ActorKind, Origin
from core.model.message import Audience
from core.ports import FetchesAttachments
from tests.contract.harness import Harness
from tests.contract.running import message, received, receiving, said, send_text, words
from tests.contract.surroundings import Inbox, Lent
from tests.rigs.waiting import eventually

BINARY = bytes(range(256)) * 300


async def test_a_customers_message_is_one_event_that_says_who_and_where(
    harness: Harness, lent: Lent
) -> None:
    """Everything later (identity, conversation, reply) hangs on these few values."""
    mei = harness.person("mei")
    remote = harness.write(mei, "My parcel has not arrived.")

    [event] = await received(harness, lent, Inbox(), 1)

    assert words(event) == "My parcel has not arrived."
    assert message(event).remote == remote
    assert (event.thread.channel, event.thread.account) == (harness.channel, "support")
    assert (event.actor.kind, event.actor.remote) == (ActorKind.CUSTOMER, mei.remote)
    assert event.actor.name == mei.name
    assert (event.audience, event.origin) == (Audience.PRIVATE, Origin.LIVE)
    assert event.occurred_at.utcoffset() is not None
    assert event.lost == ()


async def test_two_people_have_two_threads(harness: Harness, lent: Lent) -> None:
    """Or one would read what was meant for the other."""
    harness.write(harness.person("mei"), "I am Mei.")
    harness.write(harness.person("jonas"), "I am Jonas.")

    first, second = await received(harness, lent, Inbox(), 2)

    assert first.thread != second.thread
    assert {first.actor.remote, second.actor.remote} == {
        harness.person("mei").remote,
        harness.person("jonas").remote,
    }


async def test_messages_of_one_person_come_in_order(harness: Harness, lent: Lent) -> None:
    """Law 3, as far as it is the adapter's."""
    mei = harness.person("mei")
    last = ""
    for number in range(12):
        last = harness.write(mei, f"line {number}", after=last)

    events = await received(harness, lent, Inbox(refusals=1), 12)

    assert [words(event) for event in events] == [f"line {number}" for number in range(12)]
    assert len({event.thread for event in events}) == 1
    assert len({event.dedup for event in events}) == 12


async def test_an_event_whose_acknowledgement_was_lost_comes_again_as_the_same(
    harness: Harness, lent: Lent
) -> None:
    """Core drops the second one by thread and dedup id: they must not differ."""
    harness.write(harness.person("mei"), "Only once, please.")

    first, again = await received(harness, lent, Inbox(lost_answers=1), 2)

    assert (first.thread, first.dedup) == (again.thread, again.dedup)


async def test_nothing_is_acknowledged_while_the_store_refuses(
    harness: Harness, lent: Lent
) -> None:
    """Law 1: it stays with the platform, and comes once as soon as it can be kept."""
    mei = harness.person("mei")
    harness.write(mei, "Me neither.", after=harness.write(mei, "Do not lose me."))
    inbox = Inbox(refusals=3)

    events = await received(harness, lent, inbox, 2)

    assert [words(event) for event in events] == ["Do not lose me.", "Me neither."]
    assert inbox.attempts == 5


async def test_what_was_not_stored_comes_after_a_restart(harness: Harness, lent: Lent) -> None:
    """A process that dies before the store answers has acknowledged nothing."""
    harness.write(harness.person("mei"), "I was in flight.")
    refusing = Inbox(refusals=1_000_000)
    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, refusing):
        await eventually(lambda: refusing.attempts > 0)

    [event] = await received(harness, lent, Inbox(), 1)

    assert words(event) == "I was in flight."


async def test_what_was_stored_does_not_come_after_a_restart(harness: Harness, lent: Lent) -> None:
    """The acknowledgement reached the platform, or the checkpoint."""
    mei = harness.person("mei")
    inbox, later = Inbox(), Inbox()
    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        # When the second one is here, the first is acknowledged for certain.
        harness.write(mei, "first")
        await eventually(lambda: len(inbox.events) == 1)
        harness.write(mei, "second")
        await eventually(lambda: len(inbox.events) == 2)

    harness.write(mei, "third")
    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, later):
        await eventually(lambda: any(words(event) == "third" for event in later.events))

    assert "first" not in [words(event) for event in later.events]


async def test_a_message_that_makes_no_sense_stops_nobody(harness: Harness, lent: Lent) -> None:
    """It is set aside or shown as what it is; the next customer is heard."""
    mei = harness.person("mei")
    harness.write_poison(mei)
    harness.write(mei, "I make sense.")
    inbox = Inbox()

    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: any("I make sense." in words(event) for event in inbox.events))

    shown = [event for event in inbox.events if words(event) != "I make sense."]
    assert len(lent.quarantine.payloads) + len(shown) == 1
    assert all(event.lost for event in shown)


async def test_an_attachment_can_be_fetched_byte_for_byte(harness: Harness, lent: Lent) -> None:
    """Lazily: the event holds a reference, the adapter knows the way."""
    harness.write_file(harness.person("mei"), "Übersicht 2025.bin", BINARY)
    [event] = await received(harness, lent, Inbox(), 1)

    [media] = [part for part in message(event).parts if isinstance(part, Media)]
    async with harness.adapter(lent.surroundings) as adapter:
        assert isinstance(adapter, FetchesAttachments)
        chunks = [chunk async for chunk in adapter.fetch(media.attachment)]

    assert b"".join(chunks) == BINARY
    assert media.attachment.name == "Übersicht 2025.bin"
    assert media.attachment.size_bytes == len(BINARY)


async def test_refused_credentials_end_the_receiving(harness: Harness, lent: Lent) -> None:
    """The supervisor pauses the inbox and tells the operator; trying on could lock the account."""
    async with harness.locked_out(lent.surroundings) as adapter, asyncio.timeout(10):
        with pytest.raises(AuthenticationError) as refused:
            await adapter.run(Inbox())

    assert "not the password" not in str(refused.value)
    assert "not_the_token" not in str(refused.value)


async def test_an_answer_names_what_it_answers(harness: Harness, lent: Lent) -> None:
    """Agents see which of their messages is meant, and it is the same thread."""
    mei = harness.person("mei")
    harness.write(mei, "A question.")
    inbox = Inbox()
    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: len(inbox.events) == 1)
        receipt = await send_text(adapter, inbox.events[0], "An answer.")

        harness.answer(mei, receipt.remotes[0], "A further question.")
        await eventually(lambda: len(said(inbox)) == 2)

    first, second = said(inbox)
    assert second.thread == first.thread
    body = message(second)
    assert body.answers is not None
    assert body.answers.remote == receipt.remotes[0]
