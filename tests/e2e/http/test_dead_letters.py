"""Dead letters over HTTP."""

from core.store.store import Store
from tests.e2e.http.rig import Served
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter

ADA = thread("ada")


async def dead_letter(store: Store) -> None:
    """Something of Ada's has failed as often as it may."""
    await store.threads.accept(says(ADA, "ada", "hm"), "", None, None, hand_over=False)
    lease = await store.lanes.take("bot", "in", str(ADA))
    assert lease
    await store.letters.failed(lease, "a mistake", 1, 10)


async def test_dead_letters_are_listed_put_back_and_removed(desk: Served) -> None:
    """Without what they hold: operators need not read what customers write."""
    desk.rig.adapters["bot"] = MemoryAdapter()
    for _ in range(2):
        await dead_letter(desk.rig.store)
    listed = (await desk.http.get("/api/v1/dead-letters")).json()["letters"]
    first, second = (f"/api/v1/dead-letters/{one['id']}" for one in listed)

    revived = await desk.http.post(f"{first}/revive")
    removed = await desk.http.delete(second)

    assert {*listed[0]} == {"id", "account", "kind", "key", "attempts", "reason", "at"}
    assert (revived.status_code, removed.status_code) == (200, 200)
    assert (await desk.http.get("/api/v1/dead-letters")).json() == {"letters": []}
    assert (await desk.http.delete(second)).status_code == 404
    assert (await desk.http.post(f"{first}/revive")).status_code == 404
