"""Search, the views, and sorting a conversation, in a real browser."""

import asyncio
import re

from playwright.async_api import Page, expect

from tests.browser.rig import chosen, signed_in
from tests.e2e.http.rig import Served
from tests.rigs.events import says, thread

MEI, JONAS = thread("mei"), thread("jonas")


async def test_what_was_said_is_found_and_leads_to_where_it_stands(
    desk: Served, page: Page
) -> None:
    """An agent who remembers the words would have to know the customer."""
    for n in range(70):
        await desk.rig.hears(
            says(MEI, "mei", f"line {n}" if n != 3 else "the <b>Zürich</b> parcel")
        )
    await desk.rig.hears(says(JONAS, "jonas", "我的订单什么时候发货"))
    await desk.rig.relay()
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(desk.rig.search.keep())
        await signed_in(page, desk)
        found = page.get_by_label("Messages found")

        await page.keyboard.press("/")
        await expect(page.get_by_label("Search")).to_be_focused()
        await page.keyboard.type("zurich")
        await expect(found.locator("mark")).to_have_text("Zürich")
        await expect(found).to_contain_text("<b>Zürich</b>")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("heading", name="Mei")).to_be_visible()
        await expect(page.locator(":focus")).to_contain_text("Zürich")
        await expect(page.locator(":focus")).to_be_in_viewport()

        await page.get_by_label("Search").fill("订单")
        await expect(found.get_by_role("button")).to_have_count(1)
        await page.get_by_label("Search").fill("jona")
        await page.get_by_label("People").get_by_role("button", name=re.compile("^Jonas")).click()
        await expect(page.get_by_role("heading", name="Jonas")).to_be_visible()
        await page.get_by_label("Search").fill("xyzzy")
        await expect(page.get_by_text("Nothing was found.")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("list", name="Conversations")).to_be_visible()
        keeping.cancel()


async def test_a_conversation_is_sorted_on_the_page(desk: Served, page: Page) -> None:
    """Agents would answer the same customer twice, and spam would stand between the others."""
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    await signed_in(page, desk)
    await chosen(page, "Mei")

    await page.get_by_role("button", name="Assign to me").click()
    await expect(page.get_by_role("button", name="Yours")).to_be_visible()
    await page.get_by_label("Priority").select_option("urgent")
    await page.get_by_label("Add a tag").fill("vip")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Tags").get_by_text("vip")).to_be_visible()
    await page.get_by_label("Whose").select_option("mine")
    row = page.get_by_role("list", name="Conversations").get_by_role("button")
    await expect(row).to_contain_text("Urgent")
    await page.get_by_label("Snooze", exact=True).select_option("1 hour")
    await expect(page.get_by_text(re.compile("^Until "))).to_be_visible()
    await page.get_by_role("button", name="Spam", exact=True).last.click()
    await expect(page.get_by_role("button", name="Is spam")).to_be_visible()
    await page.get_by_role("button", name="Spam", exact=True).first.click()
    await expect(row).to_have_count(1)

    found = await desk.rig.views.conversation(conversation.id)
    assert (found.assignee, found.priority, found.tags) == ("Ines", "urgent", ("vip",))
    assert found.spam
    assert found.snoozed_until is not None


async def test_a_person_is_kept_out_after_a_question_and_let_in_again(
    desk: Served, page: Page
) -> None:
    """One slip of the finger would lose what a customer writes."""
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    await signed_in(page, desk)
    await chosen(page, "Mei")
    block = page.get_by_role("button", name="Block", exact=True)
    asked = page.get_by_role("dialog", name="Block Mei?")

    await block.click()
    await asked.get_by_role("button", name="Cancel").click()
    await block.click()
    await asked.get_by_label("Why").fill("threats")
    await asked.get_by_role("button", name="Block").click()
    await expect(asked).to_have_count(0)

    author = conversation.legs[0].author
    kept_out = (await desk.rig.views.contact(author)).identities[0].blocked
    assert kept_out is not None
    assert (kept_out.by, kept_out.why) == ("Ines", "threats")
    await page.get_by_role("button", name="Blocked").click()
    await expect(block).to_be_visible()
    assert (await desk.rig.views.contact(author)).identities[0].blocked is None
