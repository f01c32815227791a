"""What an agent composes on the page besides plain text: buttons, files, formatted edits."""

import re
from typing import Final

import pytest
from msgspec import to_builtins
from msgspec.structs import replace
from playwright.async_api import FilePayload, Page, expect

from core.model.content import Button, Buttons, Media, Part, Span, Style, Text
from core.ports import Adapter
from sandbox.telegram.samples import png
from tests.browser.rig import chosen, signed_in
from tests.e2e.http.rig import Served
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.platform import ChangingAdapter, MemoryAdapter

MEI: Final = thread("mei")
PICTURES: Final[list[FilePayload]] = [
    {"name": f"{n}.png", "mimeType": "image/png", "buffer": png(8, 8)} for n in range(11)
]
BOLD: Final = Span(6, 5, Style.BOLD)
SITE: Final = Span(17, 4, Style.LINK, "https://shop.example/")
FORMATTED: Final = Text(text="Hello 👋 Mei, our site knows", spans=(BOLD, SITE))

CHANGES: Final[list[tuple[str, str, tuple[tuple[int, int], ...], bool]]] = [
    ("before", "ab BOLD cd", ((3, 4),), False),
    ("typed before", "abc BOLD cd", ((4, 4),), False),
    ("typed after", "ab BOLD cde", ((3, 4),), False),
    ("typed within", "ab BO👋LD cd", ((3, 5),), False),
    ("typed at its end", "ab BOLDx cd", ((3, 4),), False),
    ("cut out", "ab cd", (), False),
    ("cut into its end", "ab BOcd", ((3, 2),), False),
    ("cut into its start", "abLD cd", ((2, 2),), False),
    ("replaced", "ab NEWS cd", ((3, 4),), False),
    ("written over", "aXXXd", (), True),
    ("all gone", "", (), False),
]
"""What is done to "ab BOLD cd", what it says then, where it is bold, whether that was lost."""


class Desk:
    """Mei has written, and an agent has her conversation open."""

    def __init__(self, served: Served, page: Page) -> None:
        self._served, self.page, self.conversation = served, page, ""
        self.reply = page.get_by_label("Reply", exact=True)
        self.ours = page.locator(".message.out")

    async def begin(self) -> None:
        heard = await self._served.rig.hears(says(MEI, "mei", "Hello?"))
        self.conversation = f"/api/v1/conversations/{heard.id}"
        await signed_in(self.page, self._served)
        await chosen(self.page, "Mei")

    async def sends(self) -> None:
        await self.page.get_by_role("button", name="Send reply").click()
        await expect(self.ours.get_by_text("Queued")).to_be_visible()

    async def works(self, adapter: Adapter) -> None:
        """What waits is sent, and the page is told."""
        await Assembly(self._served.rig.store, {"bot": adapter}).settle()
        await self._served.rig.relay()

    async def latest(self) -> tuple[Part, ...]:
        """What the newest entry of the log says."""
        found = await self._served.rig.views.conversation(self.conversation.rpartition("/")[2])
        return (await self._served.rig.views.messages(found, "", 10)).entries[-1].message.parts

    async def sent(self, text: Text) -> None:
        """A reply with formatting, which the page itself cannot give yet."""
        answer = await self._served.http.post(
            f"{self.conversation}/replies",
            json={"text": text.text, "spans": to_builtins(text.spans)},
        )
        assert answer.status_code == 201


@pytest.fixture
async def chat(desk: Served, page: Page) -> Desk:
    chat = Desk(desk, page)
    await chat.begin()
    return chat


async def test_buttons_are_offered_in_rows_and_the_line_says_what_became_of_them(
    chat: Desk,
) -> None:
    """On a channel that has no buttons and takes twelve characters at once."""
    page = chat.page
    await chat.reply.fill("Which of the two is it?")
    await page.get_by_role("button", name="Buttons", exact=True).click()
    await page.get_by_label("Label of button 1 in row 1").fill("Parcel")
    await page.get_by_role("button", name="One more button in row 1").click()
    await expect(page.get_by_label("Label of button 2 in row 1")).to_be_focused()
    await page.keyboard.type("Letter")
    await page.get_by_label("Value or link of button 2 in row 1").fill("l")
    await page.get_by_role("button", name="Add a row").click()
    await page.keyboard.type("Shop")
    await page.get_by_label("Value or link of button 1 in row 2").fill("https://shop.example/")

    await chat.sends()

    offered = (
        (Button("Parcel", value="Parcel"), Button("Letter", value="l")),
        (Button("Shop", url="https://shop.example/"),),
    )
    assert await chat.latest() == (Text(text="Which of the two is it?"), Buttons(rows=offered))
    await expect(page.get_by_label("Label of button 1 in row 1")).to_have_count(0)
    await chat.works(MemoryAdapter(text_limit=12))
    shown = chat.ours.get_by_role("group", name="Buttons offered")
    await expect(shown.get_by_role("listitem")).to_have_text(["Parcel", "Letter", "Shop"])
    await expect(shown.get_by_role("link")).to_have_attribute("href", "https://shop.example/")
    await expect(chat.ours.locator(".foot")).to_contain_text(re.compile(r"Sent\s*as \d+ messages"))
    await expect(chat.ours).to_contain_text(
        "Shown differently: buttons are shown as a numbered list"
    )


async def test_a_button_without_a_label_is_asked_for_before_anything_is_sent(chat: Desk) -> None:
    await chat.reply.fill("Which?")
    await chat.page.get_by_role("button", name="Buttons", exact=True).click()
    await chat.page.get_by_label("Value or link of button 1 in row 1").fill("x")

    await chat.page.get_by_role("button", name="Send reply").click()

    await expect(chat.page.get_by_label("Label of button 1 in row 1")).to_be_focused()
    await expect(chat.reply).to_have_value("Which?")
    await expect(chat.ours).to_have_count(0)


async def test_several_files_leave_as_one_message_and_no_more_than_fit(chat: Desk) -> None:
    page = chat.page
    await page.get_by_label("Attach a file").set_input_files(PICTURES)
    files = page.get_by_role("list", name="Attached files").get_by_role("listitem")
    await expect(files).to_have_count(10)
    await expect(page.get_by_role("alert").filter(has_text="at most 10 files")).to_be_visible()
    for name in [f"{n}.png" for n in range(3, 10)]:
        await page.get_by_role("button", name=f"Do not attach {name}").click()

    await chat.sends()

    parts = await chat.latest()
    assert [part.attachment.name for part in parts if isinstance(part, Media)] == [
        "0.png",
        "1.png",
        "2.png",
    ]
    await expect(chat.ours.get_by_role("group", name="3 together")).to_be_visible()


async def test_an_edit_keeps_the_formatting_that_its_words_still_have(chat: Desk) -> None:
    """Correcting a letter must not take the link and the bold away."""
    await chat.sent(FORMATTED)
    await chat.works(adapter := ChangingAdapter())
    await expect(chat.ours.get_by_text("Sent")).to_be_visible()
    await chat.ours.hover()
    await chat.ours.get_by_role("button", name="Edit").click()
    text = chat.page.get_by_role("textbox", name="Edit")
    await expect(chat.page.locator("#formatting")).to_have_text("Formatting stays with its words.")

    await text.press("Home")
    await text.type("Oh, ")
    await text.press("End")
    await text.type("!")
    await chat.page.get_by_role("button", name="Save edit").click()

    await expect(chat.ours.get_by_text("Edit on its way")).to_be_visible()
    moved = tuple(replace(span, start=span.start + 4) for span in FORMATTED.spans)
    assert await chat.latest() == (Text(text=f"Oh, {FORMATTED.text}!", spans=moved),)
    await chat.works(adapter)
    await expect(chat.ours.locator(".text b")).to_have_text("👋 Mei")
    await expect(chat.ours.locator(".text a")).to_have_text("site")


async def test_formatting_stays_with_its_words(desk: Served, page: Page) -> None:
    """A slip is put right, and the bold word stays bold."""
    await signed_in(page, desk)
    span = to_builtins(Span(3, 4, Style.BOLD))

    for name, after, places, lost in CHANGES:
        found = await page.evaluate(
            """async ([span, after]) => {
              const { respanned } = await import("/static/respan.js");
              return respanned([span], "ab BOLD cd", after);
            }""",
            [span, after],
        )
        assert tuple((one["start"], one["length"]) for one in found["spans"]) == places, name
        assert found["lost"] is lost, name


async def test_selected_words_are_quoted_until_they_are_taken_away(chat: Desk) -> None:
    """The agent answers one of three questions, and the customer sees which."""
    page, shown = chat.page, chat.page.locator("#answering")
    theirs = page.locator(".message.in").first

    async def answer_words() -> None:
        await theirs.locator(".text").evaluate(
            "node => getSelection().setBaseAndExtent(node.firstChild, 0, node.firstChild, 5)"
        )
        await theirs.get_by_role("button", name="Answer").click()
        await expect(shown).to_have_text("“Hello”")

    await answer_words()
    await shown.get_by_role("button", name="Do not quote these words").click()
    await expect(shown).to_have_text("Hello?")
    await expect(shown.get_by_role("button", name="Do not answer this message")).to_be_visible()
    await answer_words()
    await chat.reply.fill("And to you.")
    await chat.sends()

    await expect(chat.ours.get_by_role("button", name="Mei Hello", exact=True)).to_be_visible()
