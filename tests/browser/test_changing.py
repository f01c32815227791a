"""What an agent does on the page to messages that are on the platform already."""

import pytest
from playwright.async_api import Locator, Page, expect

from core.errors import PermanentDeliveryError, TemporaryDeliveryError
from tests.browser.rig import chosen, signed_in
from tests.e2e.http.rig import Served
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.platform import ChangingAdapter

MEI = thread("mei")


class Chat:
    """Mei has written, was answered "Helo Mei", and the page shows it."""

    def __init__(self, desk: Served, page: Page) -> None:
        self._desk, self.page, self.adapter = desk, page, ChangingAdapter()
        self.text = page.get_by_role("textbox", name="Edit")

    async def begin(self) -> None:
        await self._desk.rig.hears(says(MEI, "mei", "Hello?"))
        self._desk.rig.adapters["bot"] = self.adapter
        await signed_in(self.page, self._desk)
        await chosen(self.page, "Mei")
        await self.page.get_by_label("Reply", exact=True).fill("Helo Mei")
        await self.page.get_by_role("button", name="Send reply").click()
        await expect(self.ours.get_by_text("Queued")).to_be_visible()
        await self.works()
        await expect(self.ours.get_by_text("Sent")).to_be_visible()

    @property
    def ours(self) -> Locator:
        return self.page.locator(".message.out")

    async def works(self) -> None:
        """What waits to be sent is sent, and the page is told."""
        await Assembly(self._desk.rig.store, {"bot": self.adapter}).settle()
        await self._desk.rig.relay()

    async def act(self, name: str) -> None:
        await self.ours.hover()
        await self.ours.get_by_role("button", name=name).click()


@pytest.fixture
async def chat(desk: Served, page: Page) -> Chat:
    chat = Chat(desk, page)
    await chat.begin()
    return chat


async def test_a_mistake_is_put_right_and_a_half_written_reply_comes_back(chat: Chat) -> None:
    """The slip is seen while the next answer is being written."""
    reply = chat.page.get_by_label("Reply", exact=True)
    await reply.fill("By the way")

    await chat.act("Edit")
    await expect(chat.text).to_have_value("Helo Mei")
    await expect(chat.page.locator("#goes-to")).to_have_text(
        "Changes what was sent to Mei on Telegram"
    )
    await chat.text.fill("Hello Mei")
    await chat.page.get_by_role("button", name="Save edit").click()

    await expect(reply).to_have_value("By the way")
    await expect(chat.ours.get_by_text("Edit on its way")).to_be_visible()
    await chat.works()
    await expect(chat.ours.locator(".text")).to_have_text("Hello Mei")
    await expect(chat.ours.get_by_text("Edit on its way")).to_have_count(0)
    await chat.ours.get_by_text("Edited: show what it said before").click()
    await expect(chat.ours.get_by_text("Helo Mei")).to_be_visible()
    assert list(chat.adapter.shown.values()) == ["Hello Mei"]


async def test_a_refused_edit_says_why_at_its_message_and_keeps_its_text(chat: Chat) -> None:
    """Not as one more line at the end of the conversation, where nobody looks for it."""
    chat.adapter.failures = [PermanentDeliveryError("too late to edit this")]

    await chat.act("Edit")
    await chat.text.fill("Hello Mei")
    await chat.page.keyboard.press("Control+Enter")
    await expect(chat.ours.get_by_text("Edit on its way")).to_be_visible()
    await chat.works()

    await expect(chat.ours.get_by_role("alert")).to_contain_text("too late to edit this")
    await expect(chat.ours.locator(".text")).to_have_text("Helo Mei")
    await expect(chat.page.locator(".message")).to_have_count(2)
    await chat.ours.get_by_role("button", name="Edit again").click()
    await expect(chat.text).to_have_value("Hello Mei")


async def test_an_edit_that_is_given_up_changes_nothing(chat: Chat) -> None:
    await chat.act("Edit")
    await chat.text.fill("Nonsense")

    await chat.page.keyboard.press("Escape")

    await expect(chat.page.get_by_label("Reply", exact=True)).to_have_value("")
    await chat.works()
    assert chat.adapter.calls == []


async def test_a_message_is_deleted_after_a_question_and_can_still_be_read(chat: Chat) -> None:
    await chat.act("Delete")
    await chat.page.get_by_role("button", name="Cancel").last.click()
    await chat.works()
    assert chat.adapter.calls == []

    await chat.act("Delete")
    await chat.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(chat.ours.get_by_text("Being deleted")).to_be_visible()
    await chat.works()

    await expect(chat.ours.get_by_text("withdrawn")).to_be_visible()
    await expect(chat.ours.locator(".text")).to_have_text("Helo Mei")
    await expect(chat.ours.get_by_role("button", name="Edit")).to_have_count(0)
    assert chat.adapter.shown == {}


async def test_a_reaction_is_given_and_taken_back(chat: Chat) -> None:
    theirs = chat.page.locator(".message.in")
    going = theirs.get_by_text("Reaction on its way")
    for emoji in ("🙏", "❤"):
        await theirs.get_by_text("React").first.click()
        await theirs.get_by_role("button", name=emoji).click()
        await expect(going).to_be_visible()
        await chat.works()
        await expect(theirs.locator(".reactions")).to_have_text(emoji)

    await theirs.get_by_text("React").first.click()
    await theirs.get_by_role("button", name="Take ours back").click()
    await expect(going).to_be_visible()
    await chat.works()

    await expect(theirs.locator(".reactions")).to_have_count(0)


async def test_a_change_that_waits_says_so(chat: Chat) -> None:
    chat.adapter.failures = [TemporaryDeliveryError("Telegram asks us to wait")]

    await chat.act("Delete")
    await chat.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(chat.ours.get_by_text("Being deleted")).to_be_visible()
    await chat.works()

    await expect(chat.ours.get_by_text("Telegram asks us to wait")).to_be_visible()


async def test_a_reply_is_sent_without_a_sound(chat: Chat) -> None:
    await chat.page.get_by_role("button", name="Send without a sound").click()
    await chat.page.get_by_label("Reply", exact=True).fill("Good night")
    await chat.page.get_by_role("button", name="Send reply").click()
    await expect(chat.ours.last.get_by_text("without a sound")).to_be_visible()
    await chat.works()

    assert [outbound.silent for outbound in chat.adapter.sent] == [False, True]
    pressed = chat.page.get_by_role("button", name="Send without a sound")
    await expect(pressed).to_have_attribute("aria-pressed", "false")


async def test_the_customer_sees_that_somebody_writes(chat: Chat) -> None:
    """Once in a while, however fast the agent types; and never for a note."""
    await chat.page.get_by_role("button", name="Note", exact=True).click()
    await chat.page.get_by_label("Note", exact=True).last.press_sequentially("hm")

    assert chat.adapter.typing == [MEI]
