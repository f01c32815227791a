"""The control API: everything a test in another process can do to the world."""

import base64
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire

CONTENT = base64.b64encode(b"hello").decode()


async def test_a_whole_telegram_conversation_by_control(sandbox: Sandbox, wire: Wire) -> None:
    await wire.result("getUpdates", allowed_updates=["message_reaction", "callback_query"])
    said = await wire.post("/telegram/say", person="mei", text="hi")
    where = {"person": "mei", "chat_id": said["chat"]["id"]}
    await wire.post("/telegram/file", **where, name="a.txt", content=CONTENT, text="see")
    edited = await wire.post("/telegram/edit", **where, message_id=said["message_id"], text="hello")
    await wire.post("/telegram/react", **where, message_id=said["message_id"], emoji="👍")
    markup = {"inline_keyboard": [[{"text": "Ok", "callback_data": "ok"}]]}
    sent = await wire.result(
        "sendMessage", chat_id=said["chat"]["id"], text="?", reply_markup=markup
    )
    tapped = await wire.post("/telegram/tap", **where, message_id=sent["message_id"], data="ok")
    await wire.post("/telegram/block", person="mei")

    (chat,) = (await wire.get("/telegram/seen/mei"))["chats"]
    updates = await wire.result("getUpdates")

    assert edited["edit_date"] >= said["date"]
    assert [message.get("text") for message in chat["messages"]] == ["hello", None, "?"]
    assert (chat["blocked"], chat["messages"][0]["reactions"]) == (True, ["👍"])
    assert [set(update) - {"update_id"} for update in updates] == [
        {"message_reaction"},
        {"callback_query"},
    ]
    assert updates[1]["callback_query"]["id"] == tapped["callback_query_id"]
    file_id = chat["messages"][1]["document"]["file_id"]
    assert await _download(wire, f"/telegram/files/{file_id}") == b"hello"


async def test_mail_its_bytes_and_its_attachments_can_be_fetched(
    sandbox: Sandbox, wire: Wire
) -> None:
    files = [{"name": "a.txt", "content": CONTENT}]
    await wire.post("/mail/send", person="mei", text="see", attachments=files)

    raw = await _download(wire, "/mail/seen/mei/Sent/1/raw")
    file = await _download(wire, "/mail/seen/mei/Sent/1/files/0")

    assert raw == sandbox.world.mail.support.inbox.messages[0].raw
    assert file == b"hello"


@pytest.mark.parametrize(
    ("path", "fields", "status", "words"),
    [
        ("/telegram/say", {"person": "mei", "text": ""}, 400, "empty message"),
        ("/telegram/say", {"person": "mei", "text": "x", "chat_id": 5}, 404, "in no chat 5"),
        ("/telegram/say", {"person": "mei", "text": "x", "reply_to": 5}, 404, "no message 5"),
        ("/telegram/say", {"person": "mei", "text": "x", "bot_id": 5}, 404, "no bot 5"),
        ("/telegram/say", {"person": "mei", "text": "x", "bot_id": "5"}, 400, "'bot_id' must be"),
        ("/telegram/say", {"person": "mei", "text": "x", "entities": [1]}, 400, "list of objects"),
        (
            "/telegram/say",
            {
                "person": "mei",
                "text": "x",
                "entities": [{"type": "bold", "offset": 9, "length": 1}],
            },
            400,
            "after the end of the text",
        ),
        ("/telegram/file", {"person": "mei", "name": "x", "content": "?"}, 400, "must be base64"),
        (
            "/telegram/file",
            {"person": "mei", "name": "x", "content": CONTENT, "as_photo": True},
            400,
            "PNG, GIF or JPEG",
        ),
        ("/telegram/edit", {"person": "mei", "message_id": 1, "text": "x"}, 404, "no message 1"),
        ("/telegram/groups", {"title": "x", "persons": "mei"}, 400, "list of strings"),
        ("/mail/send", {"person": "mei", "text": "x", "to": ["unknown@post.example"]}, 400, "550"),
        ("/mail/renumber", {"folder": "Nowhere"}, 404, "no such folder"),
        ("/faults", {"platform": "pager", "kind": "blocked"}, 400, "'platform' must be one of"),
        ("/faults", {"platform": "imap", "kind": "blocked", "status": 7}, 400, "'status' must be"),
        ("/persons", {"key": "mei"}, 400, "'first_name' must be a string"),
    ],
)
async def test_what_cannot_be_done_is_explained(
    sandbox: Sandbox, wire: Wire, path: str, fields: dict[str, Any], status: int, words: str
) -> None:
    url = f"{sandbox.http_url}/control{path}"
    async with wire.http.post(url, json=fields) as response:
        body = await response.json()

    assert response.status == status
    assert words in body["error"]


async def test_a_blocked_bot_cannot_be_written_to_until_it_is_unblocked(
    sandbox: Sandbox, wire: Wire
) -> None:
    await wire.post("/telegram/block", person="mei")

    url = f"{sandbox.http_url}/control/telegram/say"
    async with wire.http.post(url, json={"person": "mei", "text": "x"}) as response:
        refused = await response.json()
    await wire.post("/telegram/block", person="mei", blocked=False)

    assert "unblock it first" in refused["error"]
    assert await wire.post("/telegram/say", person="mei", text="x")


async def _download(wire: Wire, path: str) -> bytes:
    async with wire.http.get(f"{wire.sandbox.http_url}/control{path}") as response:
        assert response.status == 200
        assert response.headers["Content-Disposition"].startswith("attachment")
        return await response.read()
