"""Media, albums and everything else a bot can send, with what Telegram refuses about it."""

import json
from typing import Any

import aiohttp
import pytest
from telegram import Bot

from sandbox.server import Sandbox
from sandbox.telegram.kinds import MEDIA, MEDIA_METHODS
from sandbox.telegram.phone import Saying
from sandbox.telegram.samples import SAMPLES, png
from tests.e2e.sandbox.rig import Wire


@pytest.fixture
def chat_id(sandbox: Sandbox) -> int:
    """Mei's private chat, opened by her first message."""
    return sandbox.phone.say("mei", "hello 😀 where is it?").chat.id


async def upload(wire: Wire, method: str, fields: dict[str, Any], **files: bytes) -> Any:
    """-> the answer to a multipart request, whatever it is."""
    url = f"{wire.sandbox.telegram_base_url}{wire.sandbox.bot_token}/{method}"
    form = aiohttp.FormData({name: str(value) for name, value in fields.items()})
    for name, content in files.items():
        form.add_field(name, content, filename=name)
    async with wire.http.post(url, data=form) as response:
        return await response.json()


@pytest.mark.parametrize(("method", "kind"), MEDIA_METHODS.items())
async def test_every_kind_of_media_arrives_as_what_it_is(
    wire: Wire, bot: Bot, chat_id: int, method: str, kind: str
) -> None:
    """And can be sent again by its file_id, and downloaded."""
    content = SAMPLES[kind].content

    first = (await upload(wire, method, {"chat_id": chat_id}, **{kind: content}))["result"]
    shown = first[kind][-1] if kind == "photo" else first[kind]
    again = await wire.result(method, chat_id=chat_id, **{kind: shown["file_id"]})
    file = await bot.get_file(shown["file_id"])

    assert shown["file_size"] == len(content)
    assert kind in again
    assert bytes(await file.download_as_bytearray()) == content


@pytest.mark.parametrize("kind", [name for name, kind in MEDIA.items() if kind.takes])
async def test_what_is_not_of_the_kind_becomes_a_document(
    wire: Wire, chat_id: int, kind: str
) -> None:
    """An agent's WAV file must not be announced as a voice message."""
    method = next(method for method, name in MEDIA_METHODS.items() if name == kind)

    sent = await upload(wire, method, {"chat_id": chat_id}, **{kind: b"RIFF\x00\x00\x00\x00WAVE"})

    assert {"document"} == sent["result"].keys() & MEDIA.keys()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (png(9951, 500), "PHOTO_INVALID_DIMENSIONS"),
        (b"", "file must be non-empty"),
    ],
)
async def test_a_photo_that_telegram_cannot_show_is_refused(
    wire: Wire, chat_id: int, content: bytes, words: str
) -> None:
    refused = await upload(wire, "sendPhoto", {"chat_id": chat_id}, photo=content)

    assert refused["description"] == f"Bad Request: {words}"


async def test_a_big_photo_comes_in_two_sizes_the_largest_last(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.phone.send("mei", "photo")

    (update,) = await bot.get_updates()

    assert update.message is not None
    assert [(one.width, one.height) for one in update.message.photo] == [(90, 67), (640, 480)]


@pytest.mark.parametrize(
    ("media", "words"),
    [
        ([], "there are no messages to send"),
        (["photo"] * 11, "too many messages to send as an album"),
        (["photo"], "an album must include 2-10 items"),
        (["photo", "document"], "document can't be mixed with other media types"),
        (["audio", "video"], "audio can't be mixed with other media types"),
        (
            ["photo", "animation"],
            "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup",
        ),
        (["photo", "voice"], 'can\'t parse InputMedia: type "voice" is unsupported'),
    ],
)
async def test_an_album_that_telegram_does_not_take_is_refused_whole(
    sandbox: Sandbox, wire: Wire, chat_id: int, media: list[str], words: str
) -> None:
    items = [{"type": kind, "media": "attach://one"} for kind in media]
    fields = {"chat_id": chat_id, "media": json.dumps(items)}

    refused = await upload(wire, "sendMediaGroup", fields, one=SAMPLES["photo"].content)

    assert refused["description"] == f"Bad Request: {words}"
    assert len(sandbox.world.telegram.chats[0].messages) == 1


async def test_an_album_is_one_group_with_a_caption_for_each(wire: Wire, chat_id: int) -> None:
    items = [
        {"type": "photo", "media": "attach://one", "caption": "front"},
        {"type": "photo", "media": "attach://two", "caption": "back"},
    ]
    fields = {"chat_id": chat_id, "media": json.dumps(items), "disable_notification": "true"}
    picture = SAMPLES["photo"].content

    sent = (await upload(wire, "sendMediaGroup", fields, one=picture, two=picture))["result"]

    assert [message["caption"] for message in sent] == ["front", "back"]
    assert len({message["media_group_id"] for message in sent}) == 1
    seen = (await wire.get("/telegram/seen/mei"))["chats"][0]["messages"]
    assert [message["silent"] for message in seen] == [False, True, True]
    assert len(await wire.get("/journal")) == 2


@pytest.mark.parametrize(
    ("method", "fields", "words"),
    [
        ("sendLocation", {"latitude": 91, "longitude": 0}, "wrong location specified"),
        (
            "sendLocation",
            {"latitude": 1, "longitude": 0, "live_period": 5},
            "wrong live location period specified",
        ),
        ("sendContact", {"phone_number": "+1"}, "contact first name must be non-empty"),
        ("sendPoll", {"question": "?", "options": []}, "poll must have at least one option"),
        ("sendDice", {"emoji": "🍕"}, "wrong dice emoji specified"),
        ("sendVideo", {}, "there is no video in the request"),
    ],
)
async def test_other_contents_are_refused_in_telegrams_words(
    wire: Wire, chat_id: int, method: str, fields: dict[str, Any], words: str
) -> None:
    status, body = await wire.call(method, chat_id=chat_id, **fields)

    assert (status, body["description"]) == (400, f"Bad Request: {words}")


async def test_a_file_id_stays_of_its_kind(sandbox: Sandbox, wire: Wire, chat_id: int) -> None:
    sticker = sandbox.phone.send("mei", "sticker").file
    assert sticker is not None

    _, body = await wire.call("sendPhoto", chat_id=chat_id, photo=sticker.file_id)

    assert body["description"] == "Bad Request: can't use file of type Sticker as Photo"


async def test_a_person_may_forbid_voice_messages(
    sandbox: Sandbox, wire: Wire, chat_id: int
) -> None:
    sandbox.phone.forbid_voice("mei")
    voice = SAMPLES["voice"].content

    refused = await upload(wire, "sendVoice", {"chat_id": chat_id}, voice=voice)
    sandbox.phone.forbid_voice("mei", forbidden=False)
    sent = await upload(wire, "sendVoice", {"chat_id": chat_id}, voice=voice)

    assert refused["description"] == "Bad Request: VOICE_MESSAGES_FORBIDDEN"
    assert sent["ok"]


async def test_a_quote_names_where_it_is_in_the_original(wire: Wire, chat_id: int) -> None:
    reply = {"message_id": 1, "quote": "where"}

    sent = await wire.result("sendMessage", chat_id=chat_id, text="here", reply_parameters=reply)
    status, body = await wire.call(
        "sendMessage", chat_id=chat_id, text="x", reply_parameters=reply | {"quote": "when"}
    )

    assert sent["quote"] == {"text": "where", "position": 9, "is_manual": True}
    assert (status, body["description"]) == (400, "Bad Request: QUOTE_TEXT_INVALID")


async def test_a_quote_is_found_only_where_it_is_formatted_alike(wire: Wire, chat_id: int) -> None:
    """Bold, but not the links that Telegram does not compare."""
    bold = {"type": "bold", "offset": 4, "length": 3}
    code = {"type": "code", "offset": 0, "length": 3}
    first = await wire.result("sendMessage", chat_id=chat_id, text="one one", entities=[bold, code])
    reply = {"message_id": first["message_id"], "quote": "one"}
    alike = [{"type": "bold", "offset": 0, "length": 3}]

    plain, styled = [
        await wire.result("sendMessage", chat_id=chat_id, text="x", reply_parameters=one)
        for one in (reply, reply | {"quote_entities": alike})
    ]
    wrong = reply | {"quote_entities": [alike[0] | {"type": "italic"}]}
    _, refused = await wire.call("sendMessage", chat_id=chat_id, text="x", reply_parameters=wrong)

    assert (plain["quote"]["position"], styled["quote"]["position"]) == (0, 4)
    assert refused["description"] == "Bad Request: QUOTE_TEXT_INVALID"


async def test_links_of_odd_schemes_lose_their_entity_in_silence(wire: Wire, chat_id: int) -> None:
    spans = [
        {"type": "text_link", "offset": at, "length": 1, "url": url}
        for at, url in enumerate(["https://acme.example/", "mailto:a@acme.example", "tg://x?y"])
    ]

    sent = await wire.result("sendMessage", chat_id=chat_id, text="abc", entities=spans)

    assert [entity["offset"] for entity in sent["entities"]] == [0, 2]


async def test_what_is_beyond_a_hundred_entities_is_cut(wire: Wire, chat_id: int) -> None:
    spans = [{"type": "bold", "offset": at, "length": 1} for at in range(0, 220, 2)]

    sent = await wire.result("sendMessage", chat_id=chat_id, text="x" * 220, entities=spans)

    assert len(sent["entities"]) == 100


async def test_an_expired_path_is_renewed_by_get_file(
    sandbox: Sandbox, wire: Wire, bot: Bot
) -> None:
    """Telegram guarantees a path for an hour only."""
    sandbox.phone.send_file("mei", b"abc", "a.txt")
    (stored,) = sandbox.world.telegram.files.values()
    old = (await bot.get_file(stored.file_id)).file_path

    await wire.post("/telegram/expire_files")

    async with wire.http.get(str(old)) as response:
        assert response.status == 404
    renewed = await bot.get_file(stored.file_id)
    assert bytes(await renewed.download_as_bytearray()) == b"abc"


async def test_a_lost_file_stays_lost(sandbox: Sandbox, wire: Wire) -> None:
    sandbox.phone.send_file("mei", b"abc", "a.txt")
    (file_id,) = sandbox.world.telegram.files

    await wire.post("/telegram/lose_file", file_id=file_id)

    _, body = await wire.call("getFile", file_id=file_id)
    assert body["description"] == (
        "Bad Request: wrong file_id or the file is temporarily unavailable"
    )


async def test_a_live_location_moves_and_stops_as_edits(sandbox: Sandbox, wire: Wire) -> None:
    live = sandbox.phone.send("mei", "location", Saying(text=""), value={"live_period": 900})
    sandbox.phone.move("mei", None, live.id, {"latitude": 1.5})
    sandbox.phone.move("mei", None, live.id, None)

    _, moved, stopped = [
        update.get("edited_message", {}).get("location")
        for update in await wire.result("getUpdates")
    ]

    assert (moved["latitude"], moved["live_period"]) == (1.5, 900)
    assert "live_period" not in stopped
