"""Conversations that begin with us, over HTTP."""

from typing import Any

from tests.e2e.http.rig import Served
from tests.rigs.events import says, thread
from tests.rigs.platform import CommunityAdapter, MemoryAdapter

URL = "/api/v1/conversations"
MAIL = thread("x/ada", "email", "mail")


async def test_a_first_message_is_queued_once_for_its_key(desk: Served) -> None:
    """A program that was not sure would tell a customer twice."""
    desk.rig.adapters["bot"] = CommunityAdapter()
    body = {"inbox": "bot", "to": "ada", "text": "Your parcel is here", "subject": "Parcel"}
    key = {"Idempotency-Key": "1"}

    first = await desk.http.post(URL, json=body, headers=key)
    again = await desk.http.post(URL, json=body, headers=key)
    other = await desk.http.post(URL, json={**body, "text": "No"}, headers=key)

    whole, entry = first.json()["conversation"], first.json()["entry"]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (whole["legs"][0]["title"], whole["status"]) == ("Parcel", "waiting_customer")
    assert entry["message"]["parts"] == [{"kind": "text", "text": "Your parcel is here"}]
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_what_cannot_be_begun_says_why_and_begins_nothing(desk: Served) -> None:
    """An agent would wait for an answer to what nobody got."""
    town = CommunityAdapter()
    town.closed.add("ben")
    desk.rig.adapters |= {"bot": town, "mail": MemoryAdapter()}

    async def refusal(**body: Any) -> tuple[int, str]:
        answer = await desk.http.post(URL, json={"text": "Hello", **body})
        return answer.status_code, answer.json()["code"]

    assert await refusal(inbox="bot", to="ben") == (502, "platform_refused")
    assert await refusal(inbox="mail", to="ada") == (422, "invalid_request")
    assert await refusal(inbox="none", to="ada") == (404, "not_found")
    assert await refusal(inbox="bot", to="ada", text=" ") == (422, "invalid_request")
    assert await refusal(inbox="bot") == (400, "malformed_request")
    del desk.rig.adapters["bot"]
    assert await refusal(inbox="bot", to="ada") == (503, "platform_unavailable")
    assert (await desk.http.get(URL, params={"view": "pending"})).json()["rows"] == []


async def test_who_has_written_is_written_to_where_nobody_is_first(desk: Served) -> None:
    desk.rig.adapters["mail"] = MemoryAdapter()
    conversation = await desk.rig.hears(says(MAIL, "ada", "Hello"))

    answer = await desk.http.post(URL, json={"inbox": "mail", "to": "ada", "text": "And?"})

    assert answer.status_code == 201
    assert answer.json()["conversation"]["id"] == conversation.id
