"""Buttons that are answered in words: with a number of the list, or with what was on one."""

import pytest
from msgspec.structs import replace

from core.errors import PermanentDeliveryError
from core.model.content import Button, Buttons, Choice, Part, Span, Style, Text
from core.model.conversation import Entry, Status
from core.model.event import MessageCreated, MessageEdited
from core.model.ids import MessageId
from core.model.message import Quote
from core.reply import Draft
from core.rules.choices import choosing
from core.rules.incoming import as_message
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly, make_due
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter

ADA = thread("ada")
OFFER = MessageId("offer")
REMOTE = "sent-1-offer.0"
ROW = (Button("Red", value="r"), Button("Blue", value="b"), Button("Shop", url="https://x.example"))
BLUE = Choice(value="b", label="Blue")


class Chat(Assembly):
    """Ada has written and was offered colours, which the channel shows as a numbered list."""

    adapter: MemoryAdapter

    async def offers(self, message: MessageId = OFFER) -> None:
        parts = (Text(text="Which?"), Buttons(rows=(ROW,)))
        draft = Draft(id=message, parts=parts)
        await self.agents.reply(await self.conversation_of(ADA), AGENT, draft)
        await self.settle()

    async def hears(self, *parts: Part, remote: str = "m", answers: str = "") -> Entry:
        """-> the newest entry of the log."""
        quote = Quote(remote=answers) if answers else None
        body = MessageCreated(remote=remote, parts=parts, answers=quote)
        await self.dispatcher.accept(event(ADA, "ada", body, remote))
        await self.settle()
        return await self.newest()

    async def twos(self) -> list[tuple[Part, ...]]:
        log = await self.log(await self.leg_of(ADA))
        return [entry.message.parts for entry in log if entry.message.refs == ("m",)]

    async def newest(self) -> Entry:
        return (await self.log(await self.leg_of(ADA)))[-1]


@pytest.fixture
async def chat(store: Store) -> Chat:
    adapter = MemoryAdapter()
    chat = Chat(store, {"bot": adapter})
    chat.adapter = adapter
    await chat.dispatcher.accept(says(ADA, "ada", "hello"))
    await chat.settle()
    return chat


@pytest.mark.parametrize("said", ["2", " 2. ", "blue", "BLUE"])
async def test_a_number_or_a_label_is_the_choice(chat: Chat, said: str) -> None:
    """Who has no buttons answers as they were told to, and programs are to understand it."""
    await chat.offers()

    entry = await chat.hears(Text(text=said))

    assert entry.message.parts == (Text(text=said), BLUE)
    assert entry.message.answers == Quote(message=OFFER)
    assert (await chat.conversation_of(ADA)).status is Status.OPEN


@pytest.mark.parametrize("said", ["4", "3", "0", "Blue, please", "Shop", "red blue"])
async def test_any_other_answer_is_what_was_said(chat: Chat, said: str) -> None:
    """Nobody has chosen what was not offered, and a link is opened, not chosen."""
    await chat.offers()

    entry = await chat.hears(Text(text=said))

    assert (entry.message.parts, entry.message.answers) == ((Text(text=said),), None)


async def test_a_mail_is_judged_without_what_it_quotes(chat: Chat) -> None:
    """Every mail program puts the question below the answer."""
    await chat.offers()
    text, quoted = "2\n\n> Which?\n> 1. Red\n", Style.QUOTED_REPLY
    mail = Text(text=text, spans=(Span(3, len(text) - 3, quoted),))

    entry = await chat.hears(mail, answers=REMOTE)

    assert entry.message.parts == (mail, BLUE)
    assert entry.message.answers == Quote(remote=REMOTE)


async def test_an_answer_to_another_message_chooses_nothing(chat: Chat) -> None:
    """ "2" to "How many are missing?" is two."""
    await chat.reply(await chat.conversation_of(ADA), "How many are missing?", reply_id="how")
    await chat.settle()
    await chat.offers()

    entry = await chat.hears(Text(text="2"), answers="sent-1-how.0")

    assert entry.message.parts == (Text(text="2"),)


async def test_a_newer_reply_takes_the_offer_back(chat: Chat) -> None:
    """The number answers what was asked last; and such messages are filed at once again."""
    await chat.offers()
    await chat.reply(await chat.conversation_of(ADA), "How many are missing?")
    await chat.settle()

    await chat.dispatcher.accept(says(ADA, "ada", "2", dedup="two"))

    assert not chat.handed
    assert (await chat.newest()).message.parts == (Text(text="2"),)


async def test_what_never_arrived_offers_nothing(chat: Chat) -> None:
    chat.adapter.failures.append(PermanentDeliveryError("no such box"))
    await chat.offers()

    assert (await chat.hears(Text(text="2"))).message.parts == (Text(text="2"),)


async def test_of_two_offers_the_newer_one_counts(chat: Chat) -> None:
    await chat.offers(MessageId("old"))
    await chat.offers()

    assert (await chat.hears(Text(text="2"))).message.answers == Quote(message=OFFER)


TWO = event(ADA, "ada", MessageCreated(remote="m", parts=(Text(text="2"),)), "two")


async def test_a_choice_that_is_told_again_is_in_the_log_once(chat: Chat) -> None:
    """While the offer stands, and when there is none any more."""
    await chat.offers()
    for dedup in ("first", "again"):
        await chat.dispatcher.accept(replace(TWO, dedup=dedup))
        await chat.settle()
    await chat.reply(await chat.conversation_of(ADA), "Blue it is.")
    await chat.dispatcher.accept(replace(TWO, dedup="once more"))
    await chat.settle()

    assert await chat.twos() == [(Text(text="2"), BLUE)]


async def test_what_was_filed_stays_though_its_worker_was_lost(chat: Chat) -> None:
    """The next holder decides in another situation: an agent has answered meanwhile."""
    await chat.offers()
    await chat.dispatcher.accept(TWO)
    lease, leg = chat.handed.popleft(), await chat.leg_of(ADA)
    filed = choosing(as_message(TWO), await chat.newest())
    run = [(lease.entries[0].seq, filed)]
    await chat.store.threads.file(lease, "", leg, leg, None, run, {}, acknowledge=False)
    await chat.reply(await chat.conversation_of(ADA), "Blue it is.")
    await chat.settle()

    await make_due(chat.store)
    await chat.settle()

    assert await chat.twos() == [(Text(text="2"), BLUE)]


async def test_an_edit_that_changes_no_word_leaves_the_choice(chat: Chat) -> None:
    """Telegram tells of edits when it adds a preview; other words are another matter."""
    await chat.offers()
    await chat.hears(Text(text="2"))

    async def edited(text: str) -> tuple[Part, ...]:
        body = MessageEdited(remote="m", parts=(Text(text=text),))
        await chat.dispatcher.accept(event(ADA, "ada", body, f"edit {text}"))
        await chat.settle()
        return (await chat.newest()).message.parts

    assert await edited("2") == (Text(text="2"), BLUE)
    assert await edited("Neither") == (Text(text="Neither"),)
