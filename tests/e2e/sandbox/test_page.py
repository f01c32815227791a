"""The phone in a real browser: what is typed reaches the platforms, what is answered appears."""

from playwright.async_api import Page, expect
from telegram import Bot

from sandbox.mail.programs import Letter
from sandbox.server import Sandbox
from tests.rigs.waiting import eventually

MEI, JONAS = "mei.tan@post.example", "jonas.keller@post.example"


async def test_a_telegram_conversation_on_the_page(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    """The main job of the demo, from the customer's chair."""
    await page.get_by_label("Message", exact=True).fill("Where is my order?")
    await page.get_by_role("button", name="Send message").click()
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    await bot.send_message(update.message.chat_id, "On its way <b>now</b>")

    log = page.get_by_role("log")

    await expect(log).to_contain_text("Where is my order?")
    await expect(log).to_contain_text("On its way <b>now</b>")
    assert update.message.text == "Where is my order?"


async def test_a_mail_is_written_answered_and_read_on_the_page(
    sandbox: Sandbox, page: Page
) -> None:
    await page.get_by_role("button", name="Write").click()
    await page.get_by_label("Subject").fill("Invoice")
    await page.get_by_label("Text").fill("Please send it.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("#mail-body")).to_have_attribute("data-view", "list")
    asked = sandbox.mail_programs.read(sandbox.support_address)[0]
    answer = (
        f"From: Acme Support <{sandbox.support_address}>\r\nSubject: Re: Invoice\r\n"
        f"Message-ID: <r@acme.example>\r\nIn-Reply-To: {asked['message_id']}\r\n\r\nHere it is.\r\n"
    )
    sandbox.world.mail.deliver("mei.tan@post.example", answer.encode())

    await page.get_by_role("button", name="Re: Invoice").click()

    assert asked["text"].strip() == "Please send it."
    await expect(page.get_by_role("heading", name="Re: Invoice")).to_be_visible()
    await expect(page.get_by_text("Here it is.").last).to_be_visible()


async def test_a_newcomer_answers_everybody_and_forges_on_the_page(
    sandbox: Sandbox, page: Page
) -> None:
    """What mail is full of, to be tried without knowing a header."""
    letter = Letter(text="Both of you, please.", subject="Meeting", cc=[MEI], to=[JONAS])
    sandbox.mail_programs.send("amara", letter)
    await page.get_by_role("button", name="Meeting").click()
    await page.get_by_role("button", name="Reply all").click()
    await page.get_by_label("Text").fill("Fine")
    await expect(page.get_by_label("Cc")).to_have_value(JONAS)
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("#mail-body")).to_have_attribute("data-view", "list")
    await page.get_by_role("button", name="Write").click()
    await page.get_by_label("Text").fill("Send it to my new address.")
    await page.get_by_label("Forged").check()
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("#mail-body")).to_have_attribute("data-view", "list")

    answered = sandbox.world.mail.host(JONAS).inbox.messages[-1]
    forged = sandbox.world.mail.support.inbox.messages[-1]
    assert b"Cc: jonas.keller@post.example" in answered.raw
    assert b"dmarc=fail" in forged.raw.split(b"\r\n")[0]


async def test_a_mailbox_answers_by_itself_when_told_so_on_the_page(
    sandbox: Sandbox, page: Page
) -> None:
    habit = page.get_by_label("When mail arrives")
    await habit.select_option("Out of office")
    await eventually(lambda: bool(sandbox.world.post.habits))
    sandbox.world.post.carry(sandbox.support_address, [MEI], b"Subject: Hi\r\n\r\nHello\r\n")
    await expect(page.get_by_role("button", name="Hi")).to_be_visible()
    await page.get_by_role("radio", name="Jonas Keller").click()
    await expect(habit).to_have_value("")
    await page.get_by_role("radio", name="Mei Tan").click()
    await expect(habit).to_have_value("out_of_office")
    await habit.select_option("No automatic answer")
    await eventually(lambda: not sandbox.world.post.habits)

    (answer,) = sandbox.mail_programs.read(sandbox.support_address)
    assert "away until Monday" in answer["text"]


async def test_each_person_sees_only_their_own(sandbox: Sandbox, page: Page) -> None:
    sandbox.phone.say("mei", "from Mei")
    await expect(page.get_by_role("log")).to_contain_text("from Mei")

    await page.get_by_role("radio", name="Jonas Keller").click()

    await expect(page.get_by_role("log")).to_contain_text("You are Jonas Keller.")
    await expect(page.get_by_role("log")).not_to_contain_text("from Mei")
    await expect(page.get_by_text("jonas.keller@post.example")).to_be_visible()


async def test_the_page_comes_back_after_the_sandbox_was_away(sandbox: Sandbox, page: Page) -> None:
    """Whoever watches a fault being survived must not watch a page that has died of it."""
    sandbox.close_for(1.0)
    live = page.locator("#live")
    await expect(live).not_to_have_text("Live")
    sandbox.phone.say("mei", "written meanwhile")

    await expect(live).to_have_text("Live", timeout=15_000)
    await expect(page.get_by_role("log")).to_contain_text("written meanwhile")
    sandbox.phone.say("mei", "and afterwards")
    await expect(page.get_by_role("log")).to_contain_text("and afterwards")


async def test_a_request_that_fails_does_not_end_the_page(sandbox: Sandbox, page: Page) -> None:
    """The line breaks while the page reads: the next change has to be read all the same."""
    await page.route("**/control/telegram/seen/*", lambda route: route.abort())
    sandbox.phone.say("mei", "not read")
    await expect(page.locator("#live")).to_contain_text("Not up to date")

    await page.unroute("**/control/telegram/seen/*")
    sandbox.phone.say("mei", "read")

    await expect(page.get_by_role("log")).to_contain_text("not read")
    await expect(page.get_by_role("log")).to_contain_text("read")
    await expect(page.locator("#live")).to_have_text("Live")
