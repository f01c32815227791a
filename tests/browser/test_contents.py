"""Everything a customer can send, as an agent sees it on the page."""

import re
from typing import Final

import pytest
from msgspec.structs import replace
from playwright.async_api import Locator, Page, expect

from core.model.content import (
    Attachment,
    Button,
    Buttons,
    Card,
    Choice,
    ContactCard,
    Forward,
    Location,
    Media,
    MediaKind,
    Part,
    Poll,
    PollOption,
    System,
    Text,
    Unsupported,
)
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Body,
    MemberChanged,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Reacted,
)
from core.model.ids import AttachmentId
from core.model.message import Quote
from sandbox.telegram.samples import mp3, mp4, ogg_opus, png, webp
from tests.browser.rig import chosen, signed_in
from tests.e2e.http.rig import Served
from tests.rigs.assembly import Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.platform import ChangingAdapter, MemoryAdapter

MEI: Final = thread("mei")
FILES: Final[dict[str, list[bytes | Exception]]] = {
    "photo": [png(320, 200)],
    "video": [mp4()],
    "voice": [ogg_opus()],
    "audio": [mp3()],
    "sticker": [webp()],
    "moving sticker": [b"\x1f\x8b a picture in Telegram's own form"],
    "paper": [b"%PDF-1.4\n%%EOF\n"],
}


def medium(kind: MediaKind, remote: str, **fields: object) -> Media:
    wanted = Attachment(id=AttachmentId(remote), name=f"{remote}.bin", remote=remote)
    return replace(Media(media=kind, attachment=wanted), **fields)


KINDS: Final[dict[str, tuple[tuple[Part, ...], str, str]]] = {
    "opened": (
        (Text(text="/start promo_7"), System(code="started", text="promo_7")),
        ".line",
        "Opened the chat (link: promo_7)",
    ),
    "video": ((medium(MediaKind.VIDEO, "video", seconds=62.0),), ".tile .length", "1:02"),
    "video note": (
        (medium(MediaKind.VIDEO_NOTE, "video", seconds=7.0, width=240, height=240),),
        ".tile.circle .length",
        "0:07",
    ),
    "animation": ((medium(MediaKind.ANIMATION, "video"),), ".tile video:not([controls])", ""),
    "voice": ((medium(MediaKind.VOICE, "voice", seconds=65.0),), ".sound .time", "1:05"),
    "audio": ((medium(MediaKind.AUDIO, "audio"),), ".attachment .card-title", "audio.bin"),
    "sticker": ((medium(MediaKind.STICKER, "sticker", emoji="👋"),), ".bare img.sticker", ""),
    "moving sticker": (
        (medium(MediaKind.STICKER, "moving sticker", emoji="🎈"),),
        ".bare p.sticker",
        "🎈",
    ),
    "document": ((medium(MediaKind.FILE, "paper"),), "button.file", "paper.bin 15 B"),
    "place": (
        (Location(latitude=52.52, longitude=13.4, title="Acme Hinges", address="1 Door Street"),),
        ".card",
        "Acme Hinges Place 1 Door Street 52.52000, 13.40000 Open map",
    ),
    "live location": (
        (Location(latitude=52.52, longitude=13.4, live_seconds=900),),
        ".card-title",
        "Live location, shared for 15 min",
    ),
    "contact": (
        (ContactCard(name="Noor Haddad", phone="+1 555 0100", vcard="BEGIN:VCARD"),),
        ".card",
        "Noor Haddad +1 555 0100 Call Copy Save vCard",
    ),
    "poll": (
        (Poll(question="When?", options=(PollOption("Morning", 3), PollOption("Evening", 1))),),
        ".poll",
        "When? Poll · 4 votes Morning 75% (3) Evening 25% (1)",
    ),
    "buttons": (
        (Buttons(rows=((Button("Yes", value="y"), Button("Shop", url="https://a.example")),)),),
        ".offer",
        "Yes Shop",
    ),
    "choice": ((Choice(value="y", label="Yes"),), ".choice", "Chose: Yes"),
    "card": (
        (Card(title="News", text="Doors", url="https://a.example/"),),
        ".bubble",
        "Mei Telegram News Doors https://a.example/",
    ),
    "dice": (
        (Unsupported(platform_kind="dice", summary="a dice 🎲 showing 4"),),
        ".summary",
        "A dice 🎲 showing 4",
    ),
    "game": (
        (Unsupported(platform_kind="game", summary="a game: Hinge Hero"),),
        ".summary",
        "A game: Hinge Hero Not shown here",
    ),
}
"""Name -> what is sent, where it is shown, and the words there."""

HAPPENINGS: Final[dict[str, tuple[Body, str]]] = {
    "blocked": (AccountStatus(code="blocked", text="kicked"), "Mei blocked the bot"),
    "unblocked": (AccountStatus(code="unblocked", text="member"), "Mei unblocked the bot"),
    "rights": (
        AccountStatus(code="rights_changed", text="administrator"),
        "Mei changed what the bot may do here (now administrator)",
    ),
    "business": (
        AccountStatus(code="business_connected", text="c1 can_reply"),
        "Mei connected their business account",
    ),
    "came": (MemberChanged(member="mei", change="joined"), "Mei joined the group"),
    "added": (MemberChanged(member="42", change="joined"), "Mei added 42"),
    "rank": (MemberChanged(member="mei", change="now_administrator"), "Mei is administrator now"),
    "pinned": (
        AccountStatus(code="pinned_message", text="a message was pinned: number 3"),
        "A message was pinned: number 3",
    ),
    "gone": (MessageDeleted(remote="nobody knows"), "Mei deleted a message that is not known here"),
}


@pytest.fixture
async def log(desk: Served, page: Page) -> Locator:
    """Mei's conversation is open; whatever she does appears in it."""
    platform = desk.rig.adapters["bot"] = MemoryAdapter()
    platform.files = {name: list(outcomes) for name, outcomes in FILES.items()}
    await desk.rig.hears(says(MEI, "mei", "Hello", remote="first"))
    await signed_in(page, desk)
    await chosen(page, "Mei")
    return page.get_by_role("log")


async def test_every_kind_of_content_has_a_form_of_its_own(desk: Served, log: Locator) -> None:
    """Whatever customers send, agents see it as it was meant, without codes or bare file names."""
    for name, (parts, _, _) in KINDS.items():
        await desk.rig.hears(event(MEI, "mei", MessageCreated(remote=name, parts=parts)))
    await desk.rig.fetch(MEI)

    messages = log.locator(".message")
    await expect(messages).to_have_count(len(KINDS) + 1)
    for at, (name, (_, where, words)) in enumerate(KINDS.items(), start=1):
        shown = messages.nth(at).locator(where)
        await expect(shown, name).to_be_visible()
        await expect(shown, name).to_have_text(spaced(words))
    assert await log.get_by_text("message.").count() == 0


async def test_what_happened_is_told_in_words(desk: Served, log: Locator) -> None:
    for body, _ in HAPPENINGS.values():
        await desk.rig.hears(event(MEI, "mei", body))

    lines = log.locator(".activity > span:first-child")
    await expect(lines).to_have_count(len(HAPPENINGS))
    for at, (_, words) in enumerate(HAPPENINGS.values()):
        await expect(lines.nth(at)).to_contain_text(words)


async def test_an_album_is_a_grid_with_its_caption_below(desk: Served, log: Locator) -> None:
    """Each picture comes as a message of its own, the caption with the first."""
    for at, kind in enumerate((MediaKind.IMAGE, MediaKind.IMAGE, MediaKind.VIDEO)):
        remote = "video" if kind is MediaKind.VIDEO else "photo"
        part = medium(kind, remote, caption="" if at else "What I see", width=640, height=480)
        part = replace(part, attachment=replace(part.attachment, id=AttachmentId(f"file {at}")))
        body = MessageCreated(remote=f"album {at}", parts=(part,), album="one")
        await desk.rig.hears(event(MEI, "mei", body))
    await desk.rig.fetch(MEI)

    message = log.locator(".message").nth(1)
    tiles = message.get_by_role("group", name="3 together").locator(".tile")
    await expect(tiles).to_have_count(3)
    tops = {round((await tiles.nth(at).bounding_box() or {"y": 0})["y"]) for at in range(3)}
    assert len(tops) == 1
    assert await below(message.locator(".text"), message.locator(".album"))
    await expect(message.locator(".text")).to_have_text("What I see")


async def test_a_picture_opens_large_and_closes_again(
    desk: Served, page: Page, log: Locator
) -> None:
    part = medium(MediaKind.IMAGE, "photo", width=320, height=200)
    await desk.rig.hears(event(MEI, "mei", MessageCreated(remote="m", parts=(part,))))
    await desk.rig.fetch(MEI)

    await log.get_by_role("button", name="Open photo.bin").click()
    await expect(page.get_by_role("dialog", name="photo.bin").get_by_role("img")).to_be_visible()
    await page.keyboard.press("Escape")

    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(log.get_by_role("button", name="Open photo.bin")).to_be_focused()


async def test_an_answer_shows_what_it_answers_and_leads_there(desk: Served, log: Locator) -> None:
    for n in range(16):
        await desk.rig.hears(says(MEI, "mei", f"Message {n}"))
    quoted = Quote(remote="first", text="ello")
    parts = (Text(text="That one"),)
    await desk.rig.hears(event(MEI, "mei", MessageCreated(remote="m", parts=parts, answers=quoted)))

    await log.get_by_role("button", name="Mei ello").click()

    await expect(log.locator(".message").first).to_be_focused()
    await expect(log.locator(".message").first).to_be_in_viewport()


async def test_a_choice_shows_the_question_that_it_answers(desk: Served, log: Locator) -> None:
    """ "Yes" alone says nothing, and the platform quotes no text with a pressed button."""
    heard = await desk.rig.hears(says(MEI, "mei", "Well?"))
    await desk.http.post(
        f"/api/v1/conversations/{heard.id}/replies",
        json={"text": "Is it blue?", "buttons": [[{"label": "Yes", "value": "y"}]]},
    )
    adapter = ChangingAdapter()
    await Assembly(desk.rig.store, {"bot": adapter}).settle()
    remote = next(iter(adapter.shown))
    await desk.rig.hears(event(MEI, "mei", ActionInvoked(value="b0", on=remote)))

    chosen_by_mei = log.locator(".message.in").last
    await expect(chosen_by_mei.locator(".choice")).to_have_text("Chose: Yes")
    await chosen_by_mei.get_by_role("button", name="Ines Is it blue?").click()

    await expect(log.locator(".message.out")).to_be_focused()


async def test_marks_say_what_became_of_a_message(desk: Served, log: Locator) -> None:
    """Forwarded, reacted to, known only from an edit, deleted."""
    forwarded = MessageCreated(
        remote="m1", parts=(Text(text="News"),), forward=Forward(name="The editors")
    )
    await desk.rig.hears(event(MEI, "mei", forwarded))
    await desk.rig.hears(event(MEI, "mei", Reacted(remote="m1", emojis=("👍",))))
    edit = MessageEdited(remote="never seen", parts=(Text(text="Nine"),))
    await desk.rig.hears(event(MEI, "mei", edit))
    await desk.rig.hears(event(MEI, "mei", MessageDeleted(remote="first")))

    first, second, third = (log.locator(".message").nth(at) for at in range(3))
    await expect(second.locator(".forwarded")).to_have_text("Forwarded from The editors")
    await expect(second.get_by_role("img", name="👍 by Mei")).to_be_visible()
    await expect(third).to_contain_text("Edited before it came here: its first form never did")
    await expect(first.locator(".foot")).to_contain_text("deleted by the sender")


async def test_what_was_left_out_is_told_when_it_is_asked_for(
    desk: Served, page: Page, log: Locator
) -> None:
    """With the keyboard alone, and in nobody's way before."""
    heard = event(MEI, "mei", MessageCreated(remote="chat:7", parts=(Text(text="Look"),)))
    await desk.rig.hears(replace(heard, lost=("message.quote.position", "message.via_bot")))
    details = log.locator(".message").nth(1).locator("details.details")
    summary = details.locator("summary")
    await expect(summary).to_have_attribute("aria-label", "Details, 2 not carried over")
    await expect(log).not_to_contain_text("message.via_bot")

    await summary.focus()
    await page.keyboard.press("Enter")

    for words in ("message.quote.position", "message.via_bot", "chat:7"):
        await expect(details).to_contain_text(words)


def spaced(words: str) -> re.Pattern[str]:
    """These words, whatever elements and blanks are between them."""
    return re.compile(r"^\s*" + r"\s*".join(map(re.escape, words.split())) + r"\s*$")


async def below(lower: Locator, upper: Locator) -> bool:
    one, other = await lower.bounding_box(), await upper.bounding_box()
    return bool(one and other and one["y"] >= other["y"] + other["height"])
