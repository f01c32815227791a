"""A receiver that was away is told everything, once per id, in order."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from core.store.keys import LIVE
from tests.e2e.http.rig import Served
from tests.e2e.webhooks.made import Sending, made
from tests.rigs.events import says, thread
from tests.rigs.ports import free_port
from tests.rigs.receiver import Receiver, receiving
from tests.rigs.waiting import eventually

CONVERSATIONS, MESSAGES = 6, 8


async def write(desk: Served, text: str) -> None:
    for n in range(CONVERSATIONS):
        await desk.rig.hears(says(thread(str(n)), f"customer {n}", text))


def by_conversation(receiver: Receiver) -> dict[str, list[str]]:
    found = defaultdict(list)
    for one in receiver.once():
        found[one.body["data"]["conversation"]["id"]].append(one.words)
    return found


async def test_after_an_hour_away_everything_comes_in_order(desk: Served) -> None:
    """An integrator's deployment that went wrong would cost them an hour of their customers."""
    port = free_port()
    desk.rig.webhooks_ahead = -timedelta(minutes=80)
    away = Receiver()
    away.url = f"http://127.0.0.1:{port}/hook"
    webhook = await made(desk, away, "message.received")

    async def deliveries() -> list[dict[str, Any]]:
        url = f"/api/v1/webhooks/{webhook}/deliveries"
        answer = await desk.http.get(url, params={"limit": 100})
        return list(answer.json()["deliveries"])

    async def tried(attempts: int) -> bool:
        log = await deliveries()
        begun = sum(int(one.get("attempts", 0)) for one in log)
        return len(log) == CONVERSATIONS * attempts and begun >= attempts

    async def tried_since(moment: datetime) -> bool:
        told = [one["attempted_at"] for one in await deliveries() if "attempted_at" in one]
        return any(datetime.fromisoformat(one) >= moment for one in told)

    moment = datetime.now(UTC)
    for n in range(MESSAGES):  # an hour, while nobody answers
        await write(desk, f"message {n}")
        await eventually(partial(tried, n + 1))
        desk.rig.webhooks_ahead += timedelta(minutes=8)
        moment = datetime.now(UTC) + desk.rig.webhooks_ahead
        desk.rig.webhooks.tell(())
    await eventually(partial(tried_since, moment))  # else it would be noted as of the time to come
    found = (await desk.http.get(f"/api/v1/webhooks/{webhook}")).json()
    assert found["waiting"] == CONVERSATIONS * MESSAGES
    assert "failing_since" in found
    async with receiving(port) as receiver:
        receiver.secret = away.secret
        desk.rig.webhooks_ahead = timedelta()
        desk.rig.webhooks.tell(())
        await eventually(lambda: len(receiver.once()) == CONVERSATIONS * MESSAGES)

    said = by_conversation(receiver)
    assert len(said) == CONVERSATIONS
    assert all(words == [f"message {n}" for n in range(MESSAGES)] for words in said.values())
    assert len(receiver.taken) == CONVERSATIONS * MESSAGES


async def test_what_the_gateway_missed_itself_is_told(
    desk: Served, sending: Sending, receiver: Receiver
) -> None:
    """A program would believe that it knows everything."""
    store = desk.rig.store
    await desk.rig.hears(says(thread("0"), "mei", "before"))
    await made(desk, receiver, "note.written")
    await sending.stop()
    for n in range(5):
        await desk.rig.hears(says(thread("0"), "mei", f"unheard {n}"))
    await store.redis.xtrim(LIVE, maxlen=2, approximate=False)

    sending.start()
    await eventually(lambda: receiver.types == ["events.missed"])

    (missed,) = receiver.taken
    assert missed.body["data"]["from"] <= missed.body["data"]["until"]
