"""Mail on the agents' page: who wrote it, what it says, and that it does nothing but say it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, Request, expect

from sandbox.telegram.samples import png
from tests.browser.mailroom import Mailroom, mail, mailroom
from tests.browser.rig import chosen, signed_in
from tests.e2e.http.rig import Served
from tests.rigs.hostile import ASKS, RUNS

TAG: Final = "<img src=x onerror=steal()>"
WHOLE: Final = (
    "handler",
    "svg that loads",
    "form",
    "frame",
    "link that runs",
    "refresh",
    "classes of the page",
)
STEALS: Final = "parent.postMessage(1,String.fromCharCode(42))"
"""Without a space or a quotation mark, so that it fits everywhere."""

HELD_BACK: Final = ("csp", "origin")
HANDED_OVER: Final = """(letters) => Promise.all(letters.map(async (html) => {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-popups allow-popups-to-escape-sandbox");
  frame.src = "/static/letter.html";
  await new Promise((loaded) => {
    frame.addEventListener("load", loaded);
    document.body.append(frame);
  });
  const { port1, port2 } = new MessageChannel();
  const shown = new Promise((told) => (port1.onmessage = ({ data }) => data.height && told()));
  frame.contentWindow.postMessage({ html, pictures: new Map() }, "*", [port2]);
  await shown;
}))"""


@pytest.fixture
async def room(desk: Served, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with mailroom(desk, tmp_path) as opened:
        yield opened


@pytest.fixture
def strangers(desk: Served, page: Page) -> list[str]:
    """What the browser asked of anybody but the desk; what its policy held back it did not ask."""
    asked: list[str] = []
    home = str(desk.http.base_url)

    def note(request: Request) -> None:
        if not request.url.startswith((home, "blob:")) and request.failure not in HELD_BACK:
            asked.append(f"{request.url} {request.failure}")

    page.on("requestfinished", note)
    page.on("requestfailed", note)
    return asked


async def test_a_letter_is_shown_as_it_was_sent_when_it_is_asked_for(
    desk: Served, page: Page, room: Mailroom, strangers: list[str]
) -> None:
    """In a frame as tall as the letter, with its own pictures and nobody else's."""
    html = (
        '<p style="color:#c0362c">Hello, see <a href="https://evil.example/x">shop.example</a></p>'
        '<img src="cid:logo@x" alt="Logo"><img src="https://shop.example/a.png" alt="Sale">'
        '<img src="https://evil.example/pixel.gif" width="1" height="1">' + "<p>More</p>" * 40
    )
    letter = mail("Hello in plain words", html, {"logo@x": png(64, 64)})
    await room.comes(letter.as_bytes())
    await signed_in(page, desk)
    await chosen(page, "Mei Chen")
    message, shown = page.locator(".message.in"), page.frame_locator(".letter-frame")
    await expect(message.locator(".text")).to_have_text("Hello in plain words")
    await expect(message.locator("[data-attachment]")).to_be_visible()

    await page.get_by_role("button", name="Show as sent").press("Enter")

    await expect(shown.get_by_alt_text("Logo")).to_have_js_property("naturalWidth", 64)
    await expect(shown.get_by_text("leads to evil.example")).to_be_visible()
    await expect(shown.locator(".gone")).to_have_text("Sale")
    await expect(shown.locator("p").first).to_have_css("color", "rgb(192, 54, 44)")
    await expect(message.locator("[data-attachment]")).to_be_hidden()
    box = await page.locator(".letter-frame").bounding_box()
    assert box is not None
    assert box["height"] > 1000
    await page.get_by_role("button", name="Show as text").click()
    await expect(message.locator(".text")).to_be_visible()
    await expect(page.locator(".letter-frame")).to_be_hidden()
    assert strangers == []


async def test_a_hostile_mail_is_words_wherever_it_is_shown(
    desk: Served, page: Page, room: Mailroom, strangers: list[str]
) -> None:
    """Its name, subject, file names and letter are text; nobody hears that it was opened."""
    closed = "".join(f"<div>{RUNS[name]}</div>" for name in WHOLE) + "<p>the end</p>"
    letter = mail(TAG, closed, From=f'"{TAG}" <eve@evil.example>', Subject=TAG)
    letter.add_attachment(png(8, 8), maintype="image", subtype="png", filename=f"{TAG}.png")
    await room.comes(letter.as_bytes())
    await signed_in(page, desk)

    await page.locator(".row").click()
    await page.get_by_role("button", name="Show as sent").click()

    shown = page.frame_locator(".letter-frame")
    await expect(shown.locator("#letter")).to_contain_text("the end")
    await expect(page.get_by_role("heading", name=TAG)).to_be_visible()
    await expect(page.locator(".message .subject")).to_have_text(TAG)
    await expect(page.locator(".message .from")).to_contain_text(TAG)
    assert await page.locator("[onerror]").count() == 0
    assert await shown.locator("[onerror], #letter script, form").count() == 0
    assert strangers == []


async def test_the_frame_holds_even_what_was_never_cleaned(
    desk: Served, page: Page, tolerated: list[str], strangers: list[str]
) -> None:
    """A hole in the cleaning must not become a hole in the page."""
    tolerated += ["Content Security Policy", "sandboxed", "Blocked", "Unsafe attempt", "violates"]
    await signed_in(page, desk)
    await page.evaluate("window.stolen = 0")
    await page.evaluate("addEventListener('message', () => (window.stolen += 1))")

    payloads = [one.replace("steal()", STEALS) for one in (*RUNS.values(), *ASKS.values())]
    await page.evaluate(HANDED_OVER, payloads)
    await page.evaluate(HANDED_OVER, ["<p>by now all that would run has run</p>"] * 20)

    assert await page.evaluate("window.stolen") == 0
    assert strangers == []
