"""Webhooks over HTTP: made, looked at, changed; what is wrong with a request is said."""

from typing import Any

import pytest

from gateway.scopes import FOR_AGENTS
from tests.e2e.http.rig import Served

BASE = "/api/v1/webhooks"
URL = "https://crm.example/hook"
WANTED: dict[str, Any] = {"url": URL, "events": ["message.received", "note.written"]}


async def made(desk: Served, **fields: Any) -> dict[str, Any]:
    answer = await desk.http.post(BASE, json=WANTED | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_secret_is_shown_once(desk: Served) -> None:
    """Whoever may look at webhooks could sign in our name."""
    found = await made(desk, description="CRM", inboxes=["bot"])

    assert found["secret"].startswith("whsec_")
    webhook = found["webhook"]
    assert webhook["inboxes"] == ["bot"]
    assert webhook["state"] == "active"
    assert (await desk.http.get(BASE)).json() == {"webhooks": [webhook]}
    assert (await desk.http.get(f"{BASE}/{webhook['id']}")).json() == webhook
    kept = b"".join(one.read_bytes() for one in desk.rig.data_dir.glob("webhooks.db*"))
    assert found["secret"].removeprefix("whsec_").encode() not in kept


async def test_what_changes_is_what_was_named(desk: Served) -> None:
    """A new address would begin to tell of everything."""
    found = (await made(desk, inboxes=["bot"]))["webhook"]
    path = f"{BASE}/{found['id']}"

    changed = (await desk.http.patch(path, json={"url": "https://new.example/"})).json()

    assert changed == found | {"url": "https://new.example/"}
    assert (await desk.http.patch(path, json={})).json() == changed
    everywhere = await desk.http.patch(path, json={"inboxes": [], "events": ["*"]})
    assert everywhere.json()["events"] == ["*"]
    assert "inboxes" not in everywhere.json()
    assert (await desk.http.delete(path)).status_code == 204
    assert (await desk.http.get(path)).status_code == 404
    assert (await desk.http.delete(path)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"url": "http://crm.example/"}, 422, "https://"),
        ({"url": "https://10.0.0.1/"}, 422, "allow_hosts"),
        ({"url": "https://user:hunter2@crm.example/"}, 422, "no user"),
        ({"events": ["message.sent"]}, 422, "message.received"),
        ({"events": []}, 400, "events"),
        ({"inboxes": ["No Inbox"]}, 400, "inboxes"),
        ({"secret": "mine"}, 400, "secret"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_reason(
    desk: Served, fields: dict[str, Any], status: int, words: str
) -> None:
    """An integrator would wait for events that never come."""
    answer = await desk.http.post(BASE, json=WANTED | fields)

    assert (answer.status_code, "hunter2" in answer.text) == (status, False)
    assert words in answer.json()["detail"]


async def test_agents_tokens_cannot_send_conversations_away(desk: Served) -> None:
    """Whoever answers customers could have all of them told to a server of their own."""
    token = desk.rig.desk.tokens.create("Kim", scopes=FOR_AGENTS)

    answer = await desk.http.post(BASE, json=WANTED, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 403
    assert (await desk.stranger.get(BASE)).status_code == 401


async def test_what_is_paused_cannot_be_tried(desk: Served) -> None:
    """A test that waits in silence says nothing."""
    path = f"{BASE}/{(await made(desk))['webhook']['id']}"

    paused = (await desk.http.post(f"{path}/pause")).json()
    assert (paused["state"], paused["reason"]) == ("paused", "paused by hand")
    assert (await desk.http.post(f"{path}/test")).status_code == 409
    assert (await desk.http.post(f"{path}/resume")).json()["state"] == "active"
    ping = await desk.http.post(f"{path}/test")
    assert (ping.status_code, ping.json()["type"]) == (202, "ping")
    again = await desk.http.post(f"{path}/deliveries/{ping.json()['id']}/replay")
    assert again.status_code == 409
    one = (await desk.http.get(f"{path}/deliveries/{ping.json()['id']}")).json()
    assert one["state"] == "waiting"


async def test_the_log_is_read_in_pages(desk: Served) -> None:
    """Somebody who looks for one delivery of thousands would get all of them, or the first few."""
    path = f"{BASE}/{(await made(desk))['webhook']['id']}"
    for _ in range(5):
        await desk.http.post(f"{path}/test")

    found, after = [], 0
    while True:
        page = (await desk.http.get(f"{path}/deliveries?limit=2&after={after}")).json()
        found += [one["id"] for one in page["deliveries"]]
        if not (after := page.get("next", 0)):
            break

    assert found == sorted(found, reverse=True)
    assert len(found) == 5
    none = await desk.http.get(f"{path}/deliveries?state=failed")
    assert none.json() == {"deliveries": []}
    assert (await desk.http.get(f"{path}/deliveries?state=lost")).status_code == 400
    assert (await desk.http.get(f"{BASE}/wh_none/deliveries")).status_code == 404
    for unknown in (999, 0, -1, 2**80):
        assert (await desk.http.get(f"{path}/deliveries/{unknown}")).status_code == 404


async def test_a_moment_needs_its_offset(desk: Served) -> None:
    """A replay of "since noon" would begin at somebody else's noon."""
    path = f"{BASE}/{(await made(desk))['webhook']['id']}/replay"

    assert (await desk.http.post(path, json={"since": "2026-11-22T12:00:00"})).status_code == 422
    answer = await desk.http.post(path, json={"since": "2026-11-22T12:00:00Z"})
    assert (answer.status_code, answer.json()) == (202, {"count": 0})


async def test_there_is_an_end_to_webhooks(desk: Served) -> None:
    """A program in a loop would make the gateway send everything a thousand times."""
    for _ in range(50):
        await made(desk)

    assert (await desk.http.post(BASE, json=WANTED)).status_code == 409
