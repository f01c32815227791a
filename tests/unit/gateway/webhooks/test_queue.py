"""Deliveries on disk: once each, in order for each conversation, and never behind a stranger."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.ids import ConversationId, LegId
from gateway.sqlite import connect
from gateway.webhooks import endpoints, log, queue
from gateway.webhooks.events import MISSED, PING
from gateway.webhooks.model import Due, EndpointState, MissedData, Occurrence, Outcome, State
from gateway.webhooks.schedule import WELL, Policy
from gateway.webhooks.tables import STEPS

POLICY = Policy(give_up_seconds=1000, disable_seconds=2000)
TAKEN, BROKEN = Outcome(ok=True, status=204), Outcome(ok=False, status=500, error="it answered 500")
SHOP = "shop"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "webhooks.db")
    connection.executescript(STEPS[0])
    make(connection, SHOP)
    yield connection
    connection.close()


def make(db: sqlite3.Connection, name: str, *, after: str = "0-0", inboxes: str = "") -> None:
    values = {
        "id": name, "url": "https://x", "events": "*", "inboxes": inboxes, "description": "",
        "created_ms": 1, "after": after, "secret": b"locked",
    }  # fmt: skip
    endpoints.insert(db, values)


def event(n: int, lane: str, *, leg: str = "", account: str = "bot") -> Occurrence:
    return Occurrence(
        event=f"evt_{n}-0", type="message.received", kind="in", at_ms=n, leg=leg or lane,
        position=n, account=account, lane=lane,
    )  # fmt: skip


def add(db: sqlite3.Connection, *events: Occurrence, **moved: str) -> None:
    legs = {LegId(leg): ConversationId(lane) for leg, lane in moved.items()}
    queue.add(db, events, legs, events[-1].event.removeprefix("evt_"), 100)


def due(db: sqlite3.Connection, now_ms: int = 100) -> list[Due]:
    return queue.due(db, SHOP, now_ms, 100)


def events(found: list[Due]) -> list[int]:
    return [one.occurrence.at_ms for one in found]


def occurrence(one: Due) -> Occurrence:
    return one.occurrence


def settle(db: sqlite3.Connection, one: Due, outcome: Outcome = TAKEN, now_ms: int = 100) -> str:
    return queue.settle(db, SHOP, one, outcome, POLICY, now_ms, 0.5)


def test_one_of_each_conversation_has_its_turn(db: sqlite3.Connection) -> None:
    """An answer would overtake its question."""
    add(db, event(1, "a"), event(2, "a"), event(3, "b"))

    assert events(due(db)) == [1, 3]
    settle(db, due(db)[0])
    assert sorted(events(due(db))) == [2, 3]
    assert queue.cursor(db) == "3-0"


def test_what_is_added_again_is_there_once(db: sqlite3.Connection) -> None:
    """A crash between two steps would tell everything twice."""
    add(db, event(1, "a"), event(2, "b"))
    settle(db, due(db)[0])
    add(db, event(1, "a"), event(2, "b"))

    assert events(due(db)) == [2]


def test_an_endpoint_hears_of_what_came_after_it_was_made(db: sqlite3.Connection) -> None:
    """A new receiver would be told last month's messages, or its neighbour's."""
    make(db, "later", after="2-0")
    make(db, "mailroom", inboxes="mail")
    add(db, event(1, "a"), event(2, "b"), event(3, "c"), event(4, "d", account="mail"))

    assert events(queue.due(db, "later", 100, 9)) == [3, 4]
    assert events(queue.due(db, "mailroom", 100, 9)) == [4]
    assert events(due(db)) == [1, 2, 3, 4]


def test_what_fails_holds_up_its_conversation_alone(db: sqlite3.Connection) -> None:
    """One bad event would stop everything, or be overtaken."""
    add(db, event(1, "a"), event(2, "a"), event(3, "b"))
    settle(db, due(db)[0], BROKEN)

    assert events(due(db)) == [3]
    assert queue.next_due(db, SHOP, 100) == 5100
    assert events(due(db, 5100)) == [3, 1]


def test_what_failed_for_good_lets_its_conversation_go_on(db: sqlite3.Connection) -> None:
    """A poisonous event would silence a conversation for ever."""
    add(db, event(1, "a"), event(2, "a"))
    settle(db, due(db)[0], BROKEN)
    settle(db, due(db, 5100)[0], BROKEN, now_ms=1_000_200)

    (failed,) = log.page(db, SHOP, State.FAILED, 0, 9)
    assert (failed.event, failed.attempts, failed.status) == ("evt_1-0", 2, 500)
    assert 2 in events(due(db, 1_000_200))


def test_when_a_receiver_is_back_all_that_waited_leaves(db: sqlite3.Connection) -> None:
    """After an hour away it would wait for hours more."""
    add(db, *(event(n, f"lane {n}") for n in range(1, 6)))
    for one in due(db):
        settle(db, one, BROKEN, now_ms=200)
    assert due(db, 300) == []
    standing = queue.standing(db, SHOP)
    assert standing
    assert standing.is_down

    (probe,) = queue.probe(db, SHOP)
    settle(db, probe, TAKEN, now_ms=300)

    assert len(due(db, 300)) == 4
    assert queue.standing(db, SHOP) == WELL


def test_what_somebody_asks_for_is_tried_before_what_waits(db: sqlite3.Connection) -> None:
    """Whoever tests a receiver that was down would wait until all of its events had failed."""
    add(db, event(1, "a"), event(2, "b"))
    ping = Occurrence(event="evt_p", type=PING, kind=PING, at_ms=3, lane="p", detail="{}")
    queue.add_for(db, SHOP, ping, 100)

    assert events(queue.probe(db, SHOP)) == [3]


def test_a_probe_is_of_what_was_tried_least(db: sqlite3.Connection) -> None:
    """An event that the receiver chokes on would keep it down for ever."""
    add(db, event(1, "a"), event(2, "b"))
    settle(db, due(db)[0], BROKEN)

    assert events(queue.probe(db, SHOP)) == [2]


def test_being_gone_disables_it_visibly(db: sqlite3.Connection) -> None:
    """An operator would look for the fault everywhere else."""
    add(db, event(1, "a"))
    gone = Outcome(ok=False, status=410, error="it answered 410", gone=True)

    assert "410" in settle(db, due(db)[0], gone)

    endpoint = endpoints.get(db, SHOP, 100)
    assert (endpoint.state, endpoint.waiting) == (EndpointState.DISABLED, 1)
    assert "410 Gone" in endpoint.reason
    assert queue.standing(db, SHOP) is None


def test_a_replayed_event_comes_before_what_waits_behind_it(db: sqlite3.Connection) -> None:
    """Whoever rebuilds from a replay would get the end before the beginning."""
    add(db, event(1, "a"), event(2, "a"), event(3, "a"))
    first = due(db)[0]
    settle(db, first)

    assert log.replay(db, SHOP, first.id, 100)

    assert events(due(db)) == [1]
    assert not log.replay(db, SHOP, first.id, 100)
    settle(db, due(db)[0])
    settle(db, due(db)[0])
    settle(db, due(db)[0])
    assert log.replay_since(db, SHOP, 2, 100) == 2
    assert events(due(db)) == [2]


def test_conversations_that_become_one_go_on_in_one_order(db: sqlite3.Connection) -> None:
    """A receiver that keeps one list would see a leg's lines out of turn."""
    add(db, event(1, "b"), event(2, "b"), event(3, "a"))
    add(db, event(4, "a", leg="b"), b="a")

    told = []
    while found := due(db):
        assert len(found) == 1
        told += events(found)
        settle(db, found[0])
    assert told == [1, 2, 3, 4]


def test_the_log_ends(db: sqlite3.Connection) -> None:
    """A disk would fill with years of deliveries."""
    add(db, event(1, "a"), event(2, "a"), event(3, "b"))
    settle(db, due(db)[0])

    assert log.expire(db, 3, 100, 10) == {SHOP: 1}
    assert log.forget(db, 3, 10) == 2
    left = log.page(db, SHOP, None, 0, 9)
    assert [one.event for one in left if one.type != MISSED] == ["evt_3-0"]
    add(db, *(event(n, "c") for n in range(4, 10)))
    assert log.curb(db, 5, 100, 10) == {SHOP: 3}
    assert [one.at_ms for one in map(occurrence, due(db)) if one.type != MISSED] == [6]
    failed = log.page(db, SHOP, State.FAILED, 0, 9)
    assert [one.error.split()[0] for one in failed] == ["more"] * 3


def test_an_endpoint_leaves_with_all_that_is_its_own(db: sqlite3.Connection) -> None:
    add(db, event(1, "a"))

    endpoints.remove(db, SHOP)

    assert db.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)


STEP = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 3)),
    st.tuples(st.just("take"), st.integers(0, 9)),
    st.tuples(st.just("fail"), st.integers(0, 9)),
    st.tuples(st.just("replay"), st.integers(0, 9)),
)


@given(st.lists(STEP, max_size=25))
def test_whatever_happens_each_lane_has_its_first_in_turn(steps: list[tuple[str, int]]) -> None:
    """A conversation without a turn would wait for ever; one with two would lose its order."""
    db = memory()
    n, now_ms = 0, 0
    for step, which in steps:
        now_ms += 1_000_000_000  # whatever was postponed is due
        ready = queue.due(db, SHOP, now_ms, 100)
        if step == "add":
            n += 1
            queue.add(db, (event(n, f"lane {which}"),), {}, f"{n}-0", now_ms)
        elif step == "replay":
            for one in log.page(db, SHOP, State.DELIVERED, 0, 100)[which : which + 1]:
                log.replay(db, SHOP, one.id, now_ms)
        elif ready:
            outcome = TAKEN if step == "take" else BROKEN
            queue.settle(db, SHOP, ready[which % len(ready)], outcome, POLICY, now_ms, 0.5)
        turns = db.execute(
            "SELECT lane, min(seq), count(due_ms), min(CASE WHEN due_ms IS NOT NULL THEN seq END)"
            " FROM deliveries WHERE state = 'waiting' GROUP BY lane"
        ).fetchall()
        assert all(count == 1 and first == turn for _, first, count, turn in turns)
    db.close()


def memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.executescript(STEPS[0])
    make(connection, SHOP)
    return connection


def missing(db: sqlite3.Connection, now_ms: int) -> list[tuple[int, int]]:
    """From and until when, of what is told to have been missed."""
    told = [one.occurrence for one in due(db, now_ms) if one.occurrence.type == MISSED]
    found = [msgspec.json.decode(one.detail, type=MissedData) for one in told]
    return [tuple(round(at.timestamp() * 1000) for at in (one.since, one.until)) for one in found]  # type: ignore[misc]


def test_what_is_given_up_is_told_as_missed(db: sqlite3.Connection) -> None:
    """A receiver that was away for weeks would show old things as new, and never know."""
    add(db, *(event(n, f"lane {n}") for n in range(1, 8)))

    log.expire(db, 3, 1000, 10)
    first = missing(db, 1000)
    log.curb(db, 4, 2000, 10)
    log.expire(db, 10**9, 3000, 10)

    assert first == [(1, 2)]
    assert missing(db, 3000) == [(1, 7)]
    assert endpoints.get(db, SHOP, 3000).waiting == 1
    assert log.expire(db, 10**9, 4000, 10) == log.curb(db, 0, 4000, 10) == {}


def test_what_a_receiver_refuses_for_good_is_told_as_missed(db: sqlite3.Connection) -> None:
    """An outage of a long weekend would leave a hole of which nobody tells."""
    add(db, event(1, "a"))
    settle(db, due(db)[0], BROKEN)
    settle(db, due(db, 5100)[0], BROKEN, now_ms=1_000_200)
    (told,) = due(db, 1_000_200)
    settle(db, told, BROKEN, now_ms=1_000_300)
    settle(db, told, BROKEN, now_ms=9_000_300)

    assert missing(db, 10**9) == [(1, 1)]
    settle(db, due(db, 10**9)[0], now_ms=10**9)
    assert endpoints.get(db, SHOP, 10**9).waiting == 0


def test_of_an_endpoint_that_was_removed_nothing_is_told(db: sqlite3.Connection) -> None:
    """A note that cannot be made would hold up all others for ever."""
    add(db, event(1, "a"))
    (one,) = due(db)
    endpoints.remove(db, SHOP)

    settle(db, one, BROKEN)
    settle(db, msgspec.structs.replace(one, first_ms=1), BROKEN, now_ms=10**9)

    assert db.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)


def test_a_page_of_the_log_costs_the_same_however_long_it_is(db: sqlite3.Connection) -> None:
    """Whoever looked at a busy webhook would hold up the sending of all of them."""
    add(db, *(event(n, f"lane {n % 50}") for n in range(1, 5001)))
    steps = []
    db.set_progress_handler(lambda: steps.append(1), 10)

    found = [log.page(db, SHOP, state, 0, 9) for state in (None, State.FAILED, State.WAITING)]

    assert [len(page) for page in found] == [9, 0, 9]
    assert len(steps) * 10 < 5000
