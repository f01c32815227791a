"""Conversations over HTTP: what was heard is listed, read, answered and moved on."""

from datetime import UTC, datetime

from core.model.content import Text
from core.model.event import ActionInvoked, MessageCreated
from core.model.message import Quote
from tests.e2e.http.rig import Served
from tests.rigs.assembly import Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.platform import ChangingAdapter

MEI = thread("mei")


async def test_the_inbox_lists_what_a_customer_wrote(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Where is my order?"))

    answer = await desk.http.get("/api/v1/conversations")

    (row,) = answer.json()["rows"]
    assert answer.status_code == 200
    assert row["conversation"]["number"] == conversation.number
    assert row["latest"]["message"]["parts"] == [{"kind": "text", "text": "Where is my order?"}]


async def test_a_page_of_the_inbox_leads_to_the_next(desk: Served) -> None:
    for name in ("ana", "ben", "cem"):
        await desk.rig.hears(says(thread(name), name, "Hello"))

    first = (await desk.http.get("/api/v1/conversations", params={"limit": 2})).json()
    rest = (await desk.http.get("/api/v1/conversations", params={"after": first["next"]})).json()

    names = [row["conversation"]["legs"][0]["author_name"] for row in first["rows"] + rest["rows"]]
    assert names == ["Cem", "Ben", "Ana"]


async def test_a_view_that_does_not_exist_is_refused(desk: Served) -> None:
    for query in ("view=archived", "limit=0", "limit=101", "after=nan", "after=1x", "limit=x"):
        answer = await desk.http.get(f"/api/v1/conversations?{query}")

        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_conversation_is_found_by_id_and_by_number(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))

    for ref in (conversation.id, conversation.number, conversation.number.lower()):
        found = (await desk.http.get(f"/api/v1/conversations/{ref}")).json()
        assert found["id"] == conversation.id
        assert "context" not in found["legs"][0]


async def test_what_does_not_exist_is_not_found(desk: Served) -> None:
    for ref in ("T-0000-0", "T-7KQ4-M", "nothing", "01J-zz", "01J-00", "%2E%2E", "%00"):
        answer = await desk.http.get(f"/api/v1/conversations/{ref}/messages")

        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


async def test_messages_come_in_pages_from_the_latest(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "0"))
    for n in range(1, 5):
        await desk.rig.hears(says(MEI, "mei", str(n)))
    url = f"/api/v1/conversations/{conversation.number}/messages"

    last = (await desk.http.get(url, params={"limit": 3})).json()
    first = (await desk.http.get(url, params={"limit": 3, "before": last["before"]})).json()

    texts = [e["message"]["parts"][0]["text"] for e in first["entries"] + last["entries"]]
    assert texts == ["0", "1", "2", "3", "4"]
    assert first["before"] == ""


async def test_a_cursor_that_is_none_is_refused(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))

    answer = await desk.http.get(f"/api/v1/conversations/{conversation.id}/messages?before=x")

    assert answer.status_code == 422


async def test_the_status_is_set_and_recorded(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    url = f"/api/v1/conversations/{conversation.number}"

    answer = await desk.http.patch(url, json={"status": "resolved"})

    entries = (await desk.http.get(f"{url}/messages")).json()["entries"]
    assert answer.json()["status"] == "resolved"
    assert entries[-1]["message"]["direction"] == "activity"
    assert entries[-1]["message"]["sender"]["name"] == "Ines"


async def test_a_closed_conversation_stays_closed(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    url = f"/api/v1/conversations/{conversation.id}"
    await desk.http.patch(url, json={"status": "closed"})

    reopened = await desk.http.patch(url, json={"status": "open"})
    replied = await desk.http.post(f"{url}/replies", json={"text": "One more thing"})

    assert (reopened.status_code, replied.status_code) == (409, 409)


async def test_a_status_that_does_not_exist_is_refused(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))

    answer = await desk.http.patch(
        f"/api/v1/conversations/{conversation.id}", json={"status": "fine"}
    )

    assert answer.status_code == 400
    assert "fine" in answer.json()["detail"]


async def test_what_comes_after_a_seal_begins_a_new_conversation(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))
    leg = conversation.legs[0].id

    answer = await desk.http.post(
        f"/api/v1/conversations/{conversation.id}/seal", json={"leg": leg}
    )
    unknown = await desk.http.post(
        f"/api/v1/conversations/{conversation.id}/seal", json={"leg": "other-00"}
    )

    assert answer.json()["legs"][0]["sealed"] is True
    assert unknown.status_code == 404
    assert (await desk.rig.hears(says(MEI, "mei", "Hello again"))).id != conversation.id


async def test_times_are_written_in_utc(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Hello"))

    found = (await desk.http.get(f"/api/v1/conversations/{conversation.id}")).json()

    touched_at = datetime.fromisoformat(found["touched_at"])
    assert touched_at.tzinfo == UTC
    assert touched_at == conversation.touched_at


async def test_an_answer_names_the_message_that_it_answers_whoever_wrote_that(
    desk: Served,
) -> None:
    """A pressed button says nothing without the question; the platform knows it by its own id."""
    conversation = await desk.rig.hears(says(MEI, "mei", "Which door?", remote="theirs"))
    url = f"/api/v1/conversations/{conversation.id}"
    buttons = [[{"label": "Left", "value": "l"}]]
    ours = await desk.http.post(f"{url}/replies", json={"text": "Yours?", "buttons": buttons})
    adapter = ChangingAdapter()
    await Assembly(desk.rig.store, {"bot": adapter}).settle()
    remote = next(iter(adapter.shown))
    await desk.rig.hears(event(MEI, "mei", ActionInvoked(value="b0", on=remote)))
    for answered in ("theirs", "nobody knows"):
        quoted = Quote(remote=answered)
        body = MessageCreated(remote=f"on {answered}", parts=(Text(text="Re"),), answers=quoted)
        await desk.rig.hears(event(MEI, "mei", body))

    entries = (await desk.http.get(f"{url}/messages")).json()["entries"]
    latest = (await desk.http.get(f"{url}/messages?limit=2")).json()["entries"]

    answers = [entry["message"]["answers"].get("message") for entry in entries[2:]]
    theirs = entries[0]["message"]["id"]
    assert answers == [ours.json()["message"]["id"], theirs, None]
    assert latest[0]["message"]["answers"]["message"] == theirs
