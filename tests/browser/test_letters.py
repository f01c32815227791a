"""Mail on the agents' page: who wrote it, what it says, and that it does nothing but say it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, Request, expect
from typing_extensions import override

from adapters.email.account import Opinion
from core.model.capabilities import Capabilities
from core.model.message import SenderLevel
from core.model.outbound import Outbound, Receipt
from sandbox.telegram.samples import png
from tests.browser.mailroom import ADDRESS, Mailroom, mail, mailroom
from tests.browser.rig import chosen, signed_in
from tests.e2e.http.rig import Served
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.hostile import ASKS, RUNS
from tests.rigs.platform import MemoryAdapter

SECRET: Final = b"""From: Ida <ida@example.org>
To: help@desk.example
Subject: Secret
Message-ID: <secret@example.org>
MIME-Version: 1.0
Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b

--b
Content-Type: application/pgp-encrypted

Version: 1
--b
Content-Type: application/octet-stream

-----BEGIN PGP MESSAGE-----
-----END PGP MESSAGE-----
--b--
"""
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


class ForgetfulMail(MemoryAdapter):
    """Takes a mail for the customer, and none for those who get a copy."""

    @property
    @override
    def capabilities(self) -> Capabilities:
        return Capabilities(text_limit=0, copies=True)

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        sent = await super().send(outbound)
        notes = tuple(f"no copy to {one.address}: 550 unknown" for one in outbound.recipients)
        return replace(sent, notes=notes)


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
    await page.evaluate(HANDED_OVER, ["<p>by now all that would run has run</p>"] * 5)

    assert await page.evaluate("window.stolen") == 0
    assert strangers == []


async def test_it_is_seen_who_wrote_how_surely_and_what_machine_did(
    desk: Served, page: Page, room: Mailroom
) -> None:
    """A name is free to choose: the address stands beside it, and a forged one is loud."""
    forged = Opinion(level=SenderLevel.FAILED, evidence="DMARC of bank.example failed")
    proven = Opinion(level=SenderLevel.VERIFIED, evidence="DKIM of example.org")
    await room.comes(mail("Pay me", From="Your Bank <boss@bank.example>").as_bytes(), forged)
    first = mail("Hello", Cc="Ann Lee <ann@example.org>", Message_ID="<first@example.org>")
    await room.comes(first.as_bytes(), proven)
    answers = {"In_Reply_To": "<first@example.org>", "References": "<first@example.org>"}
    await room.comes(mail("More", Subject="Re: Order 7", pictures=None, **answers).as_bytes())
    away = {
        "Subject": "Out of office: Away",
        "Auto_Submitted": "auto-replied",
        "X_Auto_Response_Suppress": "All",
    }
    await room.comes(
        mail("On holiday", pictures=None, From="Leo <leo@example.org>", **away).as_bytes()
    )
    await room.comes(SECRET)
    await signed_in(page, desk)
    log = page.get_by_role("log")

    await expect(page.locator(".row", has_text="May be forged")).to_contain_text("Your Bank")
    await chosen(page, "Your Bank")
    warning = log.get_by_role("note")
    await expect(warning).to_have_text(
        "This may not be from boss@bank.example. DMARC of bank.example failed."
    )
    await expect(log.locator(".from .address")).to_have_attribute("dir", "ltr")

    await chosen(page, "Mei Chen")
    heard = log.locator(".message.in")
    await expect(heard.nth(0).locator(".from")).to_contain_text("mei@example.org")
    await expect(heard.nth(0).get_by_role("img", name="Verified: DKIM")).to_be_visible()
    await expect(heard.nth(0).locator(".recipients")).to_have_text(
        "Copy to: Ann Lee ann@example.org"
    )
    await expect(heard.nth(1).locator(".from")).to_contain_text("Not verified")
    await expect(log.locator(".subject")).to_have_text(["Order 7"])

    await expect(log.get_by_text("React")).to_have_count(0)  # no mail can be reacted to
    await expect(page.get_by_role("button", name="without a sound")).to_be_hidden()

    await chosen(page, "Ida")
    await expect(log.locator(".from")).to_contain_text("Encrypted (PGP), cannot be read here")

    await chosen(page, "Leo")
    await expect(log.locator(".from")).to_contain_text("Out of office")
    await expect(log.get_by_text("On holiday")).to_be_hidden()
    await log.get_by_text("Show what it says").press("Enter")
    await expect(log.get_by_text("On holiday")).to_be_visible()


async def test_an_answer_to_all_says_who_gets_it_before_it_goes(
    desk: Served, page: Page, room: Mailroom
) -> None:
    to_all = mail("Hello all", To=f"{ADDRESS}, Bo <bo@example.org>", Cc="ann@example.org")
    conversation = await room.comes(to_all.as_bytes())
    await signed_in(page, desk)
    await chosen(page, "Mei Chen")

    await page.get_by_role("button", name="Reply all").click()
    copies = page.get_by_role("list", name="Who gets a copy").get_by_role("listitem")
    await expect(page.locator("#goes-to")).to_have_text(
        "Goes to Mei Chen <mei@example.org> on Email"
    )
    await expect(copies).to_have_text(["bo@example.org", "ann@example.org"])
    await page.get_by_role("button", name="No copy to bo@example.org").click()
    await page.get_by_role("textbox", name="Copy to").fill("not an address")
    await page.get_by_label("Reply", exact=True).fill("To you both")
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.get_by_role("alert").filter(has_text="no mail address")).to_be_visible()
    await page.get_by_role("textbox", name="Copy to").fill("Leo <leo@example.org>,")
    await page.get_by_role("button", name="Send reply").click()

    sent = page.locator(".message.out")
    await expect(sent.get_by_text("Queued")).to_be_visible()
    await expect(sent.locator(".recipients")).to_have_text(
        "Copy to: ann@example.org, leo@example.org"
    )
    now = await desk.rig.views.conversation(conversation.id)
    found = await desk.rig.views.messages(now, "", 10)
    assert [one.address for one in found.entries[-1].message.recipients] == [
        "ann@example.org",
        "leo@example.org",
    ]
    await expect(page.locator("#copies")).to_be_hidden()


async def test_a_copy_that_was_not_taken_is_seen(desk: Served, page: Page) -> None:
    """The customer has the answer, the colleague has not: somebody must know."""
    conversation = await desk.rig.hears(says(thread("mei", "email", "mail"), "mei", "Hello"))
    platform = desk.rig.adapters["mail"] = ForgetfulMail()
    reply = {"text": "Hello", "copies": ["ann@example.org"]}
    await desk.http.post(f"/api/v1/conversations/{conversation.id}/replies", json=reply)
    await Assembly(desk.rig.store, {"mail": platform}).settle()
    await signed_in(page, desk)

    await page.get_by_label("Search").fill(conversation.number)
    await page.keyboard.press("Enter")

    said = page.locator(".message.out").get_by_role("note")
    await expect(said).to_have_text("no copy to ann@example.org: 550 unknown")


LEADS: Final = [
    ("https://shop.example/orders/7", "https://evil.example/x", "evil.example"),
    ("shop.example", "https://shop.example.evil.example/", "shop.example.evil.example"),
    ("write to help@bank.example", "https://evil.example/", "evil.example"),
    ("bücher.example", "https://xn--bcher-kva.example/", ""),
    ("\u0430pple.example", "https://apple.example/", "apple.example"),
    ("www.shop.example", "https://shop.example/a", ""),
    ("shop.example", "https://pay.shop.example/a", ""),
    ("Your order", "https://evil.example/", ""),
    ("shop.example", "mailto:mei@evil.example", ""),
    ("1.5 of 2.0", "https://evil.example/", ""),
]
"""What a link's words are, where it leads, and what is said of that. One "apple" begins with a
Cyrillic letter."""

SUBJECTS: Final = [
    ("Order 7", "Re: Order 7", True),
    ("Order 7", "AW: Re: Order 7 [T-KRVN-P]", True),
    ("Re: 订单", "答复\uff1a 订单", True),
    ("Order 7", "Order 8", False),
    ("Order 7", "My Order 7", False),
    ("Order: 7", "Offer: 7", False),
    ("Order 7", "Invoice", False),
    ("", "Order 7", False),
]


async def test_what_links_and_subjects_say_anew(desk: Served, page: Page) -> None:
    """A hint at every link is read by nobody; at the wrong one it must not be missing."""
    await signed_in(page, desk)

    for words, address, host in LEADS:
        found = await page.evaluate(
            """async ([words, address]) =>
              (await import("/static/leads.js")).leadsElsewhere(words, address)""",
            [words, address],
        )
        assert found == host, words
    for one, other, same in SUBJECTS:
        found = await page.evaluate(
            """async ([one, other]) =>
              (await import("/static/mail.js")).isSameSubject(one, other)""",
            [one, other],
        )
        assert found is same, other


async def test_what_is_folded_opens_by_the_keyboard(
    desk: Served, page: Page, room: Mailroom
) -> None:
    text = "It works.\n\nOn Sat, 21 Nov 2026, Acme <help@desk.example> wrote:\n> Does it work?\n"
    await room.comes(mail(text).as_bytes())
    await signed_in(page, desk)
    await expect(page.locator(".row-latest")).to_have_text("It works.")
    await chosen(page, "Mei Chen")
    log = page.get_by_role("log")
    quoted = log.locator("details.folded", has_text="Does it work?")
    await expect(quoted).to_have_js_property("open", value=False)

    await quoted.locator("summary").press("Enter")

    await expect(quoted).to_have_js_property("open", value=True)
