"""A checker that cannot fail is none: a good history, broken in each way, is found to be."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest

from tests.histories.checker import LAWS, Law, breaches_of, check
from tests.histories.logs import (
    Asked,
    Changed,
    Cut,
    Event,
    Got,
    Heard,
    Line,
    Logs,
    Outcome,
    Place,
    Said,
    Seen,
)

replace = msgspec.structs.replace

SAID: Final = (
    Said(token="tg1m0", who="tg1", thread="tg1", at=0.0),
    Said(token="tg1m1", who="tg1", thread="tg1", at=1.0, changed=Changed.SURELY),
    Said(token="ml1m0", who="ml1", thread="ml1", at=1.0, files=("aa",)),
)
ASKED: Final = (
    Asked(
        token="a1r1",
        by="a1",
        what="reply",
        who="tg1",
        outcome=Outcome.ACKNOWLEDGED,
        at=1.0,
        until=1.1,
        leg="L1",
        position=3,
    ),
    Asked(
        token="a1n2",
        by="a1",
        what="note",
        who="tg1",
        outcome=Outcome.ACKNOWLEDGED,
        at=1.2,
        until=1.3,
        leg="L1",
        position=4,
    ),
    Asked(
        token="a1e3",
        by="a1",
        what="edit",
        who="tg1",
        outcome=Outcome.ACKNOWLEDGED,
        at=2.0,
        until=2.1,
        leg="L1",
        position=5,
        of="a1r1",
    ),
    Asked(
        token="a1r4", by="a1", what="reply", who="tg1", outcome=Outcome.UNKNOWN, at=2.2, until=2.4
    ),
    Asked(
        token="a2r1", by="a2", what="reply", who="tg1", outcome=Outcome.REFUSED, at=2.2, until=2.4
    ),
)


def _line(position: int, direction: str, token: str, **more: Any) -> Line:
    where: dict[str, Any] = {"leg": "L1", "who": "tg1", "thread": "tg1"}
    return Line(position=position, direction=direction, token=token, **where | more)


LINES: Final = (
    _line(1, "in", "tg1m0"),
    _line(2, "in", "tg1m1", changed=True),
    _line(3, "out", "a1r1", state="sent", changed=True),
    _line(4, "note", "a1n2"),
    _line(5, "activity", "a1e3", state="sent", change_of=3),
    _line(6, "out", "a1r4", state="unknown"),
    _line(1, "in", "ml1m0", leg="L2", who="ml1", thread="ml1", files=("aa",)),
)
STEPS: Final = ((3, "sending"), (3, "sent"), (6, "queued"), (6, "sending"), (6, "unknown"))
GOOD: Final = Logs(
    said=SAID,
    got=(Got(token="a1r1", who="tg1", thread="tg1", changed=True),),
    asked=ASKED,
    seen=(
        Seen(by="a1", at=1.5, leg="L1", position=3, token="a1r1", state="queued"),
        Seen(by="a1", at=1.8, leg="L1", position=3, token="a1r1", state="sent"),
    ),
    lines=LINES,
    places=tuple(Place(conversation=one.leg, leg=one.leg, position=one.position) for one in LINES),
    feed=tuple(
        Event(id=f"{n}-0", kind=kind, leg="L1", position=position)
        for n, (position, kind) in enumerate(STEPS, start=1)
    ),
    heard=(Heard(by="listener", events=("2-0", "3-0", "4-0", "5-0"), first="1-0", last="5-0"),),
)
Breaking = Callable[[Logs], Logs]


def _without(field: str, n: int) -> Breaking:
    def broken(logs: Logs) -> Logs:
        kept = [one for at, one in enumerate(getattr(logs, field)) if at != n]
        return replace(logs, **{field: tuple(kept)})

    return broken


def _with(field: str, one: object) -> Breaking:
    return lambda logs: replace(logs, **{field: (*getattr(logs, field), one)})


def _other(field: str, n: int, **values: object) -> Breaking:
    def broken(logs: Logs) -> Logs:
        ones = list(getattr(logs, field))
        ones[n] = replace(ones[n], **values)
        return replace(logs, **{field: tuple(ones)})

    return broken


def _swapped(field: str, a: int, b: int) -> Breaking:
    def broken(logs: Logs) -> Logs:
        ones = list(getattr(logs, field))
        ones[a], ones[b] = ones[b], ones[a]
        return replace(logs, **{field: tuple(ones)})

    return broken


BROKEN: Final[dict[str, tuple[str, Breaking]]] = {
    "a message is lost": ("_everything_said_is_there_once", _without("lines", 0)),
    "a message is doubled": (
        "_everything_said_is_there_once",
        _with("lines", _line(1, "in", "tg1m0", leg="L3")),
    ),
    "a message is with somebody else": (
        "_everything_said_is_there_once",
        _other("lines", 0, who="ml1"),
    ),
    "a message is invented": ("_everything_said_is_there_once", _without("said", 0)),
    "an edit is lost": ("_changes_are_told", _other("lines", 1, changed=False)),
    "an edit is with another message": ("_changes_are_told", _other("lines", 0, changed=True)),
    "a file is another": ("_files_are_whole", _other("lines", 6, files=("bb",))),
    "a file is never fetched": ("_files_are_whole", _other("lines", 6, files=("fetching",))),
    "what is said is out of order": ("_threads_are_in_order", _swapped("said", 0, 1)),
    "what is sent is out of order": (
        "_threads_are_in_order",
        lambda logs: replace(logs, got=(Got(token="a1r4", who="tg1", thread="tg1"), *logs.got)),
    ),
    "a reply that was taken is gone": (
        "_what_was_acknowledged_is_there",
        _without("lines", 2),
    ),
    "a note that was taken is gone": ("_what_was_acknowledged_is_there", _without("lines", 3)),
    "a reply is elsewhere": ("_what_was_acknowledged_is_there", _other("asked", 0, position=2)),
    "one key is two replies": (
        "_what_was_acknowledged_is_there",
        _with("lines", _line(7, "out", "a1r4", state="unknown")),
    ),
    "what was refused is there": (
        "_what_was_acknowledged_is_there",
        _with("lines", _line(7, "out", "a2r1", state="failed")),
    ),
    "a reply is invented": (
        "_what_was_acknowledged_is_there",
        _with("lines", _line(7, "out", "a9r9", state="failed")),
    ),
    "what was sent did not arrive": ("_sent_is_what_arrived", _without("got", 0)),
    "what was sent arrived twice": (
        "_sent_is_what_arrived",
        lambda logs: replace(logs, got=logs.got * 2),
    ),
    "what failed has arrived": ("_sent_is_what_arrived", _other("lines", 2, state="failed")),
    "what is unknown arrived twice": (
        "_sent_is_what_arrived",
        lambda logs: replace(
            logs, got=(*logs.got, *2 * [Got(token="a1r4", who="tg1", thread="tg1")])
        ),
    ),
    "what arrived is in no conversation": (
        "_sent_is_what_arrived",
        _with("got", Got(token="a2r1", who="tg1", thread="tg1")),
    ),
    "a reply is sent to somebody else": ("_sent_is_what_arrived", _other("got", 0, who="ml1")),
    "a change that was made is not there": (
        "_edits_are_what_was_told",
        _other("got", 0, changed=False),
    ),
    "a change that failed is there": (
        "_edits_are_what_was_told",
        _other("lines", 4, state="failed"),
    ),
    "a change is of nothing": ("_edits_are_what_was_told", _other("lines", 4, change_of=99)),
    "a note is sent": (
        "_notes_stay_inside",
        _with("got", Got(token="a1n2", who="tg1", thread="tg1")),
    ),
    "a reply waits for ever": ("_everything_comes_to_an_end", _other("lines", 5, state="queued")),
    "a state goes backwards": (
        "_states_go_forward",
        _with("feed", Event(id="6-0", kind="queued", leg="L1", position=3)),
    ),
    "a state is read backwards": ("_states_go_forward", _swapped("seen", 0, 1)),
    "what was read is gone": ("_what_was_read_stays", _other("seen", 0, position=77)),
    "what was read is another": ("_what_was_read_stays", _other("seen", 0, token="a1r4")),
    "an entry is in no conversation": (
        "_conversations_hold_each_entry_once",
        _without("places", 0),
    ),
    "an entry is in two conversations": (
        "_conversations_hold_each_entry_once",
        _with("places", Place(conversation="L9", leg="L1", position=1)),
    ),
    "an entry is told and not there": (
        "_conversations_hold_each_entry_once",
        _with("places", Place(conversation="L1", leg="L1", position=70)),
    ),
    "a listener misses something": (
        "_listeners_hear_everything",
        _other("heard", 0, events=("2-0", "4-0", "5-0")),
    ),
    "a listener hears something twice": (
        "_listeners_hear_everything",
        _other("heard", 0, events=("2-0", "3-0", "3-0", "4-0", "5-0")),
    ),
    "a listener hears what is not so": (
        "_listeners_hear_everything",
        _other("heard", 0, events=("2-0", "3-0", "3-1", "4-0", "5-0")),
    ),
    "keys do not fit together": (
        "_keys_fit_together",
        lambda logs: replace(logs, flaws=("a lane that is in no ready set",)),
    ),
    "a process dies": (
        "_nothing_is_unforeseen",
        lambda logs: replace(logs, surprises=("worker ended by itself with 1",)),
    ),
}


def test_a_good_history_is_good() -> None:
    """A checker that cries wolf is switched off."""
    assert check(GOOD) == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found(name: str) -> None:
    """Whoever trusts in hundreds of histories without a violation."""
    law, breaking = BROKEN[name]
    broken = breaking(GOOD)
    (own,) = [one for one in LAWS if one.__name__ == law]

    assert check(broken)
    assert own in _laws_that_find(broken), [one.shown() for one in check(broken)]


def test_every_law_can_be_broken() -> None:
    """A law that nothing breaks holds nothing."""
    assert {law for law, _ in BROKEN.values()} == {one.__name__ for one in LAWS}


def test_what_a_cut_file_took_is_excused_and_nothing_else() -> None:
    """After a power cut the last second may be gone; what was known before it may not."""
    cut = Cut(noted_at=0.9, cut_at=1.5, known=frozenset({"tg1m0"}))
    known, unknown = _without("lines", 0), _without("lines", 6)

    assert not any("ml1m0" in one.about for one in check(_cut(unknown(GOOD), cut)))
    assert any("tg1m0 is missing" in one.about for one in check(_cut(known(GOOD), cut)))


def test_what_nobody_could_read_is_excused_where_it_was_told() -> None:
    """An agent who was told of a gap knows where to look."""
    lost = _without("lines", 6)(GOOD)

    assert check(replace(lost, gaps=("ml1",), places=lost.places[:-1])) == []
    assert check(replace(lost, gaps=("tg1",), places=lost.places[:-1]))


@pytest.mark.parametrize(("first", "is_good"), [("L1", True), ("K1", False)])
def test_a_leg_follows_the_one_that_began_before_whatever_the_clock_said(
    first: str, is_good: bool
) -> None:
    """A clock that is set back makes a lower id, and says nothing of what came first."""
    later = _other("lines", 1, leg="K1", position=1)(GOOD)
    begun = [
        Event(id=f"{n}-9", kind="begun", leg=leg, position=1) for n, leg in enumerate(("L1", "K1"))
    ]
    feed = begun if first == "L1" else begun[::-1]
    found = _laws_that_find(replace(later, feed=tuple(feed)))

    assert ("_threads_are_in_order" not in [one.__name__ for one in found]) is is_good


def _cut(logs: Logs, cut: Cut) -> Logs:
    return replace(logs, cuts=(cut,))


def _laws_that_find(logs: Logs) -> list[Law]:
    return [law for law in LAWS if breaches_of(law, logs)]
