"""Each cell of the capability row, inbound: what people do on a platform is heard as what it is.

A test runs for the channels whose harness says that its people can do this.
"""

import pytest

from core.model.content import ContactCard, Location, Media, MediaKind, Style, Text
from core.model.event import (
    ActionInvoked,
    DeliveryReported,
    Inbound,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Reacted,
    ReactionsTold,
    Typing,
)
from core.model.message import Audience, DeliveryState
from core.model.outbound import Receipt
from core.ports import Adapter, FetchesAttachments
from tests.contract import test_promises, test_receiving, test_sending
from tests.contract.cells import PROOFS, Cell
from tests.contract.conftest import HARNESSES
from tests.contract.harness import BOLD, LARGE, Harness
from tests.contract.running import (
    message,
    received,
    receiving,
    send_planned,
    send_text,
    words,
)
from tests.contract.surroundings import Inbox, Lent
from tests.contract.test_promises import OFFER
from tests.rigs.files import real_file
from tests.rigs.waiting import eventually


def heard_by(cell: Cell) -> pytest.MarkDecorator:
    """For each channel whose people can do this."""
    channels = [name for name, made in HARNESSES.items() if cell in made.people_can]
    return pytest.mark.parametrize("harness", channels, indirect=True)


def test_every_cell_has_its_tests_and_every_channel_says_which_it_has() -> None:
    """A cell that nobody proves is a promise that nobody keeps."""
    tests = {
        name
        for module in (test_promises, test_receiving, test_sending)
        for name in vars(module)
        if name.startswith("test_")
    } | {name for name in globals() if name.startswith("test_")}
    named = {name for proof in PROOFS.values() for name in proof if name}

    assert set(PROOFS) == set(Cell)
    assert named <= tests
    for name, made in HARNESSES.items():
        unproved = {cell for cell in made.people_can if not PROOFS[cell].heard}
        assert not unproved, (name, unproved)
    able = {cell for made in HARNESSES.values() for cell in made.people_can}
    assert able == {cell for cell in Cell if PROOFS[cell].heard}


@heard_by(Cell.TEXT)
async def test_the_longest_text_that_can_be_written_is_heard_whole(
    harness: Harness, lent: Lent
) -> None:
    text = ("All of this has to be heard. 😀 " * 9000)[: harness.text_length_max - 1] + "."
    harness.write(harness.person("mei"), text)

    [event] = await received(harness, lent, Inbox(), 1)

    assert words(event) == text


@heard_by(Cell.FORMAT)
async def test_what_is_written_in_bold_is_heard_in_bold(harness: Harness, lent: Lent) -> None:
    """At the right place, also behind letters that some platforms count as two."""
    harness.does(harness.person("mei"), Cell.FORMAT)

    [event] = await received(harness, lent, Inbox(), 1)

    (text,) = message(event).parts
    assert isinstance(text, Text)
    (span,) = [one for one in text.spans if one.style is Style.BOLD]
    assert text.text[span.start : span.end] == BOLD
    assert "😀" in text.text


@heard_by(Cell.EDIT)
async def test_a_message_that_is_corrected_is_the_same_message(
    harness: Harness, lent: Lent
) -> None:
    mei = harness.person("mei")
    remote = harness.write(mei, "Tomorow.")
    harness.does(mei, Cell.EDIT, remote)

    first, second = await received(harness, lent, Inbox(), 2)

    assert second.body == MessageEdited(remote=remote, parts=(Text(text="Tomorrow."),))
    assert (second.thread, second.actor) == (first.thread, first.actor)
    assert second.dedup != first.dedup


@heard_by(Cell.DELETE)
async def test_a_message_that_is_taken_back_is_named(harness: Harness, lent: Lent) -> None:
    harness.does(harness.person("mei"), Cell.DELETE)

    inbox = Inbox()
    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: bool(_bodies(inbox, MessageDeleted)))

    (said,) = [one for one in inbox.events if isinstance(one.body, MessageCreated)]
    (gone,) = [one for one in inbox.events if isinstance(one.body, MessageDeleted)]
    assert gone.body == MessageDeleted(remote=message(said).remote)
    assert gone.thread == said.thread


@heard_by(Cell.REACTION)
async def test_a_reaction_names_what_it_is_to_and_is_taken_back(
    harness: Harness, lent: Lent
) -> None:
    mei = harness.person("mei")

    async with harness.adapter(lent.surroundings) as adapter:
        inbox, question, receipt = await _answered(harness, adapter)
        remote = receipt.remotes[0]
        harness.does(mei, Cell.REACTION, remote)
        harness.does(mei, Cell.REACTION, remote, undone=True)
        await _further(adapter, inbox, 3)

    set_, taken = inbox.events[1:]
    assert _left(set_, frozenset(), remote) == {"👍"}
    assert _left(taken, frozenset({"👍"}), remote) == set()
    assert {one.actor.remote for one in (set_, taken)} == {mei.remote}
    assert {one.thread for one in (set_, taken)} == {question.thread}


@heard_by(Cell.TYPING)
async def test_a_customer_is_seen_writing(harness: Harness, lent: Lent) -> None:
    """An agent waits a moment for who is about to say more."""
    mei, inbox = harness.person("mei"), Inbox()

    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        harness.write(mei, "I have a question.")
        await eventually(lambda: bool(_bodies(inbox, MessageCreated)))
        harness.does(mei, Cell.TYPING)
        await eventually(lambda: bool(_bodies(inbox, Typing)))

    said, typed = inbox.events
    assert (typed.thread, typed.actor.remote) == (said.thread, mei.remote)


@heard_by(Cell.QUOTE)
async def test_of_a_partial_quote_the_part_is_heard(harness: Harness, lent: Lent) -> None:
    """ "That one" means nothing without it."""
    async with harness.adapter(lent.surroundings) as adapter:
        inbox, _, receipt = await _answered(harness, adapter)
        harness.does(harness.person("mei"), Cell.QUOTE, receipt.remotes[0])
        await _further(adapter, inbox, 2)

    quote = message(inbox.events[1]).answers
    assert quote
    assert (quote.remote, quote.text) == (receipt.remotes[0], LARGE)


@heard_by(Cell.THREAD)
async def test_one_person_in_two_threads_is_one_person(harness: Harness, lent: Lent) -> None:
    mei = harness.person("mei")
    for _ in range(2):
        harness.does(mei, Cell.THREAD)

    inbox = Inbox()
    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: len(_bodies(inbox, MessageCreated)) == 2)

    said = [one for one in inbox.events if isinstance(one.body, MessageCreated)]
    assert len({one.thread for one in said}) == 2
    assert {one.actor.remote for one in said} == {mei.remote}


@heard_by(Cell.COPY)
async def test_whoever_else_got_it_is_named(harness: Harness, lent: Lent) -> None:
    """An agent who answers has to know who reads along."""
    harness.does(harness.person("mei"), Cell.COPY)

    [event] = await received(harness, lent, Inbox(), 1)

    assert [one.address for one in message(event).recipients] == [harness.person("jonas").remote]


@heard_by(Cell.DELIVERED)
async def test_what_became_of_an_answer_is_heard(harness: Harness, lent: Lent) -> None:
    """Minutes after it was taken: a failure that nobody hears of is a customer who waits."""
    reported = await _reported(harness, lent, Cell.DELIVERED)

    assert (reported.state, reported.recipient) == (DeliveryState.FAILED, "")
    assert "no such mailbox" in reported.reason


@heard_by(Cell.READ)
async def test_that_an_answer_was_read_is_heard(harness: Harness, lent: Lent) -> None:
    reported = await _reported(harness, lent, Cell.READ)

    assert (reported.state, reported.recipient) == (DeliveryState.READ, "")


@heard_by(Cell.BUTTONS)
async def test_a_pressed_button_says_which_and_of_what(harness: Harness, lent: Lent) -> None:
    """Core looks up there what it means: nobody can choose what was not offered."""
    harness.write(harness.person("mei"), "A question.")
    inbox = Inbox()

    async with harness.adapter(lent.surroundings) as adapter:
        await _further(adapter, inbox, 1)
        (remote,), _ = await send_planned(adapter, inbox.events[0], Text(text="Is it?"), OFFER)
        harness.does(harness.person("mei"), Cell.BUTTONS, remote)
        await _further(adapter, inbox, 2)

    pressed = inbox.events[1]
    assert pressed.body == ActionInvoked(value="b0", label="Yes", on=remote)
    assert pressed.thread == inbox.events[0].thread


@heard_by(Cell.ALBUM)
async def test_the_files_of_an_album_belong_together(harness: Harness, lent: Lent) -> None:
    """Each comes as it comes; what they have in common makes one message of them."""
    harness.does(harness.person("mei"), Cell.ALBUM)

    events = await received(harness, lent, Inbox(), 3)

    assert len({message(one).album for one in events} - {""}) == 1
    assert len({message(one).remote for one in events}) == 3
    assert all(isinstance(part, Media) for one in events for part in message(one).parts)


@heard_by(Cell.VOICE)
async def test_a_voice_message_is_one_and_can_be_fetched(harness: Harness, lent: Lent) -> None:
    harness.does(harness.person("mei"), Cell.VOICE)
    [event] = await received(harness, lent, Inbox(), 1)

    (voice,) = message(event).parts
    assert isinstance(voice, Media)
    async with harness.adapter(lent.surroundings) as adapter:
        assert isinstance(adapter, FetchesAttachments)
        content = b"".join([chunk async for chunk in adapter.fetch(voice.attachment)])

    assert voice.media is MediaKind.VOICE
    assert voice.seconds > 0
    assert content == real_file(MediaKind.VOICE).content


@heard_by(Cell.PLACE)
async def test_a_place_is_heard_as_one(harness: Harness, lent: Lent) -> None:
    harness.does(harness.person("mei"), Cell.PLACE)

    [event] = await received(harness, lent, Inbox(), 1)

    assert message(event).parts == (Location(latitude=53.5436, longitude=9.9669),)


@heard_by(Cell.CARD)
async def test_a_contact_card_is_heard_as_one(harness: Harness, lent: Lent) -> None:
    harness.does(harness.person("mei"), Cell.CARD)

    [event] = await received(harness, lent, Inbox(), 1)

    (card,) = message(event).parts
    assert isinstance(card, ContactCard)
    assert (card.name, card.phone) == ("Pier Lab", "+49401")


@heard_by(Cell.GROUP)
async def test_members_of_a_group_are_told_apart_in_one_thread(
    harness: Harness, lent: Lent
) -> None:
    """Both read what is written there, and agents have to know."""
    for key in ("mei", "jonas"):
        harness.does(harness.person(key), Cell.GROUP)

    inbox = Inbox()
    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: len(_bodies(inbox, MessageCreated)) == 2)

    said = [one for one in inbox.events if isinstance(one.body, MessageCreated)]
    assert len({one.thread for one in said}) == 1
    assert {one.audience for one in said} == {Audience.GROUP}
    assert [one.actor.remote for one in said] == [
        harness.person(key).remote for key in ("mei", "jonas")
    ]


@heard_by(Cell.THREAD)
async def test_a_reply_goes_into_the_thread_of_its_question(harness: Harness, lent: Lent) -> None:
    """Outbound, for topics and groups: elsewhere nobody would know what is meant."""
    mei = harness.person("mei")
    for _ in range(2):
        harness.does(mei, Cell.THREAD)
    inbox = Inbox()

    async with harness.adapter(lent.surroundings) as adapter:
        async with receiving(adapter, inbox):
            await eventually(lambda: len(_bodies(inbox, MessageCreated)) == 2)
        said = [one for one in inbox.events if isinstance(one.body, MessageCreated)]
        for event in said:
            await send_text(adapter, event, f"To {words(event)}")

    assert harness.threads(mei) == [[words(one), f"To {words(one)}"] for one in said]


def _left(event: Inbound, before: frozenset[str], remote: str) -> frozenset[str]:
    """With what the message stands afterwards, however the platform tells it."""
    assert isinstance(event.body, Reacted)
    assert event.body.remote == remote
    emojis = frozenset(event.body.emojis)
    match event.body.told:
        case ReactionsTold.EXACTLY:
            return emojis
        case ReactionsTold.ADDED:
            return before | emojis
        case ReactionsTold.REMOVED | ReactionsTold.CLEARED:
            return before - emojis


async def _reported(harness: Harness, lent: Lent, cell: Cell) -> DeliveryReported:
    """What is heard of our answer, which is named by what we called it."""
    async with harness.adapter(lent.surroundings) as adapter:
        inbox, question, receipt = await _answered(harness, adapter)
        harness.does(harness.person("mei"), cell, receipt.remotes[0])
        await _further(adapter, inbox, 2)

    report = inbox.events[1]
    assert isinstance(report.body, DeliveryReported)
    assert report.body.remote == receipt.remotes[0]
    assert report.thread == question.thread
    return report.body


async def _answered(harness: Harness, adapter: Adapter) -> tuple[Inbox, Inbound, Receipt]:
    """A customer has written and has our answer."""
    harness.write(harness.person("mei"), "A question.")
    inbox = Inbox()
    await _further(adapter, inbox, 1)
    receipt = await send_text(adapter, inbox.events[0], f"Which? {LARGE}?")
    return inbox, inbox.events[0], receipt


async def _further(adapter: Adapter, inbox: Inbox, count: int) -> None:
    """Receive until so many have come in all, none of them twice, and none that only says that the
    platform has taken what we sent.
    """

    async def once(event: Inbound) -> None:
        match event.body:
            case DeliveryReported(state=DeliveryState.SENT):
                return
            case _:
                pass
        if event.dedup not in [one.dedup for one in inbox.events]:
            await inbox(event)

    async with receiving(adapter, once):
        await eventually(lambda: len(inbox.events) >= count)


def _bodies(inbox: Inbox, kind: type) -> list[object]:
    return [one.body for one in inbox.events if isinstance(one.body, kind)]
