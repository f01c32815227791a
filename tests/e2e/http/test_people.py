"""Contacts and links over HTTP."""

import asyncio
from typing import Any

import httpx

from gateway.scopes import Scope
from tests.e2e.http.rig import Served, indexed
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter

MEI, MAIL = thread("mei"), thread("m/ei", "email", "mail")
TELEGRAM_ID, MAIL_ID = "telegram:bot:mei", "email:mail:m//ei@post.example"


async def two_channels(desk: Served) -> tuple[str, str]:
    """-> the numbers of one person's two conversations."""
    first = await desk.rig.hears(says(MEI, "mei", "Hello"))
    second = await desk.rig.hears(says(MAIL, "m//ei@post.example", "Hello by mail"))
    return first.number, second.number


async def carried_out(desk: Served, method: str, url: str, body: Any) -> httpx.Response:
    """The answer to a request that a worker has to carry out."""
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(desk.http.request(method, url, json=body))
        tasks.create_task(desk.rig.carry_out())
    return asked.result()


async def test_a_contact_is_found_by_identity_or_number(desk: Served) -> None:
    _, number = await two_channels(desk)

    for reference in ("email:mail:m%2F%2Fei@post.example", MAIL_ID, number):
        answer = await desk.http.get(f"/api/v1/contacts/{reference}")
        assert [one["id"] for one in answer.json()["identities"]] == [MAIL_ID]


async def test_a_contact_that_nobody_knows_is_not_found(desk: Served) -> None:
    assert (await desk.http.get("/api/v1/contacts/telegram:bot:nobody")).status_code == 404


async def test_a_link_joins_conversations_and_its_removal_parts_them(desk: Served) -> None:
    first, second = await two_channels(desk)
    body = {"a": TELEGRAM_ID, "b": second, "why": "said so on the phone"}

    linked = await carried_out(desk, "POST", "/api/v1/links", body)
    joined = (await desk.http.get(f"/api/v1/conversations/{second}")).json()
    unlinked = await carried_out(desk, "DELETE", "/api/v1/links", body)
    parted = (await desk.http.get(f"/api/v1/conversations/{second}")).json()

    assert (linked.status_code, unlinked.status_code) == (200, 200)
    assert linked.json() == {"finished": True}
    assert [leg["number"] for leg in joined["legs"]] == [first, second]
    assert [leg["number"] for leg in parted["legs"]] == [second]


async def test_a_conversation_is_split_and_made_whole_again(desk: Served) -> None:
    first, second = await two_channels(desk)
    await carried_out(desk, "POST", "/api/v1/links", {"a": TELEGRAM_ID, "b": second})
    url = f"/api/v1/conversations/{first}"
    legs = [leg["id"] for leg in (await desk.http.get(url)).json()["legs"]]

    split = await carried_out(desk, "POST", f"{url}/split", {"legs": legs[1:]})
    apart = [(await desk.http.get(f"/api/v1/conversations/{leg}")).json()["number"] for leg in legs]
    undone = await carried_out(desk, "DELETE", f"{url}/split", {"from": second})
    whole = (await desk.http.get(f"/api/v1/conversations/{second}")).json()

    assert (split.json(), undone.json()) == ({"finished": True}, {"finished": True})
    assert apart == [first, second]
    assert [leg["id"] for leg in whole["legs"]] == legs


async def test_a_split_that_makes_no_sense_is_refused(desk: Served) -> None:
    first, second = await two_channels(desk)
    url = f"/api/v1/conversations/{first}/split"
    leg = (await desk.http.get(f"/api/v1/conversations/{second}")).json()["legs"][0]["id"]
    own = (await desk.http.get(f"/api/v1/conversations/{first}")).json()["legs"][0]["id"]

    answers = [
        await desk.http.post(url, json={"legs": [leg]}),
        await desk.http.post(url, json={"legs": [own]}),
        await desk.http.post(url, json={"legs": []}),
        await desk.http.request("DELETE", url, json={"from": second}),
    ]

    assert [one.status_code for one in answers] == [404, 422, 400, 409]


async def test_a_link_that_makes_no_sense_is_refused(desk: Served) -> None:
    await two_channels(desk)

    async def asked(method: str, a: str, b: str) -> int:
        answer = await desk.http.request(method, "/api/v1/links", json={"a": a, "b": b})
        return answer.status_code

    assert await asked("POST", TELEGRAM_ID, TELEGRAM_ID) == 422
    assert await asked("POST", TELEGRAM_ID, "telegram:bot:nobody") == 404
    assert await asked("POST", TELEGRAM_ID, "T-0000-1") == 404
    assert await asked("DELETE", TELEGRAM_ID, MAIL_ID) == 409


async def test_a_merge_joins_two_conversations_and_is_undone(desk: Served) -> None:
    first, second = await two_channels(desk)
    url, body = f"/api/v1/conversations/{first}/merge", {"with": second}

    await carried_out(desk, "POST", url, body)
    joined = (await desk.http.get(f"/api/v1/conversations/{first}")).json()
    await carried_out(desk, "DELETE", url, body)
    parted = (await desk.http.get(f"/api/v1/conversations/{first}")).json()

    assert (len(joined["legs"]), len(parted["legs"])) == (2, 1)


async def test_a_merge_that_makes_no_sense_is_refused(desk: Served) -> None:
    first, second = await two_channels(desk)
    url = f"/api/v1/conversations/{first}/merge"

    itself = await desk.http.post(url, json={"with": first})
    never = await desk.http.request("DELETE", url, json={"with": second})
    unknown = await desk.http.post(url, json={"with": "T-0000-1"})

    assert [one.status_code for one in (itself, never, unknown)] == [422, 409, 404]


async def test_a_person_is_blocked_and_let_in_again(desk: Served) -> None:
    """By identity or by the number of a conversation: an identity may hold slashes."""
    first, second = await two_channels(desk)
    url, by_number = (f"/api/v1/blocks/{one}" for one in (TELEGRAM_ID, second))

    blocked = await desk.http.post(url, json={"why": "insults"})
    mail = await desk.http.post(by_number, json={})
    await desk.rig.hears(says(MEI, "mei", "Hello?"))
    log = (await desk.http.get(f"/api/v1/conversations/{first}/messages")).json()["entries"]
    listed = (await desk.http.get("/api/v1/blocks")).json()["blocks"]
    unblocked = await desk.http.delete(url)
    unblocked_mail = await desk.http.delete(f"/api/v1/blocks/{MAIL_ID}")

    assert blocked.status_code == 200, blocked.text
    (mei,) = blocked.json()["identities"]
    assert (mei["blocked"]["by"], mei["blocked"]["why"]) == ("Ines", "insults")
    assert [one["id"] for one in mail.json()["identities"]] == [MAIL_ID]
    said = [entry["message"]["parts"][0]["text"] for entry in log]
    assert said == ["Hello", "Ines has blocked this person: insults"]
    assert [one["identity"] for one in listed] == [MAIL_ID, TELEGRAM_ID]
    assert unblocked.status_code == 200, unblocked.text
    assert "blocked" not in unblocked.json()["identities"][0]
    assert "blocked" not in unblocked_mail.json()["identities"][0]
    nobody = "/api/v1/blocks/telegram:bot:nobody"
    assert (await desk.http.post(nobody, json={})).status_code == 404
    assert (await desk.http.delete(nobody)).status_code == 404


async def test_a_contact_comes_with_their_conversations_for_who_may_read_them(
    desk: Served,
) -> None:
    """Who looks a customer up wants to see what they have asked before."""
    first, second = await two_channels(desk)
    await carried_out(desk, "POST", "/api/v1/links", {"a": TELEGRAM_ID, "b": MAIL_ID})
    elsewhere = await desk.rig.hears(says(thread("jonas"), "jonas", "Something else"))
    few = desk.rig.desk.tokens.create("Few", frozenset({Scope.CONTACTS_READ}))
    lacking = {"Authorization": f"Bearer {few}"}
    url = f"/api/v1/contacts/{MAIL_ID}"

    bare = await desk.stranger.get(url, headers=lacking)
    whole = (await desk.http.get(url, params={"conversations": 20})).json()
    refused = await desk.stranger.get(url, headers=lacking, params={"conversations": 1})

    assert "conversations" not in bare.json()
    assert [one["id"] for one in whole["identities"]] == [MAIL_ID, TELEGRAM_ID]
    numbers = {leg["number"] for one in whole["conversations"] for leg in one["legs"]}
    assert numbers == {first, second}
    assert elsewhere.number not in numbers
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")


async def test_contacts_are_found_by_a_handle_each_person_once(desk: Served) -> None:
    await two_channels(desk)
    await carried_out(desk, "POST", "/api/v1/links", {"a": TELEGRAM_ID, "b": MAIL_ID})

    async with indexed(desk):
        answer = await desk.http.get("/api/v1/contacts", params={"q": "ei@post.example"})

    contacts = answer.json()["contacts"]
    names = [[one["id"] for one in contact["identities"]] for contact in contacts]
    assert names == [[MAIL_ID, TELEGRAM_ID]]


async def test_every_inbox_is_listed_with_how_it_is(desk: Served) -> None:
    """An integrator has to know that an inbox is down, and cannot ask one that is not listed."""
    desk.rig.adapters["bot"] = MemoryAdapter()

    inboxes = (await desk.http.get("/api/v1/inboxes")).json()["inboxes"]

    assert [(one["account"], one["channel"], one["state"]) for one in inboxes] == [
        ("bot", "telegram", "running")
    ]
    assert inboxes[0]["capabilities"]
    assert inboxes[0]["restarts"] == 0
