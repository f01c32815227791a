"""How much one person may bring in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.model.event import ActorKind, DeliveryReported, Inbound, Origin, Typing
from core.model.flooding import Allowance
from core.model.message import DeliveryState
from core.rules.floods import (
    UNSPENT,
    Limit,
    counts,
    drawn,
    given_back,
    is_theirs,
    limit_of,
    moment_of,
)
from tests.rigs.events import event, says, thread

NOW = 1_795_000_000.0
SECOND, BURST = 1.0, 5
LIMIT = Limit(SECOND, BURST * SECOND + 1e-4)


def kept(moments: list[float]) -> list[float]:
    """Which of the events of these moments are kept."""
    level, taken = UNSPENT, []
    for moment in moments:
        after = drawn(level, moment, LIMIT)
        if after:
            level = after
            taken.append(moment)
    return taken


def test_a_burst_is_kept_and_then_one_each_interval() -> None:
    """Who forwards a whole chat at once has all of it taken; who goes on without end has not."""
    at_once = kept([NOW] * 9)
    rested = kept([NOW] * 9 + [NOW + 1] * 9 + [NOW + 3.5] * 9)

    assert len(at_once) == 5
    assert len(rested) == 5 + 1 + 2


def test_what_was_written_during_an_outage_is_no_flood() -> None:
    """The platform tells all of it at once; it happened over hours."""
    assert len(kept([NOW + 60 * n for n in range(500)])) == 500


def test_an_old_event_behind_a_new_one_counts_as_the_new_one() -> None:
    """A message of last week is edited: that is one event of now."""
    assert len(kept([NOW, NOW - 600_000, NOW - 600_000])) == 3
    assert len(kept([NOW] + [NOW - 600_000 - n for n in range(9)])) == 5


@given(
    st.lists(st.floats(min_value=0, max_value=300), max_size=200),
    st.floats(min_value=0, max_value=300),
    st.floats(min_value=0, max_value=60),
)
def test_no_span_of_time_ever_sees_more_than_the_limit(
    offsets: list[float], start: float, length: float
) -> None:
    """However the events are spread, and in whatever order they are told."""
    level, newest, taken = UNSPENT, 0.0, []
    for offset in offsets:
        newest = max(newest, NOW + offset)
        after = drawn(level, NOW + offset, LIMIT)
        if after:
            level = after
            taken.append(newest)

    within = [one for one in taken if NOW + start <= one <= NOW + start + length]

    assert len(within) <= BURST + length / SECOND + 1e-3


@given(st.lists(st.floats(min_value=0, max_value=300), max_size=100))
def test_who_stays_below_the_limit_loses_nothing(pauses: list[float]) -> None:
    moments = [NOW + sum(pauses[:n]) + n * SECOND for n in range(len(pauses))]

    assert kept(moments) == moments


def test_what_is_given_back_can_be_drawn_again() -> None:
    """The store was away: the same event comes again and must not count twice."""
    level = UNSPENT
    for _ in range(100):
        after = drawn(level, NOW, LIMIT)
        assert after
        level = given_back(after, LIMIT)


def test_an_allowance_says_how_much_and_zero_is_any_amount() -> None:
    assert limit_of(Allowance(per_minute_max=60, burst_max=BURST)) == LIMIT
    assert limit_of(Allowance(per_minute_max=0, burst_max=BURST)) is None


def said(kind: ActorKind) -> Inbound:
    one = says(thread("ada"), "ada", "hello")
    return replace(one, actor=replace(one.actor, kind=kind))


@pytest.mark.parametrize(
    ("kind", "theirs"),
    [
        (ActorKind.CUSTOMER, True),
        (ActorKind.BOT, True),
        (ActorKind.STAFF, False),
        (ActorKind.OURSELVES, False),
        (ActorKind.PLATFORM, False),
    ],
)
def test_what_we_or_the_platform_say_is_never_too_much(kind: ActorKind, theirs: bool) -> None:
    assert is_theirs(said(kind)) is theirs


def test_a_report_on_our_message_is_let_in_whoever_it_names() -> None:
    """A bounce comes in the name of whom we wrote to."""
    report = DeliveryReported(remote="1", state=DeliveryState.FAILED)

    assert not is_theirs(event(thread("ada"), "ada", report))
    assert is_theirs(event(thread("ada"), "ada", Typing()))


def test_history_is_no_flood() -> None:
    """An import brings ten years of one customer's mail in a minute."""
    assert not counts(replace(said(ActorKind.CUSTOMER), origin=Origin.BACKFILL))
    assert not counts(replace(said(ActorKind.CUSTOMER), origin=Origin.REPLAY))


def test_a_sender_cannot_date_their_way_around_the_limit() -> None:
    """Each of a thousand mails says that it was written in another week."""
    received = datetime(2026, 11, 22, 9, tzinfo=UTC)
    mail = replace(
        said(ActorKind.CUSTOMER), received_at=received, occurred_at=received - timedelta(days=7)
    )

    assert moment_of(mail, dated_by_sender=True) == received.timestamp()
    assert moment_of(mail, dated_by_sender=False) == mail.occurred_at.timestamp()
    ahead = replace(mail, occurred_at=received + timedelta(days=7))
    assert moment_of(ahead, dated_by_sender=False) == received.timestamp()
