"""Conversations as pieces of work over HTTP: changed at once, and only if they are as read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.http.rig import Served
from tests.rigs.events import says, thread

MEI = thread("mei")


async def test_one_request_changes_everything(desk: Served) -> None:
    """An integrator sorts what comes in by one call, not by six that may fail half-way."""
    url = await _heard(desk)
    until = datetime.now(UTC) + timedelta(days=1)
    body = {
        "priority": "high",
        "tags": ["VIP", "billing"],
        "assignee": "Ines",
        "snoozed_until": until.isoformat(),
    }

    answer = await desk.http.patch(url, json=body)

    found = answer.json()
    assert answer.status_code == 200
    assert (found["priority"], found["tags"]) == ("high", ["billing", "vip"])
    assert (found["assignee"], found["status"]) == ("Ines", "snoozed")
    assert abs(datetime.fromisoformat(found["snoozed_until"]) - until) < timedelta(milliseconds=2)
    assert found == (await desk.http.get(url)).json()


async def test_tags_are_added_and_taken_away(desk: Served) -> None:
    url = await _heard(desk)
    await desk.http.patch(url, json={"tags": ["a", "b"]})

    answer = await desk.http.patch(url, json={"add_tags": ["C"], "remove_tags": ["a", "z"]})

    assert answer.json()["tags"] == ["b", "c"]


async def test_null_wakes(desk: Served) -> None:
    url = await _heard(desk)
    asleep = await desk.http.patch(url, json={"snooze_seconds": 3600})

    awake = await desk.http.patch(url, json={"snoozed_until": None})

    assert asleep.json()["status"] == "snoozed"
    assert (awake.json()["status"], "snoozed_until" in awake.json()) == ("open", False)


@pytest.mark.parametrize(
    "body",
    [
        {"snoozed_until": "2999-01-01T00:00:00Z"},
        {"snoozed_until": "2026-11-22T12:00:00Z", "snooze_seconds": 5},
        {"snooze_seconds": 5, "status": "resolved"},
        {"snoozed_until": None, "status": "resolved"},
        {"assignee": "Nobody Here"},
        {"tags": ["x\u3000y"]},
    ],
)
async def test_what_contradicts_itself_is_refused_and_changes_nothing(
    desk: Served, body: dict[str, Any]
) -> None:
    """What is assigned to a name that nobody has would wait in nobody's list."""
    url = await _heard(desk)
    before = (await desk.http.get(url)).json()

    answer = await desk.http.patch(url, json={"priority": "urgent", **body})

    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("invalid_request", "malformed_request")
    assert (await desk.http.get(url)).json() == before


@pytest.mark.parametrize(
    "body",
    [
        {"priority": "max"},
        {"priority": None},
        {"tags": ["a b"]},
        {"tags": ["x" * 51]},
        {"snoozed_until": "2026-11-22T12:00:00"},
        {"snooze_seconds": 0},
        {"colour": "red"},
    ],
)
async def test_what_the_description_does_not_know_is_malformed(
    desk: Served, body: dict[str, Any]
) -> None:
    answer = await desk.http.patch(await _heard(desk), json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


async def test_what_is_known_is_not_sent_again(desk: Served) -> None:
    """A program that looks every second would have it all sent every second."""
    url = await _heard(desk)
    tag = (await desk.http.get(url)).headers["etag"]
    known = {"If-None-Match": f'"other", W/{tag}'}

    same = await desk.http.get(url, headers=known)
    await desk.rig.hears(says(MEI, "mei", "And?"))
    changed = await desk.http.get(url, headers=known)

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


async def test_what_was_decided_on_something_older_is_refused(desk: Served) -> None:
    """An agent would resolve over the customer's newest question."""
    url = await _heard(desk)
    tag = (await desk.http.get(url)).headers["etag"]
    await desk.rig.hears(says(MEI, "mei", "Wait!"))

    late = await desk.http.patch(url, json={"status": "resolved"}, headers={"If-Match": tag})
    now = await desk.http.get(url)
    again = await desk.http.patch(
        url, json={"status": "resolved"}, headers={"If-Match": now.headers["etag"]}
    )
    anyhow = await desk.http.patch(url, json={"status": "open"}, headers={"If-Match": "*"})

    assert (late.status_code, late.json()["code"]) == (409, "stale")
    assert now.json()["status"] == "new"
    assert (again.status_code, again.json()["status"]) == (200, "resolved")
    assert anyhow.json()["status"] == "open"


async def test_the_list_holds_what_is_asked_for(desk: Served) -> None:
    for name in ("ana", "ben", "cem"):
        await desk.rig.hears(says(thread(name), name, "Hello"))
    rows = (await desk.http.get("/api/v1/conversations")).json()["rows"]
    cem, ben, _ = (f"/api/v1/conversations/{row['conversation']['id']}" for row in rows)
    await desk.http.patch(ben, json={"assignee": "Ines", "priority": "high", "tags": ["VIP"]})
    await desk.http.patch(cem, json={"spam": True})

    async def names(**query: str) -> list[str]:
        answer = await desk.http.get("/api/v1/conversations", params=query)
        listed = [row["conversation"]["legs"][0] for row in answer.json()["rows"]]
        return [leg["author_name"] for leg in listed]

    assert await names() == ["Ben", "Ana"]
    assert await names(view="spam") == ["Cem"]
    for query in ({"assignee": "Ines"}, {"priority": "high"}, {"tag": "vip"}, {"tag": "VIP"}):
        assert await names(**query) == ["Ben"]
    assert await names(unassigned="true", inbox="bot", channel="telegram") == ["Ana"]
    assert await names(status="new", audience="private") == ["Ben", "Ana"]
    assert await names(status="resolved") == await names(audience="group") == []
    assert await names(inbox="other") == await names(channel="email") == []


async def _heard(desk: Served) -> str:
    """Where the conversation is to which Mei wrote."""
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    return f"/api/v1/conversations/{conversation.number}"
