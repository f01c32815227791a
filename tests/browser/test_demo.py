"""`make demo` as a newcomer sees it: customers on the left, the agent on the right."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.async_api import Browser, FrameLocator, Page, ViewportSize, expect

from tests.rigs.demo import demo

WIDE: Final = ViewportSize(width=1500, height=900)
NARROW: Final = ViewportSize(width=390, height=844)
SEEN_MS: Final = 10_000
VIOLATIONS: Final = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""

EXCESS: Final = """
new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
  done(document.documentElement.scrollWidth - document.documentElement.clientWidth))));
"""
"""Asked when everything has been painted."""

expect.set_options(timeout=SEEN_MS)


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    async with demo(tmp_path) as started:
        yield started


async def test_a_customer_writes_on_two_channels_and_is_answered(
    browser: Browser, address: str
) -> None:
    """The main job, by hand, within a minute of `make demo`."""
    async with opened(browser, address) as page:
        desk = page.frame_locator("#desk")

        await page.fill("#chat-text", "Where is my parcel?")
        await page.press("#chat-text", "Enter")
        await open_row(desk, "Where is my parcel?")
        await answer(desk, "It is on its way.")
        await expect(page.locator("#messages")).to_contain_text("It is on its way.")

        await write_mail(page, "Invoice 7", "Please send it again.")
        await open_row(desk, "Please send it again.")
        await answer(desk, "Here it is.")
        await page.locator("#mails .mail").first.click()
        await expect(page.locator("#letter-text")).to_contain_text("Here it is.")
        await expect(page.locator("#letter-subject")).to_contain_text("Re: Invoice 7")

        await expect(page.locator("#messages .message")).to_have_count(2)
        await expect(desk.locator("#messages .message.in")).to_have_count(1)


async def test_a_question_on_discord_is_answered_where_it_was_asked(
    browser: Browser, address: str
) -> None:
    """A community would be told that its Discord works, and see nothing of it."""
    async with opened(browser, address) as page:
        desk, pane = page.frame_locator("#desk"), page.locator("#pane-discord")

        await page.click("#to-discord")
        await page.fill("#discord-text", "Where is my parcel?")
        await page.press("#discord-text", "Enter")
        await open_row(desk, "Where is my parcel?")
        await answer(desk, "It is *on* its way.")

        reply = pane.locator(".post").filter(has_text="It is *on* its way.")
        await expect(reply).to_contain_text("Acme Support")
        await page.fill("#discord-text", "/")
        await expect(pane.get_by_role("button", name="/status")).to_be_visible()


async def test_what_a_button_says_is_seen_under_the_pointer(browser: Browser, address: str) -> None:
    async with opened(browser, address) as page:
        desk = page.frame_locator("#desk")
        await page.fill("#chat-text", "Hello")
        await page.press("#chat-text", "Enter")
        await open_row(desk, "Hello")
        send = desk.locator("#send")
        colour = await send.evaluate("one => getComputedStyle(one).backgroundColor")

        await send.hover()

        await expect(send).to_have_css("background-color", colour)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_fit_on_wide_and_narrow_screens(
    browser: Browser, address: str, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    """Screenshots for people's eyes are left in pytest's temporary directory."""
    async with opened(browser, address, scheme) as page:
        desk = page.frame_locator("#desk")
        await page.fill("#chat-text", "Where is my parcel? " + "It was to come on Monday. " * 6)
        await page.press("#chat-text", "Enter")
        await write_mail(page, "A long subject " * 6, "https://example.org/" + "long/" * 40)
        await open_row(desk, "Where is my parcel?")
        await answer(desk, "It is on its way.")
        await look(page, tmp_path / f"wide-{scheme}.png")

        await page.set_viewport_size(NARROW)
        for pane in ("chat", "mail", "desk"):
            await page.click(f"#tab-{pane}")
            await look(page, tmp_path / f"narrow-{pane}-{scheme}.png")
        await desk.locator("#back").click()
        await look(page, tmp_path / f"narrow-inbox-{scheme}.png")


@asynccontextmanager
async def opened(
    browser: Browser, address: str, scheme: Literal["light", "dark"] = "light"
) -> AsyncIterator[Page]:
    """The page; what the browser complains about meanwhile fails the test."""
    context = await browser.new_context(viewport=WIDE, color_scheme=scheme)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    await context.add_init_script(VIOLATIONS)
    page = await context.new_page()
    await page.goto(address)
    yield page
    await context.close()
    assert not complaints


async def write_mail(page: Page, subject: str, text: str) -> None:
    await page.click("#mail-new")
    await page.fill("#mail-subject", subject)
    await page.fill("#mail-text", text)
    await page.click("#mail-form button[type=submit]")


async def open_row(desk: FrameLocator, text: str) -> None:
    """Open the conversation whose latest message says this, once it is there.

    Beside the customers there is room for one pane: the inbox, or a conversation.
    """
    if await desk.locator("#back").is_visible():
        await desk.locator("#back").click()
    await desk.locator("#rows .row", has_text=text).click()
    await expect(desk.locator("#messages .message.in").last).to_contain_text(text)


async def answer(desk: FrameLocator, text: str) -> None:
    """Reply in the open conversation, and see it sent."""
    await desk.locator("#text").fill(text)
    await desk.locator("#send").click()
    sent = desk.locator("#messages .message.out", has_text=text)
    await expect(sent.locator(".foot")).to_contain_text("Sent")


async def look(page: Page, path: Path) -> None:
    """A screenshot; and nothing has to be scrolled sideways, in no frame that is shown."""
    hidden = not await page.locator("#desk").is_visible()
    for frame in page.frames[:1] if hidden else page.frames:
        excess = await frame.evaluate(EXCESS)
        assert excess <= 0, f"{path.stem}: {frame.url} is {excess} px too wide"
    await page.screenshot(path=path)
