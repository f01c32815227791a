"""Every act on the phone can be done from another process, and the bot hears of each."""

import base64
from typing import Any

import pytest

from sandbox.server import Sandbox
from sandbox.telegram.samples import png
from tests.e2e.sandbox.rig import Wire

EVERYTHING = [
    "message",
    "edited_message",
    "message_reaction",
    "my_chat_member",
    "chat_member",
    "business_connection",
    "business_message",
    "deleted_business_messages",
]
PICTURE = base64.b64encode(png(4, 3)).decode()


@pytest.fixture(autouse=True)
async def _hear_everything(wire: Wire) -> None:
    await wire.result("getUpdates", allowed_updates=EVERYTHING)


async def heard(wire: Wire) -> list[tuple[str, Any]]:
    """-> the kind of each update, and its object."""
    updates = await wire.result("getUpdates")
    return [item for update in updates for item in update.items() if item[0] != "update_id"]


async def test_whatever_a_person_sends_arrives(wire: Wire) -> None:
    mei = {"person": "mei"}
    first = await wire.post("/telegram/start", **mei, payload="order-17")
    quote = {"reply_to": first["message_id"], "quote": "order"}
    await wire.post("/telegram/say", **mei, text="this", **quote)
    await wire.post(
        "/telegram/send", **mei, kind="photo", name="a.png", content=PICTURE, text="see"
    )
    await wire.post("/telegram/send", **mei, kind="voice", value={"duration": 7})
    await wire.post("/telegram/album", **mei, kinds=["photo", "video"])
    await wire.post("/telegram/forward", **mei, **{"from": "channel", "name": "Acme News"})

    messages = [message for _, message in await heard(wire)]

    assert messages[0]["text"] == "/start order-17"
    assert messages[1]["quote"] == {"text": "order", "position": 7, "is_manual": True}
    assert (messages[2]["photo"][-1]["width"], messages[2]["caption"]) == (4, "see")
    assert messages[3]["voice"]["duration"] == 7
    assert messages[4]["media_group_id"] == messages[5]["media_group_id"]
    assert messages[6]["forward_origin"]["chat"]["title"] == "Acme News"


async def test_whatever_a_person_changes_is_told(wire: Wire) -> None:
    mei = {"person": "mei"}
    photo = (await wire.post("/telegram/send", **mei, kind="photo"))["message_id"]
    live = await wire.post("/telegram/send", **mei, kind="location", value={"live_period": 60})
    place = {"latitude": 1.5, "longitude": 2.5}
    await wire.post("/telegram/edit_media", **mei, message_id=photo, kind="video")
    await wire.post("/telegram/move", **mei, message_id=live["message_id"], value=place)
    await wire.post("/telegram/react", **mei, message_id=photo, emojis=["👍", "🔥"])
    await wire.post("/telegram/delete", **mei, message_ids=[photo])

    _, _, (_, swapped), (_, moved), (_, reacted) = await heard(wire)

    assert "video" in swapped
    assert moved["location"] == place | {"live_period": 60}
    assert [one["emoji"] for one in reacted["new_reaction"]] == ["👍", "🔥"]
    (chat,) = (await wire.get("/telegram/seen/mei"))["chats"]
    assert [message["message_id"] for message in chat["messages"]] == [live["message_id"]]


async def test_whatever_is_done_to_a_group_is_told(wire: Wire) -> None:
    group = await wire.post("/telegram/groups", title="Desk", persons=["mei"], forum=True)
    mei = {"person": "mei", "chat_id": group["id"]}
    topic = (await wire.post("/telegram/open_topic", **mei, name="Lift"))["thread_id"]
    await wire.post("/telegram/rename_topic", **mei, thread_id=topic, name="Lift 2")
    await wire.post("/telegram/close_topic", **mei, thread_id=topic)
    await wire.post("/telegram/pin", **mei, message_id=topic)
    await wire.post("/telegram/rename_group", **mei, title="Desk 2")
    await wire.post("/telegram/bot_admin", **mei, admin=False)

    told = await heard(wire)

    notices = [
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "pinned_message",
        "new_chat_title",
    ]
    assert [notice in body for notice, (_, body) in zip(notices, told, strict=False)] == [True] * 5
    assert told[-1][0] == "my_chat_member"
    assert told[-1][1]["new_chat_member"]["status"] == "member"


async def test_a_person_lets_the_bot_in_and_a_customer_writes(sandbox: Sandbox, wire: Wire) -> None:
    amara = sandbox.world.person("amara").telegram_id
    await wire.post("/telegram/connect", person="amara")
    said = await wire.post("/telegram/say", person="mei", chat_id=amara, text="open?")
    gone = {"person": "mei", "chat_id": amara, "message_ids": [said["message_id"]]}
    await wire.post("/telegram/delete", **gone)

    told = await heard(wire)

    assert [kind for kind, _ in told] == [
        "business_connection",
        "business_message",
        "deleted_business_messages",
    ]
    assert said["chat"]["first_name"] == "Amara"
    assert told[1][1]["chat"]["first_name"] == "Mei"


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        ("/send", {"kind": "hologram"}, "no kind 'hologram'; there are document, photo"),
        ("/send", {"kind": "photo", "name": "x", "content": "eA=="}, "PNG, GIF or JPEG"),
        ("/album", {"kinds": ["photo"]}, "an album is 2-10 of"),
        ("/album", {"kinds": ["photo", "audio"]}, "an album of audio or document holds nothing"),
        ("/forward", {"from": "cat", "name": "x"}, "an origin is one of user, hidden_user"),
        ("/say", {"text": "x", "quote": "y"}, "a quote needs the message"),
        ("/say", {"text": "x", "reply_to": 1, "quote": "y"}, "message 1 does not say that"),
        ("/move", {"message_id": 1, "value": {}}, "message 1 is no live location"),
        ("/edit_media", {"message_id": 1, "kind": "photo"}, "a text cannot become a photo"),
        ("/delete", {"message_ids": ["1"]}, "'message_ids' must be a list of whole numbers"),
        ("/join", {"chat_id": 7}, "no group 7"),
        ("/disconnect", {}, "mei has not connected bot"),
        ("/lose_file", {"file_id": "x"}, "no file 'x'"),
    ],
)
async def test_what_the_app_would_not_do_is_explained(
    sandbox: Sandbox, wire: Wire, path: str, fields: dict[str, Any], words: str
) -> None:
    sandbox.phone.say("mei", "hello")

    url = f"{sandbox.http_url}/control/telegram{path}"
    async with wire.http.post(url, json={"person": "mei", **fields}) as response:
        body = await response.json()

    assert response.status in (400, 404)
    assert words in body["error"]
