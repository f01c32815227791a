"""Each cell of the capability row, outbound: what is promised arrives as it is, what is not is
shown in another form, and the agent hears of it.
"""

from hashlib import sha256

import pytest

from core.errors import PermanentDeliveryError
from core.model.capabilities import Level
from core.model.content import (
    Attachment,
    AttachmentState,
    Button,
    Buttons,
    Card,
    ContactCard,
    Location,
    Media,
    MediaKind,
    Poll,
    PollOption,
    Text,
)
from core.model.ids import AttachmentId
from core.ports import Budget, DeletesMessages, EditsMessages, KeepsBudgets, Reacts, ShowsTyping
from tests.contract.harness import Got, Harness
from tests.contract.running import asked, message, reply_to, send_planned
from tests.contract.surroundings import Lent
from tests.rigs.files import real_file

HERE = Location(latitude=53.5436, longitude=9.9669)
CARD = ContactCard(name="Pier Lab", phone="+49 40 1")
OFFER = Buttons(rows=((Button(label="Yes", value="k1"), Button(label="No", value="k2")),))


def stored(lent: Lent, kind: MediaKind, *, number: int = 0, caption: str = "") -> Media:
    """A real file of this kind; `number` makes it another one."""
    found = real_file(kind)
    content = found.content + bytes([number]) * bool(number)
    lent.blobs.add(content)
    attachment = Attachment(
        id=AttachmentId(f"file-{number}"),
        name=found.name,
        media_type=found.media_type,
        size_bytes=len(content),
        sha256=sha256(content).hexdigest(),
        state=AttachmentState.STORED,
    )
    return Media(media=kind, attachment=attachment, caption=caption)


def seen(harness: Harness) -> list[Got]:
    return harness.received(harness.person("mei"))


def words(got: list[Got]) -> str:
    return "\n".join(one.text for one in got)


@pytest.mark.parametrize("kind", MediaKind)
async def test_a_file_of_each_kind_arrives_byte_for_byte_as_what_is_promised(
    harness: Harness, lent: Lent, kind: MediaKind
) -> None:
    """A voice message that is promised can be played, and is no file to be opened elsewhere."""
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        _, notes = await send_planned(adapter, question, stored(lent, kind))
        promised = kind in adapter.capabilities.media

    (got,) = seen(harness)
    assert [content for _, content in got.files] == [real_file(kind).content]
    assert (notes == ()) is promised
    if promised and harness.tells_kinds:
        assert got.kind is kind


async def test_the_longest_caption_that_is_promised_arrives_with_its_file(
    harness: Harness, lent: Lent
) -> None:
    """In one message where the channel has captions, in none less either way."""
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        caption = "x" * (adapter.capabilities.caption_limit or 500)
        media = stored(lent, MediaKind.IMAGE, caption=caption)
        await send_planned(adapter, question, media)

    (got,) = seen(harness)
    assert got.text == caption
    assert len(got.files) == 1


async def test_several_pictures_arrive_as_one_album_where_that_is_promised(
    harness: Harness, lent: Lent
) -> None:
    """And each has an id of its own, in order: to change it, to take it back."""
    question = await asked(harness, lent)
    pictures = [stored(lent, MediaKind.IMAGE, number=number) for number in (1, 2, 3)]

    async with harness.adapter(lent.surroundings) as adapter:
        remotes, notes = await send_planned(adapter, question, *pictures)
        promised = adapter.capabilities.album >= len(pictures)

    got = seen(harness)
    assert [content for one in got for _, content in one.files] == [
        lent.blobs.path(picture.attachment.sha256).read_bytes() for picture in pictures
    ]
    assert len(remotes) == len(got)
    assert notes == ()
    if promised:
        assert len({one.album for one in got} - {""}) == 1


async def test_buttons_are_offered_or_listed(harness: Harness, lent: Lent) -> None:
    """Whoever cannot press can still answer with a number."""
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        _, notes = await send_planned(adapter, question, Text(text="Is it urgent?"), OFFER)
        promised = adapter.capabilities.buttons > 0

    (got,) = seen(harness)
    assert got.buttons == ((("Yes", "No"),) if promised else ())
    assert (notes == ()) is promised
    assert promised or all(label in got.text for label in ("1. Yes", "2. No"))


async def test_a_place_arrives_as_a_pin_or_as_a_link(harness: Harness, lent: Lent) -> None:
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        _, notes = await send_planned(adapter, question, HERE)
        promised = adapter.capabilities.parts.get("location") is Level.NATIVE

    (got,) = seen(harness)
    assert got.place == ((HERE.latitude, HERE.longitude) if promised else None)
    assert (notes == ()) is promised
    assert promised or "53.5436" in got.text


async def test_a_contact_card_arrives_as_one_or_in_words(harness: Harness, lent: Lent) -> None:
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        _, notes = await send_planned(adapter, question, CARD)
        promised = adapter.capabilities.parts.get("contact_card") is Level.NATIVE

    (got,) = seen(harness)
    assert got.card == ((CARD.name, CARD.phone) if promised else None)
    assert (notes == ()) is promised
    assert promised or (CARD.name in got.text and CARD.phone in got.text)


async def test_a_poll_arrives_as_one_or_in_words(harness: Harness, lent: Lent) -> None:
    """Nothing that an agent writes disappears."""
    question = await asked(harness, lent)
    poll = Poll(question="Which pier?", options=(PollOption(text="Three"), PollOption(text="Four")))

    async with harness.adapter(lent.surroundings) as adapter:
        _, notes = await send_planned(adapter, question, poll)
        promised = adapter.capabilities.parts.get("poll") is Level.NATIVE

    (got,) = seen(harness)
    assert got.poll == (("Which pier?", ("Three", "Four")) if promised else None)
    assert promised or all(said in got.text for said in ("Which pier?", "Three", "Four"))
    assert notes == (() if promised else ("a poll is sent as text",))


async def test_a_titled_card_arrives_as_one_or_in_words(harness: Harness, lent: Lent) -> None:
    question = await asked(harness, lent)
    card = Card(title="Your *order*", text="Three chairs", url="https://acme.example/o/7")

    async with harness.adapter(lent.surroundings) as adapter:
        _, notes = await send_planned(adapter, question, card)
        promised = adapter.capabilities.parts.get("card") is Level.NATIVE

    (got,) = seen(harness)
    assert all(said in got.text for said in ("Your *order*", "Three chairs"))
    assert notes == (() if promised else ("a card is sent as text",))


async def test_a_silent_message_makes_no_sound_or_the_agent_hears_that_it_does(
    harness: Harness, lent: Lent
) -> None:
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        _, notes = await send_planned(adapter, question, Text(text="At night."), silent=True)
        _, loud = await send_planned(adapter, question, Text(text="By day."))
        promised = adapter.capabilities.silent

    assert [one.silent for one in seen(harness)] == [promised, False]
    assert (notes == ()) is promised
    assert loud == ()


# --- afterwards


async def test_what_was_sent_can_be_changed_where_that_is_promised(
    harness: Harness, lent: Lent
) -> None:
    """Once however often it is asked for; elsewhere core writes a correction."""
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        assert isinstance(adapter, EditsMessages) is adapter.capabilities.edits
        if not isinstance(adapter, EditsMessages):
            return
        remotes, _ = await send_planned(adapter, question, Text(text="Tomorow."))
        for _ in range(2):
            await adapter.edit(reply_to(question, Text(text="Tomorrow.")), remotes)

    assert words(seen(harness)) == "Tomorrow."


async def test_what_was_sent_can_be_taken_back_where_that_is_promised(
    harness: Harness, lent: Lent
) -> None:
    """All of an album, and what is gone already without harm."""
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        assert isinstance(adapter, DeletesMessages) is adapter.capabilities.deletes
        if not isinstance(adapter, DeletesMessages):
            return
        text, _ = await send_planned(adapter, question, Text(text="Not for you."))
        pictures = [stored(lent, MediaKind.IMAGE, number=number) for number in (1, 2)]
        album, _ = await send_planned(adapter, question, *pictures)
        for remotes in (text, text, album):
            await adapter.delete(question.thread, remotes)

    assert seen(harness) == []


async def test_what_is_gone_is_not_changed_and_the_agent_hears_it(
    harness: Harness, lent: Lent
) -> None:
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        if not isinstance(adapter, EditsMessages) or not isinstance(adapter, DeletesMessages):
            pytest.skip("this channel changes nothing")
        remotes, _ = await send_planned(adapter, question, Text(text="Tomorow."))
        await adapter.delete(question.thread, remotes)
        with pytest.raises(PermanentDeliveryError) as failure:
            await adapter.edit(reply_to(question, Text(text="Tomorrow.")), remotes)

    assert failure.value.code
    assert "Tomorrow" not in str(failure.value)


async def test_our_reaction_is_the_one_we_gave_last(harness: Harness, lent: Lent) -> None:
    """On the platform all agents are one."""
    question = await asked(harness, lent)
    mei, remote = harness.person("mei"), message(question).remote

    async with harness.adapter(lent.surroundings) as adapter:
        assert isinstance(adapter, Reacts) is adapter.capabilities.reactions
        if not isinstance(adapter, Reacts):
            return
        shown = []
        for emoji in ("👍", "❤️", ""):
            await adapter.react(question.thread, remote, emoji)
            shown.append(harness.reaction(mei, remote).replace("\ufe0f", ""))

    assert shown == ["👍", "❤", ""]


async def test_the_customer_sees_that_we_are_writing(harness: Harness, lent: Lent) -> None:
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        assert isinstance(adapter, ShowsTyping) is adapter.capabilities.typing
        if not isinstance(adapter, ShowsTyping):
            return
        assert not harness.saw_typing(harness.person("mei"))
        await adapter.show_typing(question.thread)

    assert harness.saw_typing(harness.person("mei"))


async def test_every_thread_has_budgets_that_end_somewhere(harness: Harness, lent: Lent) -> None:
    """A budget of nothing would hold a thread up for ever."""
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        if not isinstance(adapter, KeepsBudgets):
            pytest.skip("this channel keeps no budgets")
        budgets: tuple[Budget, ...] = adapter.budgets(question.thread)

    assert len({budget.name for budget in budgets}) == len(budgets) > 0
    assert all(budget.per_second > 0 and budget.burst >= 1 for budget in budgets)
