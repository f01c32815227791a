"""What could not be understood: listed, read as it came, and removed."""

from core.ids import new_ulid
from gateway.quarantine import DirectoryQuarantine
from gateway.scopes import FOR_AGENTS
from tests.e2e.http.rig import Served
from tests.rigs.platform import MemoryAdapter
from tests.rigs.waiting import eventually

PAYLOADS = "/api/v1/quarantine"
MOMENT = 10
"""Characters of an id that say when it was made."""


async def test_what_was_set_aside_is_looked_at_and_removed(desk: Served) -> None:
    """An operator must see what a platform sent that nobody here could read."""
    desk.rig.adapters["bot"] = MemoryAdapter()
    aside = DirectoryQuarantine(desk.rig.data_dir / "quarantine")
    await aside("bot", b"{broken", "no JSON")
    then = new_ulid()[:MOMENT]
    await eventually(lambda: new_ulid()[:MOMENT] > then)  # of one moment they come in any order
    await aside("bot", b"\x00newer", "no update")

    listed = (await desk.http.get(PAYLOADS)).json()["payloads"]
    newest = await desk.http.get(f"{PAYLOADS}/{listed[0]['id']}")
    removed = await desk.http.delete(f"{PAYLOADS}/{listed[0]['id']}")
    left = (await desk.http.get(PAYLOADS)).json()["payloads"]

    assert [(one["account"], one["reason"], one["size_bytes"]) for one in listed] == [
        ("bot", "no update", 6),
        ("bot", "no JSON", 7),
    ]
    assert newest.content == b"\x00newer"
    assert newest.headers["content-disposition"].startswith("attachment")
    assert removed.json()["reason"] == "no update"
    assert [one["id"] for one in left] == [listed[1]["id"]]


async def test_nothing_but_payloads_is_read_or_removed(desk: Served) -> None:
    """A name that leads elsewhere would open the whole disk."""
    desk.rig.adapters["bot"] = MemoryAdapter()
    for name in (new_ulid(), "..%2F..%2Ftokens", "x" * 26, "%00"):
        for method in ("GET", "DELETE"):
            answer = await desk.http.request(method, f"{PAYLOADS}/{name}")

            assert answer.status_code == 404


async def test_customers_words_are_not_for_every_agent(desk: Served) -> None:
    token = desk.rig.desk.tokens.create("Kim", FOR_AGENTS)

    answer = await desk.stranger.get(PAYLOADS, headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
