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


async def test_what_was_begun_in_private_is_never_sent_where_others_read(
    desk: Served, page: Page
) -> None:
    """The customer writes in public while their address is being typed to them in private."""
    desk.rig.adapters["bot"] = CommunityAdapter()
    public = await desk.rig.hears(says(SQUARE, "lee", "Where is it?", audience=Audience.PUBLIC))
    private = await desk.rig.hears(says(DM, "lee", "It was order 7."))
    await desk.rig.joins.merge("task", public.legs[0].id, private.legs[0].id, "Ines")
    await desk.rig.carry_out()
    await signed_in(page, desk)
    await chosen(page, "Lee")
    await expect(page.locator("#goes-to")).to_have_text("Goes to Lee on Telegram")
    await page.get_by_label("Reply", exact=True).press_sequentially("You live in")

    await desk.rig.hears(says(SQUARE, "lee", "Anybody?", audience=Audience.PUBLIC))
    await expect(page.get_by_role("log").get_by_text("Anybody?")).to_be_visible()
    await expect(page.locator("#goes-to")).to_have_text("Goes to Lee on Telegram")
    await desk.rig.store.threads.seal(private.legs[0].id)
    await desk.rig.hears(says(SQUARE, "lee", "Hello?", audience=Audience.PUBLIC))

    await expect(page.locator("#goes-to")).to_contain_text("choose where it goes")
    await expect(page.get_by_role("button", name="Send reply")).to_be_disabled()
    await page.locator("#leg").select_option(index=0)
    await expect(page.locator("#goes-to")).to_contain_text("Read by everybody")
