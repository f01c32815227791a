"""Edits, deletions, reactions and topics, with what Telegram refuses about them."""

from typing import Any

import pytest
from telegram import Bot, InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest

from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.samples import SAMPLES
from tests.e2e.sandbox.rig import Wire

PHOTO = SAMPLES["photo"].content
TWO_DAYS_SECONDS = 48 * 3600


@pytest.fixture
def chat_id(sandbox: Sandbox) -> int:
    """Mei's private chat, opened by her first message."""
    return sandbox.phone.say("mei", "hello").chat.id


@pytest.fixture
def group_id(sandbox: Sandbox) -> int:
    return sandbox.phone.create_group("Building 7", ["mei", "jonas"]).id


async def refusal(wire: Wire, method: str, **fields: Any) -> str:
    """-> the words after "Bad Request: " with which the call is refused."""
    status, body = await wire.call(method, **fields)
    assert status == 400, body
    return str(body["description"]).removeprefix("Bad Request: ")


async def test_a_caption_and_the_media_below_it_can_be_changed(bot: Bot, chat_id: int) -> None:
    sent = await bot.send_photo(chat_id, PHOTO, caption="frist")

    captioned = await bot.edit_message_caption(chat_id, sent.message_id, caption="first")
    swapped = await bot.edit_message_media(
        InputMediaDocument(b"%PDF", caption="as a file", filename="a.pdf"), chat_id, sent.message_id
    )

    assert not isinstance(captioned, bool)
    assert not isinstance(swapped, bool)
    assert (captioned.caption, len(captioned.photo)) == ("first", 2)
    assert (swapped.caption, swapped.photo) == ("as a file", ())
    assert swapped.document is not None


async def test_the_same_photo_again_is_not_modified(bot: Bot, chat_id: int) -> None:
    sent = await bot.send_photo(chat_id, PHOTO, caption="same")
    same = InputMediaPhoto(sent.photo[-1].file_id, caption="same")

    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_media(same, chat_id, sent.message_id)


async def test_text_can_become_media_and_a_sticker_cannot(
    bot: Bot, wire: Wire, chat_id: int
) -> None:
    text = await bot.send_message(chat_id, "look")
    sticker = await bot.send_sticker(chat_id, SAMPLES["sticker"].content)

    made = await bot.edit_message_media(InputMediaPhoto(PHOTO), chat_id, text.message_id)

    assert not isinstance(made, bool)
    assert made.photo
    with pytest.raises(BadRequest, match="Message media can't be edited"):
        await bot.edit_message_media(InputMediaPhoto(PHOTO), chat_id, sticker.message_id)


async def test_the_wrong_way_to_edit_is_named(bot: Bot, wire: Wire, chat_id: int) -> None:
    """The adapter chooses by these words between its ways to edit."""
    text = {"chat_id": chat_id, "message_id": (await bot.send_message(chat_id, "x")).message_id}
    photo = {"chat_id": chat_id, "message_id": (await bot.send_photo(chat_id, PHOTO)).message_id}
    theirs = {"chat_id": chat_id, "message_id": 1}
    gone = {"chat_id": chat_id, "message_id": 99}

    words = [
        await refusal(wire, "editMessageText", **photo, text="y"),
        await refusal(wire, "editMessageCaption", **text, caption="y"),
        await refusal(wire, "editMessageText", **theirs, text="y"),
        await refusal(wire, "editMessageReplyMarkup", **gone),
        await refusal(wire, "editMessageMedia", **photo, media={"type": "voice", "media": "x"}),
    ]

    assert words == [
        "there is no text in the message to edit",
        "there is no caption in the message to edit",
        "message can't be edited",
        "message to edit not found",
        'can\'t parse InputMedia: type "voice" is unsupported',
    ]


async def test_buttons_can_be_taken_away_once(wire: Wire, chat_id: int) -> None:
    markup = {"inline_keyboard": [[{"text": "Ok", "callback_data": "ok"}]]}
    sent = await wire.result("sendMessage", chat_id=chat_id, text="?", reply_markup=markup)
    where = {"chat_id": chat_id, "message_id": sent["message_id"]}

    edited = await wire.result("editMessageReplyMarkup", **where)

    assert "reply_markup" not in edited
    assert (await refusal(wire, "editMessageReplyMarkup", **where)).startswith(
        "message is not modified: "
    )


async def test_after_two_days_nothing_is_deleted_any_more(
    sandbox: Sandbox, bot: Bot, chat_id: int
) -> None:
    (chat,) = sandbox.world.telegram.chats
    chat.messages[1].date -= TWO_DAYS_SECONDS

    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_message(chat_id, 1)

    chat.messages[1].date += 60
    assert await bot.delete_message(chat_id, 1)


async def test_only_admins_delete_what_others_wrote(
    sandbox: Sandbox, bot: Bot, group_id: int
) -> None:
    message = sandbox.phone.say("jonas", Saying(text="spam", chat_id=group_id))
    sandbox.phone.make_bot_admin("mei", group_id, admin=False)

    with pytest.raises(BadRequest, match=r"Message can't be deleted$"):
        await bot.delete_message(group_id, message.id)

    sandbox.phone.make_bot_admin("mei", group_id)
    assert await bot.delete_message(group_id, message.id)


async def test_several_messages_are_deleted_and_missing_ones_passed_over(
    sandbox: Sandbox, bot: Bot, wire: Wire, chat_id: int
) -> None:
    ids = [(await bot.send_message(chat_id, text)).message_id for text in ("a", "b", "c")]

    assert await bot.delete_messages(chat_id, [*ids[:2], 99])

    (chat,) = sandbox.world.telegram.chats
    assert list(chat.messages) == [1, ids[2]]
    many = list(range(1, 102))
    assert await refusal(wire, "deleteMessages", chat_id=chat_id, message_ids=many) == (
        "too many message identifiers specified"
    )


@pytest.mark.parametrize(
    ("reaction", "words"),
    [
        ([{"type": "emoji", "emoji": "🍕"}], "REACTION_INVALID"),
        ([{"type": "custom_emoji", "custom_emoji_id": "5368324170671202286"}], "REACTION_INVALID"),
        (
            [{"type": "emoji", "emoji": "👍"}] * 2,
            "REACTIONS_TOO_MANY",
        ),
    ],
)
async def test_a_bot_has_one_reaction_from_telegrams_list(
    wire: Wire, chat_id: int, reaction: list[dict[str, str]], words: str
) -> None:
    said = await refusal(
        wire, "setMessageReaction", chat_id=chat_id, message_id=1, reaction=reaction
    )

    assert said == words


async def test_a_custom_emoji_can_be_joined_and_selectors_do_not_matter(
    sandbox: Sandbox, wire: Wire, chat_id: int
) -> None:
    sandbox.phone.react("mei", None, 1, ["5368324170671202286"])
    custom = {"type": "custom_emoji", "custom_emoji_id": "5368324170671202286"}

    for one in (custom, {"type": "emoji", "emoji": "❤️"}, {"type": "emoji", "emoji": "❤‍🔥"}):
        where = {"chat_id": chat_id, "message_id": 1}
        assert await wire.result("setMessageReaction", **where, reaction=[one])


async def test_reactions_in_a_group_are_for_admins(
    sandbox: Sandbox, wire: Wire, group_id: int
) -> None:
    kinds = ["message_reaction", "chat_member"]
    await wire.result("getUpdates", allowed_updates=kinds)
    message = sandbox.phone.say("jonas", Saying(text="hi", chat_id=group_id))

    sandbox.phone.react("mei", group_id, message.id, "👍")
    sandbox.phone.make_bot_admin("mei", group_id, admin=False)
    sandbox.phone.react("mei", group_id, message.id, None)
    sandbox.phone.join("amara", group_id)

    assert len(await wire.result("getUpdates")) == 1


async def test_a_topic_is_opened_renamed_closed_and_deleted(sandbox: Sandbox, wire: Wire) -> None:
    forum = sandbox.phone.create_group("Desk", ["mei"], forum=True)
    topic = await wire.result("createForumTopic", chat_id=forum.id, name="T-1")
    where = {"chat_id": forum.id, "message_thread_id": topic["message_thread_id"]}

    await wire.result("editForumTopic", **where, name="T-1 Mei")
    await wire.result("sendMessage", **where, text="hi")
    await wire.result("closeForumTopic", **where)
    again = await refusal(wire, "closeForumTopic", **where)
    sandbox.phone.make_bot_admin("mei", forum.id, admin=False)
    closed = await refusal(wire, "sendMessage", **where, text="hi")
    powerless = await refusal(wire, "reopenForumTopic", **where)
    sandbox.phone.make_bot_admin("mei", forum.id)
    await wire.result("reopenForumTopic", **where)
    await wire.result("deleteForumTopic", **where)
    gone = await refusal(wire, "sendMessage", **where, text="hi")

    assert [again, closed, powerless, gone] == [
        "TOPIC_NOT_MODIFIED",
        "TOPIC_CLOSED",
        "not enough rights to reopen the topic",
        "message thread not found",
    ]
    assert not forum.messages


async def test_what_is_written_in_a_topic_answers_the_notice_of_its_opening(
    sandbox: Sandbox, wire: Wire
) -> None:
    """As on Telegram, where it is no reply of anybody's."""
    forum = sandbox.phone.create_group("Desk", ["mei"], forum=True)
    topic = sandbox.phone.open_topic("mei", forum.id, "Lift")

    sandbox.phone.say("mei", Saying(text="stuck", chat_id=forum.id, thread_id=topic))

    _, said = await wire.result("getUpdates")
    assert said["message"]["message_thread_id"] == topic
    assert said["message"]["reply_to_message"]["forum_topic_created"]["name"] == "Lift"


async def test_coming_and_going_is_a_service_message_and_for_admins_an_update(
    sandbox: Sandbox, wire: Wire, group_id: int
) -> None:
    await wire.result("getUpdates", allowed_updates=["message", "chat_member", "my_chat_member"])

    await wire.post("/telegram/join", person="amara", chat_id=group_id, by="mei")
    await wire.post("/telegram/leave", person="amara", chat_id=group_id)

    updates = await wire.result("getUpdates")
    assert [key for update in updates for key in update if key != "update_id"] == [
        "chat_member",
        "message",
        "chat_member",
        "message",
    ]
    assert updates[1]["message"]["new_chat_members"][0]["first_name"] == "Amara"
    assert updates[2]["chat_member"]["new_chat_member"]["status"] == "left"
    assert updates[3]["message"]["left_chat_member"]["first_name"] == "Amara"
    assert (await wire.get("/telegram/seen/amara"))["chats"] == []
