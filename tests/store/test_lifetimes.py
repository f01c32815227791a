"""Law 10: whatever is stored ends some day, or is on the list of what lasts."""

import re
from typing import Final

from core.model.conversation import Status
from core.model.ids import MessageId
from core.store.keys import CAPPED, LASTING
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.round import play_round

DAY_SECONDS: Final = 86_400


async def test_a_key_expires_or_is_listed_as_lasting(store: Store, line: Assembly) -> None:
    """A forgotten key is memory that nobody ever gets back."""
    await play_round(line)

    kinds = {_kind(key) async for key in store.redis.scan_iter() if await _has_no_end(store, key)}

    assert kinds - {"inbox"} <= LASTING | CAPPED
    assert await _capped(store)


async def test_queues_and_views_are_gone_once_there_is_no_work(
    store: Store, line: Assembly
) -> None:
    await play_round(line)
    for place in [
        one for view in ("open", "pending") for one in await store.legs.listed(view, None, 100)
    ]:
        conversation = await line.views.conversation(place.leg)
        activity = MessageId(line.new_id())
        await line.triage.set_status(conversation, AGENT, Status.CLOSED, activity)

    left = {_kind(key) async for key in store.redis.scan_iter()}

    assert left & {"inbox", "lane", "ready"} == set()


async def test_claims_of_a_generation_have_expired_before_it_is_used_again(
    store: Store, line: Assembly
) -> None:
    """Three generations take turns of 8 days: a claim made in a reused key must not vanish early.

    A key is first written at the end of its turn at the latest, two turns before its next one.
    """
    await play_round(line)

    ends = [await store.redis.ttl(key) async for key in store.redis.scan_iter("*seen:*")]

    assert ends
    assert all(8 * DAY_SECONDS < seconds <= 16 * DAY_SECONDS for seconds in ends)


async def _has_no_end(store: Store, key: bytes) -> bool:
    return bool(await store.redis.ttl(key) < 0)


async def _capped(store: Store) -> bool:
    """Streams are what is capped."""
    keys = [key async for key in store.redis.scan_iter() if _kind(key) in CAPPED]
    return all([await store.redis.type(key) == b"stream" for key in keys])


def _kind(key: bytes) -> str:
    found = re.match(r"\{[^}]+\}([a-z]+)", key.decode())
    assert found, key
    return found[1]
