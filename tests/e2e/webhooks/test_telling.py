"""What happens is told to programs: signed, in order, as the API would say it."""

from typing import Any

from tests.e2e.http.rig import Served
from tests.rigs.events import says, thread
from tests.rigs.receiver import Receiver
from tests.rigs.waiting import eventually

CHAT = thread("5")


async def made(desk: Served, receiver: Receiver, *events: str, **more: Any) -> str:
    """A webhook for these events, all if none are named; -> its id. The receiver has its secret."""
    body = {"url": receiver.url, "events": events or ["*"], **more}
    answer = await desk.http.post("/api/v1/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    receiver.secret = answer.json()["secret"]
    return str(answer.json()["webhook"]["id"])


async def test_a_message_is_told_with_its_conversation(desk: Served, receiver: Receiver) -> None:
    """A CRM would know that something happened, and have to ask what."""
    webhook = await made(desk, receiver, "message.received")

    conversation = await desk.rig.hears(says(CHAT, "mei", "hello"))
    await eventually(lambda: len(receiver.taken) == 1)

    (told,) = receiver.taken
    shown = (await desk.http.get(f"/api/v1/conversations/{conversation.id}")).json()
    page = (await desk.http.get(f"/api/v1/conversations/{conversation.id}/messages")).json()
    assert told.body["type"] == "message.received"
    assert told.body["data"]["conversation"] == shown
    assert told.body["data"]["entry"] == page["entries"][0]
    assert told.id.startswith("evt_")

    async def is_logged() -> bool:
        log = (await desk.http.get(f"/api/v1/webhooks/{webhook}/deliveries")).json()
        return [one["state"] for one in log["deliveries"]] == ["delivered"]

    await eventually(is_logged)
