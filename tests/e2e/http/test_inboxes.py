"""Inboxes and channels over HTTP: how each is, and how much it may still send."""

from typing import Any

import pytest

from core.ports import Budget
from gateway.desk import Health, InboxHealth
from gateway.metrics.looking import Looking, Sources
from gateway.metrics.registry import REGISTRY
from tests.e2e.http.rig import Served
from tests.rigs.platform import MemoryAdapter

NONE: frozenset[str] = frozenset()
ACCOUNT = Budget(name="account", per_second=0.5, burst=10)
CHAT = Budget(name="chat:7", per_second=0.05, burst=2)
OTHER = Budget(name="chat:8", per_second=0.05, burst=4)


async def test_an_inbox_tells_how_much_of_each_budget_is_used(desk: Served) -> None:
    """Whoever wonders why answers are late sees which chat waits, and for how long."""
    desk.rig.adapters |= {"bot": MemoryAdapter(), "mail": MemoryAdapter()}
    assert (await _inboxes(desk))["bot"]["budgets"] == []
    turns = desk.rig.store.turns
    for _ in range(3):
        await turns.spend("bot", (CHAT, ACCOUNT), NONE)
    await turns.spend("bot", (OTHER, ACCOUNT), NONE)

    found = await _inboxes(desk)

    chat, account, other = found["bot"]["budgets"]
    assert [one["name"] for one in (chat, account, other)] == ["chat:7", "account", "chat:8"]
    assert (chat["per_second"], chat["burst"]) == (0.05, 2)
    assert (chat["used"], chat["wait_seconds"]) == (
        pytest.approx(1, abs=0.05),
        pytest.approx(40, abs=1),
    )
    assert (other["used"], other["wait_seconds"]) == (pytest.approx(0.25, abs=0.05), 0)
    assert (account["used"], account["wait_seconds"]) == (pytest.approx(0.3, abs=0.05), 0)
    assert found["mail"]["budgets"] == []


async def test_a_chat_that_the_platform_wants_nothing_into_is_told(desk: Served) -> None:
    desk.rig.adapters["bot"] = MemoryAdapter()
    await desk.rig.store.turns.withhold("bot", CHAT, 60.0)

    (chat,) = (await _inboxes(desk))["bot"]["budgets"]

    assert chat["used"] == 1
    assert chat["wait_seconds"] == pytest.approx(60, abs=2)


async def test_a_budget_is_told_until_it_is_whole_again(desk: Served) -> None:
    """A list that only grew would end as all the chats that there ever were."""
    desk.rig.adapters["bot"] = MemoryAdapter()
    store = desk.rig.store
    for n in range(40):
        fast = Budget(name=f"chat:{n}", per_second=1000.0, burst=5)
        await store.turns.spend("bot", (fast,), NONE)
    for n in range(20):
        slow = Budget(name=f"channel:{n}", per_second=0.1, burst=5)
        await store.turns.spend("bot", (slow,), NONE)
    await store.turns.spend("bot", (ACCOUNT,), NONE)

    budgets = (await _inboxes(desk))["bot"]["budgets"]

    listed = await store.read.one("ZCARD", store.keys.budgets("bot"))
    assert listed == 21
    assert len(budgets) == 11
    assert "account" in [one["name"] for one in budgets], "however many chats there are"
    assert await store.read.one("PTTL", store.keys.budgets("bot")) > 0


async def test_channels_are_inboxes_by_their_kind(desk: Served) -> None:
    desk.rig.adapters |= {"bot": MemoryAdapter(), "mail": MemoryAdapter()}

    answer = await desk.http.get("/api/v1/channels")

    (channel,) = answer.json()["channels"]
    assert channel["channel"] == "telegram"
    assert channel["inboxes"] == (await desk.http.get("/api/v1/inboxes")).json()["inboxes"]
    assert [one["account"] for one in channel["inboxes"]] == ["bot", "mail"]
    assert channel["inboxes"][0]["capabilities"]["text_limit"] > 0


async def test_figures_tell_the_fullest_budget_of_each_kind(desk: Served) -> None:
    """The same numbers as in the API, without saying which customer's chat it is."""
    store, inbox = desk.rig.store, InboxHealth(account="bot", channel="telegram", state="running")
    for chat in (CHAT, CHAT, CHAT, OTHER):
        await store.turns.spend("bot", (chat, ACCOUNT), NONE)
    health = Health(ready=True, store="ok", inboxes=(inbox,))
    looking = Looking(store, Sources(health=lambda: health))

    await looking.look()

    def figure(name: str, budget: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"inbox": "bot", "budget": budget})

    assert figure("trunkline_budget_used_ratio", "chat") == pytest.approx(1, abs=0.05)
    assert figure("trunkline_budget_wait_seconds", "chat") == pytest.approx(40, abs=1)
    assert figure("trunkline_budget_used_ratio", "account") == pytest.approx(0.3, abs=0.05)
    assert figure("trunkline_budget_used_ratio", "chat:7") is None


async def _inboxes(desk: Served) -> dict[str, Any]:
    answer = await desk.http.get("/api/v1/inboxes")
    assert answer.status_code == 200
    return {one["account"]: one for one in answer.json()["inboxes"]}
