"""A person's Discord in a real browser: what is said is seen, and all can be done by hand."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, expect

from sandbox.discord.app import File
from sandbox.discord.kinds import PRIVILEGED
from sandbox.server import Sandbox
from sandbox.telegram.samples import png
from tests.e2e.sandbox.test_discord_interactions import Bot
from tests.rigs.discord_client import running


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    sandbox.discord.grant(PRIVILEGED)
    client = Bot(sandbox)
    async with running(sandbox, client):
        yield client


@pytest.fixture
async def pane(sandbox: Sandbox, page: Page) -> Locator:
    """The Discord pane, in #support."""
    pane = page.locator("#pane-discord")
    await page.click("#to-discord")
    await pane.get_by_role("button", name="support", exact=True).click()
    await expect(pane.get_by_role("status")).to_have_text("support")
    return pane


async def test_what_people_and_bots_say_is_shown_as_what_it_is(
    sandbox: Sandbox, pane: Locator
) -> None:
    """Who tries the product sees what a member of the guild would see."""
    app = sandbox.discord
    mei = app.user("mei").id
    said = app.say("jonas", f"**Bold** for <@{mei}>, `code` and ||hidden||", "support")
    app.unfurl(said, {"type": "rich", "title": "The card", "description": "with *words*"})
    app.react("noor", said, "🎫")
    app.say("jonas", "an answer", "support", reply_to=said)
    picture = File(name="door.png", content=png(32, 20), media_type="image/png")
    app.say("jonas", "", "support", files=[picture, File(name="bill.pdf", content=b"%PDF")])
    app.poll("jonas", "When?", ["Now", "Later"], "support")
    app.open_thread("jonas", "More of it", under=said)

    log = pane.get_by_role("log")

    await expect(log.locator("b").filter(has_text="Bold")).to_be_visible()
    await expect(log.get_by_text("@Mei Tan")).to_be_visible()
    await expect(log.get_by_text("The card")).to_be_visible()
    await expect(log.get_by_role("button", name="🎫 1")).to_be_visible()
    await expect(log.get_by_role("img", name="door.png")).to_have_js_property("naturalWidth", 32)
    await expect(log.get_by_role("link", name="bill.pdf")).to_be_visible()
    await log.get_by_role("button", name="Now · 0").click()
    await expect(log.get_by_role("button", name="Now · 1")).to_be_visible()
    await log.get_by_role("button", name="Thread: More of it").click()
    await expect(pane.get_by_role("status")).to_have_text("More of it")


async def test_a_link_to_a_place_on_discord_opens_it_here(sandbox: Sandbox, pane: Locator) -> None:
    """Who follows the way to the private talk would leave the sandbox for the real Discord."""
    app = sandbox.discord
    there = app.say("jonas", "Look", "general")
    app.say("jonas", f"https://discord.com/channels/1/{there.channel.id}/{there.id}", "support")

    await pane.get_by_role("log").get_by_role("button", name="#general").click()

    await expect(pane.get_by_role("status")).to_have_text("general")
    await expect(pane.locator(".post")).to_contain_text("Look")


async def test_a_person_writes_edits_reacts_and_takes_back(sandbox: Sandbox, pane: Locator) -> None:
    """Everything a customer does reaches the gateway, so it has to be possible here."""
    app, text = sandbox.discord, pane.get_by_label("Message on Discord")
    await text.fill("teh parcel")
    await text.press("Enter")
    post = pane.locator(".post").filter(has_text="teh parcel")
    await post.hover()
    await post.get_by_role("button", name="React with 👍").click()
    await expect(post.get_by_role("button", name="👍 1")).to_be_visible()
    await post.get_by_role("button", name="Edit").click()
    await text.fill("the parcel")
    await text.press("Enter")

    edited = pane.locator(".post").filter(has_text="the parcel")
    await expect(edited.get_by_text("(edited)")).to_be_visible()
    assert app.texts("mei", "support") == ["the parcel"]
    await edited.hover()
    await edited.get_by_role("button", name="Delete").click()
    await expect(edited).to_have_count(0)


async def test_a_post_of_a_forum_is_opened(sandbox: Sandbox, pane: Locator) -> None:
    """Questions in a forum are half of what communities ask."""
    await pane.get_by_role("button", name="questions", exact=True).click()
    await pane.get_by_role("button", name="New post").click()
    await pane.get_by_label("title").fill("Invoice")
    await pane.get_by_label("text", exact=True).fill("Where is it?")
    await pane.get_by_role("button", name="Submit").click()

    await expect(pane.get_by_role("status")).to_have_text("Invoice")
    await expect(pane.locator(".post")).to_contain_text("Where is it?")


async def test_a_command_a_button_and_a_form_are_used_in_private(
    sandbox: Sandbox, bot: Bot, pane: Locator
) -> None:
    """The whole way of an intake, by hand, as only the customer sees it."""
    await pane.get_by_label("Message on Discord").fill("/de")
    await pane.get_by_role("button", name="/desk").click()
    private = pane.locator(".post.private")
    await expect(private).to_contain_text("Only you can see this")
    await private.get_by_role("button", name="Ask").click()
    await pane.get_by_label("Subject").fill("a lost parcel")
    await pane.get_by_role("button", name="Submit").click()

    await expect(private.filter(has_text="noted: a lost parcel")).to_be_visible()
    assert sandbox.discord.texts("jonas", "support") == []


async def test_a_choice_in_a_menu_and_an_option_of_a_command_reach_the_bot(
    sandbox: Sandbox, bot: Bot, pane: Locator
) -> None:
    """Select menus and options are how a bot asks."""
    text = pane.get_by_label("Message on Discord")
    await text.fill("/hello")
    await text.press("Enter")
    await pane.get_by_label("whom").select_option(label="Jonas Keller")
    await pane.get_by_label("tone").select_option(label="Kind")
    await pane.get_by_role("button", name="Submit").click()
    await expect(pane.get_by_text("kind hello jonas.keller 0")).to_be_visible()

    await text.fill("/desk")
    await text.press("Enter")
    await pane.locator(".post.private select").select_option("Parcel")
    await expect(pane.locator(".post.private")).to_contain_text("about Parcel")


async def test_a_manager_has_a_menu_on_messages_that_customers_have_not(
    sandbox: Sandbox, bot: Bot, pane: Locator
) -> None:
    """Handing over is the managers' work, and theirs alone."""
    sandbox.discord.say("jonas", "help", "support")
    post = pane.locator(".post").filter(has_text="help").first
    await expect(post).to_be_visible()
    await expect(post.get_by_label("Apps")).to_have_count(0)
    await pane.get_by_label("Acting as").select_option("noor")
    await post.hover()
    await post.get_by_label("Apps").select_option("Hand over")

    await expect(pane.get_by_text("handed over: help")).to_be_visible()


async def test_a_bot_that_does_not_answer_is_said_to_have_failed(
    sandbox: Sandbox, pane: Locator
) -> None:
    """Who presses a button and sees nothing would think the page is broken."""
    application = sandbox.discord.bot()
    button = {"type": 2, "style": 1, "label": "Ask", "custom_id": "ask"}
    message = sandbox.discord.say("mei", "press me", "support")
    message.author, message.components = application.user, [{"type": 1, "components": [button]}]
    sandbox.discord.unfurl(message)

    await pane.get_by_role("button", name="Ask").click()

    await expect(pane.get_by_role("alert").filter(has_text="did not respond")).to_be_visible(
        timeout=6_000
    )
