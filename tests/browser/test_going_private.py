"""What everybody reads looks like it, and goes on in private by one click."""

from playwright.async_api import Page, expect

from core.model.ids import ThreadRef
from core.model.message import Audience
from core.store.store import Store
from tests.browser.rig import chosen, signed_in
from tests.e2e.http.rig import Served
from tests.rigs.events import says, thread
from tests.rigs.platform import CommunityAdapter, MemoryAdapter

SQUARE, DM = thread("square"), thread("dm lee")


async def said_last(store: Store, where: ThreadRef) -> list[str]:
    bound = await store.threads.bound(where, "")
    assert bound is not None
    head = await store.legs.head(bound.leg)
    entries = await store.legs.entries(bound.leg, head.length + 1, 1)
    return [getattr(part, "text", "") for part in entries[0].message.parts]


async def test_an_agent_sees_that_everybody_reads_and_goes_on_in_private_by_one_click(
    desk: Served, page: Page
) -> None:
    """An order number typed into a public place cannot be taken back from who has read it."""
    desk.rig.adapters["bot"] = CommunityAdapter()
    await desk.rig.hears(says(SQUARE, "lee", "Where is it?", audience=Audience.PUBLIC))
    await signed_in(page, desk)
    await chosen(page, "Lee")
    await expect(page.locator("#thread-sub .chip.public")).to_contain_text("Public")
    await expect(page.locator("#goes-to")).to_contain_text("Read by everybody")
    await page.get_by_label("Reply", exact=True).fill("What is your order number?")

    await page.get_by_role("button", name="Go on in private").click()

    await expect(page.locator("#goes-to")).to_have_text("Goes to Lee on Telegram")
    await expect(page.get_by_role("button", name="Go on in private")).to_be_hidden()
    await expect(page.get_by_label("Reply", exact=True)).to_have_value("What is your order number?")
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.get_by_role("log").get_by_text("Queued")).to_be_visible()
    assert await said_last(desk.rig.store, DM) == ["What is your order number?"]


async def test_where_nobody_can_be_written_to_first_there_is_no_such_button(
    desk: Served, page: Page
) -> None:
    desk.rig.adapters["bot"] = MemoryAdapter()
    await desk.rig.hears(says(SQUARE, "lee", "Where is it?", audience=Audience.PUBLIC))
    await signed_in(page, desk)

    await chosen(page, "Lee")

    await expect(page.locator("#goes-to")).to_contain_text("Read by everybody")
    await expect(page.get_by_role("button", name="Go on in private")).to_be_hidden()
