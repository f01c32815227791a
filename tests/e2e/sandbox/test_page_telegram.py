"""The customer's Telegram in a real browser: every kind of message is seen, and can be sent."""

from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto

from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.samples import SAMPLES, png
from tests.e2e.sandbox.rig import Wire


@pytest.fixture
def chat_id(sandbox: Sandbox) -> int:
    return sandbox.phone.say("mei", "hello").chat.id


async def test_every_kind_of_message_is_shown_as_what_it_is(
    sandbox: Sandbox, bot: Bot, chat_id: int, page: Page
) -> None:
    """Who tries the product sees what a customer would see, not "[unknown]"."""
    await bot.send_voice(chat_id, SAMPLES["voice"].content)
    await bot.send_audio(chat_id, SAMPLES["audio"].content, title="Oil", performer="The Hinges")
    await bot.send_sticker(chat_id, SAMPLES["sticker"].content, emoji="👋")
    await bot.send_document(chat_id, b"%PDF-1.4", filename="invoice.pdf")
    await bot.send_location(chat_id, latitude=52.5, longitude=13.4)
    await bot.send_venue(chat_id, latitude=1, longitude=2, title="Acme", address="1 Door Street")
    await bot.send_contact(chat_id, "+15550100", "Noor", last_name="Haddad")
    await bot.send_poll(chat_id, "When?", ["Morning", "Evening"])
    await bot.send_photo(chat_id, png(320, 200), caption="The door")

    log = page.get_by_role("log")

    await expect(log.get_by_label("Voice message")).to_be_visible()
    await expect(log.get_by_label("The Hinges – Oil")).to_be_visible()
    await expect(log.get_by_label("Sticker 👋")).to_have_text("👋")
    await expect(log.get_by_role("link", name="invoice.pdf")).to_be_visible()
    for words in ("52.50000, 13.40000", "1 Door Street", "Noor Haddad", "+15550100", "Evening"):
        await expect(log.get_by_text(words)).to_be_visible()
    await expect(log.get_by_text("The door")).to_be_visible()
    picture = log.get_by_role("img", name="Photo")
    await expect(picture).to_have_js_property("naturalWidth", 320)


async def test_an_album_is_one_entry_with_its_caption(bot: Bot, chat_id: int, page: Page) -> None:
    first, *_ = await bot.send_media_group(
        chat_id, [InputMediaPhoto(png(90, 90, grey)) for grey in (40, 90, 140)], caption="Three"
    )
    album = page.get_by_role("group", name="Album of 3")
    await expect(album.get_by_role("img")).to_have_count(3)
    await expect(page.locator("li.message").last).to_contain_text("Three")

    await bot.delete_message(chat_id, first.message_id)

    await expect(page.get_by_role("group", name="Album of 2").get_by_role("img")).to_have_count(2)


async def test_edits_deletions_reactions_and_typing_are_seen(
    bot: Bot, chat_id: int, page: Page
) -> None:
    sent = await bot.send_message(chat_id, "Tomorow")
    gone = await bot.send_message(chat_id, "Wrong window")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Wrong window")

    await bot.edit_message_text("Tomorrow", chat_id, sent.message_id)
    await bot.delete_message(chat_id, gone.message_id)
    await bot.set_message_reaction(chat_id, 1, "👍")
    await bot.send_chat_action(chat_id, "typing")

    await expect(log.locator("li", has_text="Tomorrow")).to_contain_text("edited")
    await expect(log).not_to_contain_text("Wrong window")
    await expect(log.get_by_label("Reactions")).to_have_text("👍")
    await expect(page.locator("#chat-status")).to_have_text("typing…")


async def test_buttons_can_be_tapped_and_the_answer_is_told(
    bot: Bot, chat_id: int, page: Page
) -> None:
    keys = [
        InlineKeyboardButton("Yes", callback_data="y"),
        InlineKeyboardButton("Help", url="https://acme.example/"),
    ]
    await bot.send_message(chat_id, "Did it help?", reply_markup=InlineKeyboardMarkup([keys]))

    await page.get_by_role("button", name="Yes").click()
    update = (await bot.get_updates(timeout=5, allowed_updates=["callback_query"]))[-1]
    assert update.callback_query is not None
    await bot.answer_callback_query(update.callback_query.id, "Thank you")

    assert update.callback_query.data == "y"
    await expect(page.locator("#chat-status")).to_have_text("Thank you")
    await expect(page.get_by_role("link", name="Help")).to_have_attribute(
        "href", "https://acme.example/"
    )


async def test_the_customer_reacts_and_edits(
    sandbox: Sandbox, wire: Wire, bot: Bot, chat_id: int, page: Page
) -> None:
    sent = await bot.send_message(chat_id, "Fixed.")
    theirs = page.locator("li.message", has_text="Fixed.")
    await theirs.hover()
    await theirs.get_by_role("button", name="React", exact=True).click()
    await theirs.get_by_role("button", name="🔥").click()
    await expect(theirs.get_by_label("Reactions")).to_have_text("🔥")

    own = page.locator("li.message.own")
    await own.hover()
    await own.get_by_role("button", name="Edit").click()
    await page.get_by_label("Message", exact=True).fill("Hello there")
    await page.get_by_role("button", name="Send message").click()

    await expect(own).to_contain_text("Hello there")
    await expect(own).to_contain_text("edited")
    (chat,) = (await wire.get("/telegram/seen/mei"))["chats"]
    reactions = {one["message_id"]: one["reactions"] for one in chat["messages"]}
    assert reactions[sent.message_id] == ["🔥"]


async def test_the_customer_sends_pictures_a_voice_file_and_a_place(
    sandbox: Sandbox, wire: Wire, page: Page, tmp_path: Path
) -> None:
    """What is picked arrives at the bot as the app would send it, bytes and all."""
    for name, content in (
        ("one.png", png(300, 200, 10)),
        ("two.png", png(300, 200, 200)),
        ("note.oga", SAMPLES["voice"].content),
        ("list.txt", b"hinges"),
    ):
        (tmp_path / name).write_bytes(content)
    await page.get_by_role("button", name="Attach").click()
    await page.get_by_label("Message", exact=True).fill("Both sides")
    picker = page.locator("#chat-file")
    await picker.set_input_files([tmp_path / "one.png", tmp_path / "two.png"])
    await expect(page.get_by_role("group", name="Album of 2")).to_be_visible()
    for name in ("one.png", "note.oga", "list.txt"):
        count = await page.locator("li.message").count()
        await picker.set_input_files([tmp_path / name])
        await expect(page.locator("li.message")).to_have_count(count + 1)
    await page.get_by_role("button", name="Attach").click()
    await page.get_by_label("Latitude").fill("48.2")
    await page.get_by_role("button", name="Send location").click()
    await expect(page.get_by_role("log").get_by_text("48.20000")).to_be_visible()

    messages = [update["message"] for update in await wire.result("getUpdates")]
    first, second, photo, voice, document, place = messages

    assert first["media_group_id"] == second["media_group_id"]
    assert (first["caption"], "caption" in second) == ("Both sides", False)
    assert [len(one["photo"]) > 0 for one in (first, second, photo)] == [True] * 3
    assert "media_group_id" not in photo
    assert await _bytes(sandbox, wire, first["photo"][-1]) == png(300, 200, 10)
    assert await _bytes(sandbox, wire, voice["voice"]) == SAMPLES["voice"].content
    assert document["document"]["file_name"] == "list.txt"
    assert place["location"]["latitude"] == 48.2


async def test_a_group_that_moves_is_followed(sandbox: Sandbox, page: Page) -> None:
    group = sandbox.telegram_host.create_basic_group("Club", ["mei"])
    sandbox.phone.say("mei", Saying(text="in the club", chat_id=group.id))
    await page.get_by_label("Chat", exact=True).select_option(label="Club")
    await expect(page.get_by_role("log")).to_contain_text("in the club")

    new = sandbox.telegram_host.migrate_group(group.id)
    await page.get_by_label("Chat", exact=True).select_option(str(new.id))

    await expect(page.get_by_role("log")).to_contain_text("This group has become a supergroup")


async def _bytes(sandbox: Sandbox, wire: Wire, about: dict[str, str]) -> bytes:
    file = await wire.result("getFile", file_id=about["file_id"])
    url = f"{sandbox.telegram_file_url}{sandbox.bot_token}/{file['file_path']}"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return await response.read()


async def test_the_chat_with_another_person_has_their_name(
    sandbox: Sandbox, chat_id: int, page: Page
) -> None:
    """A customer of a connected account writes to its owner, not to a bot."""
    amara = sandbox.world.person("amara").telegram_id
    sandbox.phone.say("mei", Saying(text="are you open?", chat_id=amara))

    await page.locator("#chat-choice").select_option("Amara")

    await expect(page.locator("#chat-title")).to_have_text("Amara")
    await expect(page.get_by_role("log").get_by_text("are you open?")).to_be_visible()
