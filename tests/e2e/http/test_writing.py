"""Replies and notes over HTTP: each once, each where it belongs."""

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.model.message import Audience
from tests.e2e.http.rig import Served
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter

MEI, MAIL, GROUP = thread("mei"), thread("mei", "email", "mail"), thread("group")


async def test_a_reply_is_queued_in_the_name_of_the_token(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Where is my order?"))

    answer = await desk.http.post(
        f"/api/v1/conversations/{conversation.number}/replies",
        json={"text": "On its way", "spans": [{"start": 3, "length": 3, "style": "bold"}]},
    )

    entry = answer.json()
    assert answer.status_code == 201
    assert entry["delivery"]["state"] == "queued"
    assert entry["message"]["sender"] == {"kind": "agent", "id": "Ines", "name": "Ines"}
    assert entry["leg"] == conversation.legs[0].id


async def test_a_part_of_what_was_said_is_quoted_and_nothing_else(desk: Served) -> None:
    """A quote puts words into the customer's mouth: they have to be theirs."""
    conversation = await desk.rig.hears(says(MEI, "mei", "Is it blue? Is it red?"))
    url = f"/api/v1/conversations/{conversation.id}"
    (asked,) = (await desk.http.get(f"{url}/messages")).json()["entries"]
    yes = {"text": "Yes.", "answers": asked["message"]["id"]}

    answer = await desk.http.post(f"{url}/replies", json=yes | {"quote": "Is it red?"})
    refused = [
        await desk.http.post(f"{url}/replies", json=body)
        for body in (yes | {"quote": "Is it green?"}, {"text": "Yes.", "quote": "Is it red?"})
    ]
    too_long = await desk.http.post(f"{url}/replies", json=yes | {"quote": "x" * 4097})

    assert answer.json()["message"]["answers"]["text"] == "Is it red?"
    assert [(one.status_code, "`" in one.json()["detail"]) for one in refused] == [(422, True)] * 2
    assert too_long.status_code == 400


async def test_a_reply_and_looking_at_it_wait_for_no_thread(desk: Served) -> None:
    """Agents while every thread of the process reads or writes files; and how long they wait under
    load, where each way to a thread and back takes several turns of everything else.
    """
    conversation = await desk.rig.hears(says(MEI, "mei", "Where is my order?"))
    url, frees = f"/api/v1/conversations/{conversation.id}", threading.Event()
    threads = ThreadPoolExecutor(max_workers=1)
    asyncio.get_running_loop().set_default_executor(threads)
    threads.submit(frees.wait)
    try:
        replied = await desk.http.post(f"{url}/replies", json={"text": "On its way"})
        looked = await desk.http.get(f"{url}/messages")
    finally:
        frees.set()

    assert replied.status_code == 201
    assert len(looked.json()["entries"]) == 2


async def test_a_key_is_of_one_message(desk: Served) -> None:
    """What a customer is to read would be taken for a note that says the same, or for what another
    request wrote in the same moment: they would never read it, and nobody would be told.
    """
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    url, key = f"/api/v1/conversations/{conversation.id}", {"Idempotency-Key": "one"}

    note = await desk.http.post(f"{url}/notes", json={"text": "Soon"}, headers=key)
    reply = await desk.http.post(f"{url}/replies", json={"text": "Soon"}, headers=key)
    another = {"Idempotency-Key": "another"}
    at_once = await asyncio.gather(
        *(
            desk.http.post(f"{url}/replies", json={"text": text}, headers=another)
            for text in ["Yes"] * 10 + ["No"] * 10
        )
    )

    assert (note.status_code, reply.status_code) == (201, 409)
    assert reply.json()["code"] == "idempotency_conflict"
    codes = Counter(one.status_code for one in at_once)
    assert codes == {201: 10, 409: 10}
    entries = (await desk.http.get(f"{url}/messages")).json()["entries"]
    assert [one["message"]["direction"] for one in entries] == ["in", "note", "out"]


async def test_the_same_key_again_has_no_second_effect(desk: Served) -> None:
    """An agent's page tries again when it does not know whether it got through."""
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    url, key = f"/api/v1/conversations/{conversation.id}", {"Idempotency-Key": "one"}

    by_id = await desk.http.post(f"{url}/replies", json={"text": "Hi"}, headers=key)
    by_number = await desk.http.post(
        f"/api/v1/conversations/{conversation.number}/replies", json={"text": "Hi"}, headers=key
    )

    entries = (await desk.http.get(f"{url}/messages")).json()["entries"]
    assert by_id.json() == by_number.json()
    assert len(entries) == 2


async def test_the_same_key_has_no_second_effect_on_another_leg(desk: Served) -> None:
    """Where a reply goes by itself changes when the customer writes elsewhere meanwhile."""
    first = await desk.rig.hears(says(MEI, "mei", "Hello"))
    second = await desk.rig.hears(says(MAIL, "mei@post.example", "Hello"))
    url, key = f"/api/v1/conversations/{first.id}", {"Idempotency-Key": "one"}
    sent = await desk.http.post(f"{url}/replies", json={"text": "Hi"}, headers=key)
    await desk.rig.joins.merge("task", first.legs[0].id, second.legs[0].id, "Ines")
    await desk.rig.carry_out()
    await desk.rig.hears(says(MAIL, "mei@post.example", "Are you there?"))

    again = await desk.http.post(f"{url}/replies", json={"text": "Hi"}, headers=key)

    assert again.json()["leg"] == sent.json()["leg"] == first.legs[0].id
    page = (await desk.http.get(f"{url}/messages")).json()
    assert len([e for e in page["entries"] if e["message"]["direction"] == "out"]) == 1


async def test_the_same_key_for_another_text_is_refused(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    url, key = f"/api/v1/conversations/{conversation.id}/replies", {"Idempotency-Key": "one"}
    await desk.http.post(url, json={"text": "Hi"}, headers=key)

    other = await desk.http.post(url, json={"text": "Bye"}, headers=key)

    assert other.status_code == 409


async def test_the_same_key_for_other_copies_is_refused(desk: Served) -> None:
    """Whoever was to have one would not, and the answer would say that all is well."""
    conversation = await desk.rig.hears(says(MAIL, "mei@post.example", "Hello"))
    url, key = f"/api/v1/conversations/{conversation.id}/replies", {"Idempotency-Key": "one"}
    await desk.http.post(url, json={"text": "Hi"}, headers=key)

    body = {"text": "Hi", "copies": ["office@post.example"]}
    other = await desk.http.post(url, json=body, headers=key)

    assert other.status_code == 409


async def test_without_a_key_each_request_is_a_reply(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    url = f"/api/v1/conversations/{conversation.id}/replies"

    ids = {
        (await desk.http.post(url, json={"text": "Hi"})).json()["message"]["id"] for _ in range(2)
    }

    assert len(ids) == 2


async def test_a_reply_answers_a_message_on_its_leg(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello", remote="mei:1"))
    url = f"/api/v1/conversations/{conversation.id}"
    asked = (await desk.http.get(f"{url}/messages")).json()["entries"][0]["message"]

    answer = await desk.http.post(
        f"{url}/replies", json={"text": "Hi", "answers": asked["id"], "subject": "a\r\nb"}
    )
    unknown = await desk.http.post(f"{url}/replies", json={"text": "Hi", "answers": "nothing"})

    assert answer.json()["message"]["answers"] == {"remote": "mei:1", "message": asked["id"]}
    assert answer.json()["message"]["subject"] == "a b"
    assert unknown.status_code == 404


async def test_private_text_does_not_go_to_a_group(desk: Served) -> None:
    conversation = await desk.rig.hears(says(GROUP, "mei", "Hi all", audience=Audience.GROUP))
    url = f"/api/v1/conversations/{conversation.id}/replies"

    private = await desk.http.post(url, json={"text": "Your code is 1234"})
    meant = await desk.http.post(url, json={"text": "Hello all", "audience": "group"})

    assert (private.status_code, private.json()["code"]) == (409, "audience_mismatch")
    assert meant.status_code == 201


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, {}),
        (422, {"text": "  "}),
        (422, {"text": "ab", "spans": [{"start": 1, "length": 2, "style": "bold"}]}),
        (422, {"text": "ab", "spans": [{"start": -1, "length": 1, "style": "bold"}]}),
        (422, {"text": "ab", "attachments": ["forged"]}),
        (404, {"text": "ab", "leg": "other-00"}),
        (400, {"text": "ab", "spans": [{"start": 0, "length": 1, "style": "blink"}]}),
        (400, {"text": "ab", "colour": "red"}),
        (400, {"text": 1}),
        (400, {"text": "ab", "audience": "all"}),
        (400, []),
    ],
)
async def test_a_reply_that_cannot_be_taken_is_refused(
    desk: Served, status: int, body: object
) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))

    answer = await desk.http.post(f"/api/v1/conversations/{conversation.id}/replies", json=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def test_copies_are_refused_where_the_channel_sends_none(desk: Served) -> None:
    """Said while the agent still looks, rather than by a reply that fails later."""
    url = f"/api/v1/conversations/{(await desk.rig.hears(says(MAIL, 'mei', 'Hello'))).id}/replies"
    body = {"text": "Hi", "copies": ["bo@example.org"]}
    answers = []

    for copies in (False, True):
        desk.rig.adapters["mail"] = MemoryAdapter(copies=copies)
        answers.append(await desk.http.post(url, json=body))

    assert [one.status_code for one in answers] == [422, 201]
    assert "leave them out" in answers[0].json()["detail"]


async def test_a_note_is_written_once_and_goes_to_nobody(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    url, key = f"/api/v1/conversations/{conversation.id}/notes", {"Idempotency-Key": "n"}

    answers = [await desk.http.post(url, json={"text": "VIP"}, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["message"]["direction"] == "note"
    assert "delivery" not in answers[0].json()


async def test_an_empty_note_is_refused(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))

    answer = await desk.http.post(
        f"/api/v1/conversations/{conversation.id}/notes", json={"text": ""}
    )

    assert answer.status_code == 400
