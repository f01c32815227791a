"""What no program sends by itself: it is refused, and nothing breaks by it."""

from datetime import UTC, datetime, timedelta

from tests.e2e.http.rig import Served, indexed
from tests.rigs.events import says, thread

JSON = {"Content-Type": "application/json"}
HUGE = 10**30
NOWHERE = (
    "conversations?view=closed&after={huge}:x",
    "conversations?view=closed&after=-{huge}:x",
    "conversations?view=open&after={huge}:x",
    "conversations/{leg}/messages?before={leg}:{huge}",
    "conversations/{leg}/messages?before={leg}:-{huge}",
    "conversations/{leg}/messages/{leg}/{huge}/attachments/x",
    "conversations/{leg}/messages/{leg}/{huge}/html/x",
    "search?q=hello&after=9223372036854775808",
    "search?q=hello&after=f-9223372036854775809",
    "search?q=hello&kind=conversations&after=f9223372036854775808",
    "live?after=5-99999999999999999999",
    "live?after=٣-٣",
)


async def test_a_place_that_cannot_be_is_no_mistake_of_ours(desk: Served) -> None:
    """Each of them would wake an operator, who finds nothing to mend."""
    talk = await desk.rig.hears(says(thread("5"), "mei", "hello"))

    async with indexed(desk):
        urls = [one.format(huge=HUGE, leg=talk.legs[0].id) for one in NOWHERE]
        answers = {url: await desk.http.get(f"/api/v1/{url}") for url in urls}

    codes = {url: answer.status_code for url, answer in answers.items()}
    assert {url: code for url, code in codes.items() if code not in (200, 400, 404, 422)} == {}


async def test_what_is_no_json_is_malformed(desk: Served) -> None:
    """Whoever sends it would look for the fault here, and so would we."""
    talk = await desk.rig.hears(says(thread("5"), "mei", "hello"))
    url = f"/api/v1/conversations/{talk.number}/notes"

    for body in (b'{"text": "\xed\xa0\x80"}', b"[" * 100_000, b"\xff", b""):
        answer = await desk.http.post(url, content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


async def test_what_was_to_wake_long_ago_wakes_at_once(desk: Served) -> None:
    """A program with a wrong clock would make a conversation, and every list that it is in,
    unreadable for all.
    """
    talk = await desk.rig.hears(says(thread("5"), "mei", "hello"))
    url = f"/api/v1/conversations/{talk.number}"

    for moment in ("1970-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59"):
        answer = await desk.http.patch(url, json={"snoozed_until": moment})
        listed = await desk.http.get("/api/v1/conversations?view=pending")

        until = datetime.fromisoformat(answer.json()["snoozed_until"])
        assert abs(until - datetime.now(UTC)) < timedelta(minutes=1)
        assert [row["conversation"]["id"] for row in listed.json()["rows"]] == [talk.id]
