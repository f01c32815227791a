"""What every adapter does with what agents write."""

from hashlib import sha256

import pytest
from msgspec.structs import replace

from core.errors import (
    AuthenticationError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from core.model.capabilities import Capabilities
from core.model.content import Attachment, AttachmentState, Media, MediaKind, Span, Style, Text
from core.model.ids import AttachmentId
from core.model.message import Recipient, RecipientRole
from core.ports import OpensThreads
from tests.contract.harness import Harness, Trouble
from tests.contract.running import (
    asked,
    in_thread,
    message,
    receiving,
    reply_to,
    said,
    send_planned,
    send_text,
)
from tests.contract.surroundings import Inbox, Lent
from tests.rigs.waiting import eventually

BINARY = bytes(range(256)) * 300
LONG_ENOUGH = 200_000
FORMATTING = frozenset(
    {
        Style.BOLD,
        Style.ITALIC,
        Style.UNDERLINE,
        Style.STRIKE,
        Style.SPOILER,
        Style.CODE,
        Style.PRE,
        Style.QUOTE,
        Style.QUOTED_REPLY,
        Style.HEADING,
        Style.LINK,
    }
)
"""What any text may carry; mentions and the like name things of one platform."""


async def test_a_reply_reaches_the_customer_and_nobody_else(harness: Harness, lent: Lent) -> None:
    mei, jonas = harness.person("mei"), harness.person("jonas")
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        receipt = await send_text(adapter, question, "It is on its way. 🚚")

    [got] = harness.received(mei)
    assert got.text == "It is on its way. 🚚"
    assert len(receipt.remotes) == 1
    assert harness.received(jonas) == []


async def test_who_is_written_to_first_answers_there_where_that_is_promised(
    harness: Harness, lent: Lent
) -> None:
    """The answer would begin a conversation of its own. Elsewhere core does not ask the adapter."""
    mei, jonas, inbox = harness.person("mei"), harness.person("jonas"), Inbox()
    async with harness.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        if not isinstance(adapter, OpensThreads):
            return
        opened = await adapter.open_thread(mei.remote, "one")
        told = await adapter.send(in_thread(opened.thread, Text(text="It is here.")))
        harness.answer(mei, told.remotes[0], "Thanks!")
        await eventually(lambda: bool(said(inbox)))

        assert await adapter.open_thread(mei.remote, "one") == opened
        assert opened.remote == mei.remote
    [heard] = said(inbox)
    assert (heard.thread, heard.actor.remote) == (opened.thread, mei.remote)
    assert [got.text for got in harness.received(mei)] == ["It is here."]
    assert harness.received(jonas) == []


async def test_a_copy_goes_to_whom_the_agent_names_where_that_is_promised(
    harness: Harness, lent: Lent
) -> None:
    """Both see who else has it. Elsewhere core takes no copies, and nobody gets one."""
    mei, jonas = harness.person("mei"), harness.person("jonas")
    question = await asked(harness, lent)
    also = (Recipient(address=jonas.remote, role=RecipientRole.CC),)

    async with harness.adapter(lent.surroundings) as adapter:
        outbound = reply_to(question, Text(text="To you both."))
        await adapter.send(replace(outbound, recipients=also))
        promised = adapter.capabilities.copies

    got = [one.text for who in (mei, jonas) for one in harness.received(who)]
    assert got == ["To you both."] * (1 + promised)


async def test_a_reply_shows_which_message_it_answers(harness: Harness, lent: Lent) -> None:
    """Where the channel can: capabilities say so."""
    question = await asked(harness, lent)
    remote = message(question).remote

    async with harness.adapter(lent.surroundings) as adapter:
        assert adapter.capabilities.replies
        await adapter.send(reply_to(question, Text(text="This one."), answers=remote))

    [got] = harness.received(harness.person("mei"))
    assert got.answers == remote


async def test_the_part_that_is_quoted_is_seen_as_such(harness: Harness, lent: Lent) -> None:
    """ "Yes" to one of three questions. Where the platform has no quotes, it is written out."""
    question = await asked(harness, lent)
    remote, part = message(question).remote, Text(text="question")

    async with harness.adapter(lent.surroundings) as adapter:
        quotes = adapter.capabilities.quotes
        yes = Text(text="Yes.")
        _, notes = await send_planned(adapter, question, yes, answers=remote, quote=part)

    [got] = harness.received(harness.person("mei"))
    assert got.answers == remote
    if quotes:
        assert (got.quotes, got.text, notes) == ("question", "Yes.", ())
    else:
        assert [said.strip() for said in got.styled[Style.QUOTE]] == ["question"]
        assert notes == ("what is quoted is written out above the text",)


async def test_every_style_that_is_promised_survives(harness: Harness, lent: Lent) -> None:
    """The capabilities are a promise: the documentation is made from them."""
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        promised = sorted(adapter.capabilities.styles & FORMATTING)
        for style in promised:
            await adapter.send(reply_to(question, _styled(style)))

    got = harness.received(harness.person("mei"))
    assert len(got) == len(promised)
    for style, shown in zip(promised, got, strict=True):
        assert "𝕾o <it> & 'is'" in shown.styled[style], style


async def test_styles_may_overlap(harness: Harness, lent: Lent) -> None:
    """Nesting is a habit of markup languages, not of people."""
    question = await asked(harness, lent)
    text = "one two three"
    spans = (Span(0, 7, Style.BOLD), Span(4, 9, Style.ITALIC))

    async with harness.adapter(lent.surroundings) as adapter:
        await adapter.send(reply_to(question, Text(text=text, spans=spans)))

    [got] = harness.received(harness.person("mei"))
    assert got.text == text
    assert "".join(got.styled[Style.BOLD]) == "one two"
    assert "".join(got.styled[Style.ITALIC]) == "two three"


async def test_the_longest_text_that_is_promised_arrives_whole(
    harness: Harness, lent: Lent
) -> None:
    """Whatever is longer was cut by core before, with these limits."""
    question = await asked(harness, lent)

    async with harness.adapter(lent.surroundings) as adapter:
        text = _longest(adapter.capabilities)
        await send_text(adapter, question, text)

    [got] = harness.received(harness.person("mei"))
    assert got.text == text


async def test_a_file_arrives_byte_for_byte_with_its_name(harness: Harness, lent: Lent) -> None:
    question = await asked(harness, lent)
    file = _file(lent, "Lieferschein Nº 7.bin")

    async with harness.adapter(lent.surroundings) as adapter:
        assert MediaKind.FILE in adapter.capabilities.media
        await adapter.send(
            reply_to(
                question, Media(media=MediaKind.FILE, attachment=file, caption="The delivery note")
            )
        )

    [got] = harness.received(harness.person("mei"))
    assert got.files == (("Lieferschein Nº 7.bin", BINARY),)
    assert got.text == "The delivery note"


async def test_a_busy_platform_is_a_temporary_failure(harness: Harness, lent: Lent) -> None:
    """Nothing has left: the lane waits and sends again."""
    question = await asked(harness, lent)
    harness.trouble(Trouble.BUSY)

    async with harness.adapter(lent.surroundings) as adapter:
        with pytest.raises(TemporaryDeliveryError) as failure:
            await send_text(adapter, question, "Patience.")
        before = len(harness.received(harness.person("mei")))
        await send_text(adapter, question, "Patience.")

    assert failure.value.retry_after_seconds == harness.retry_after_seconds
    assert before == 0
    assert len(harness.received(harness.person("mei"))) == 1


async def test_a_refusal_for_good_is_a_permanent_failure(harness: Harness, lent: Lent) -> None:
    """The agent is told, with a reason that holds nothing secret."""
    question = await asked(harness, lent)
    harness.trouble(Trouble.REFUSED)

    async with harness.adapter(lent.surroundings) as adapter:
        with pytest.raises(PermanentDeliveryError) as failure:
            await send_text(adapter, question, "A very private matter.")

    assert failure.value.code
    assert "private matter" not in str(failure.value)
    assert harness.received(harness.person("mei")) == []


async def test_a_send_without_an_answer_has_an_unknown_outcome(
    harness: Harness, lent: Lent
) -> None:
    """Law 4: it may have arrived (here it did), so nobody may send it again blindly."""
    question = await asked(harness, lent)
    harness.trouble(Trouble.SILENT)

    async with harness.adapter(lent.surroundings) as adapter:
        with pytest.raises(UnknownOutcome):
            await send_text(adapter, question, "Did you get this?")

    assert len(harness.received(harness.person("mei"))) == 1


async def test_refused_credentials_are_not_a_matter_of_one_message(
    harness: Harness, lent: Lent
) -> None:
    """The inbox pauses; the message waits in its lane."""
    question = await asked(harness, lent)

    async with harness.locked_out(lent.surroundings) as adapter:
        with pytest.raises(AuthenticationError):
            await send_text(adapter, question, "Locked out.")

    assert harness.received(harness.person("mei")) == []


async def test_a_missing_file_is_a_permanent_failure(harness: Harness, lent: Lent) -> None:
    """The blob was erased meanwhile: no attempt will find it."""
    question = await asked(harness, lent)
    file = _file(lent, "gone.txt")
    lent.blobs.path(file.sha256).unlink()

    async with harness.adapter(lent.surroundings) as adapter:
        with pytest.raises(PermanentDeliveryError):
            await adapter.send(reply_to(question, Media(media=MediaKind.FILE, attachment=file)))


def _styled(style: Style) -> Text:
    value = "https://acme.example/help?a=1&b=2" if style is Style.LINK else ""
    words = "𝕾o <it> & 'is'"
    return Text(
        text=f"before\n{words}\nafter", spans=(Span(len("before\n"), len(words), style, value),)
    )


def _longest(capabilities: Capabilities) -> str:
    line = "All of this has to arrive, to the last word. "
    length = capabilities.text_limit or LONG_ENOUGH
    return (line * (length // len(line) + 1))[: length - 1] + "."


def _file(lent: Lent, name: str) -> Attachment:
    lent.blobs.add(BINARY)
    return Attachment(
        id=AttachmentId("file-1"),
        name=name,
        declared_type="application/octet-stream",
        media_type="application/octet-stream",
        size_bytes=len(BINARY),
        sha256=sha256(BINARY).hexdigest(),
        state=AttachmentState.STORED,
    )
