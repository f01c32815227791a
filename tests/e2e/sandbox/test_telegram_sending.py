"""Sending, driven by python-telegram-bot and by bare requests where the words matter."""

import io

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, ReplyParameters
from telegram.error import BadRequest, Forbidden, InvalidToken

from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from tests.e2e.sandbox.rig import Wire

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x03\x00\x00\x00\x02\x08\x06\x00\x00\x00"


@pytest.fixture
def chat_id(sandbox: Sandbox) -> int:
    """Mei's private chat, opened by her first message."""
    return sandbox.phone.say("mei", "hello").chat.id


async def test_text_with_entities_arrives_on_the_phone(
    sandbox: Sandbox, bot: Bot, wire: Wire, chat_id: int
) -> None:
    """Offsets count UTF-16 units: the emoji before the bold word takes two."""
    bold = MessageEntity("bold", offset=3, length=5)

    sent = await bot.send_message(chat_id, "😀 order is here", entities=[bold])

    seen = await wire.get("/telegram/seen/mei")
    last = seen["chats"][0]["messages"][-1]
    assert sent.parse_entities() == {bold: "order"}
    assert last["text"] == "😀 order is here"
    assert last["entities"] == [{"type": "bold", "offset": 3, "length": 5}]
    assert last["from"]["is_bot"] is True


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "  \n"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        (
            {"text": "hello", "entities": [{"type": "bold", "offset": 0, "length": 100}]},
            "entity beginning at UTF-16 offset 0 ends after the end of the text"
            " at UTF-16 offset 100",
        ),
        (
            {"text": "hello", "entities": [{"type": "bold", "offset": 100, "length": 1}]},
            "entity begins after the end of the text at UTF-16 offset 100",
        ),
        (
            {"text": "😀", "entities": [{"type": "bold", "offset": 1, "length": 1}]},
            "entity begins in a middle of a UTF-16 symbol at byte offset 1",
        ),
        (
            {"text": "hello", "entities": [{"type": "loud", "offset": 0, "length": 1}]},
            "can't parse MessageEntity: Unsupported type specified",
        ),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "message_thread_id": 7}, "message thread not found"),
        (
            {
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "é" * 33}]]},
            },
            "BUTTON_DATA_INVALID",
        ),
        ({"text": "x", "chat_id": 1}, "chat not found"),
        ({"text": "x", "chat_id": None}, "chat_id is empty"),
    ],
)
async def test_what_telegram_refuses_is_refused_in_its_words(
    wire: Wire, chat_id: int, fields: dict[str, object], description: str
) -> None:
    """The adapter tells errors apart by these words, so they have to be right."""
    status, body = await wire.call("sendMessage", **{"chat_id": chat_id, **fields})

    assert status == 400
    assert body["description"] == f"Bad Request: {description}"


async def test_4096_utf16_units_are_just_short_enough(wire: Wire, chat_id: int) -> None:
    sent = await wire.result("sendMessage", chat_id=chat_id, text="😀" * 2048)

    assert len(sent["text"]) == 2048


async def test_a_reply_carries_its_original(sandbox: Sandbox, bot: Bot, chat_id: int) -> None:
    question = sandbox.phone.say("mei", "where is it?")

    answer = await bot.send_message(
        chat_id, "On its way", reply_parameters=ReplyParameters(question.id)
    )
    back = sandbox.phone.say("mei", Saying(text="great", reply_to=answer.message_id))

    assert answer.reply_to_message is not None
    assert answer.reply_to_message.text == "where is it?"
    assert back.reply_to is not None
    assert back.reply_to.text == "On its way"


async def test_form_query_and_json_requests_are_the_same(
    sandbox: Sandbox, wire: Wire, chat_id: int
) -> None:
    url = f"{sandbox.telegram_base_url}{sandbox.bot_token}/sendMessage"
    fields = {"chat_id": str(chat_id), "text": "hi"}
    for request in (
        wire.http.get(url, params=fields),
        wire.http.post(url, data=fields),
        wire.http.post(url, json=fields),
        wire.http.post(url.replace("sendMessage", "SENDMESSAGE"), data=_multipart(fields)),
    ):
        async with request as response:
            assert response.status == 200

    assert sandbox.world.journal.calls["telegram.sendMessage"] == 4


async def test_a_document_goes_out_comes_back_and_can_be_sent_again(bot: Bot, chat_id: int) -> None:
    content = bytes(range(256)) * 300

    sent = await bot.send_document(
        chat_id, io.BytesIO(content), filename="log.bin", caption="the log"
    )
    assert sent.document is not None
    again = await bot.send_document(chat_id, sent.document.file_id)
    file = await bot.get_file(sent.document.file_id)

    assert (sent.caption, sent.document.file_name) == ("the log", "log.bin")
    assert sent.document.file_size == len(content)
    assert again.document is not None
    assert again.document.file_unique_id == sent.document.file_unique_id
    assert bytes(await file.download_as_bytearray()) == content


async def test_a_photo_has_its_size_and_what_is_no_photo_is_refused(bot: Bot, chat_id: int) -> None:
    sent = await bot.send_photo(chat_id, io.BytesIO(PNG), filename="pixel.png")

    assert [(size.width, size.height) for size in sent.photo] == [(3, 2)]
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(chat_id, io.BytesIO(b"not a picture"), filename="x.png")


async def test_files_from_the_phone_can_be_downloaded(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.phone.send_file("mei", b"%PDF-", "invoice.pdf", "application/pdf")
    sandbox.phone.send_file("mei", PNG, "p.png", as_photo=True, saying=Saying(text="look"))

    document, photo = [update.message for update in await bot.get_updates()]

    assert document is not None
    assert document.document is not None
    assert document.document.mime_type == "application/pdf"
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"%PDF-"
    assert photo is not None
    assert (photo.caption, photo.photo[-1].width) == ("look", 3)


async def test_a_message_can_be_edited_and_the_same_edit_is_not_modified(
    bot: Bot, wire: Wire, chat_id: int
) -> None:
    sent = await bot.send_message(chat_id, "frist")

    edited = await bot.edit_message_text("first", chat_id, sent.message_id)

    assert not isinstance(edited, bool)
    assert (edited.text, edited.edit_date is not None) == ("first", True)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("first", chat_id, sent.message_id)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("mine", chat_id, 1)
    assert (await wire.get("/telegram/seen/mei"))["chats"][0]["messages"][-1]["text"] == "first"


async def test_delete_reaction_action_and_commands_work(
    sandbox: Sandbox, bot: Bot, chat_id: int
) -> None:
    sent = await bot.send_message(chat_id, "oops")

    assert await bot.send_chat_action(chat_id, "typing")
    assert await bot.set_message_reaction(chat_id, 1, "👍")
    assert await bot.set_my_commands([("start", "Begin")])
    assert await bot.delete_message(chat_id, sent.message_id)

    assert list(sandbox.world.telegram.chats[0].messages) == [1]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(chat_id, sent.message_id)


async def test_a_tapped_button_is_answered_once(sandbox: Sandbox, bot: Bot, chat_id: int) -> None:
    button = InlineKeyboardButton("Close", callback_data="close:1")
    sent = await bot.send_message(chat_id, "Solved?", reply_markup=InlineKeyboardMarkup([[button]]))
    sandbox.phone.tap("mei", None, sent.message_id, "close:1")

    query = (await bot.get_updates())[-1].callback_query

    assert query is not None
    assert query.data == "close:1"
    assert await bot.answer_callback_query(query.id, "Thanks")
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query.id)


async def test_blocking_the_bot_is_announced_and_refuses_sends(
    sandbox: Sandbox, bot: Bot, chat_id: int
) -> None:
    sandbox.phone.block("mei")
    change = (await bot.get_updates())[-1].my_chat_member

    assert change is not None
    assert change.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(chat_id, "hello?")
    sandbox.phone.block("mei", blocked=False)
    assert (await bot.send_message(chat_id, "welcome back")).text == "welcome back"


async def test_two_people_share_a_group(sandbox: Sandbox, bot: Bot, wire: Wire) -> None:
    group = await wire.post("/telegram/groups", title="Building 7", persons=["mei", "jonas"])
    await wire.post("/telegram/say", person="mei", chat_id=group["id"], text="no water")
    await wire.post("/telegram/say", person="jonas", chat_id=group["id"], text="same here")

    first, second = [update.message for update in await bot.get_updates()]
    await bot.send_message(group["id"], "We are on it")

    assert first is not None
    assert second is not None
    assert first.chat_id == second.chat_id == group["id"]
    assert [m.from_user.first_name for m in (first, second) if m.from_user] == ["Mei", "Jonas"]
    for person in ("mei", "jonas"):
        seen = await wire.get(f"/telegram/seen/{person}")
        assert seen["chats"][0]["messages"][-1]["text"] == "We are on it"
    assert (await wire.get("/telegram/seen/amara"))["chats"] == []


async def test_a_forum_topic_takes_messages(sandbox: Sandbox, bot: Bot) -> None:
    forum = sandbox.phone.create_group("Desk", ["mei"], forum=True)

    topic = await bot.create_forum_topic(forum.id, "T-1 Mei")
    sent = await bot.send_message(
        forum.id, "in the topic", message_thread_id=topic.message_thread_id
    )

    assert (sent.is_topic_message, sent.message_thread_id) == (True, topic.message_thread_id)


async def test_an_unknown_token_is_401(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", base_url=sandbox.telegram_base_url):
            pass


async def test_an_unknown_method_is_404(wire: Wire) -> None:
    assert await wire.call("sendGift") == (
        404,
        {"ok": False, "error_code": 404, "description": "Not Found"},
    )


def _multipart(fields: dict[str, str]) -> aiohttp.MultipartWriter:
    writer = aiohttp.MultipartWriter("form-data")
    for name, value in fields.items():
        writer.append(value).set_content_disposition("form-data", name=name)
    return writer
