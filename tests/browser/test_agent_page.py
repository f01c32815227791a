"""The agent's page in a real browser: what is heard appears, what is written goes where it says."""

from playwright.async_api import Page, Route, expect

from core.errors import InvalidRequest, TemporaryDeliveryError
from core.model.content import Attachment, Media, MediaKind, Span, Style, Text
from core.model.conversation import Entry
from core.model.event import MessageCreated, MessageEdited
from core.model.ids import AttachmentId
from core.model.message import Audience
from core.waking import Waking
from sandbox.telegram.samples import ogg_opus, png
from tests.browser.rig import chosen, signed_in
from tests.e2e.http.rig import Served
from tests.rigs.assembly import make_due
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.waiting import eventually

MEI, MAIL, GROUP = thread("mei"), thread("mei", "email", "support"), thread("group")


async def written(desk: Served, conversation: str) -> tuple[Entry, ...]:
    """What is in the store by now."""
    found = await desk.rig.views.conversation(conversation)
    return (await desk.rig.views.messages(found, "", 10)).entries


async def test_the_token_leaves_the_address_and_a_wrong_one_is_refused(
    desk: Served, page: Page, tolerated: list[str]
) -> None:
    """Whoever looks at the address bar, or at the history, must not find it."""
    tolerated.append("status of 401")
    await signed_in(page, desk)
    address = page.url

    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Token")).to_be_focused()
    await page.get_by_label("Token").fill("tl_00000000_not-a-token")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Token")).to_be_visible()
    assert desk.rig.token not in address


async def test_who_sorted_a_conversation_is_read_in_it(desk: Served, page: Page) -> None:
    """Agents would not know why a conversation is theirs, or where it was for a day."""
    await signed_in(page, desk)
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    url, log = f"/api/v1/conversations/{conversation.id}", page.get_by_role("log")
    change = {"assignee": "Ines", "add_tags": ["vip"], "snoozed_until": "2026-01-01T00:00:00Z"}

    await desk.http.patch(url, json=change)
    await Waking(desk.rig.store, lambda: desk.rig.now).wake_due()
    await desk.rig.relay()
    await chosen(page, "Mei")

    await expect(log).to_contain_text("set the tags to vip, assigned this to Ines")
    await expect(log).to_contain_text("Open again")


async def test_a_message_appears_and_is_answered(desk: Served, page: Page) -> None:
    """The main job, from the agent's chair."""
    await signed_in(page, desk)
    conversation = await desk.rig.hears(says(MEI, "mei", "Where is <b>my</b> order?"))
    await chosen(page, "Mei")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Where is <b>my</b> order?")

    await page.get_by_label("Reply", exact=True).fill("On its way")
    await page.keyboard.press("Control+Enter")

    await expect(log.get_by_role("listitem").filter(has_text="On its way")).to_contain_text(
        "Queued"
    )
    await expect(page.get_by_label("Reply", exact=True)).to_have_value("")
    entries = await written(desk, conversation.id)
    assert [entry.message.direction for entry in entries] == ["in", "out"]


async def test_a_reply_that_is_not_taken_keeps_its_text_and_is_tried_again(
    desk: Served, page: Page
) -> None:
    """The first attempt may have got through: the same key makes sure that it counts once."""
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    await signed_in(page, desk)
    await chosen(page, "Mei")

    async def taken_but_unanswered(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/replies", taken_but_unanswered, times=1)
    await page.get_by_label("Reply", exact=True).fill("Just once")
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.get_by_role("alert").filter(has_text="Nothing is lost")).to_be_visible()
    await page.get_by_role("button", name="Try again").click()

    await expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    entries = await written(desk, conversation.id)
    assert len(entries) == 2


async def test_what_is_refused_to_who_looks_is_shown_as_soon_as_there_is_room(
    desk: Served, page: Page
) -> None:
    """An agent under load, whose customer has written once more and then waits."""
    await desk.rig.hears(says(MEI, "mei", "Hello"))
    await signed_in(page, desk)
    await chosen(page, "Mei")
    refused = 0

    async def overloaded(route: Route) -> None:
        nonlocal refused
        refused += 1
        problem = {"code": "overloaded", "detail": "wait 1 s"}
        await route.fulfill(status=503, json=problem, headers={"Retry-After": "1"})

    await page.route("**/messages?*", overloaded, times=1)
    await desk.rig.hears(says(MEI, "mei", "Are you there?"))

    await expect(page.get_by_role("log")).to_contain_text("Are you there?")
    assert refused == 1


async def test_a_note_looks_and_goes_elsewhere(desk: Served, page: Page) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    await signed_in(page, desk)
    await chosen(page, "Mei")

    await page.get_by_role("button", name="Note", exact=True).click()
    await expect(page.locator("#goes-to")).to_have_text("Stays here: only agents see it")
    await page.get_by_label("Note", exact=True).last.fill("Handle with care")
    await page.get_by_role("button", name="Save note").click()

    await expect(page.get_by_role("log")).to_contain_text("Note, only agents see it")
    await expect(page.get_by_text("On its way to Trunkline")).to_have_count(0)
    entries = await written(desk, conversation.id)
    assert entries[-1].message.direction == "note"


async def test_two_legs_can_be_told_apart_and_chosen(desk: Served, page: Page) -> None:
    """The line says where a reply goes, before it goes."""
    first = await desk.rig.hears(says(MEI, "mei", "Hello"))
    second = await desk.rig.hears(says(MAIL, "mei@post.example", "Hello by mail"))
    await desk.rig.joins.merge("task", first.legs[0].id, second.legs[0].id, "Ines")
    await desk.rig.carry_out()
    await signed_in(page, desk)
    await chosen(page, "Mei")
    line = page.locator("#goes-to")
    await expect(line).to_contain_text("on Email")

    await page.get_by_label("Send on").select_option(first.legs[0].id)
    await expect(line).to_have_text("Goes to Mei on Telegram")
    await page.get_by_label("Reply", exact=True).fill("Here")
    await page.get_by_role("button", name="Send reply").click()

    await expect(page.get_by_role("log").get_by_text("Queued")).to_be_visible()
    entries = await written(desk, first.id)
    assert entries[-1].leg == first.legs[0].id


async def test_a_group_is_named_before_anything_is_said_in_it(desk: Served, page: Page) -> None:
    await desk.rig.hears(says(GROUP, "lee", "Hello all", audience=Audience.GROUP))
    await signed_in(page, desk)

    await chosen(page, "Lee")

    await expect(page.locator("#goes-to")).to_contain_text("Read by everyone in the group")


async def test_text_is_shown_as_it_was_meant_and_links_are_harmless(
    desk: Served, page: Page
) -> None:
    text = "😀 bold site trap"
    spans = (
        Span(2, 4, Style.BOLD),
        Span(7, 4, Style.LINK, "https://shop.example/"),
        Span(12, 4, Style.LINK, "javascript:alert(1)"),
    )
    body = MessageCreated(remote="m1", parts=(Text(text=text, spans=spans),))
    await desk.rig.hears(event(MEI, "mei", body))
    await signed_in(page, desk)
    await chosen(page, "Mei")
    message = page.locator(".message .text")

    await expect(message.locator("b")).to_have_text("bold")
    await expect(message.locator("a")).to_have_text("site")
    assert await message.locator("a").get_attribute("rel") == "noopener noreferrer"


async def test_an_edit_is_shown_with_what_it_said_before(desk: Served, page: Page) -> None:
    await desk.rig.hears(says(MEI, "mei", "Ten pieces", remote="m1"))
    await signed_in(page, desk)
    await chosen(page, "Mei")

    edit = MessageEdited(remote="m1", parts=(Text(text="Nine pieces"),))
    await desk.rig.hears(event(MEI, "mei", edit))

    log = page.get_by_role("log")
    await expect(log.locator(".text")).to_have_text("Nine pieces")
    await log.get_by_text("Edited: show what it said before").click()
    await expect(log.get_by_text("Ten pieces")).to_be_visible()


async def test_identities_are_linked_and_that_is_undone(desk: Served, page: Page) -> None:
    first = await desk.rig.hears(says(MEI, "mei", "Hello"))
    second = await desk.rig.hears(says(MAIL, "mei@post.example", "Hello by mail"))
    await signed_in(page, desk)
    await chosen(page, "Mei ")

    await page.get_by_role("button", name="Link identity…").click()
    await page.get_by_label("is also").fill(second.number)
    await page.get_by_role("button", name="Link", exact=True).click()
    await desk.rig.carry_out()
    await expect(page.locator("#toast")).to_contain_text("Linked")
    joined = await desk.rig.views.conversation(first.id)
    await page.get_by_role("button", name="Undo").click()
    await desk.rig.carry_out()

    await expect(page.locator("#toast")).to_contain_text("Unlinked")
    assert len(joined.legs) == 2
    assert len((await desk.rig.views.conversation(first.id)).legs) == 1


async def test_a_long_conversation_never_fills_the_page(desk: Served, page: Page) -> None:
    """Far more messages than fit are there, page by page, and the newest can be had again."""
    for n in range(420):
        await desk.rig.hears(says(MEI, "mei", f"Message {n}"))
    await signed_in(page, desk)
    await chosen(page, "Mei")
    log, earlier = page.get_by_role("log"), page.get_by_role("button", name="Show earlier messages")
    shown = log.locator(".message")

    for count in (50, 100, 150, 200, 250, 300, 300, 300):
        await expect(shown).to_have_count(count)
        first = await shown.first.inner_text()
        await earlier.click()
        await expect(shown.first).not_to_have_text(first, use_inner_text=True)
    await expect(shown.first).to_contain_text("Message 0")
    await expect(shown).to_have_count(300)
    await expect(earlier).to_be_hidden()
    await page.get_by_role("button", name="Latest messages").click()

    await expect(shown.last).to_contain_text("Message 419")
    await expect(shown).to_have_count(50)


async def test_the_page_finds_what_it_missed_while_it_was_cut_off(
    desk: Served, page: Page, tolerated: list[str]
) -> None:
    tolerated.append("net::ERR_INTERNET_DISCONNECTED")
    await desk.rig.hears(says(MEI, "mei", "Hello"))
    await signed_in(page, desk)
    await chosen(page, "Mei")
    await page.context.set_offline(True)
    await eventually(lambda: desk.feed.listeners <= 1)
    await desk.rig.hears(says(MEI, "mei", "Still there?"))

    await page.context.set_offline(False)

    await expect(page.get_by_role("log")).to_contain_text("Still there?", timeout=20_000)


async def test_a_narrow_frame_shows_one_pane_at_a_time(desk: Served, page: Page) -> None:
    await desk.rig.hears(says(MEI, "mei", "Hello"))
    await page.set_viewport_size({"width": 480, "height": 700})
    await signed_in(page, desk)
    await chosen(page, "Mei")
    await expect(page.get_by_label("Inbox", exact=True)).to_be_hidden()

    await page.get_by_role("button", name="Back to the inbox").click()

    await expect(page.get_by_label("Inbox", exact=True)).to_be_visible()
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_a_picture_is_shown_and_a_voice_is_played_when_asked(
    desk: Served, page: Page
) -> None:
    """From the gateway's own store, under a policy that lets no other place in."""
    platform = desk.rig.adapters["bot"] = MemoryAdapter()
    platform.files = {"photo": [png(320, 200)], "voice": [ogg_opus()]}
    await desk.rig.hears(event(MEI, "mei", sent(MediaKind.IMAGE, "photo", width=320, height=200)))
    await desk.rig.hears(event(MEI, "mei", sent(MediaKind.VOICE, "voice")))
    await desk.rig.fetch(MEI)
    await signed_in(page, desk)
    await chosen(page, "Mei")
    log = page.get_by_role("log")

    picture = log.get_by_role("img", name="photo.bin")
    await expect(picture).to_have_js_property("naturalWidth", 320)
    await expect(log.locator("audio")).to_have_count(0)
    await log.get_by_role("button", name="Play voice message").click()

    await expect(log.locator("audio")).to_have_js_property("readyState", 4)
    assert await log.locator("audio").evaluate("node => node.src.startsWith('blob:')")
    assert await log.locator("script").count() == 0


async def test_a_picture_appears_where_its_name_was(desk: Served, page: Page) -> None:
    """As soon as it has come, without another look."""
    platform = desk.rig.adapters["bot"] = MemoryAdapter()
    platform.files = {"photo": [TemporaryDeliveryError("busy"), png(32, 20)]}
    await desk.rig.hears(event(MEI, "mei", sent(MediaKind.IMAGE, "photo")))
    await signed_in(page, desk)
    await chosen(page, "Mei")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("photo.bin")

    await desk.rig.fetch(MEI)
    await expect(log).to_contain_text("will be tried again")
    await make_due(desk.rig.store)
    await desk.rig.fetch(MEI)

    await expect(log.get_by_role("img", name="photo.bin")).to_have_js_property("naturalWidth", 32)


async def test_what_cannot_be_had_says_why_and_what_to_do(desk: Served, page: Page) -> None:
    platform = desk.rig.adapters["bot"] = MemoryAdapter()
    platform.files = {"large": [InvalidRequest("larger than the 20000000 bytes that are fetched")]}
    await desk.rig.hears(event(MEI, "mei", sent(MediaKind.VIDEO, "large")))
    await desk.rig.hears(event(MEI, "mei", sent(MediaKind.IMAGE, "gone")))
    await desk.rig.fetch(MEI)
    await signed_in(page, desk)
    await chosen(page, "Mei")
    log = page.get_by_role("log")

    await expect(log).to_contain_text("larger than the 20000000 bytes that are fetched")
    await expect(log).to_contain_text("Expired: ask for it once more")
    await expect(log.get_by_role("button", name="Download")).to_have_count(0)


async def test_what_claims_to_be_a_picture_and_is_none_is_only_saved(
    desk: Served, page: Page
) -> None:
    """A drawing with a script in it must never be shown under our address."""
    platform = desk.rig.adapters["bot"] = MemoryAdapter()
    platform.files = {"trap": [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"]}
    await desk.rig.hears(event(MEI, "mei", sent(MediaKind.IMAGE, "trap")))
    await desk.rig.fetch(MEI)
    await signed_in(page, desk)
    await chosen(page, "Mei")

    await expect(page.get_by_role("button", name="Download trap.bin")).to_be_visible()
    await expect(page.get_by_role("log").get_by_role("img")).to_have_count(0)


def sent(kind: MediaKind, remote: str, width: int = 0, height: int = 0) -> MessageCreated:
    wanted = Attachment(id=AttachmentId(remote), name=f"{remote}.bin", remote=remote)
    part = Media(media=kind, attachment=wanted, width=width, height=height)
    return MessageCreated(remote=remote, parts=(part,))
