"""What did not reach a customer, over HTTP."""

from typing import Any

from core.model.content import Text
from core.model.conversation import Conversation, Entry
from core.model.ids import MessageId
from core.model.message import DeliveryState
from core.reply import Draft
from tests.e2e.http.rig import Served, indexed
from tests.rigs.assembly import AGENT
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.waiting import eventually

FAILED, UNKNOWN, SENT = DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.SENT


async def replied(desk: Served, who: str, text: str) -> tuple[Conversation, Entry]:
    found = await desk.rig.hears(says(thread(who), who, "Hello"))
    draft = Draft(id=MessageId(f"{who} {text}"), parts=(Text(text=text),))
    return found, await desk.rig.desk.agents.reply(found, AGENT, draft)


async def comes_to(desk: Served, entry: Entry, state: DeliveryState, reason: str = "") -> None:
    await desk.rig.store.outbox.report(entry.leg, entry.position, state, reason)
    await desk.rig.relay()


async def listed(desk: Served, **query: str) -> list[tuple[str, str]]:
    """Texts and reasons."""
    rows = (await page(desk, **query))["rows"]
    return [
        (row["entry"]["message"]["parts"][0]["text"], row["entry"]["delivery"].get("reason", ""))
        for row in rows
    ]


async def page(desk: Served, **query: str) -> dict[str, Any]:
    answer = await desk.http.get("/api/v1/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_failed_is_listed_until_it_is_sent_again(desk: Served) -> None:
    """Nobody looks into each conversation for an answer that its customer never got."""
    desk.rig.adapters["bot"] = MemoryAdapter()
    async with indexed(desk):
        ada, first = await replied(desk, "ada", "one")
        _, second = await replied(desk, "ben", "two")
        _, third = await replied(desk, "cleo", "three")
        await comes_to(desk, first, FAILED, "blocked by the user")
        await comes_to(desk, second, FAILED, "no such chat")
        await comes_to(desk, third, SENT)

        async def is_listed(*wanted: str) -> bool:
            return [text for text, _ in await listed(desk)] == list(wanted)

        await eventually(lambda: is_listed("two", "one"))
        assert await listed(desk, state="failed") == [
            ("two", "no such chat"),
            ("one", "blocked by the user"),
        ]
        assert await listed(desk, state="unknown") == []
        url = f"/api/v1/conversations/{ada.number}/messages/{first.message.id}/retry"
        again = await desk.http.post(url)

        assert (again.status_code, again.json()["delivery"]["state"]) == (202, "queued")
        assert await is_listed("two"), "at once, whatever the index knows"
        await desk.rig.relay()
        await comes_to(desk, first, FAILED, "still")
        await eventually(lambda: is_listed("one", "two"))


async def test_pages_of_what_failed_follow_one_another(desk: Served) -> None:
    desk.rig.adapters["bot"] = MemoryAdapter()
    for n in range(5):
        _, entry = await replied(desk, f"customer {n}", f"{n}")
        await comes_to(desk, entry, FAILED)

    found, after = [], ""
    async with indexed(desk):
        while True:
            answer = await page(desk, limit="2", after=after)
            found += [row["entry"]["message"]["parts"][0]["text"] for row in answer["rows"]]
            after = answer["next"]
            if not after:
                break

    assert found == ["4", "3", "2", "1", "0"]
    wrong = await desk.http.get("/api/v1/deliveries", params={"after": "1:x:1"})
    assert wrong.status_code == 400


async def test_an_index_that_is_made_anew_lists_the_same(desk: Served) -> None:
    """What failed while nobody kept the index would be forgotten."""
    desk.rig.adapters["bot"] = MemoryAdapter()
    _, entry = await replied(desk, "ada", "one")
    await comes_to(desk, entry, FAILED)

    await desk.rig.search.rebuild()

    assert await listed(desk) == [("one", "")]
