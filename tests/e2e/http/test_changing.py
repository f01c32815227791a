"""Edits, deletions, reactions, typing and buttons over HTTP."""

import pytest
from httpx import Response

from core.model.conversation import Conversation
from core.model.ids import LegId
from tests.e2e.http.rig import Served
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.platform import ChangingAdapter, MemoryAdapter

MEI, MAIL = thread("mei"), thread("mei", "email", "mail")


class _Chat:
    """A conversation with Mei in which we have said "Helo"."""

    def __init__(self, desk: Served, conversation: Conversation) -> None:
        self.desk, self.conversation = desk, conversation
        self.adapter = ChangingAdapter()
        self.url = f"/api/v1/conversations/{conversation.number}"
        self.said = ""

    async def begin(self) -> None:
        answer = await self.desk.http.post(f"{self.url}/replies", json={"text": "Helo"})
        self.said = answer.json()["message"]["id"]
        await self.works()

    async def works(self) -> None:
        """What waits to be sent is sent."""
        await Assembly(self.desk.rig.store, {"bot": self.adapter}).settle()

    async def entries(self) -> list[dict[str, dict[str, object]]]:
        answer = await self.desk.http.get(f"{self.url}/messages")
        return list(answer.json()["entries"])

    async def edit(self, text: str, key: str = "") -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        url = f"{self.url}/messages/{self.said}"
        return await self.desk.http.patch(url, json={"text": text}, headers=headers)


@pytest.fixture
async def chat(desk: Served) -> _Chat:
    chat = _Chat(desk, await desk.rig.hears(says(MEI, "mei", "Hello")))
    await chat.begin()
    return chat


async def test_a_message_is_edited_and_says_so(chat: _Chat) -> None:
    answer = await chat.edit("Hello Mei")
    await chat.works()

    _, said, change = await chat.entries()
    assert (answer.status_code, answer.json()["delivery"]["state"]) == (202, "queued")
    assert list(chat.adapter.shown.values()) == ["Hello Mei"]
    assert said["message"]["rev"] == 1
    assert said["message"]["history"]
    assert change["message"]["change"] == {"kind": "edit", "message": chat.said, "position": 2}
    assert change["delivery"]["state"] == "sent"


async def test_a_deletion_needs_no_body(chat: _Chat) -> None:
    answer = await chat.desk.http.delete(f"{chat.url}/messages/{chat.said}")
    await chat.works()

    assert answer.status_code == 202
    assert chat.adapter.shown == {}
    assert (await chat.entries())[1]["message"]["deleted_at"]


async def test_a_customers_message_gets_a_reaction_and_loses_it(chat: _Chat) -> None:
    asked = (await chat.entries())[0]["message"]
    url = f"{chat.url}/messages/{asked['id']}/reaction"

    given = await chat.desk.http.put(url, json={"emoji": "👍"})
    await chat.works()
    shown = (await chat.entries())[0]["message"]
    await chat.desk.http.put(url, json={"emoji": ""})
    await chat.works()

    assert given.status_code == 202
    assert [(one["by"], one["emoji"]) for one in shown["reactions"]] == [("agent:Ines", "👍")]  # type: ignore[attr-defined]
    assert "reactions" not in (await chat.entries())[0]["message"]


async def test_the_same_key_changes_once_and_nothing_else(chat: _Chat) -> None:
    """An agent's page tries again when it does not know whether it got through."""
    first = await chat.edit("Hello", key="one")
    await chat.works()

    again = await chat.edit("Hello", key="one")
    other = await chat.edit("Bye", key="one")
    reply = await chat.desk.http.post(
        f"{chat.url}/replies", json={"text": "Hello"}, headers={"Idempotency-Key": "one"}
    )

    assert again.json()["position"] == first.json()["position"]
    assert [one.json()["code"] for one in (other, reply)] == ["idempotency_conflict"] * 2
    assert len(chat.adapter.calls) == 1


async def test_the_same_request_gets_its_first_answer_also_once_it_was_edited(chat: _Chat) -> None:
    """A program that asks again would be told that its key is used up."""
    key = {"Idempotency-Key": "the first"}
    first = await chat.desk.http.post(f"{chat.url}/replies", json={"text": "Hullo"}, headers=key)
    await chat.works()
    sent = first.json()["message"]["id"]
    await chat.desk.http.patch(f"{chat.url}/messages/{sent}", json={"text": "Hello"})
    await chat.works()

    again = await chat.desk.http.post(f"{chat.url}/replies", json={"text": "Hullo"}, headers=key)

    assert again.status_code == 201
    assert again.json()["message"]["id"] == sent
    assert again.json()["message"]["parts"][0]["text"] == "Hello"


async def test_what_cannot_be_changed_is_refused_in_words(chat: _Chat) -> None:
    http, asked = chat.desk.http, (await chat.entries())[0]["message"]["id"]
    by_mei, ours = f"{chat.url}/messages/{asked}", f"{chat.url}/messages/{chat.said}"
    await http.delete(ours)
    await chat.works()

    answers = [
        await http.patch(by_mei, json={"text": "x"}),
        await http.patch(ours, json={"text": "x"}),
        await http.patch(f"{chat.url}/messages/nothing", json={"text": "x"}),
        await http.patch(
            by_mei, json={"text": "x", "spans": [{"start": 0, "length": 9, "style": "bold"}]}
        ),
        await http.put(f"{by_mei}/reaction", json={"emoji": "thumbs up"}),
        await http.put(f"{by_mei}/reaction", json={}),
    ]

    assert [answer.status_code for answer in answers] == [422, 409, 404, 422, 400, 400]
    assert all(answer.json()["detail"] for answer in answers)
    assert (await chat.desk.stranger.delete(ours)).status_code == 401


async def test_typing_is_shown_once_in_a_while_and_kept_nowhere(chat: _Chat) -> None:
    chat.desk.rig.adapters["bot"] = chat.adapter

    answers = [await chat.desk.http.post(f"{chat.url}/typing", json={}) for _ in range(3)]
    nowhere = await chat.desk.http.post(f"{chat.url}/typing", json={"leg": LegId("other-00")})

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert chat.adapter.typing == [MEI]
    assert nowhere.status_code == 404
    assert len(await chat.entries()) == 2


async def test_reading_is_shown_once_a_message(chat: _Chat) -> None:
    chat.desk.rig.adapters["bot"] = chat.adapter
    hello, said = [one["message"] for one in await chat.entries()]

    for message in (hello, hello, said):
        answer = await chat.desk.http.post(f"{chat.url}/read", json={"message": message["id"]})
        assert answer.status_code == 204

    assert chat.adapter.read == hello["refs"]


async def test_typing_is_nothing_to_a_channel_that_cannot_show_it(desk: Served) -> None:
    """The page need not know which channels can."""
    conversation = await desk.rig.hears(says(MAIL, "mei@post.example", "Hello"))
    desk.rig.adapters["mail"] = MemoryAdapter()

    answer = await desk.http.post(f"/api/v1/conversations/{conversation.id}/typing", json={})

    assert answer.status_code == 204


async def test_a_reply_offers_buttons_without_a_sound(chat: _Chat) -> None:
    rows = [
        [{"label": "Yes", "value": "y"}],
        [{"label": "Track it", "url": "https://post.example/7"}],
    ]
    body = {"text": "Keep it?", "buttons": rows, "silent": True}

    answer = await chat.desk.http.post(f"{chat.url}/replies", json=body)
    await chat.works()

    assert answer.json()["message"]["parts"][-1] == {"kind": "buttons", "rows": rows}
    outbound = chat.adapter.sent[-1]
    assert outbound.silent
    assert [part.__struct_config__.tag for part in outbound.parts] == ["text", "buttons"]


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        (422, [[{"label": "Yes"}]]),
        (422, [[{"label": "Yes", "value": "y", "url": "https://x.example"}]]),
        (422, [[{"label": " ", "value": "y"}]]),
        (422, [[{"label": "Yes", "url": "javascript:alert(1)"}]]),
        (422, [[{"label": "Yes", "url": "https://"}]]),
        (422, [[{"label": "Yes", "value": "y"}] * 8] * 13),
        (400, [[{"label": "Yes", "value": "y"}] * 9]),
        (400, [[{"label": "Yes", "value": "y", "colour": "red"}]]),
        (400, [{"label": "Yes", "value": "y"}]),
    ],
)
async def test_buttons_that_cannot_be_are_refused(
    chat: _Chat, status: int, buttons: object
) -> None:
    body = {"text": "Keep it?", "buttons": buttons}

    answer = await chat.desk.http.post(f"{chat.url}/replies", json=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
