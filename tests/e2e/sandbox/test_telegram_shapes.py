"""Everything the emulator emits has to be what a second, stricter client library reads."""

import json
from typing import Any

import aiohttp
import pytest
from aiogram.types import (
    ChatFullInfo,
    ChatMemberAdministrator,
    ChatMemberLeft,
    ChatMemberOwner,
    File,
    ForumTopic,
    Message,
    Update,
    User,
    WebhookInfo,
)
from pydantic import BaseModel

from sandbox.server import Sandbox
from sandbox.telegram.kinds import MEDIA, MEDIA_METHODS
from sandbox.telegram.phone import Phone, Saying
from sandbox.telegram.phone.given import VALUES
from sandbox.telegram.samples import SAMPLES
from tests.e2e.sandbox.rig import Wire

ALL_KINDS = [
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "chat_member",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
]
MEMBERS = (ChatMemberAdministrator, ChatMemberOwner, ChatMemberLeft)
PLAIN: dict[str, dict[str, Any]] = {
    "sendLocation": {"latitude": 52.5, "longitude": 13.4, "live_period": 900},
    "sendVenue": {"latitude": 52.5, "longitude": 13.4, "title": "Acme", "address": "1 Door Street"},
    "sendContact": {"phone_number": "+15550100", "first_name": "Noor"},
    "sendPoll": {"question": "When?", "options": [{"text": "Now"}, {"text": "Later"}]},
    "sendDice": {"emoji": "🎯"},
}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x03\x00\x00\x00\x02\x08\x06\x00\x00\x00"
ORIGINS_BY_NAME = {
    "user": "jonas",
    "hidden_user": "Somebody",
    "chat": "Tenants",
    "channel": "Acme News",
}
LOCATION = {"location": {"latitude": 52.52, "longitude": 13.4}}


async def test_every_kind_of_update_is_one_that_aiogram_reads(sandbox: Sandbox, wire: Wire) -> None:
    await wire.result("getUpdates", allowed_updates=ALL_KINDS)
    await _do_everything_on_the_phone(sandbox, wire)

    updates = await wire.result("getUpdates")

    assert {kind for update in updates for kind in update} == {"update_id", *ALL_KINDS}
    for update in updates:
        _assert_read_whole(Update, update)


async def test_every_send_result_is_a_message_that_aiogram_reads(
    sandbox: Sandbox, wire: Wire
) -> None:
    mei = sandbox.phone.say("mei", "hello").chat.id
    forum = sandbox.phone.create_group("Desk", ["mei", "jonas"], forum=True).id
    topic = await wire.result("createForumTopic", chat_id=forum, name="T-1")
    bold = [{"type": "bold", "offset": 0, "length": 2}]
    markup = {"inline_keyboard": [[{"text": "Ok", "callback_data": "ok"}]]}

    text = await wire.result(
        "sendMessage", chat_id=mei, text="hi", entities=bold, reply_markup=markup
    )
    results = [
        text,
        await wire.result(
            "sendMessage", chat_id=mei, text="re", reply_parameters={"message_id": 1}
        ),
        await wire.result(
            "sendMessage", chat_id=forum, text="t", message_thread_id=topic["message_thread_id"]
        ),
        await wire.result(
            "editMessageText", chat_id=mei, message_id=text["message_id"], text="changed"
        ),
        await _upload(wire, "sendDocument", mei, "document", b"abc", "a.txt"),
        await _upload(wire, "sendPhoto", mei, "photo", PNG, "a.png"),
        *[
            await _upload(wire, method, mei, kind, SAMPLES[kind].content, SAMPLES[kind].name)
            for method, kind in MEDIA_METHODS.items()
        ],
        *[await wire.result(method, chat_id=mei, **fields) for method, fields in PLAIN.items()],
        *await _album(wire, mei),
    ]

    for result in results:
        _assert_read_whole(Message, result)
    file_id = results[4]["document"]["file_id"]
    _assert_read_whole(File, await wire.result("getFile", file_id=file_id))
    _assert_read_whole(ForumTopic, topic)


async def test_what_is_told_of_chats_and_members_is_read_too(sandbox: Sandbox, wire: Wire) -> None:
    group = sandbox.phone.create_group("Building 7", ["mei", "jonas"]).id
    sandbox.phone.leave("jonas", group)
    bot, mei, jonas = (
        sandbox.world.telegram.bots[0].id,
        *(sandbox.world.person(key).telegram_id for key in ("mei", "jonas")),
    )
    sandbox.phone.say("jonas", "hello")
    sandbox.phone.forbid_voice("jonas")

    members = [
        await wire.result("getChatMember", chat_id=group, user_id=user)
        for user in (bot, mei, jonas)
    ]

    statuses = [member["status"] for member in members]
    assert statuses == ["administrator", "creator", "left"]
    for model, member in zip(MEMBERS, members, strict=True):
        _assert_read_whole(model, member)
    for chat in (group, jonas):
        _assert_read_whole(ChatFullInfo, await wire.result("getChat", chat_id=chat))


@pytest.mark.parametrize(("method", "model"), [("getMe", User), ("getWebhookInfo", WebhookInfo)])
async def test_other_answers_are_read_too(wire: Wire, method: str, model: Any) -> None:
    _assert_read_whole(model, await wire.result(method))


async def _do_everything_on_the_phone(sandbox: Sandbox, wire: Wire) -> None:
    phone = sandbox.phone
    bold = [{"type": "bold", "offset": 3, "length": 2}]
    first = phone.say("mei", Saying(text="😀 hi https://acme.example /start", entities=bold))
    phone.say("mei", Saying(text="again", reply_to=first.id))
    phone.say("mei", Saying(extra=LOCATION))
    phone.send_file("mei", b"x", "a.txt", "text/plain", saying=Saying(text="see"))
    phone.send_file("mei", PNG, "a.png", "image/png", as_photo=True)
    for kind in (*MEDIA, *VALUES):
        phone.send("mei", kind)
    phone.album("mei", ["photo", "video", "photo"], Saying(text="three"))
    phone.album("mei", ["document", "document"])
    for origin, name in ORIGINS_BY_NAME.items():
        phone.forward("mei", origin, name)
    phone.say("mei", Saying(text="this?", reply_to=first.id, quote="acme"))
    live = phone.send("mei", "location", value={"live_period": 900})
    phone.move("mei", None, live.id, {"latitude": 52.6, "heading": 90})
    phone.move("mei", None, live.id, None)
    phone.start("jonas", "order-17")
    phone.react("mei", None, first.id, ["👍", "5368324170671202286"])
    phone.edit("mei", None, first.id, "edited")
    phone.react("mei", None, first.id, "👍")
    group = phone.create_group("Building 7", ["mei", "jonas"])
    phone.say("jonas", Saying(text="hi all", chat_id=group.id))
    _do_everything_in_a_group(phone, group.id)
    mei, amara = (sandbox.world.person(key).telegram_id for key in ("mei", "amara"))
    _do_everything_in_a_connected_account(phone, mei, amara)
    sent = await wire.result(
        "sendMessage",
        chat_id=first.chat.id,
        text="?",
        reply_markup={"inline_keyboard": [[{"text": "Ok", "callback_data": "ok"}]]},
    )
    phone.tap("mei", None, sent["message_id"], "ok")
    phone.block("mei")


def _do_everything_in_a_connected_account(phone: Phone, mei: int, amara: int) -> None:
    phone.connect_business("amara")
    asked = phone.say("mei", Saying(text="are you open?", chat_id=amara))
    for kind in (*MEDIA, *VALUES):
        phone.send("mei", kind, Saying(chat_id=amara))
    phone.say("amara", Saying(text="yes", chat_id=mei, reply_to=asked.id))
    phone.edit("mei", amara, asked.id, "and now?")
    phone.delete("mei", amara, asked.id)
    phone.disconnect_business("amara")


def _do_everything_in_a_group(phone: Phone, group: int) -> None:
    phone.join("amara", group, added_by="mei")
    phone.leave("amara", group)
    phone.join("amara", group)
    phone.leave("amara", group, removed_by="mei")
    phone.make_bot_admin("mei", group, admin=False)
    phone.rename_group("mei", group, "Building 8")
    pinned = phone.send("jonas", "photo", Saying(chat_id=group))
    phone.pin("jonas", group, pinned.id)
    phone.edit_media("jonas", group, pinned.id, "video")
    phone.delete("jonas", group, pinned.id)
    forum = phone.create_group("Desk", ["mei", "jonas"], forum=True).id
    topic = phone.open_topic("mei", forum, "Lift")
    phone.say("jonas", Saying(text="stuck", chat_id=forum, thread_id=topic))
    phone.rename_topic("mei", forum, topic, "Lift 2")
    phone.close_topic("mei", forum, topic)
    phone.close_topic("mei", forum, topic, closed=False)


async def _upload(
    wire: Wire, method: str, chat_id: int, field: str, content: bytes, name: str
) -> Any:
    url = f"{wire.sandbox.telegram_base_url}{wire.sandbox.bot_token}/{method}"
    form = aiohttp.FormData({"chat_id": str(chat_id)})
    form.add_field(field, content, filename=name)
    async with wire.http.post(url, data=form) as response:
        return (await response.json())["result"]


async def _album(wire: Wire, chat_id: int) -> Any:
    """Two uploads, named in the one JSON array that says what they are."""
    url = f"{wire.sandbox.telegram_base_url}{wire.sandbox.bot_token}/sendMediaGroup"
    media = [
        {"type": "photo", "media": "attach://one", "caption": "both"},
        {"type": "video", "media": "attach://two", "duration": 1, "has_spoiler": True},
    ]
    form = aiohttp.FormData({"chat_id": str(chat_id), "media": json.dumps(media)})
    for name, kind in (("one", "photo"), ("two", "video")):
        form.add_field(name, SAMPLES[kind].content, filename=SAMPLES[kind].name)
    async with wire.http.post(url, data=form) as response:
        return (await response.json())["result"]


def _assert_read_whole(model: Any, body: Any) -> None:
    """Valid, and without a field, however deep, that the model does not know."""
    read = model.model_validate(body)
    assert _unknown(read) == []
    assert read.model_dump(by_alias=True, exclude_none=True)


def _unknown(value: Any, path: str = "") -> list[str]:
    """The fields that aiogram only kept because it keeps everything."""
    if isinstance(value, list | tuple):
        return [name for item in value for name in _unknown(item, path)]
    if not isinstance(value, BaseModel):
        return []
    extra = [f"{path}.{name}" for name in value.model_extra or {}]
    fields = type(value).model_fields
    return extra + [
        name for field in fields for name in _unknown(getattr(value, field), f"{path}.{field}")
    ]
